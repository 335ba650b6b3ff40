// Several passes and several sources: what each takes, what it leaves to the next, and the one verdict of a record.
import { expect, test } from 'vitest';
import type { Condition, Pass } from '../../../../shared/domain/definition.ts';
import { definitionOf, type FieldSpec, matchRows, type Row, sourceOf } from '../match/records-from-rows.ts';
import { exact } from './pass-rules.ts';
import { engineOfFile, type Found, foundBy, money, row, runPasses } from './run-passes.ts';

const within = (absolute: string, name = absolute): Pass => ({
  kind: 'tolerance',
  name,
  conditions: [{ field: 'amount', absolute }],
});
const yields = (found: Found) => found.summary.passes.map(({ name, pairs, ambiguous }) => [name, pairs, ambiguous]);

test('each pass takes from what those before it left', async () => {
  const found = await runPasses({
    fields: money,
    passes: [exact, within('0.01'), within('0.10'), within('5')],
    left: [row('k', '10.00'), row('a', '10.00'), row('b', '20.00'), row('c', '30.00')],
    right: [row('k', '10.00'), row('d', '10.01'), row('e', '20.10'), row('f', '34.00')],
  });
  expect(found.pairs).toEqual(['1-1 key', '2-2 0.01', '3-3 0.10', '4-4 5']);
  expect(yields(found)).toEqual([
    ['key', 1, 0],
    ['0.01', 1, 0],
    ['0.10', 1, 0],
    ['5', 1, 0],
  ]);
});

test('what an earlier pass called a guess no later pass takes, and its partners neither', async () => {
  const found = await runPasses({
    fields: money,
    passes: [exact, within('0.05'), within('1')],
    left: [row('a', '10.00'), row('z', '10.90')],
    right: [row('b', '10.05'), row('c', '9.95')],
  });
  expect(found.pairs).toEqual([]);
  expect(found.open).toEqual(['left 1 AMBIGUOUS', 'left 2 MISSING', 'right 1 AMBIGUOUS', 'right 2 AMBIGUOUS']);
});

test('what the exact pass called a guess no later pass takes', async () => {
  const fields: FieldSpec[] = [...money, { name: 'note', sqlType: 'VARCHAR' }];
  const found = await runPasses({
    fields,
    passes: [exact, within('1000')],
    left: [row('k', '10.00', 'a'), row('k', '10.00', 'b')],
    right: [row('k', '10.00', 'c'), row('z', '10.00', 'a')],
  });
  expect(found.pairs).toEqual([]);
  expect(found.open).toEqual(['left 1 AMBIGUOUS', 'left 2 AMBIGUOUS', 'right 1 AMBIGUOUS', 'right 2 MISSING']);
});

test('what is left over of a key that repeats can still be matched by a later pass', async () => {
  const found = await runPasses({
    fields: money,
    passes: [exact, within('0.05')],
    left: [row('k', '10.00'), row('k', '10.00')],
    right: [row('k', '10.00'), row('z', '10.02')],
  });
  expect(found.pairs).toEqual(['1-1 key', '2-2 0.05']);
  expect(found.open).toEqual([]);
  const alone = await runPasses({
    fields: money,
    passes: [exact, within('0.05')],
    left: [row('k', '10.00'), row('k', '10.00')],
    right: [row('k', '10.00'), row('z', '10.06')],
  });
  expect(alone.open).toEqual(['left 2 DUPLICATE', 'right 2 MISSING']);
});

const names = ['ledger', 'bank', 'agent'];
async function three(
  ledger: Row[],
  bank: Row[],
  agent: Row[],
  { without = [], later = within('0.05', 'near') }: { without?: string[]; later?: Pass } = {},
) {
  const definition = definitionOf(money, names, { passes: [exact, later] });
  const sources = [ledger, bank, agent].map((rows, index) => {
    const fields = index === 2 ? money.filter(({ name }) => !without.includes(name)) : money;
    const at = [0, ...fields.map((field) => 1 + money.indexOf(field))];
    return sourceOf(
      names[index]!,
      fields,
      rows.map((one) => at.map((place) => one[place]!)),
    );
  });
  return foundBy(engineOfFile(), definition, sources);
}
const outcomesOf = (found: Found) =>
  found.summary.sides.map(({ counts: { matched, mismatched, missing, ambiguous } }) =>
    [matched, mismatched, missing, ambiguous].join(),
  );

test('an anchor record matched by different passes in its legs is matched', async () => {
  const found = await three([row('a', '10')], [row('b', '10.02')], [row('a', '10')]);
  expect(found.pairs).toEqual(['agent:1-1 key', 'bank:1-1 near']);
  expect(found.open).toEqual([]);
  expect(outcomesOf(found)).toEqual(['1,0,0,0', '1,0,0,0', '1,0,0,0']);
});

test('matched by a later pass in one leg and missing in the other: one break, and the pair stands', async () => {
  const found = await three([row('a', '10')], [row('b', '10.02')], [row('c', '11')]);
  expect(found.pairs).toEqual(['bank:1-1 near']);
  expect(found.breaks.map(({ type, left, right }) => [type, left, right])).toEqual([
    ['MISSING', 1, null],
    ['MISSING', null, 1],
  ]);
  expect(outcomesOf(found)).toEqual(['0,0,1,0', '1,0,0,0', '0,0,1,0']);
  expect(found.summary.breaks.MISSING).toBe(2);
});

test('a guess in one leg outweighs a match in the other', async () => {
  const found = await three([row('a', '10')], [row('b', '10.02'), row('c', '9.98')], [row('a', '10')]);
  expect(found.pairs).toEqual(['agent:1-1 key']);
  expect(outcomesOf(found)).toEqual(['0,0,0,1', '0,0,0,2', '1,0,0,0']);
  expect(found.breaks[0]!.candidates!.map(({ source, kind, key }) => [source, kind, key])).toEqual(
    [
      ['bank', 'tied', 'c'],
      ['bank', 'tied', 'b'],
    ].sort(),
  );
});

test('a set in each leg is one match, a set in one of them leaves the record missing in the other', async () => {
  const later: Pass = {
    kind: 'grouped',
    name: 'sum',
    cardinality: 'one-to-many',
    by: [],
    amount: 'amount',
    search: {},
  };
  const found = await three(
    [row('p', '30'), row('q', '50')],
    [row('a', '10'), row('b', '20'), row('x', '19'), row('y', '31')],
    [row('c', '12'), row('d', '18'), row('e', '7')],
    { later },
  );
  expect(found.pairs).toEqual([
    'agent:1-1 sum',
    'agent:1-2 sum',
    'bank:1-1 sum',
    'bank:1-2 sum',
    'bank:2-3 sum',
    'bank:2-4 sum',
  ]);
  expect(outcomesOf(found)).toEqual(['1,0,1,0', '4,0,0,0', '2,0,1,0']);
  expect(found.open).toEqual(['left 2 MISSING', 'right 3 MISSING']);
});

test('a leg without a field of a condition is left out of the pass, which says so', async () => {
  const found = await three([row('a', '10')], [row('b', '10.02')], [row('c', '10.02')], {
    without: ['amount'],
  });
  expect(found.pairs).toEqual(['bank:1-1 near']);
  expect(found.summary.passes[1]).toMatchObject({ pairs: 1, notes: ['agent has no amount'] });
});

test('a block that is too large to compare is left as a whole and said to be; the block beside it is paired', async () => {
  const fields: FieldSpec[] = [...money, { name: 'account', sqlType: 'VARCHAR' }];
  const conditions: Condition[] = [
    { field: 'account', equal: true },
    { field: 'amount', absolute: '0.05' },
  ];
  const engine = engineOfFile();
  const count = 1_600;
  const big = async (name: string) => {
    await engine.run(`CREATE OR REPLACE TABLE of_${name} AS
      SELECT i::BIGINT AS "$row", '${name}' || i AS "$key", '${name}' || i AS id, CASE WHEN i = 1 THEN 11 ELSE 10 END::DECIMAL(18,2) AS amount,
        CASE WHEN i = 1 THEN 'beside' ELSE 'large' END AS account FROM range(1, ${count} + 1) t(i)`);
    return {
      ...sourceOf(name, fields, []),
      relation: `(FROM of_${name})`,
      rows: { read: count, records: count, rejected: 0, excluded: 0 },
      sums: { amount: { '': `${(count - 1) * 10 + 11}.00` } },
    };
  };
  const definition = definitionOf(fields, ['left', 'right'], {
    passes: [exact, { kind: 'tolerance', name: 'near', conditions }, within('0.01', 'again')],
  });
  const found = await foundBy(engine, definition, [await big('left'), await big('right')]);
  expect(found.pairs).toEqual(['1-1 near']);
  expect(found.summary.breaks).toMatchObject({ SEARCH_EXHAUSTED: 2 * (count - 1), MISSING: 0 });
  const note = `${2 * (count - 1)} records in 1 crowded block were not compared: more than 2000000 pairs would be possible in each`;
  expect(found.summary.passes[1]).toMatchObject({ pairs: 1, exhausted: 2 * (count - 1), notes: [note] });
  expect(found.summary.passes[2]).toMatchObject({ pairs: 0, exhausted: 2 * (count - 1), notes: [note] });
});

test('a block that can be compared but not paired in time is given up, and said to be', async () => {
  const rows = (side: string) =>
    Array.from({ length: 260 }, (_, index) => row(`${side}${index}`, `${100 + index / 100}`));
  const found = await runPasses({ fields: money, passes: [exact, within('50')], left: rows('l'), right: rows('r') });
  expect(found.pairs).toEqual([]);
  expect(found.summary.breaks.SEARCH_EXHAUSTED).toBe(520);
  expect(found.summary.passes[1]!.notes).toEqual([expect.stringMatching(/^the pairs of 520 records were not weighed/)]);
});

test('more pairs than are written at a time are all there', async () => {
  const engine = engineOfFile();
  const count = 210_000;
  const many = async (name: string, off: string) => {
    await engine.run(`CREATE OR REPLACE TABLE of_${name} AS SELECT i::BIGINT AS "$row", '${name}' || i AS "$key", '${name}' || i AS id,
      (i + ${off})::DECIMAL(18,2) AS amount FROM range(1, ${count} + 1) t(i)`);
    const [sum] = await engine.rows<{ s: string }>(`SELECT sum(amount)::VARCHAR AS s FROM of_${name}`);
    return {
      ...sourceOf(name, money, []),
      relation: `(FROM of_${name})`,
      rows: { read: count, records: count, rejected: 0, excluded: 0 },
      sums: { amount: { '': sum!.s } },
    };
  };
  const definition = definitionOf(money, ['left', 'right'], { passes: [exact, within('0.05')] });
  const { summary } = await matchRows(engine, definition, [await many('left', '0'), await many('right', '0.03')]);
  expect(summary.passes[1]!.pairs).toBe(count);
  expect(summary.breaks.MISSING).toBe(0);
}, 60_000);
