// What one grouped pass puts together, by key and by search: a table of cases. In any order: test/property/grouped-order.test.ts.
import { expect, test } from 'vitest';
import type { GroupedPass, Pass } from '../../../../shared/domain/definition.ts';
import type { FieldSpec, Row } from '../match/records-from-rows.ts';
import { money, row, runPasses } from './run-passes.ts';

const exact: Pass = { kind: 'exact-key', name: 'key' };
const grouped = (cardinality: GroupedPass['cardinality'], more: Partial<GroupedPass> = {}): Pass[] => [
  exact,
  { kind: 'grouped', name: 'sum', cardinality, by: [], amount: 'amount', search: {}, ...more },
];
const byKey = (cardinality: GroupedPass['cardinality'], more: Partial<GroupedPass> = {}): Pass[] => [
  exact,
  { kind: 'grouped', name: 'sum', cardinality, by: ['payout'], amount: 'amount', ...more },
];
const withPayout: FieldSpec[] = [...money, { name: 'payout', sqlType: 'VARCHAR', role: 'CLASSIFIER' }];
const dated: FieldSpec[] = [...money, { name: 'booked', sqlType: 'DATE', role: 'DISPLAY' }];

type Case = {
  name: string;
  fields?: FieldSpec[];
  passes: Pass[];
  left: Row[];
  right: Row[];
  pairs: string[];
  open?: string[];
};

const cases: Case[] = [
  {
    name: 'one payout is the sum of three orders',
    passes: grouped('one-to-many'),
    left: [row('p', '60.00')],
    right: [row('a', '10.00'), row('b', '20.00'), row('c', '30.00'), row('d', '7.00')],
    pairs: ['1-1 sum', '1-2 sum', '1-3 sum'],
    open: ['right 4 MISSING'],
  },
  {
    name: 'less a fee for the payout',
    passes: grouped('one-to-many', { fee: { fixed: '0.99', per: 'group' } }),
    left: [row('p', '29.01')],
    right: [row('a', '10.00'), row('b', '20.00'), row('c', '5.00')],
    pairs: ['1-1 sum', '1-2 sum'],
    open: ['right 3 MISSING'],
  },
  {
    name: 'less a fee for each order, none for the refund',
    passes: grouped('one-to-many', { fee: { percent: '2.9', fixed: '0.30', per: 'record' } }),
    // 100 − 3.20 + 50 − 1.75 − 20
    left: [row('p', '125.05')],
    right: [row('a', '100.00'), row('b', '50.00'), row('r', '-20.00'), row('c', '33.00')],
    pairs: ['1-1 sum', '1-2 sum', '1-3 sum'],
    open: ['right 4 MISSING'],
  },
  {
    name: 'several of the anchor are one of the other; the other side of the window counts',
    fields: dated,
    passes: grouped('many-to-one', { window: { field: 'booked', daysBefore: 0, daysAfter: 2 } }),
    left: [row('a', '1.00', '2026-03-02'), row('b', '2.00', '2026-03-03'), row('c', '2.00', '2026-03-05')],
    right: [row('p', '3.00', '2026-03-04')],
    pairs: ['1-1 sum', '2-1 sum'],
    open: ['left 3 MISSING'],
  },
  {
    name: 'two sets that explain it equally are a guess',
    passes: grouped('one-to-many'),
    left: [row('p', '30.00')],
    right: [row('a', '10.00'), row('b', '20.00'), row('c', '12.00'), row('d', '18.00')],
    pairs: [],
    open: ['left 1 AMBIGUOUS', 'right 1 AMBIGUOUS', 'right 2 AMBIGUOUS', 'right 3 AMBIGUOUS', 'right 4 AMBIGUOUS'],
  },
  {
    name: 'the smaller set wins',
    passes: grouped('one-to-many'),
    left: [row('p', '30.00')],
    right: [row('a', '10.00'), row('b', '20.00'), row('c', '5.00'), row('d', '25.50'), row('e', '-0.50')],
    pairs: ['1-1 sum', '1-2 sum'],
    open: ['right 3 MISSING', 'right 4 MISSING', 'right 5 MISSING'],
  },
  {
    name: 'several with several',
    passes: grouped('many-to-many'),
    left: [row('a', '10.00'), row('b', '25.00')],
    right: [row('x', '12.00'), row('y', '23.00'), row('z', '99.00')],
    pairs: ['1-null sum', '2-null sum', 'null-1 sum', 'null-2 sum'],
    open: ['right 3 MISSING'],
  },
  {
    name: 'a reversal on one side nets with what it reverses',
    passes: grouped('netting'),
    left: [row('a', '10.00'), row('b', '-10.00'), row('c', '4.00')],
    right: [row('x', '7.00'), row('y', '-7.00')],
    pairs: ['1-null sum', '2-null sum', 'null-1 sum', 'null-2 sum'],
    open: ['left 3 MISSING'],
  },
  {
    name: 'by key: all of a payout or nothing',
    fields: withPayout,
    passes: byKey('one-to-many'),
    left: [row('p', '30.00', 'P1'), row('q', '50.00', 'P2'), row('s', '1.00', 'P3')],
    right: [row('a', '10.00', 'P1'), row('b', '20.00', 'P1'), row('c', '49.00', 'P2'), row('d', '1.00', null)],
    pairs: ['1-1 sum', '1-2 sum'],
    open: ['left 2 MISSING', 'left 3 MISSING', 'right 3 MISSING', 'right 4 MISSING'],
  },
  {
    name: 'fields that run into each other are no block',
    fields: [...withPayout, { name: 'part', sqlType: 'VARCHAR', role: 'CLASSIFIER' }],
    passes: byKey('one-to-many', { by: ['payout', 'part'] }),
    left: [row('p', '3.00', 'P\u001f', 'x')],
    right: [row('a', '1.00', 'P', '\u001fx'), row('b', '2.00', 'P', '\u001fx')],
    pairs: [],
    open: ['left 1 MISSING', 'right 1 MISSING', 'right 2 MISSING'],
  },
  {
    name: 'by key, within a tolerance of the one and less a fee',
    fields: withPayout,
    passes: byKey('one-to-many', { fee: { fixed: '1.00', per: 'group' }, tolerance: { percent: '1' } }),
    left: [row('p', '100.00', 'P1'), row('q', '100.00', 'P2')],
    right: [row('a', '60.00', 'P1'), row('b', '42.00', 'P1'), row('c', '60.00', 'P2'), row('d', '42.01', 'P2')],
    pairs: ['1-1 sum', '1-2 sum'],
    open: ['left 2 MISSING', 'right 3 MISSING', 'right 4 MISSING'],
  },
  {
    name: 'identical records are no tie: as many are taken as are needed',
    passes: grouped('one-to-many'),
    left: [row('p', '20.00')],
    right: [row('a', '10.00'), row('a', '10.00'), row('a', '10.00')],
    pairs: ['1-1 sum', '1-2 sum'],
    open: ['right 3 MISSING'],
  },
  {
    name: 'what is suggested stays open',
    passes: grouped('one-to-many', { accept: 'suggest' }),
    left: [row('p', '30.00')],
    right: [row('a', '10.00'), row('b', '20.00')],
    pairs: [],
    open: ['left 1 MISSING', 'right 1 MISSING', 'right 2 MISSING'],
  },
  {
    name: 'an empty residue',
    passes: grouped('one-to-many'),
    left: [row('a', '10.00')],
    right: [row('a', '10.00')],
    pairs: ['1-1 key'],
  },
  ...(['one-to-many', 'many-to-one', 'many-to-many'] as const).map(
    (cardinality): Case => ({
      name: `one side alone, ${cardinality}`,
      passes: grouped(cardinality),
      left: [row('a', '10.00'), row('b', '-10.00')],
      right: [],
      pairs: [],
      open: ['left 1 MISSING', 'left 2 MISSING'],
    }),
  ),
  {
    name: 'one side alone nets with itself',
    passes: grouped('netting'),
    left: [],
    right: [row('a', '10.00'), row('b', '-10.00')],
    pairs: ['null-1 sum', 'null-2 sum'],
  },
  {
    name: 'a bound that is hit is said, not called missing',
    passes: grouped('one-to-many', { search: { stepsMax: 10 } }),
    left: [row('p', '60.00')],
    right: ['1', '2', '3', '4', '5', '6', '57.50'].map((amount) => row(`k${amount}`, amount)),
    pairs: [],
    open: ['left 1 SEARCH_EXHAUSTED', ...[1, 2, 3, 4, 5, 6, 7].map((at) => `right ${at} SEARCH_EXHAUSTED`)],
  },
];

test.each(cases)('$name', async ({ fields = money, passes, left, right, pairs, open = [] }) => {
  const found = await runPasses({ fields, passes, left, right });
  expect({ pairs: found.pairs, open: found.open }).toEqual({ pairs, open });
});

test('a suggestion and a tie show their sets', async () => {
  const right = [row('a', '10.00'), row('b', '20.00')];
  const suggested = await runPasses({
    fields: money,
    passes: grouped('one-to-many', { accept: 'suggest' }),
    left: [row('p', '30.00')],
    right,
  });
  expect(suggested.breaks.find(({ left }) => left === 1)?.candidates).toMatchObject([
    { kind: 'suggested', rows: [1, 2], pass: 'sum' },
  ]);
  const more = [...right, row('c', '12.00'), row('d', '18.00')];
  const tied = await runPasses({
    fields: money,
    passes: grouped('one-to-many'),
    left: [row('p', '30.00')],
    right: more,
  });
  const sets = tied.breaks
    .find(({ left }) => left === 1)!
    .candidates!.map(({ kind, rows }) => `${kind} ${rows.join('+')}`);
  expect(sets.sort()).toEqual(['tied 1+2', 'tied 3+4']);
  const netted = await runPasses({
    fields: money,
    passes: grouped('netting'),
    left: [row('a', '10.00'), row('b', '-10.00'), row('c', '-10.00')],
    right: [],
  });
  expect(netted.breaks.map(({ left, candidates }) => [left, candidates!.map(({ rows }) => rows)])).toEqual([
    [1, [[2], [3]]],
    [2, [[1]]],
    [3, [[1]]],
  ]);
});

test.each([
  ['netting', 10_000],
  ['many-to-many', 4_000],
] as const)(
  'a suggested set of %s, %i records: one lists all others, the rest the first twenty',
  async (cardinality, count) => {
    const amountOf = (at: number) => (at % 2 === 0 ? '1.00' : cardinality === 'netting' ? '-1.00' : '1.00');
    const records = Array.from({ length: count }, (_, at) => row(`k${String(at).padStart(5, '0')}`, amountOf(at)));
    const found = await runPasses({
      fields: money,
      passes: [exact, { kind: 'grouped', name: 'sum', cardinality, by: [], amount: 'amount', accept: 'suggest' }],
      left: records,
      right: cardinality === 'netting' ? [] : records.map(([key, , amount]) => row(`o${key}`, amount!)),
    });
    const listed = found.breaks.flatMap(({ candidates }) => candidates!);
    const sides = cardinality === 'netting' ? 1 : 2;
    const others = cardinality === 'netting' ? count - 1 : count;
    expect(listed).toHaveLength(sides * count);
    expect(new Set(listed.map(({ records: all }) => all))).toEqual(new Set([others]));
    expect(listed.filter(({ rows }) => rows.length === others)).toHaveLength(sides);
    expect(listed.filter(({ rows }) => rows.length === 20)).toHaveLength(sides * (count - 1));
    const first = found.breaks.find(({ left }) => left === 1)!.candidates![0]!;
    expect(first).toMatchObject({
      kind: 'suggested',
      pass: 'sum',
      key: cardinality === 'netting' ? 'k00001' : 'ok00000',
    });
    expect(first.rows).toHaveLength(others);
  },
);

test('a suggested set of which a later pass takes a record is no candidate of the others any more', async () => {
  const found = await runPasses({
    fields: money,
    passes: [
      ...grouped('many-to-many', { accept: 'suggest' }),
      { kind: 'tolerance', name: 'near', conditions: [{ field: 'amount', absolute: '0.01' }] },
    ],
    left: [row('a', '10.00'), row('b', '25.00'), row('c', '100.00'), row('d', '7.00')],
    right: [row('x', '12.00'), row('y', '23.00'), row('z', '60.00'), row('w', '47.00'), row('v', '10.01')],
  });
  expect(found.pairs).toEqual(['1-5 near']);
  const shown = found.breaks.map(({ left, right, candidates }) => [left, right, candidates!.map(({ kind }) => kind)]);
  expect(shown).toEqual([
    [2, null, ['nearest']],
    [3, null, ['suggested']],
    [4, null, ['suggested']],
    [null, 4, ['suggested']],
    [null, 1, ['nearest']],
    [null, 2, ['nearest']],
    [null, 3, ['suggested']],
  ]);
});

test('an amount whose values are text is refused with what to do', async () => {
  const fields: FieldSpec[] = [money[0]!, { name: 'amount', sqlType: 'VARCHAR' }];
  const run = runPasses({ fields, passes: grouped('one-to-many'), left: [row('a', 'x')], right: [row('b', 'y')] });
  await expect(run).rejects.toThrow(/give the field a type/);
});
