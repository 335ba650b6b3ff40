// Duplicates within one file: rows that are the same, rows that are nearly the same, many copies of one, and that the order of
// the rows changes nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MatchEvidence } from '../../../../shared/domain/match-evidence.ts';
import { chooseColumns } from '../../../../shared/matching/dedupe/choose-columns.ts';
import { type DedupeRequest, deduplicate } from '../../../../shared/matching/dedupe/deduplicate.ts';
import { describeFile, loadOneFile } from '../../../../shared/matching/dedupe/load-one-file.ts';
import { type Bench, openBench } from '../load/loading.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

let files = 0;

async function load(content: string, taken: string[] = []) {
  files += 1;
  const path = bench.write(`file-${files}.csv`, content);
  const described = await describeFile(path, undefined, taken);
  if (!described.ok) throw new Error(described.detail);
  const loaded = await loadOneFile(bench.engine, { definition: described.value.definition, path });
  if (!loaded.ok) throw new Error(loaded.detail);
  return { ...described.value, source: loaded.value.source, readingNotes: loaded.value.notes };
}

type Clustered = { cluster: number; row: number; confidence: number } & Record<string, string>;
type Pair = {
  row: number;
  records: number;
  other: number;
  others: number;
  probability: number;
  evidence: string | null;
};

async function find(content: string, fields: string[], more: Partial<DedupeRequest> = {}) {
  const { source } = await load(content);
  const found = await deduplicate(bench.engine, { source, fields: fields.map((name) => ({ name })), ...more });
  const rows = await bench.engine.rows<Clustered>(
    `SELECT * REPLACE (cluster::INTEGER AS cluster, "row"::INTEGER AS "row") FROM ${found.duplicates} ORDER BY cluster, "row"`,
  );
  const pairs = await bench.engine.rows<Pair>(
    `SELECT "row"::INTEGER AS "row", records::INTEGER AS records, other_row::INTEGER AS other, other_records::INTEGER AS others, probability, evidence
     FROM ${found.pairs} ORDER BY 1, 3`,
  );
  const clusters = new Map<number, number[]>();
  for (const { cluster, row } of rows) {
    if (!clusters.has(cluster)) clusters.set(cluster, []);
    clusters.get(cluster)!.push(row);
  }
  return { found, rows, pairs, clusters: [...clusters.values()] };
}

const head = 'id,name,born,city';
const persons = [
  'Anna Berghof,1971-03-05,Oslo',
  'Bertram Steinwald,1984-11-30,Rome',
  'Carla Hofmeister,1990-07-14,Oslo',
  'Dorothea Lindgren,1966-01-22,Paris',
  'Emil Waldheim,1979-09-09,Berlin',
  'Frida Sonntag,1988-12-01,Rome',
  'Gustav Marlin,1959-05-17,Vienna',
  'Hanna Kellermann,1993-08-28,Paris',
  'Ida Winterfeld,1975-02-11,Prague',
  'Jonas Tonder,1981-06-19,Berlin',
];
const again = [
  'Anna Berghoff,1971-03-05,Oslo',
  'Bertram Steinwald,1984-11-03,Rome',
  'Carla Hofmeister,1990-07-14,Oslo',
];
const numbered = (rows: string[]) => [head, ...rows.map((row, index) => `${index + 1},${row}`)].join('\n');
const fields = ['name', 'born', 'city'];

test('rows that are nearly the same are a cluster, and the others are alone', async () => {
  const { found, clusters, rows } = await find(numbered([...persons, ...again]), fields);
  expect(clusters).toEqual([
    [1, 11],
    [2, 12],
    [3, 13],
  ]);
  expect(found).toMatchObject({ clusters: 3, inClusters: 6, surplus: 3, largest: 2, threshold: 0.5 });
  expect(rows[0]).toMatchObject({ id: '1', name: 'Anna Berghof', born: '1971-03-05', city: 'Oslo' });
  for (const { confidence } of rows) expect(confidence).toBeGreaterThan(0.5);
});

test('every pair explains itself: prior and weights add up, and give the probability', async () => {
  const { pairs } = await find(numbered([...persons, ...again]), fields);
  expect(pairs.map(({ row, other }) => [row, other])).toEqual([
    [1, 11],
    [2, 12],
    [3, 13],
  ]);
  for (const { evidence, probability } of pairs) {
    const why = JSON.parse(evidence!) as MatchEvidence;
    expect(why.fields.map(({ field }) => field)).toEqual(fields);
    expect(why.fields.reduce((sum, { weight }) => sum + weight, why.prior)).toBeCloseTo(why.weight, 5);
    expect(1 / (1 + 2 ** -why.weight)).toBeCloseTo(why.alone, 5);
    expect([why.alone, why.probability]).toEqual([probability, probability]);
  }
});

test('the same rows in another order are the same clusters', async () => {
  const rows = [...persons, ...again, persons[4]!, persons[4]!].map((row, index) => `${index + 1},${row}`);
  const contents = async (order: string[]) => {
    const { rows: found } = await find([head, ...order].join('\n'), fields);
    return found.map(({ cluster, confidence, id, name }) => `${cluster} ${confidence} ${id} ${name}`).sort();
  };
  const expected = await contents(rows);
  expect(expected).toHaveLength(9);
  expect(await contents(rows.toReversed())).toEqual(expected);
  expect(await contents([...rows.slice(7), ...rows.slice(0, 7)])).toEqual(expected);
});

describe('rows that are the same in every column', () => {
  test('are a cluster for certain, whatever their values weigh', async () => {
    const { rows, pairs } = await find(
      ['name', ...persons.map((row) => row.split(',')[0]), 'Ida Winterfeld'].join('\n'),
      ['name'],
    );
    expect(rows.map(({ row, confidence }) => [row, confidence])).toEqual([
      [9, 1],
      [11, 1],
    ]);
    expect(pairs).toMatchObject([{ row: 9, records: 2, other: 11, others: 2, probability: 1 }]);
  });

  test('are one pair, however many they are', async () => {
    const copies = 100_000;
    const { found, pairs } = await find(
      ['name,born,city', ...persons, ...new Array<string>(copies - 1).fill(persons[6]!)].join('\n'),
      fields,
    );
    expect(found).toMatchObject({ clusters: 1, inClusters: copies, surplus: copies - 1, largest: copies });
    expect(pairs).toMatchObject([{ row: 7, records: copies, other: 11, others: copies, probability: 1 }]);
  });

  test('are found in a file of nothing else', async () => {
    const { found } = await find(['name,born', ...new Array<string>(5).fill('Anna,1971-03-05')].join('\n'), [
      'name',
      'born',
    ]);
    expect(found).toMatchObject({ clusters: 1, inClusters: 5 });
  });
});

test('rows that are equal in what is looked at and differ elsewhere are as likely as their values say', async () => {
  const { rows, pairs } = await find(numbered([...persons, persons[3]!, persons[3]!, ...again]), fields);
  const same = rows.filter(({ name }) => name === 'Dorothea Lindgren');
  expect(same.map(({ row }) => row)).toEqual([4, 11, 12]);
  const pair = pairs.find(({ row }) => row === 4)!;
  expect(pair).toMatchObject({ records: 3, other: 11, others: 3 });
  expect(pair.probability).toBeLessThan(1);
  for (const { confidence } of same) expect(confidence).toBe(pair.probability);
});

test('a threshold leaves out what is less likely, and a precision chooses it', async () => {
  const strict = await find(numbered([...persons, ...again]), fields, { threshold: 1 });
  expect(strict.found).toMatchObject({ clusters: 0, inClusters: 0, threshold: 1 });
  const precise = await find(numbered([...persons, ...again]), fields, { targetPrecision: 0.9 });
  expect(precise.found.threshold).not.toBe(0.5);
});

test('equivalences are read as one', async () => {
  const rows = [...persons, 'Ida Winterfield-Noer,1975-02-11,Praha'];
  const pragueOf = async (equivalences: string[][]) => {
    const { pairs } = await find(numbered([...rows, ...again]), fields, { threshold: 0, equivalences });
    const why = pairs.find(({ row, other }) => row === 9 && other === 11);
    return (JSON.parse(why!.evidence!) as MatchEvidence).fields.find(({ field }) => field === 'city')!.level;
  };
  expect(await pragueOf([['Prague', 'Praha']])).toBe('equal');
  expect(await pragueOf([['Vienna', 'Wien']])).not.toBe('equal');
});

describe('a file by itself', () => {
  test('says which columns tell its rows apart', async () => {
    const content = [
      'id,ref,name,note,city,gone,code',
      ...persons.map((row, at) => `${at},R-${100 + at},${row.split(',')[0]},n,${row.split(',')[2]},,A${at % 3}`),
    ];
    const { source } = await load(content.join('\n'));
    expect(await chooseColumns(bench.engine, source)).toEqual({
      fields: ['name', 'city', 'code'],
      leftOut: [
        { field: 'id', why: 'another value in every row' },
        { field: 'ref', why: 'another value in every row' },
        { field: 'note', why: 'one value only' },
        { field: 'gone', why: 'no values' },
      ],
    });
  });

  test('of rows that are all the same looks at what they have', async () => {
    const { source } = await load('id,name,none\n1,Anna,\n2,Anna,\n');
    expect((await chooseColumns(bench.engine, source)).fields).toEqual(['name']);
  });

  test('of many columns takes those with the most values', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `c${at}`);
    const rows = Array.from({ length: 60 }, (_, row) =>
      names.map((_, at) => `word ${'abcdefghijklmnopqrstuvwxyz'[row % (at + 2)]}`).join(','),
    );
    const { source } = await load([names.join(','), ...rows].join('\n'));
    const { fields: chosen, leftOut } = await chooseColumns(bench.engine, source);
    expect(chosen).toEqual(names.slice(8));
    expect(leftOut[0]).toEqual({ field: 'c0', why: 'the 12 columns with the most values are enough' });
  });

  test('reads as text what can be read in two ways, and says so', async () => {
    const { source, readingNotes } = await load('name,born\nAnna,01/02/2024\nBerta,03/04/2024\n');
    expect(source.fields).toMatchObject([{ name: 'name' }, { name: 'born', type: 'text' }]);
    expect(readingNotes).toEqual([
      expect.stringMatching(/^born can be read with .* or with .*: it is compared as text$/),
    ]);
  });

  test('leaves out a column that is there twice, and takes no name that is its own', async () => {
    const { columns, repeated } = await load('a,b,a,Row\n1,2,3,4\n5,6,7,8\n', ['row']);
    expect(columns).toEqual([
      { column: 'b', field: 'b' },
      { column: 'Row', field: 'Row_2' },
    ]);
    expect(repeated).toEqual(['a']);
  });
});
