// `tieout match --dedupe` as its user meets it: which rows of one file are the same thing, what is written, and what is refused.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DedupeSummary } from '../../../cli/report/dedupe-summary.ts';
import { openWorkplace, type Workplace } from './command.ts';

const customers = `customer,name,city,born,country
C1,Anna Berghof,Oslo,1971-03-05,NO
C2,Bertram Steinwald,Rome,1984-11-30,NO
C3,Carla Hofmeister,Oslo,1990-07-14,NO
C4,Dorothea Lindgren,Paris,1966-01-22,NO
C5,Emil Waldheim,Berlin,1979-09-09,NO
C6,Frida Sonntag,Rome,1988-12-01,NO
C7,Gustav Marlin,Vienna,1959-05-17,NO
C8,Anna Berghoff,Oslo,1971-03-05,NO
C9,Hanna Kellermann,Paris,1993-08-28,NO
C10,Carla Hofmeister,Oslo,1990-07-14,NO
C11,Carla Hofmeister,Oslo,1990-07-14,NO
C12,"Bertram, Steinwald",Rome,1984-11-03,NO
`;

let place: Workplace;
beforeAll(() => {
  place = openWorkplace();
  place.write('customers.csv', customers);
});
afterAll(() => place.remove());

function summaryOf(...words: string[]): DedupeSummary {
  const ran = place.run('match', ...words, '--out', 'out', '--json');
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout) as DedupeSummary;
}

const rowsOf = (path: string): Record<string, string>[] =>
  papa.parse<Record<string, string>>(readFileSync(place.path(path), 'utf8'), { header: true, skipEmptyLines: true })
    .data;

describe('one file', () => {
  test('--json is one object: every row is answered for', () => {
    const summary = summaryOf('--dedupe', 'customers.csv');
    expect(summary).toMatchObject({
      ...{ name: 'duplicates in customers.csv', rows: 12, alone: 5, inClusters: 7, rejected: 0 },
      ...{ clusters: 3, surplus: 4, largest: 3, threshold: 0.5, notes: [] },
      linkedBy: [
        { field: 'name', as: 'name' },
        { field: 'city', as: 'name' },
        { field: 'born', as: 'date' },
      ],
      leftOut: [
        { field: 'customer', why: 'another value in every row' },
        { field: 'country', why: 'one value only' },
      ],
      results: { duplicates: { file: 'duplicates.csv', rows: 7 }, rejects: { rows: 0 } },
    });
    expect(summary.firstClusters[0]).toMatchObject({
      cluster: 1,
      records: 2,
      rows: [{ row: 1, values: { name: 'Anna Berghof', city: 'Oslo', born: '1971-03-05' } }, { row: 8 }],
    });
    expect(JSON.parse(readFileSync(place.path('out/summary.json'), 'utf8'))).toEqual(summary);
  });

  test('the files: clusters with all columns, pairs with their evidence, and nothing of an earlier comparison', () => {
    place.write('one.csv', 'id,v\n1,2\n');
    place.run('match', 'one.csv', 'one.csv', '--key', 'id', '--out', 'out');
    expect(place.run('match', '--dedupe', 'customers.csv', '--out', 'out')).toMatchObject({ code: 1, stderr: '' });
    expect(readdirSync(place.path('out')).sort()).toEqual([
      'duplicates.csv',
      'pairs.csv',
      'rejects.csv',
      'summary.json',
    ]);
    const rows = rowsOf('out/duplicates.csv');
    expect(rows.map(({ cluster, row, customer }) => [cluster, row, customer])).toEqual([
      ...[
        ['1', '1', 'C1'],
        ['1', '8', 'C8'],
        ['2', '2', 'C2'],
        ['2', '12', 'C12'],
      ],
      ...[
        ['3', '3', 'C3'],
        ['3', '10', 'C10'],
        ['3', '11', 'C11'],
      ],
    ]);
    expect(Object.keys(rows[0]!)).toEqual([
      'cluster',
      'row',
      'confidence',
      'customer',
      'name',
      'city',
      'born',
      'country',
    ]);
    const pairs = rowsOf('out/pairs.csv');
    expect(pairs.map(({ row, records, other_row, other_records }) => [row, records, other_row, other_records])).toEqual(
      [
        ['1', '1', '8', '1'],
        ['2', '1', '12', '1'],
        ['3', '3', '10', '3'],
      ],
    );
    expect(JSON.parse(pairs[0]!.evidence!).fields[0]).toMatchObject({ field: 'name', as: 'name' });
  });

  test('the summary for a person', () => {
    const by = ['--fuzzy', 'name', '--fuzzy', 'born', '--fuzzy', 'city', '--threshold', '0.6'];
    const { stdout } = place.run('match', '--dedupe', 'customers.csv', ...by, '--out', 'out');
    expect(stdout).toContain('linked by name (name), born (date), city (name); the same from probability 0.6 on\n');
    expect(stdout).toMatch(/^ {2}rows +12\n {2}alone +5\n {2}in clusters +7 {2}3 clusters, the largest of 3\n/m);
    expect(stdout).toMatch(
      /^ +1 +1 +[01][.\d]* +Anna Berghof +1971-03-05 +Oslo\n +8 +[01][.\d]* +Anna Berghoff +1971-03-05 +Oslo$/m,
    );
    expect(stdout).toMatch(/^3 clusters, 4 surplus rows\. /m);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('exit code 0 where nothing is there twice', () => {
    place.write('single.csv', customers.split('\n').slice(0, 8).join('\n'));
    const ran = place.run('match', '--dedupe', 'single.csv', '--out', 'out');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('No duplicates.');
  });

  test('rows that cannot be read are counted beside, and shown', () => {
    const rows = Array.from({ length: 200 }, (_, at) => `n${at},${at}.50`);
    place.write('torn.csv', `name,amount\n${rows.join('\n')}\nn7,7.50\nn8,8.50,x\nn9,n/a\n`);
    const summary = summaryOf('--dedupe', 'torn.csv', '--fuzzy', 'name', '--fuzzy', 'amount');
    expect(summary).toMatchObject({ rows: 203, alone: 199, inClusters: 2, rejected: 2, clusters: 1 });
    expect(summary.firstRejects).toHaveLength(2);
  });

  test('a column that is not looked at rejects nothing', () => {
    const rows = Array.from({ length: 200 }, (_, at) => `n${at},${at}.50`);
    place.write('loose.csv', `name,amount\n${rows.join('\n')}\nn9,n/a\n`);
    expect(summaryOf('--dedupe', 'loose.csv', '--fuzzy', 'name')).toMatchObject({ rejected: 0, rows: 201 });
  });

  test.each(['json', 'parquet', 'xlsx'])('as %s', (format) => {
    const summary = summaryOf('--dedupe', 'customers.csv', '--format', format);
    expect(summary.results.pairs).toEqual({ file: `pairs.${format}`, rows: 3 });
    expect(existsSync(place.path(`out/pairs.${format}`))).toBe(true);
    if (format === 'json')
      expect(JSON.parse(readFileSync(place.path('out/pairs.json'), 'utf8'))[0].evidence.fields).toHaveLength(3);
  });

  test('a block of more than a million pairs is not compared each with each, and that is said', () => {
    const rows = Array.from({ length: 3000 }, (_, at) => `${at},Acme Ltd,${((at * 7_919) % 99_991) + 0.25}`);
    place.write('crowd.csv', `id,name,amount\n${rows.join('\n')}\n`);
    const summary = summaryOf('--dedupe', 'crowd.csv', '--fuzzy', 'name', '--fuzzy', 'amount');
    expect(summary).toMatchObject({ rows: 3000, clusters: 0 });
    expect(summary.notes.join('\n')).toMatch(/name has one value only: it says nothing/);
  });
});

describe('bad use and bad input', () => {
  beforeAll(() => {
    place.write('empty.csv', '');
    place.write('header.csv', 'a,b\n');
    place.write('lone.csv', 'a,b\n1,2\n');
    place.write('void.csv', 'id,a\n1,\n2,\n');
    place.write('ids.csv', 'id,code\n1,A10\n2,B20\n');
    place.write('twice.csv', 'a,b,a\n1,2,3\n4,5,6\n');
  });

  const cases: [string, string[], RegExp][] = [
    ['no such file', ['none.csv'], /none\.csv does not exist/],
    ['an empty file', ['empty.csv'], /empty\.csv is empty/],
    ['a header alone', ['header.csv'], /header\.csv has a header and no rows/],
    ['one row', ['lone.csv'], /lone\.csv has one row that can be read: nothing can be there twice/],
    ['a column of nothing', ['void.csv', '--fuzzy', 'a'], /void\.csv: no row has a value in a /],
    [
      'nothing but numbers of rows',
      ['ids.csv'],
      /no column says which rows are the same \(id: another value in every row; code: /,
    ],
    [
      'a column that is not there',
      ['customers.csv', '--fuzzy', 'nmae'],
      /customers\.csv has no column "nmae"; it has "customer", "name"/,
    ],
    ['a column that is there twice', ['twice.csv', '--fuzzy', 'a'], /twice\.csv has more than one column "a"/],
    ['a column named twice', ['customers.csv', '--fuzzy', 'name', '--fuzzy', 'name'], /--fuzzy name is given twice/],
    ['two columns for one', ['customers.csv', '--fuzzy', 'name=city'], /--fuzzy name=city: there is one file/],
    ['another file', ['customers.csv', 'lone.csv'], /--dedupe takes one file, its own: lone\.csv is not read/],
    ['a key', ['customers.csv', '--key', 'customer'], /--key does not go with --dedupe/],
    ['a definition', ['customers.csv', '--definition', 'd.json'], /--definition does not go with --dedupe/],
    ['no probability', ['customers.csv', '--threshold', '7'], /--threshold 7: a probability/],
    ['no format', ['customers.csv', '--format', 'pdf'], /--format pdf: one of/],
  ];
  test.each(cases)('%s', (_, words, message) => {
    const ran = place.run('match', '--dedupe', ...words, '--out', 'wrong');
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr.split('\n')).toHaveLength(2);
    expect(existsSync(place.path('wrong/summary.json'))).toBe(false);
  });
});
