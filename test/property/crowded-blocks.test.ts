// A million equal keys, and a million records in one block of the later passes: memory stays within its bound, each record has its
// outcome, nothing is lost, and what was not looked at is said with the reason. The block has a fifth of that here, and as
// many as `BLOCK_ROWS` says.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Pass } from '../../shared/domain/definition.ts';
import { type Engine, openEngine } from '../../shared/matching/engine.ts';
import type { LoadedSource } from '../../shared/matching/records.ts';
import { literal } from '../../shared/matching/sql.ts';
import { definitionOf, type FieldSpec, matchRows, sourceOf } from '../unit/matching/match/records-from-rows.ts';

const keyRows = 1_000_000;
const blockRows = Number(process.env.BLOCK_ROWS ?? 200_000);
const memoryMb = 512;

let directory: string;
let engine: Engine;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'crowded-'));
  engine = await openEngine({ directory, memoryMb, threads: 2 });
});
afterEach(() => {
  engine.close();
  rmSync(directory, { recursive: true, force: true });
});

const fields: FieldSpec[] = [
  { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
  { name: 'account', sqlType: 'VARCHAR', role: 'CLASSIFIER' },
];
const passes: Pass[] = [
  { kind: 'exact-key', name: 'key' },
  {
    kind: 'tolerance',
    name: 'near',
    conditions: [
      { field: 'account', equal: true },
      { field: 'amount', absolute: '1' },
    ],
  },
  { kind: 'grouped', name: 'payouts', cardinality: 'one-to-many', by: ['account'], amount: 'amount', search: {} },
];

/** `key` and `amount` are SQL over i, from 1. */
async function source(name: string, count: number, key: string, amount: string): Promise<LoadedSource> {
  const path = join(directory, `${name}.parquet`);
  await engine.run(`COPY (SELECT i AS "$row", ${key} AS "$key", ${key} AS id, (${amount})::DECIMAL(18,2) AS amount, 'one' AS account
    FROM range(1, ${count} + 1) t(i)) TO ${literal(path)} (FORMAT parquet)`);
  const relation = `(FROM read_parquet(${literal(path)}))`;
  const [sum] = await engine.rows<{ sum: string }>(`SELECT sum(amount)::VARCHAR AS sum FROM ${relation}`);
  const rows = { read: count, records: count, rejected: 0, excluded: 0 };
  return { ...sourceOf(name, fields, []), relation, rows, sums: { amount: { '': sum!.sum } } };
}

/** Beyond what DuckDB is allowed there is what Node itself holds. */
async function withinMemory<Given>(work: () => Promise<Given>): Promise<Given> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 50);
  try {
    return await work();
  } finally {
    clearInterval(watch);
    expect((most - before) / 2 ** 20).toBeLessThan(memoryMb + 512);
  }
}

test('a million records of one key on each side: the identical ones are paired, of the rest nobody can say', async () => {
  // Of three records two are identical to ones of the other side, the third to none.
  const sources = [
    await source('left', keyRows, `'hot'`, 'CASE WHEN i % 3 = 0 THEN i + 5000000 ELSE i % 7 END'),
    await source('right', keyRows, `'hot'`, 'CASE WHEN i % 3 = 0 THEN i + 9000001 ELSE i % 7 END'),
  ];
  const { summary } = await withinMemory(() =>
    matchRows(engine, definitionOf(fields, ['left', 'right'], { passes }), sources),
  );
  const third = Math.floor(keyRows / 3);
  for (const { counts } of summary.sides)
    expect(counts).toMatchObject({
      matched: keyRows - third,
      ambiguous: third,
      missing: 0,
      duplicate: 0,
      mismatched: 0,
    });
  expect(summary.passes[0]!.notes).toEqual([
    'records of one key that differ were not compared where more than 2500 pairs of them are possible: they are ambiguous',
  ]);
});

test(`${blockRows} records in one block of the later passes: not looked at, and said to be`, async () => {
  const sources = [
    await source('left', blockRows, `'l' || i`, 'i % 50'),
    await source('right', blockRows, `'r' || i`, 'i % 50 + 0.5'),
  ];
  const { summary } = await withinMemory(() =>
    matchRows(engine, definitionOf(fields, ['left', 'right'], { passes }), sources),
  );
  for (const { counts } of summary.sides)
    expect(counts).toMatchObject({ rows: blockRows, exhausted: blockRows, matched: 0 });
  expect(summary.passes.map(({ name, notes }) => [name, notes])).toEqual([
    ['key', []],
    [
      'near',
      [
        `${2 * blockRows} records in 1 crowded block were not compared: more than 2000000 pairs would be possible in each`,
      ],
    ],
    [
      'payouts',
      [`${2 * blockRows} records in 1 crowded block were not searched for sets: more than 20000 records are in each`],
    ],
  ]);
  expect(summary.breaks.SEARCH_EXHAUSTED).toBe(2 * blockRows);
});
