// Matching at its edges: empty sides, widest sums, one key on every record, odd names, identities from run to run.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Definition } from '../../../../shared/domain/definition.ts';
import type { Engine } from '../../../../shared/matching/engine.ts';
import { explainKey } from '../../../../shared/matching/match/explain-key.ts';
import { matchSources } from '../../../../shared/matching/match/match-sources.ts';
import { partitionSource } from '../../../../shared/matching/match/partition-source.ts';
import type { LoadedSource } from '../../../../shared/matching/records.ts';
import { literal } from '../../../../shared/matching/sql.ts';
import { definitionOf, type FieldSpec, matchRows, type Row, sourceOf, withEngine } from './records-from-rows.ts';

const money: FieldSpec[] = [{ name: 'amount', sqlType: 'DECIMAL(18,2)' }];

function matchPair(engine: Engine, fields: FieldSpec[], left: Row[], right: Row[], more: Partial<Definition> = {}) {
  const definition = definitionOf(fields, ['left', 'right'], more);
  const sources = [
    sourceOf('left', fields, left, more.currencyField),
    sourceOf('right', fields, right, more.currencyField),
  ];
  return matchRows(engine, definition, sources);
}

test('empty sides', async () => {
  await withEngine(async (engine) => {
    const { summary, matchesPath, breaksPath } = await matchPair(engine, money, [], []);
    expect(summary.breaks).toEqual({ MISMATCH: 0, MISSING: 0, DUPLICATE: 0, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 });
    for (const path of [matchesPath, breaksPath]) expect(await engine.rows(`FROM ${literal(path)}`)).toEqual([]);
    const half = await matchPair(
      engine,
      money,
      [
        ['a', '1'],
        ['a', '1'],
      ],
      [],
    );
    expect(half.summary.sides[0]!.counts.missing).toBe(2);
  });
});

test('sums wider than 38 digits widen, per currency', async () => {
  const fields: FieldSpec[] = [
    { name: 'amount', sqlType: 'DECIMAL(38,2)' },
    { name: 'currency', sqlType: 'VARCHAR', role: 'CLASSIFIER' },
  ];
  const most = `${'9'.repeat(36)}.99`;
  const rows = (count: number, from = 0): Row[] =>
    Array.from({ length: count }, (_, index) => [`k${from + index}`, most, 'EUR']);
  await withEngine(async (engine) => {
    const { summary } = await matchPair(
      engine,
      fields,
      [...rows(3), ['x', `-${most}`, null]],
      [...rows(3), ...rows(4, 10)],
      { currencyField: 'currency' },
    );
    const [left, right] = summary.sides;
    expect(left!.sums.matched).toEqual({ amount: { EUR: `2${'9'.repeat(36)}.97` } });
    expect(left!.sums.missing).toEqual({ amount: { '': `-${most}` } });
    expect(right!.sums.missing).toEqual({ amount: { EUR: `3${'9'.repeat(36)}.96` } });
  });
});

test('the currency of each side counts for its own sums', async () => {
  const fields: FieldSpec[] = [
    ...money,
    { name: 'currency', sqlType: 'VARCHAR', role: 'COMPARE', comparison: 'ignore-case' },
  ];
  await withEngine(async (engine) => {
    const { summary } = await matchPair(engine, fields, [['a', '1', 'eur']], [['a', '1', 'EUR']], {
      currencyField: 'currency',
    });
    expect(summary.sides.map((side) => side.sums.matched)).toEqual([
      { amount: { eur: '1.00' } },
      { amount: { EUR: '1.00' } },
    ]);
  });
});

test('outcomes that do not add up to what was loaded fail', async () => {
  await withEngine(async (engine) => {
    const definition = definitionOf(money);
    const [left, right] = [sourceOf('left', money, [['a', '1']]), sourceOf('right', money, [['a', '1']])];
    const lying: [LoadedSource, LoadedSource][] = [
      [{ ...left, rows: { ...left.rows, records: 2 } }, right],
      [left, { ...right, sums: { amount: { '': '1.01' } } }],
    ];
    for (const sources of lying) {
      const result = await matchSources(engine, { definition, sources, directory: join(engine.directory, 'out') });
      expect(result).toMatchObject({ ok: false, code: 'CONSERVATION_FAILED' });
    }
  });
});

test('one key on every record of both sides does not explode', async () => {
  await withEngine(async (engine) => {
    const rows = 60_000;
    // Two thirds are identical to a record of the other side, one third are all different.
    const write = async (name: string, shift: number): Promise<LoadedSource> => {
      const path = join(engine.directory, `${name}.parquet`);
      await engine.run(`COPY (SELECT i + 1 AS "$row", 'hot' AS "$key", (CASE WHEN i % 3 = 0 THEN i + ${shift} ELSE i % 7 END)::DECIMAL(18,2) AS amount
        FROM range(${rows}) t(i)) TO ${literal(path)} (FORMAT parquet)`);
      const relation = `(FROM read_parquet(${literal(path)}))`;
      const [sum] = await engine.rows<{ sum: string }>(`SELECT sum(amount)::VARCHAR AS sum FROM ${relation}`);
      const counts = { read: rows, records: rows, rejected: 0, excluded: 0 };
      return { ...sourceOf(name, money, []), relation, rows: counts, sums: { amount: { '': sum!.sum } } };
    };
    const sources = [await write('left', 1_000_000), await write('right', 2_000_001)];
    const { summary } = await matchRows(engine, definitionOf(money), sources);
    for (const side of summary.sides) {
      expect(side.counts).toMatchObject({ matched: 40_000, ambiguous: 20_000, duplicate: 0, mismatched: 0 });
    }
  });
});

test('column names that are hostile or look like ours', async () => {
  const names = ['left_row', 'state', 'key', 'a"b', "o'c", 'left', 'select', '$x', 'row', 'occurrence'];
  const fields: FieldSpec[] = names.map((name) => ({ name, sqlType: 'VARCHAR' }));
  await withEngine(async (engine) => {
    const row = (value: string): Row => ['k', ...names.map(() => value)];
    const { summary } = await matchPair(engine, fields, [row('1'), row('1')], [row('2'), [null, ...names]]);
    expect(summary.breaks).toEqual({ MISMATCH: 1, MISSING: 1, DUPLICATE: 1, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 });
  });
});

test('identity holds while other keys and records come and go', async () => {
  await withEngine(async (engine) => {
    const identities = async (left: Row[], right: Row[]) => {
      const { breaksPath } = await matchPair(engine, money, left, right);
      const rows = await engine.rows<{ key: string; amount: string; identity: string }>(
        `SELECT key, coalesce(left_amount, right_amount)::VARCHAR AS amount, identity FROM ${literal(breaksPath)}`,
      );
      return new Map(rows.map((row) => [`${row.key} ${row.amount}`, row.identity]));
    };
    const first = await identities(
      [
        ['a', '1'],
        ['b', '1'],
        [null, '5'],
        ['c', '1'],
        ['c', '2'],
      ],
      [
        ['a', '2'],
        ['c', '1'],
      ],
    );
    const later = await identities(
      [
        ['x', '9'],
        ['c', '2'],
        ['c', '1'],
        [null, '4'],
        [null, '5'],
        ['a', '7'],
      ],
      [['c', '1']],
    );
    expect([...first.keys()].sort()).toEqual(['a 1.00', 'b 1.00', 'c 2.00', 'null 5.00']);
    expect(later.get('a 7.00')).toBe(first.get('a 1.00'));
    expect(later.get('c 2.00')).toBe(first.get('c 2.00'));
    expect(later.get('null 5.00')).toBe(first.get('null 5.00'));
    expect(new Set([...first.values(), ...later.values()]).size).toBe(6);
  });
});

test('chunks: each record in one, equal keys together, in more chunks than files may be open', async () => {
  await withEngine(async (engine) => {
    const rows = Array.from(
      { length: 2_000 },
      (_, index): Row => [index % 10 === 0 ? null : `k${index % 500}`, `${index % 3}`],
    );
    const directory = join(engine.directory, 'chunks');
    const paths = await partitionSource(engine, { source: sourceOf('left', money, rows), chunks: 250, directory });
    expect(paths).toHaveLength(250);
    const all = (
      await Promise.all(
        paths.map(async (path) => engine.rows<Record<string, string>>(`FROM read_parquet(${literal(path)})`)),
      )
    ).flatMap((found, chunk) => found.map((row) => ({ chunk, ...row }) as Record<string, string | number>));
    expect(all).toHaveLength(2_000);
    expect(Object.keys(all[0]!)).toEqual(['chunk', '$row', '$key', 'amount']);
    expect(new Set(all.map((row) => row.$row)).size).toBe(2_000);
    const chunksOf = new Map<string, Set<unknown>>();
    for (const row of all) {
      const one = row.$key === null ? `content ${row.amount}` : String(row.$key);
      chunksOf.set(one, (chunksOf.get(one) ?? new Set()).add(row.chunk));
    }
    expect([...chunksOf.values()].every((chunks) => chunks.size === 1)).toBe(true);
    // Kept in the object store: the place of a key may never change. md5('k1') % 250, worked out outside DuckDB.
    expect(all.find((row) => row.$key === 'k1')!.chunk).toBe(Number(BigInt(`0x${md5Lower('k1')}`) % 250n));
  });
});

test('a key explained: records, pairs with every field, breaks', async () => {
  const fields: FieldSpec[] = [
    { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
    { name: 'amount', sqlType: 'DECIMAL(18,2)', tolerance: { absolute: '0.01' } },
    { name: 'note', sqlType: 'VARCHAR', role: 'DISPLAY' },
  ];
  await withEngine(async (engine) => {
    const definition = definitionOf(fields);
    const sources = [
      sourceOf('left', fields, [
        ['k', 'k', '1.00', 'a'],
        ['k', 'k', '5.00', 'b'],
        ['z', 'z', '1', 'c'],
      ]),
      sourceOf('right', fields, [
        ['k', 'k', '1.01', 'x'],
        ['k', 'k', '7.00', 'y'],
        ['k', 'k', '90.00', 'y'],
      ]),
    ];
    const matched = await matchRows(engine, definition, sources);
    const request = { definition, sources, matchesPaths: [matched.matchesPath], breaksPaths: [matched.breaksPath] };
    const explained = await explainKey(engine, { ...request, key: ['k'] });
    expect(explained.records.map((record) => [record.source, record.row, record.values.amount])).toEqual([
      ['left', '1', '1.00'],
      ['left', '2', '5.00'],
      ['right', '1', '1.01'],
      ['right', '2', '7.00'],
      ['right', '3', '90.00'],
    ]);
    expect(explained.pairs.map((pair) => [pair.leftRow, pair.rightRow, pair.outcome, pair.pass])).toEqual([
      ['1', '1', 'matched', '1-exact-key'],
      ['2', '2', 'mismatched', '1-exact-key'],
    ]);
    expect(explained.pairs[1]!.fields).toEqual([
      { field: 'id', comparison: 'key', left: 'k', right: 'k', difference: null, agrees: true },
      {
        field: 'amount',
        comparison: 'exact',
        tolerance: '± 0.01',
        left: '5.00',
        right: '7.00',
        difference: '2.00',
        agrees: false,
      },
      { field: 'note', comparison: 'shown', left: 'b', right: 'y', difference: null, agrees: true },
    ]);
    expect(explained.breaks.map((one) => one.type).sort()).toEqual(['DUPLICATE', 'MISMATCH']);
    expect(await explainKey(engine, { ...request, key: ["no'ne"] })).toMatchObject({
      records: [],
      pairs: [],
      breaks: [],
      cut: false,
    });
  });
});

function md5Lower(text: string): string {
  // DuckDB reads the digest's lower half with the least significant byte first.
  const digest = createHash('md5').update(text).digest();
  return Buffer.from(digest.subarray(8)).reverse().toString('hex');
}
