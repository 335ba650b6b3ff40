// Sources together, and records that are stored and opened again.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Definition, Field } from '../../../../shared/domain/definition.ts';
import { rowReference } from '../../../../shared/domain/outcome.ts';
import { loadSources } from '../../../../shared/matching/load/load-sources.ts';
import { readRecords } from '../../../../shared/matching/load/read-records.ts';
import { writeRecords } from '../../../../shared/matching/load/write-records.ts';
import { type Bench, definitionOf, loadOk, openBench } from './loading.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

function pairOf(field: Partial<Field> = {}): Definition {
  return {
    name: 'pair',
    sources: [{ name: 'right' }, { name: 'left', anchor: true }],
    fields: [
      { name: 'k', role: 'KEY', mapping: { left: 'k', right: 'k' } },
      { name: 'v', role: 'COMPARE', ...field, mapping: { left: 'v', right: 'v' } },
    ],
    passes: [{ kind: 'exact-key' }],
  };
}

async function loadPair(left: string[], right: string[], field: Partial<Field> = {}) {
  const file = (name: string, values: string[]) => ({
    path: bench.write(name, `k,v\n${values.map((value, index) => `${index},"${value}"\n`).join('')}`),
  });
  const result = await loadSources(bench.engine, {
    definition: pairOf(field),
    files: { left: file('left.csv', left), right: file('right.csv', right) },
  });
  if (!result.ok) return result.code;
  expect(result.value.map((one) => one.source)).toEqual(['left', 'right']);
  const values = await Promise.all(
    result.value.map((one) => bench.engine.rows<{ v: unknown }>(`SELECT v FROM ${one.relation} ORDER BY "$row"`)),
  );
  return {
    types: result.value.map((one) => one.fields[1]!.sqlType),
    values: values.map((rows) => rows.map((row) => row.v)),
    rejected: result.value.map((one) => one.rows.rejected),
  };
}

const late = Array.from({ length: 9000 }, (_, index) => (index < 8990 ? `${index}.50` : `item ${index}`));

test.each([
  { title: 'decimals of two scales', left: ['1.5'], right: ['1.25'], types: ['DECIMAL(18,1)', 'DECIMAL(18,2)'] },
  { title: 'a number and a text meet as text', left: ['1.50'], right: ['abc'], types: ['VARCHAR', 'VARCHAR'] },
  {
    title: 'a date and a number meet as text',
    left: ['2020-01-31'],
    right: ['20200131'],
    types: ['VARCHAR', 'VARCHAR'],
  },
  {
    title: 'a date and a date-time meet as date-time',
    left: ['2020-01-31'],
    right: ['2020-01-31 10:00'],
    types: ['TIMESTAMP', 'TIMESTAMP'],
  },
  { title: 'two writings of dates', left: ['2020-01-31'], right: ['31.01.2020'], types: ['DATE', 'DATE'] },
  {
    title: 'a column without values takes the type of the other',
    left: ['', ''],
    right: ['1.5', '2'],
    types: ['DECIMAL(18,2)', 'DECIMAL(18,1)'],
  },
])('$title', async ({ left, right, types }) => {
  expect(await loadPair(left, right)).toMatchObject({ types });
});

test('a late text on one side turns both sides to text', async () => {
  const found = await loadPair(['1.50'], [...late, ...Array.from({ length: 200 }, () => 'more')]);
  expect(found).toMatchObject({ types: ['VARCHAR', 'VARCHAR'], rejected: [0, 0] });
  expect((found as { values: unknown[][] }).values[0]).toEqual(['1.50']);
});

test('without a field of a key, records have none', async () => {
  const definition = definitionOf([{ name: 'a' }], {}, { passes: [] });
  const { records, rows } = await loadOk(bench, bench.write('keyless.csv', 'a\nx\ny\n'), definition);
  expect(records.map(({ $key, a }) => [$key, a])).toEqual([
    [null, 'x'],
    [null, 'y'],
  ]);
  expect(rows).toMatchObject({ read: 2, records: 2 });
});

const linked = { name: 'born', type: /^DATE$/, values: 'born\n31.12.2023\n01.02.2024\n' };

test.each([
  { ...linked, role: 'DISPLAY' as const },
  { ...linked, role: 'CLASSIFIER' as const },
])('the values of a field that records are linked by decide its type: $role', async ({ name, role, type, values }) => {
  const definition = definitionOf([{ name, role }], {}, { passes: [{ kind: 'fuzzy', fields: [{ field: name }] }] });
  const { types } = await loadOk(bench, bench.write('linked.csv', values), definition);
  expect(types[name]).toMatch(type);
});

test('a source without a file is named', async () => {
  const result = await loadSources(bench.engine, { definition: pairOf(), files: {} });
  expect(result).toMatchObject({ ok: false, code: 'BATCH_MISSING', fields: { source: 'left' } });
});

test('records are stored with their reference and opened again, widened over batches', async () => {
  const fields = [
    { name: 'k', role: 'KEY' as const },
    { name: 'j', role: 'KEY' as const },
    { name: 'v', type: 'decimal' as const },
    { name: 'c' },
  ];
  const definition = definitionOf(fields, {}, { currencyField: 'c' });
  const first = await loadOk(bench, bench.write('one.csv', 'k,j,v,c\n1,a,1.5,EUR\n,,2.25,\nx,y,bad,EUR\n'), definition);
  const second = await loadOk(bench, bench.write('two.csv', 'k,j,v,c\n3,b,12345678901234567890,USD\n'), definition);
  const paths = [join(bench.directory, 'files', 'one.parquet'), join(bench.directory, 'files', 'two.parquet')];
  await writeRecords(bench.engine, first.loaded, { path: paths[0]!, batchNumber: 7 });
  await writeRecords(bench.engine, second.loaded, { path: paths[1]!, batchNumber: 899_999 });
  const columns = await bench.engine.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM '${paths[0]}'`,
  );
  expect(columns.map((one) => [one.column_name, one.column_type])).toEqual([
    ['$row', 'BIGINT'],
    ['$key', 'VARCHAR'],
    ['k', 'VARCHAR'],
    ['j', 'VARCHAR'],
    ['v', 'DECIMAL(18,2)'],
    ['c', 'VARCHAR'],
  ]);
  const opened = await readRecords(bench.engine, { definition, source: 'S', paths });
  expect(opened.rows).toEqual({ read: 3, records: 3, rejected: 0, excluded: 0 });
  expect(opened.fields.find((field) => field.name === 'v')).toEqual({
    name: 'v',
    type: 'decimal',
    sqlType: 'DECIMAL(38,2)',
  });
  expect(opened.sums).toEqual({ v: { EUR: '1.50', '': '2.25', USD: '12345678901234567890.00' } });
  const rows = await bench.engine.rows<Record<string, string>>(`SELECT * FROM ${opened.relation} ORDER BY "$row"`);
  expect(rows).toEqual([
    { $row: String(rowReference(7, 1)), $key: '1\u001fa', k: '1', j: 'a', v: '1.50', c: 'EUR' },
    { $row: String(rowReference(7, 2)), $key: null, k: null, j: null, v: '2.25', c: null },
    {
      $row: String(rowReference(899_999, 1)),
      $key: '3\u001fb',
      k: '3',
      j: 'b',
      v: '12345678901234567890.00',
      c: 'USD',
    },
  ]);
});
