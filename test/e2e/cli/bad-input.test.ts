// Bad use and bad input: exit code 2, one line that says what and what to do, nothing on stdout, no stack, no summary.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import excel from 'exceljs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunSummary } from '../../../cli/report/run-summary.ts';
import { zipBomb } from '../../fixtures/zip.ts';
import { openWorkplace, type Workplace } from './command.ts';

let place: Workplace;
beforeAll(async () => {
  place = openWorkplace();
  place.write('good.csv', 'id,amount,booked\n1,10.00,2024-01-31\n2,20.00,2024-01-30\n');
  place.write('empty.csv', '');
  place.write('header.csv', 'id,amount,booked\n');
  place.write('noise.csv', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256)));
  place.write('lies.xlsx', '<!doctype html><table><tr><td>id</td><td>amount</td></tr></table>');
  place.write('lies.parquet', '%PDF-1.7\nid,amount\n1,10\n');
  place.write('lies.csv', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(500, 7), Buffer.from('PAR1')]));
  place.write('misnamed.xlsx', 'id,amount\n1,10\n');
  place.write('nokey.csv', 'id,amount\n,10\n,20\n');
  place.write('dates.csv', 'id,booked\n1,01/02/2024\n2,03/04/2024\n');
  place.write('other-dates.csv', 'id,booked\n1,2024-02-01\n2,2024-04-03\n');
  place.write(
    'rejects.csv',
    'id,amount,booked\n1,1e400,2024-01-31\n2,NaN,2024-01-30\n3,5,2024-02-30\n4,7,2024-01-01\n',
  );
  place.write('bomb.xlsx', zipBomb({ megabytes: 600, claimedBytes: 1000 }));
  const workbook = new excel.Workbook();
  for (const name of ['May', 'June'])
    workbook.addWorksheet(name).addRows([
      ['id', 'amount'],
      ['1', name === 'May' ? 10 : 11],
    ]);
  await workbook.xlsx.writeFile(place.path('two.xlsx'));
  mkdirSync(place.path('folder'));
  place.write('foreign/summary.json', '{"left":1}');
  const definition = (change: object) =>
    JSON.stringify({
      name: 'x',
      sources: [{ name: 'left', anchor: true }, { name: 'right' }],
      fields: [
        { name: 'id', role: 'KEY', mapping: { left: 'id', right: 'id' } },
        { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { left: 'amount', right: 'amount' } },
      ],
      passes: [{ kind: 'exact-key' }],
      ...change,
    });
  const both = { left: 'amount', right: 'amount' };
  place.write('no-key.json', definition({ fields: [{ name: 'amount', role: 'COMPARE', mapping: both }] }));
  place.write(
    'two-anchors.json',
    definition({
      sources: [
        { name: 'left', anchor: true },
        { name: 'right', anchor: true },
      ],
    }),
  );
  place.write('unknown-field.json', definition({ tolerence: 1 }));
  place.write(
    'text-tolerance.json',
    definition({
      fields: [
        { name: 'id', role: 'KEY', mapping: both },
        { name: 'a', role: 'COMPARE', type: 'text', tolerance: { absolute: '1' }, mapping: both },
      ],
    }),
  );
  place.write(
    'unknown-column.json',
    definition({ fields: [{ name: 'id', role: 'KEY', mapping: { left: 'id', right: 'ident' } }] }),
  );
  place.write('not.json', '{ name: ');
}, 60_000);
afterAll(() => place.remove());

const key = ['--key', 'id', '--compare', 'amount'];
const cases: [string, string[], RegExp][] = [
  ['no such file', ['good.csv', 'none.csv', ...key], /none\.csv/],
  ['a directory for a file', ['good.csv', 'folder', ...key], /folder/],
  ['an empty file', ['good.csv', 'empty.csv', ...key], /empty\.csv.*header and at least one row/],
  ['noise', ['good.csv', 'noise.csv', ...key], /noise\.csv/],
  ['a web page that says it is XLSX', ['good.csv', 'lies.xlsx', ...key], /lies\.xlsx.*HTML/],
  ['a PDF that says it is Parquet', ['good.csv', 'lies.parquet', ...key], /lies\.parquet.*PDF/],
  ['noise between Parquet marks that says it is CSV', ['good.csv', 'lies.csv', ...key], /lies\.csv/],
  ['a CSV that says it is XLSX', ['good.csv', 'misnamed.xlsx', ...key], /misnamed\.xlsx is csv by its content/],
  ['a zip bomb as XLSX', ['good.csv', 'bomb.xlsx', ...key], /bomb\.xlsx expands to more than/],
  ['two sheets', ['good.csv', 'two.xlsx', ...key], /May.*June.*--sheet/],
  ['a column that is not there', ['good.csv', 'good.csv', '--key', 'ident', '--compare', 'amount'], /ident/],
  ['a compared column that is not there', ['good.csv', 'good.csv', '--key', 'id', '--compare', 'amount=amt'], /amt/],
  ['a key column without values', ['good.csv', 'nokey.csv', ...key], /--key/],
  [
    'dates that can be read two ways',
    ['dates.csv', 'other-dates.csv', '--key', 'id', '--compare', 'booked~0d'],
    /booked.*--date-format/,
  ],
  [
    'more rejects than allowed',
    ['good.csv', 'rejects.csv', '--key', 'id', '--compare', 'amount~0.01', '--max-rejects', '0'],
    /rejects\.csv: 2 rows were rejected and 0 are allowed; line 2, amount "1e400": number-too-large.*--max-rejects/,
  ],
  [
    'a source that is not there',
    ['good.csv', 'good.csv', '--key', 'id', '--compare', 'amount', '--sheet', 'middle=x'],
    /no source 'middle'/,
  ],
  ['a definition without a key', ['good.csv', 'good.csv', '--definition', 'no-key.json'], /key/i],
  ['a definition with two anchors', ['good.csv', 'good.csv', '--definition', 'two-anchors.json'], /anchor/],
  [
    'a definition with an unknown field',
    ['good.csv', 'good.csv', '--definition', 'unknown-field.json'],
    /tolerence: unknown field/,
  ],
  ['a tolerance on text', ['good.csv', 'good.csv', '--definition', 'text-tolerance.json'], /tolerance/],
  ['a definition with an unknown column', ['good.csv', 'good.csv', '--definition', 'unknown-column.json'], /ident/],
  ['a definition that is not JSON', ['good.csv', 'good.csv', '--definition', 'not.json'], /not JSON/],
  ['no definition there', ['good.csv', 'good.csv', '--definition', 'none.json'], /none\.json does not exist/],
  ['a directory for a definition', ['good.csv', 'good.csv', '--definition', 'folder'], /folder is a directory/],
  ['a value that looks like an option', ['good.csv', 'good.csv', ...key, '--max-rejects', '-1'], /--max-rejects=-1/],
  ['one file', ['good.csv', ...key], /1 files/],
  [
    '--key beside a definition',
    ['good.csv', 'good.csv', '--definition', 'no-key.json', '--key', 'id'],
    /--key cannot be given with --definition/,
  ],
  ['the same key twice', ['good.csv', 'good.csv', '--key', 'id', ...key], /--key id is given twice/],
  [
    'the same pair compared twice',
    ['good.csv', 'good.csv', ...key, '--compare', 'amount=amount~0.01'],
    /--compare amount is given twice/,
  ],
  [
    'the same field as key and compared',
    ['good.csv', 'good.csv', '--key', 'id', '--compare', 'id'],
    /both --key and --compare/,
  ],
];

describe('exit code 2, one line', () => {
  test.each(cases)('%s', (_title, words, message) => {
    const ran = place.run('match', ...words, '--out', 'out');
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^tieout: [^\n]+\n$/);
    expect(ran.stderr).not.toMatch(/unexpected|\n\s+at |TIEOUT_TRACE/);
    expect(ran.stderr).toMatch(message);
    expect(existsSync(place.path('out/summary.json'))).toBe(false);
  });

  test.each([
    [['match', 'good.csv', 'good.csv'], /--out DIR is missing/],
    [['match', 'good.csv', 'good.csv', '--out', 'good.csv'], /a file is in the way/],
    [['match', 'good.csv', 'good.csv', '--out', 'good.csv/x'], /a file is in the way/],
    [['match', 'good.csv', 'good.csv', '--out', ''], /--out : give the name of a directory/],
    [['match', 'rejects.csv', 'good.csv', '--out', '.'], /results would replace rejects\.csv/],
    // Nothing can be made there, and Node's own way of making directories never ends on it.
    [['match', 'good.csv', 'good.csv', '--out', '/proc/results'], /cannot be written to/],
    [['generate', '--rows', '10', '--out', '/proc/results'], /cannot be written to/],
    [['generate', '--rows', '10', '--out', 'good.csv'], /a file is in the way/],
    [['match', 'good.csv', 'good.csv', '--out', 'o', '--format', 'pdf'], /csv, json, parquet, xlsx/],
    [['macht'], /did you mean match/],
    [['init', 'good.csv'], /two files/],
    [['init', 'good.csv', 'empty.csv'], /empty\.csv/],
    [['explain', '1', '--results', 'folder'], /no finished comparison/],
    [['explain', '1', '--results', 'foreign'], /no finished comparison/],
    [['explain', '--results', 'folder'], /give the key/],
    [['generate', '--rows', 'ten', '--out', 'g'], /whole number/],
    [['generate', '--rows', '10', '--breaks', '20%', '--out', 'g'], /more than all rows/],
  ] as [string[], RegExp][])('%j', (words, message) => {
    const ran = place.run(...words);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^tieout: [^\n]+\n$/);
    expect(ran.stderr).toMatch(message);
  });

  test('without a word, the help', () => {
    expect(place.run()).toMatchObject({ code: 2, stderr: '' });
    expect(place.run().stdout).toContain('tieout match LEFT RIGHT');
  });
});

test('--help and --version', () => {
  for (const words of [
    ['--help'],
    ['match', '--help'],
    ['init', '-h'],
    ['explain', '--help'],
    ['generate', '--help'],
    ['help', 'match'],
  ]) {
    const ran = place.run(...words);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/tieout/);
    for (const line of ran.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  }
  expect(place.run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('what is bad in a row is a reject, counted and named, and the run goes on', () => {
  test('1e400, NaN and 30 February', () => {
    const ran = place.run(
      'match',
      'good.csv',
      'rejects.csv',
      '--key',
      'id',
      '--compare',
      'amount~0.01',
      '--compare',
      'booked~1d',
      '--type',
      'booked=date',
      '--out',
      'out',
      '--json',
    );
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    const summary = JSON.parse(ran.stdout) as RunSummary;
    expect(summary.right).toMatchObject({ rows: 4, rejected: 3, missing: 1, matched: 0 });
    expect(summary.left).toMatchObject({ rows: 2, missing: 2 });
    const rejects = readFileSync(place.path('out/rejects.csv'), 'utf8').trimEnd().split('\n');
    expect(rejects.slice(1).map((line) => line.split(',').slice(0, 5))).toEqual([
      ['right', 'rejects.csv', '2', 'amount', '1e400'],
      ['right', 'rejects.csv', '3', 'amount', 'NaN'],
      ['right', 'rejects.csv', '4', 'booked', '2024-02-30'],
    ]);
    expect(summary.firstRejects[0]).toEqual({
      source: 'right',
      line: 2,
      column: 'amount',
      value: '1e400',
      reason: 'number-too-large: more than 38 digits',
    });
  });

  test('the summary says why rows were rejected', () => {
    const wide = `"${'c'.repeat(60)}"`;
    place.write('wide.csv', `id,${wide}\n1,2024-01-01\n2,${'v'.repeat(80)}\n3\n`);
    const words = ['--key', 'id', '--compare', `${wide.slice(1, -1)}~1d`];
    const ran = place.run('match', 'wide.csv', 'wide.csv', ...words, '--out', 'out');
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(ran.stdout).toMatch(/^first 4 of 4 rejected rows$/m);
    expect(ran.stdout).toMatch(/^ +left +line 3 +c+… v+… +not-a-date: /m);
    expect(ran.stdout).toMatch(/^ +right +line 4 +3 +too-few-cells: 1 cells where the header has 2$/m);
    expect(ran.stdout).toContain('\n0 breaks, 4 rejected rows. ');
  });

  test('ragged rows and cells of 100,000 characters', () => {
    const long = 'x'.repeat(100_000);
    place.write('ragged.csv', `id,amount,note\n1,10.00,${long}\n2,20.00\n3,30.00,a,b\n4,40.00,\n`);
    const ran = place.run('match', 'ragged.csv', 'ragged.csv', '--key', 'id', '--out', 'out', '--json');
    const summary = JSON.parse(ran.stdout) as RunSummary;
    expect(summary.left).toMatchObject({ rows: 4, matched: 2, rejected: 2 });
    expect(ran.code).toBe(1);
  });

  test('names with quotes, spaces, marks and formulas are names', () => {
    const names = ['it\'s "id"', 'a=b~c', 'sum(x); --', 'Ünï côde'];
    const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
    place.write("odd '; file.csv", `${quoted}\n1,10,=cmd,ä\n2,20,'; DROP TABLE x,ö\n`);
    const ran = place.run(
      'match',
      "odd '; file.csv",
      "odd '; file.csv",
      '--key',
      names[0]!,
      '--compare',
      'a\\=b\\~c~1',
      '--compare',
      names[2]!,
      '--compare',
      names[3]!,
      '--out',
      "o'ut",
      '--json',
    );
    expect(ran.stderr).toBe('');
    expect((JSON.parse(ran.stdout) as RunSummary).left).toMatchObject({ rows: 2, matched: 2 });
    expect(readFileSync(place.path("o'ut/matches.csv"), 'utf8').trimEnd().split('\n')).toHaveLength(3);
  });

  test.each([
    ['a line end', 'two\nlines.csv', 'two lines.csv against good.csv'],
    ['200 characters', `${'n'.repeat(200)}.csv`, `${'n'.repeat(89)}… against good.csv`],
  ])('a file whose name has %s', (_title, name, shown) => {
    place.write(name, 'id,amount\n1,10.00\n');
    const ran = place.run('match', name, 'good.csv', ...key, '--out', 'out', '--json');
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect((JSON.parse(ran.stdout) as RunSummary).name).toBe(shown);
    expect(place.run('init', name, 'good.csv', '--out', 'named.json').code).toBe(0);
    expect(place.run('match', name, 'good.csv', '--definition', 'named.json', '--out', 'out').code).toBe(1);
  });

  test('a name that lies is read when the format is given', () => {
    const format = ['--input-format', 'right=csv'];
    const ran = place.run('match', 'good.csv', 'misnamed.xlsx', ...key, ...format, '--out', 'out', '--json');
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect((JSON.parse(ran.stdout) as RunSummary).right).toMatchObject({ rows: 1, matched: 1 });
  });

  test('a sheet that is named is read', () => {
    const ran = place.run(
      'match',
      'two.xlsx',
      'two.xlsx',
      ...key,
      '--sheet',
      'left=May',
      '--sheet',
      'right=June',
      '--out',
      'out',
      '--json',
    );
    expect(ran.stderr).toBe('');
    expect((JSON.parse(ran.stdout) as RunSummary).pairs).toMatchObject({ matched: 0, mismatched: 1 });
  });
});
