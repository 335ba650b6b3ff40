// What files may be: dialects, encodings, formats, faults. Every row is a record, rejected with its line, or counted.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InputFormat } from '../../../../shared/domain/definition.ts';
import { workbookOf, zipBomb } from '../../../fixtures/zip.ts';
import { type Bench, definitionOf, type FieldOf, input, loadFailure, loadOk, openBench } from './loading.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const fields: FieldOf[] = [{ name: 'k', role: 'KEY' }, { name: 'v' }];
const utf16 = (text: string, bigEndian = false) => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

describe('the same rows come out of', () => {
  const text = 'k,v,w\n1,"é, ""x""\nline",z\n2,,y\n';
  const cases: { title: string; content: string | Buffer; name?: string; format?: InputFormat }[] = [
    { title: 'LF', content: text },
    { title: 'CRLF', content: text.replaceAll('\n', '\r\n').replace('""\r\nline', '""\nline') },
    { title: 'bare CR', content: text.replaceAll('\n', '\r').replace('""\rline', '""\nline') },
    { title: 'mixed line ends', content: text.replace('v,w\n', 'v,w\r\n').replace('z\n', 'z\r') },
    { title: 'no end of the last line', content: text.trimEnd() },
    { title: 'blank lines', content: text.replace('z\n', 'z\n\n  \n') },
    { title: 'a byte order mark', content: `\ufeff${text}` },
    { title: 'UTF-16 little endian', content: utf16(text) },
    { title: 'UTF-16 big endian', content: utf16(text, true) },
    { title: 'UTF-16 without a mark', content: Buffer.from(text, 'utf16le') },
    { title: 'Windows-1252', content: Buffer.from(text, 'latin1') },
    { title: 'Latin-1 when told', content: Buffer.from(text, 'latin1'), format: { encoding: 'iso-8859-1' } },
    { title: 'gzip', content: gzipSync(text), name: 'rows.csv.gz' },
    { title: 'gzip of UTF-16', content: gzipSync(utf16(text)) },
    { title: 'semicolons', content: 'k;v;w\n1;"é, ""x""\nline";z\n2;;y\n' },
    { title: 'tabs', content: 'k\tv\tw\n1\t"é, ""x""\nline"\tz\n2\t\ty\n', name: 'rows.tsv' },
    { title: 'bars', content: 'k|v|w\n1|"é, ""x""\nline"|z\n2||y\n' },
    { title: 'percent signs', content: 'k%v%w\n1%"é, ""x""\nline"%z\n2%%y\n' },
    { title: 'single quotes', content: `'k','v','w'\n'1','é, "x"\nline','z'\n'2','','y'\n` },
    { title: 'a delimiter that is told', content: 'k#v#w\n1#"é, ""x""\nline"#z\n2##y\n', format: { delimiter: '#' } },
    { title: 'trailing delimiters', content: 'k,v,w\n1,"é, ""x""\nline",z,\n2,,y,,\n' },
    { title: 'a preamble that is told', content: `Account "7"\n\nfrom;to\n${text}`, format: { preambleLines: 3 } },
    { title: 'a preamble that is found', content: `Account 7\nfrom May\n\n${text}` },
    { title: 'a footer', content: `${text}Total,2,rows\nend\n`, format: { footerLines: 2 } },
    { title: 'NDJSON', content: '{"k":"1","v":"é, \\"x\\"\\nline","w":"z"}\n{"k":2,"v":null}\n' },
    { title: 'a JSON array', content: '[\n {"k":"1","v":"é, \\"x\\"\\nline"},\n {"k":2}\n]\n', name: 'rows.json' },
    { title: 'gzip of tabs', content: gzipSync('k\tv\tw\n1\t"é, ""x""\nline"\tz\n2\t\ty\n'), name: 'rows.tsv.gz' },
    {
      title: 'gzip of a JSON array',
      content: gzipSync('[{"k":"1","v":"é, \\"x\\"\\nline"},{"k":2}]'),
      name: 'rows.json.gz',
    },
    { title: 'gzip of NDJSON', content: gzipSync('{"k":"1","v":"é, \\"x\\"\\nline"}\n{"k":"2","v":""}') },
  ];
  test.each(cases)('$title', async ({ content, name, format }) => {
    const path = bench.write('rows', content);
    const definition = definitionOf(fields, format ? input(format) : {});
    const { records, rows } = await loadOk(bench, path, definition, name ? { name } : {});
    expect(records).toEqual([
      { $row: 1, $key: '1', k: '1', v: 'é, "x"\nline' },
      { $row: 2, $key: '2', k: '2', v: null },
    ]);
    expect(rows).toEqual({ read: 2, records: 2, rejected: 0, excluded: 0 });
  });

  test('a workbook', async () => {
    const book = new ExcelJS.Workbook();
    const sheet = book.addWorksheet('Data');
    sheet.addRow(['k', 'v', 'booked', 'amount']);
    sheet.addRow(['007', { formula: '1+1', result: 2 }, new Date('2024-03-05T00:00:00Z'), 0.1 + 0.2]);
    sheet.addRow([]);
    sheet.addRow(['b', { richText: [{ text: 'r' }, { text: 't' }] }, new Date('2024-03-06T00:00:00Z'), -1234.5]);
    sheet.getColumn(3).numFmt = 'yyyy-mm-dd';
    const path = join(bench.directory, 'files', 'book.xlsx');
    await book.xlsx.writeFile(path);
    const loaded = await loadOk(bench, path, definitionOf([...fields, { name: 'booked' }, { name: 'amount' }]));
    expect(loaded.records).toEqual([
      { $row: 1, $key: '007', k: '007', v: '2', booked: '2024-03-05', amount: '0.3' },
      { $row: 2, $key: 'b', k: 'b', v: 'rt', booked: '2024-03-06', amount: '-1234.5' },
    ]);
    // A name that lies is refused, unless the format is given.
    const lie = { name: 'book.csv' };
    expect(await loadFailure(bench, path, definitionOf(fields), lie)).toMatchObject({ code: 'FILE_TYPE_MISMATCH' });
    const settled = await loadOk(bench, path, definitionOf(fields, input({ format: 'xlsx' })), lie);
    expect(settled.rows.records).toBe(2);

    book.addWorksheet('More').addRow(['k', 'v']);
    await book.xlsx.writeFile(path);
    expect(await loadFailure(bench, path, definitionOf(fields))).toMatchObject({
      code: 'SHEET_REQUIRED',
      fields: { sheets: ['Data', 'More'] },
    });
    expect(await loadFailure(bench, path, definitionOf(fields, input({ sheet: 'Nope' })))).toMatchObject({
      code: 'SHEET_REQUIRED',
    });
    expect((await loadOk(bench, path, definitionOf(fields, input({ sheet: 'Data' })))).rows.records).toBe(2);
  });

  test('Parquet', async () => {
    const path = join(bench.directory, 'files', 'rows.parquet');
    await bench.engine.run(
      `COPY (SELECT * FROM (VALUES ('1', DATE '2024-01-02', 1.250::DECIMAL(9,3), 12::BIGINT), ('2', NULL, -3.5, 7)) t(k, v, a, n)) TO '${path}' (FORMAT parquet)`,
    );
    const { records, types } = await loadOk(bench, path, definitionOf([...fields, { name: 'a' }, { name: 'n' }]));
    expect(records).toEqual([
      { $row: 1, $key: '1', k: '1', v: '2024-01-02', a: '1.250', n: '12' },
      { $row: 2, $key: '2', k: '2', v: null, a: '-3.500', n: '7' },
    ]);
    expect(types).toMatchObject({ v: 'DATE', a: 'DECIMAL(18,3)' });
  });

  test('gzip of a workbook and of Parquet', async () => {
    const rows = '<row><c t="str"><v>k</v></c><c t="str"><v>v</v></c></row><row><c><v>1</v></c><c><v>2.5</v></c></row>';
    const parquet = join(bench.directory, 'files', 'zipped.parquet');
    await bench.engine.run(`COPY (SELECT '1' AS k, '2.5' AS v) TO '${parquet}' (FORMAT parquet)`);
    for (const [name, content] of [
      ['rows.xlsx.gz', workbookOf({ rows })],
      ['rows.parquet.gz', readFileSync(parquet)],
    ] as const) {
      const { records } = await loadOk(bench, bench.write(name, gzipSync(content)), definitionOf(fields));
      expect(records).toEqual([{ $row: 1, $key: '1', k: '1', v: '2.5' }]);
    }
  });

  test('no header', async () => {
    const definition = definitionOf(
      [
        { name: 'k', role: 'KEY', from: 'column1' },
        { name: 'v', from: 'column2' },
      ],
      input({ header: false }),
    );
    const { records } = await loadOk(bench, bench.write('bare.csv', '1,a\n2,b\n'), definition);
    expect(records.map((record) => record.v)).toEqual(['a', 'b']);
  });

  test('JSON numbers keep every digit, and no more than JSON has is one', async () => {
    const numbers = ['0.1234567890123456789', '1234567890123456789', '1e3', '-2.50E-1', '"7"', '0'];
    const faulty = ['01', '00', '-01', '+1', '.5', '1.', '1e', '1.5.2', '0x10', '1_000', '1 2', 'NaN', '-', 'tru1e'];
    const values = [...numbers, ...faulty].map((number, index) => `{"k":${index},"v":${number}}`);
    const lines = [...values, '{1:2}', '{"k":1,"n":{2:3}}', '{"k":1,"k2"', '7', '["1"]'];
    const path = bench.write('exact.ndjson', lines.join('\n'));
    const definition = definitionOf([
      { name: 'k', role: 'KEY' },
      { name: 'v', type: 'decimal' },
    ]);
    const { records, rejects } = await loadOk(bench, path, definition);
    expect(records.map((record) => record.v)).toEqual([
      '0.1234567890123456789',
      '1234567890123456789.0000000000000000000',
      '1000.0000000000000000000',
      '-0.2500000000000000000',
      '7.0000000000000000000',
      '0.0000000000000000000',
    ]);
    expect(rejects.map(({ line, reason }) => [line, reason.split(':')[0]])).toEqual(
      lines.slice(numbers.length).map((_, index) => [numbers.length + index + 1, 'bad-json']),
    );
    for (const { reason } of rejects) expect(reason).not.toMatch(/[0-9a-f]{8}-/);
  });

  test('what is nested in JSON is its text, as it is written', async () => {
    const path = bench.write(
      'nested.json',
      String.raw`[{"k":"a","v":{"n":[1.50,-2e3,"3"],"s":"x\"1\" \\"}},{"k":"b","v":"4"},{"k":"c","v":true}]`,
    );
    const { records } = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'k', role: 'KEY' },
        { name: 'v', type: 'text' },
      ]),
    );
    expect(records.map((record) => record.v)).toEqual([String.raw`{"n":[1.50,-2e3,"3"],"s":"x\"1\" \\"}`, '4', 'true']);
  });
});

describe('a file is refused when', () => {
  const cases: {
    title: string;
    content: string | Buffer;
    code: string;
    detail: RegExp;
    format?: InputFormat;
    name?: string;
  }[] = [
    { title: 'it is empty', content: '', code: 'FILE_EMPTY', detail: /empty/ },
    { title: 'it has a header alone', content: 'k,v\n', code: 'FILE_EMPTY', detail: /no rows/ },
    { title: 'it has blank lines alone', content: '\n\n', code: 'FILE_EMPTY', detail: /no rows/ },
    { title: 'it is an empty gzip', content: gzipSync(''), code: 'FILE_EMPTY', detail: /empty/ },
    { title: 'it is an empty JSON array', content: '[]', code: 'FILE_EMPTY', detail: /no rows/ },
    {
      title: 'a mapped column is not there',
      content: 'K,value,x\n1,2,3\n',
      code: 'COLUMN_MISSING',
      detail: /no column "k"; it has "K", "x", "value"/,
    },
    {
      title: 'a mapped column of JSON is not there',
      content: '[{"k":1,"w":2}]',
      code: 'COLUMN_MISSING',
      detail: /no column "v"/,
    },
    { title: 'a mapped column is there twice', content: 'k,v,v\n1,2,3\n', code: 'COLUMN_DUPLICATED', detail: /"v"/ },
    {
      title: 'it is HTML',
      content: '<!DOCTYPE html><html><body>Login</body></html>',
      code: 'FILE_TYPE_MISMATCH',
      detail: /HTML/,
      name: 'export.csv',
    },
    { title: 'it is a PDF', content: '%PDF-1.7 ...', code: 'FILE_TYPE_MISMATCH', detail: /PDF/ },
    {
      title: 'it is an old workbook',
      content: Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      code: 'FILE_TYPE_MISMATCH',
      detail: /\.xls/,
    },
    {
      title: 'it is binary',
      content: Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7919) % 32)),
      code: 'FILE_TYPE_MISMATCH',
      detail: /not text/,
    },
    {
      title: 'it is said to be Parquet and is not',
      content: 'k,v\n1,2\n',
      code: 'FILE_TYPE_MISMATCH',
      detail: /not parquet/,
      format: { format: 'parquet' },
    },
    { title: 'it is a cut Parquet file', content: 'PAR1 and no more', code: 'FILE_UNREADABLE', detail: /Parquet/ },
    {
      title: 'it is a cut gzip',
      content: gzipSync('k,v\n1,2\n'.repeat(1000)).subarray(0, 40),
      code: 'FILE_UNREADABLE',
      detail: /gzip/,
    },
    {
      title: 'it is a JSON array that is cut between two objects',
      content: '[{"k":1,"v":2},\n{"k":2,"v":3},\n',
      code: 'FILE_UNREADABLE',
      detail: /its array does not end/,
    },
    {
      title: 'it is a cut zip',
      content: Buffer.from('PK\u0003\u0004 and no more'),
      code: 'FILE_UNREADABLE',
      detail: /zip/,
    },
  ];
  test.each(cases)('$title', async ({ content, code, detail, format, name }) => {
    const path = bench.write('refused', content);
    const failure = await loadFailure(
      bench,
      path,
      definitionOf(fields, format ? input(format) : {}),
      name ? { name } : {},
    );
    expect(failure.code).toBe(code);
    expect(failure.detail).toMatch(detail);
    expect(failure.detail.split('\n').length).toBe(1);
  });

  test('it is missing, a directory, or its path holds a NUL', async () => {
    const directory = join(bench.directory, 'files', 'folder');
    mkdirSync(directory);
    for (const path of [join(directory, 'none.csv'), directory, `${directory}\0.csv`]) {
      expect((await loadFailure(bench, path, definitionOf(fields))).code).toBe('FILE_UNREADABLE');
    }
  });

  test('the system does not let it be read', async () => {
    // A file where a folder should be: refused to everybody, where a mode of 0 is not refused to root.
    const path = join(bench.write('secret.csv', 'k,v\n1,2\n'), 'rows.csv');
    expect((await loadFailure(bench, path, definitionOf(fields))).code).toBe('FILE_UNREADABLE');
  });

  test.each([
    ['says so', { megabytes: 0, claimedBytes: 600 * 2 ** 20 }],
    ['says that it is small', { megabytes: 600, claimedBytes: 1000 }],
  ])('it is a workbook that expands beyond the limit and %s', async (_title, bomb) => {
    const failure = await loadFailure(bench, bench.write('bomb.xlsx', zipBomb(bomb)), definitionOf(fields));
    expect(failure.code).toBe('FILE_TOO_LARGE');
  });
});

test.each(["o'brien.csv", 'a"b.csv', '..%2F..%2Fetc.csv', "'); DROP TABLE x; --.csv", 'ümläut €.csv'])(
  'a file named %s is a file like any other',
  async (name) => {
    const found = await loadOk(bench, bench.write(name, 'k,v\n1,x\n2\n'), definitionOf(fields));
    expect(found.rejects[0]!.file).toBe(name);
  },
);

test('a name that leads elsewhere is a name and no path', async () => {
  const found = await loadOk(bench, bench.write('x.csv', 'k,v\n1,x\n2\n'), definitionOf(fields), {
    name: "../../etc/'x\0.csv",
  });
  expect(found.rejects[0]!.file).toBe("../../etc/'x.csv");
});

test('column names may be anything', async () => {
  const names = ["o'k", 'a "quoted" one', '; DROP', '$row', 'ключ', 'select'];
  const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
  const definition = definitionOf(
    names.map((name, index) => ({
      name: index === 3 ? 'dollar' : name,
      from: name,
      role: index === 0 ? 'KEY' : 'COMPARE',
    })),
  );
  const { records } = await loadOk(bench, bench.write('names.csv', `${header}\n1,2,3,4,5,6\n`), definition);
  expect(Object.values(records[0]!).map(String)).toEqual(['1', '1', '1', '2', '3', '4', '5', '6']);
});
