// `tieout match` from outside, as its user runs it: counts, files, formats, exit codes.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import excel from 'exceljs';
import papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Truth } from '../../../cli/generate/generate-files.ts';
import type { RunSummary } from '../../../cli/report/run-summary.ts';
import { openWorkplace, outsideFile, program, type Workplace } from './command.ts';
import { example, left, right } from './example.ts';

let place: Workplace;
beforeAll(() => {
  place = openWorkplace();
  place.write('left.csv', left);
  place.write('right.csv', right);
}, 60_000);
afterAll(() => place.remove());

function summaryOf(...words: string[]): RunSummary {
  const ran = place.run(...words, '--json');
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout) as RunSummary;
}

describe('the example', () => {
  test('--json is one object: the contract', () => {
    const ran = place.run(...example, '--json');
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 1, stderr: '' });
    const summary = JSON.parse(ran.stdout) as RunSummary;
    const { sums: leftSums, file: _l, ...leftCounts } = summary.left;
    expect(leftCounts).toEqual({
      source: 'left',
      rows: 8,
      matched: 4,
      mismatched: 2,
      missing: 1,
      duplicate: 1,
      ambiguous: 0,
      exhausted: 0,
      rejected: 0,
      excluded: 0,
    });
    const { sums: rightSums, file: _r, ...rightCounts } = summary.right;
    expect(rightCounts).toEqual({
      source: 'right',
      rows: 7,
      matched: 4,
      mismatched: 2,
      missing: 1,
      duplicate: 0,
      ambiguous: 0,
      exhausted: 0,
      rejected: 0,
      excluded: 0,
    });
    expect(summary.pairs).toMatchObject({ matched: 4, mismatched: 2 });
    expect(summary.agrees).toBe(false);
    expect(summary.elapsedMs).toBeGreaterThan(0);
    expect(leftSums.matched.amount).toEqual({ EUR: '20.00', USD: '20.00' });
    expect(rightSums.matched.amount).toEqual({ EUR: '20.01', USD: '20.00' });
    expect(rightSums.missing.amount).toEqual({ EUR: '5.50' });
    expect(summary.breaks).toEqual({ MISMATCH: 2, MISSING: 2, DUPLICATE: 1, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 });
    expect(summary.firstBreaks).toHaveLength(5);
    expect(summary.firstBreaks).toContainEqual({
      type: 'MISMATCH',
      missingIn: null,
      source: 'right',
      key: ['003'],
      differences: [{ field: 'amount', left: '10.00', right: '10.02' }],
    });
    expect(JSON.parse(readFileSync(place.path('out/summary.json'), 'utf8'))).toEqual(summary);
  });

  test('the directory holds whole results and nothing else', () => {
    place.run(...example);
    expect(readdirSync(place.path('out')).sort()).toEqual([
      'breaks.csv',
      'definition.json',
      'matches.csv',
      'rejects.csv',
      'summary.json',
    ]);
    const lines = (name: string) =>
      readFileSync(place.path(`out/${name}`), 'utf8')
        .trimEnd()
        .split('\n');
    expect(lines('matches.csv')).toHaveLength(1 + 4);
    expect(lines('breaks.csv')).toHaveLength(1 + 5);
    expect(lines('rejects.csv')).toEqual(['source,file,line,column,value,reason']);
    expect(lines('breaks.csv').map((line) => line.split(',')[2])).toEqual(['key', '0001', '003', '005', '006', '007']);
  });

  test('the readable summary has counts, sums, the first breaks, in 100 columns, and nothing on stderr', () => {
    const ran = place.run(...example);
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(ran.stdout).toMatch(/^ +matched +4 +4$/m);
    expect(ran.stdout).toMatch(/^ +missing +1 +1 +no partner in the other$/m);
    expect(ran.stdout).toMatch(/amount +EUR +matched +20\.00 +20\.01 +0\.01/);
    expect(ran.stdout).toMatch(/mismatch +003 +amount 10\.00 \/ 10\.02/);
    expect(ran.stdout).toMatch(/missing in right +006/);
    expect(ran.stdout).toContain('5 breaks.');
    for (const line of ran.stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
  });

  test('exit code 0 and all agree when a file is compared with itself', () => {
    const ran = place.run('match', 'right.csv', 'right.csv', '--key', 'ref', '--out', 'same');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('All rows agree.');
  });

  test('definition.json gives the same result again', () => {
    const first = summaryOf(...example);
    const again = summaryOf('match', 'left.csv', 'right.csv', '--definition', 'out/definition.json', '--out', 'again');
    const { elapsedMs: _a, ...a } = first;
    const { elapsedMs: _b, ...b } = again;
    expect(b).toEqual(a);
  });

  test('what is left out is proposed, and said', () => {
    const ran = place.run('match', 'right.csv', 'right.csv', '--out', 'proposed', '--json');
    const summary = JSON.parse(ran.stdout) as RunSummary;
    expect(summary.key).toEqual(['ref']);
    expect(summary.compared.map((field) => field.field).sort()).toEqual(['amt', 'ccy', 'fee', 'value_date']);
    expect(summary.currencyField).toBe('ccy');
    expect(summary.notes.join()).toContain('key: ref');
  });
});

describe('formats of the results', () => {
  const results = (format: string) => {
    const ran = place.run(...example, '--format', format);
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(readdirSync(place.path('out')).sort()).toEqual([
      `breaks.${format}`,
      'definition.json',
      `matches.${format}`,
      `rejects.${format}`,
      'summary.json',
    ]);
  };
  test('json', () => {
    results('json');
    const breaks = JSON.parse(readFileSync(place.path('out/breaks.json'), 'utf8'));
    expect(breaks).toHaveLength(5);
    expect(breaks.find((item: { key: string }) => item.key === '003')).toMatchObject({
      break_type: 'MISMATCH',
      left_amount: '10.00',
      right_amount: '10.02',
      fields: ['amount'],
    });
  });
  test('parquet', () => {
    results('parquet');
    expect(readFileSync(place.path('out/breaks.parquet')).subarray(0, 4).toString()).toBe('PAR1');
  });
  test('xlsx', async () => {
    results('xlsx');
    const workbook = new excel.Workbook();
    await workbook.xlsx.readFile(place.path('out/breaks.xlsx'));
    expect(workbook.worksheets[0]!.rowCount).toBe(6);
  });
});

describe('generated data', () => {
  test('the result is the truth, from CSV, gzip, TSV, UTF-16, JSON, NDJSON and XLSX alike', async () => {
    expect(place.run('generate', '--rows', '2000', '--seed', '3', '--duplicates', '3%', '--out', 'gen').code).toBe(0);
    const truth = JSON.parse(readFileSync(place.path('gen/truth.json'), 'utf8')) as Truth;
    const right = readFileSync(place.path('gen/right.csv'), 'utf8');
    const rows = papa.parse<string[]>(right.trimEnd()).data;
    place.write('gen/right.csv.gz', gzipSync(right));
    place.write('gen/right.tsv', `\ufeff${papa.unparse(rows, { delimiter: '\t', newline: '\r\n' })}\r\n`);
    place.write('gen/utf16.csv', Buffer.from(`\ufeff${papa.unparse(rows, { delimiter: ';' })}`, 'utf16le'));
    const objects = rows.slice(1).map((row) => Object.fromEntries(row.map((cell, index) => [rows[0]![index]!, cell])));
    place.write('gen/right.json', JSON.stringify(objects));
    place.write('gen/right.ndjson', objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
    const workbook = new excel.Workbook();
    workbook.addWorksheet('Sheet').addRows(rows);
    await workbook.xlsx.writeFile(place.path('gen/right.xlsx'));
    for (const file of [
      'right.csv',
      'right.csv.gz',
      'right.tsv',
      'utf16.csv',
      'right.json',
      'right.ndjson',
      'right.xlsx',
    ]) {
      const summary = summaryOf('match', 'gen/left.csv', `gen/${file}`, ...truth.arguments, '--out', 'gen/out');
      for (const side of ['left', 'right'] as const) {
        const { sums, ...counts } = truth[side];
        expect(summary[side]).toMatchObject(counts);
        for (const [currency, sum] of Object.entries(sums.amount)) {
          const cents = Object.values(summary[side].sums).map((byField) =>
            BigInt((byField.amount?.[currency] ?? '0.00').replace('.', '')),
          );
          expect(cents.reduce((a, b) => a + b, 0n)).toBe(BigInt(sum.replace('.', '')));
        }
      }
      expect(summary.pairs).toMatchObject(truth.pairs);
    }
  });

  test('the Node of the machine will do, from 20 on: every format, read and written', async () => {
    // The tests themselves run under the project's own.
    const ofMachine = process.env
      .PATH!.split(delimiter)
      .map((folder) => join(folder, 'node'))
      .find((path) => !path.includes('node_modules') && existsSync(path));
    const run = (...words: string[]) => {
      const ran = spawnSync(ofMachine ?? process.execPath, [program, ...words], {
        cwd: place.directory,
        encoding: 'utf8',
      });
      expect(ran.stderr).toBe('');
      return ran.status;
    };
    const workbook = new excel.Workbook();
    workbook.addWorksheet('Sheet').addRows([
      ['id', 'amount'],
      ['1', 0.5],
    ]);
    await workbook.xlsx.writeFile(place.path('any.xlsx'));
    place.write('any.json', '[{"id":1,"amount":0.50}]');
    place.write('any.csv', 'id,amount\n1,0.5\n');
    for (const format of ['csv', 'json', 'parquet', 'xlsx'])
      for (const file of ['any.csv', 'any.json', 'any.xlsx'])
        expect([file, run('match', 'any.csv', file, '--key', 'id', '--out', 'any', '--format', format)]).toEqual([
          file,
          0,
        ]);
    expect(run('explain', '1', '--results', 'any')).toBe(0);
    expect(run('backtest', 'any/definition.json', 'any/definition.json', 'any.csv', 'any.json')).toBe(0);
  });

  test('init finds the key, the pairs and the tolerances; match runs with what it proposes', () => {
    place.run('generate', '--rows', '5000', '--seed', '3', '--out', 'gen2');
    const ran = place.run('init', 'gen2/left.csv', 'gen2/right.csv', '--out', 'cash.json');
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    const definition = JSON.parse(readFileSync(place.path('cash.json'), 'utf8'));
    const fields = Object.fromEntries(definition.fields.map((field: { name: string }) => [field.name, field]));
    expect(fields.txn_id).toMatchObject({ role: 'KEY', mapping: { left: 'txn_id', right: 'ref' } });
    expect(fields.amount).toMatchObject({
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { absolute: '0.01' },
      mapping: { right: 'amt' },
    });
    expect(fields.booked).toMatchObject({ type: 'date', tolerance: { days: 2 }, mapping: { right: 'value_date' } });
    expect(fields.currency).toMatchObject({ type: 'text', mapping: { right: 'ccy' } });
    expect(definition.currencyField).toBe('currency');
    expect(ran.stderr).toMatch(/note: key: txn_id = ref/);
    expect(
      summaryOf('match', 'gen2/left.csv', 'gen2/right.csv', '--definition', 'cash.json', '--out', 'gen2/out').pairs
        .matched,
    ).toBeGreaterThan(4000);
  });
});

test('three sources: each against the anchor', () => {
  place.write('book.csv', 'id,amount\n1,10\n2,20\n3,30\n');
  place.write('bank.csv', 'id,amount\n1,10\n2,21\n3,30\n');
  place.write('broker.csv', 'id,amount\n1,10\n2,20\n4,40\n');
  const all = (column: string) => ({ book: column, bank: column, broker: column });
  const definition = {
    name: 'three',
    sources: [{ name: 'book', anchor: true }, { name: 'bank' }, { name: 'broker' }],
    fields: [
      { name: 'id', role: 'KEY', mapping: all('id') },
      { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: all('amount') },
    ],
    passes: [{ kind: 'exact-key' }],
  };
  place.write('three.json', JSON.stringify(definition));
  const summary = summaryOf(
    'match',
    '--definition',
    'three.json',
    '--file',
    'broker=broker.csv',
    '--file',
    'book=book.csv',
    '--file',
    'bank=bank.csv',
    '--out',
    'three',
  );
  expect(summary.left).toMatchObject({ source: 'book', rows: 3, matched: 1, mismatched: 1, missing: 1 });
  expect(summary.further).toHaveLength(1);
  expect(summary.further[0]).toMatchObject({ source: 'broker', rows: 3, matched: 2, missing: 1 });
  expect(summary.pairs.bySource).toEqual([
    { source: 'bank', matched: 2, mismatched: 1 },
    { source: 'broker', matched: 2, mismatched: 0 },
  ]);
});

describe('explain', () => {
  test('a mismatch, a match, a missing one, an unknown one', () => {
    place.run(...example);
    const mismatch = place.run('explain', '003', '--results', 'out');
    expect(mismatch).toMatchObject({ code: 1, stderr: '' });
    expect(mismatch.stdout).toMatch(/≠ +amount +10\.00 +10\.02/);
    expect(place.run('explain', '002', '--results', 'out').code).toBe(0);
    expect(place.run('explain', '006', '--results', 'out').stdout).toMatch(/missing in right/);
    expect(JSON.parse(place.run('explain', '003', '--results', 'out', '--json').stdout).pairs).toHaveLength(1);
    const unknown = place.run('explain', '999', '--results', 'out');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/^tieout: No record of any source has the key 999.*\n$/);
  });

  test('with a definition and files, and a note when a file changed since', () => {
    place.run(...example);
    const ran = place.run(
      'explain',
      '003',
      '--definition',
      'out/definition.json',
      '--file',
      'left=left.csv',
      '--file',
      'right=right.csv',
    );
    expect(ran.stdout).toMatch(/≠ +amount/);
    const changed = openWorkplace();
    try {
      changed.write('left.csv', left);
      changed.write('right.csv', right);
      changed.run(...example);
      writeFileSync(changed.path('right.csv'), right.replace('10.02', '10.03'));
      expect(changed.run('explain', '003', '--results', 'out').stderr).toMatch(/right\.csv has changed since/);
    } finally {
      changed.remove();
    }
  });
});

const stripeAll = outsideFile('bank-csv/stripe-all.csv');
const stripeDefault = outsideFile('bank-csv/stripe-default.csv');
test.skipIf(!stripeAll || !stripeDefault)(
  'two exports of one account reconcile fully, with all said or nothing (needs shared data)',
  () => {
    for (const options of [['--key', 'id'], []]) {
      const summary = summaryOf('match', stripeAll!, stripeDefault!, ...options, '--out', 'stripe');
      expect(summary.key).toEqual(['id']);
      expect(summary.left).toMatchObject({ rows: 5, matched: 5 });
      expect(summary.right).toMatchObject({ rows: 5, matched: 5 });
      expect(summary.agrees).toBe(true);
      expect(summary.currencyField).toBe('currency');
    }
  },
);
