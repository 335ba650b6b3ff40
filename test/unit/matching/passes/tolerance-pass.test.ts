// Who is paired with whom by a tolerance pass, what it calls a guess, and what it shows of it.
import { expect, test } from 'vitest';
import type { Condition, Pass } from '../../../../shared/domain/definition.ts';
import type { FieldSpec } from '../match/records-from-rows.ts';
import { near, within } from './pass-rules.ts';
import { expectBothWays, type Found, money, row, runPasses, type TableCase } from './run-passes.ts';

const wideMoney: FieldSpec[] = [money[0]!, { name: 'amount', sqlType: 'DECIMAL(38,2)' }];
const dated: FieldSpec[] = [...money, { name: 'booked', sqlType: 'DATE' }];
const big = '123456789012345678901234567890123456';
const one = ['1-1 near'];

const cases: TableCase[] = [
  {
    name: 'the best of all pairings, where taking the nearest first would lose one',
    passes: within('0.10'),
    left: [row('a', '10.00'), row('b', '10.08')],
    right: [row('c', '10.06'), row('d', '10.15')],
    pairs: ['1-1 near', '2-2 near'],
    open: [],
  },
  {
    name: 'most pairs before least cost',
    passes: within('0.10'),
    left: [row('a', '10.00'), row('b', '10.10')],
    right: [row('c', '10.10'), row('d', '10.20')],
    pairs: ['1-1 near', '2-2 near'],
    open: [],
  },
  {
    name: 'identical records are interchangeable, and no tie',
    passes: within('0.05'),
    left: [row('a', '10.00'), row('a', '10.00'), row('a', '10.00')],
    right: [row('b', '10.01'), row('b', '10.01')],
    pairs: ['1-1 near', '2-2 near'],
    open: ['left 3 MISSING'],
  },
  {
    name: 'records that differ only in a key are not',
    passes: within('0.05'),
    left: [row('a', '10.00'), row('c', '10.00')],
    right: [row('b', '10.01')],
    open: ['left 1 AMBIGUOUS', 'left 2 AMBIGUOUS', 'right 1 AMBIGUOUS'],
  },
  {
    name: 'a tie between two pairings that cost the same together',
    passes: within('0.03'),
    left: [row('a', '10.00'), row('b', '10.01')],
    right: [row('c', '10.01'), row('d', '10.02')],
    open: ['left 1 AMBIGUOUS', 'left 2 AMBIGUOUS', 'right 1 AMBIGUOUS', 'right 2 AMBIGUOUS'],
  },
  {
    name: 'a tie of differences that doubles see as unequal',
    passes: within('1.28'),
    left: [row('a', '16.00')],
    right: [row('c', '16.01'), row('d', '15.99')],
    open: ['left 1 AMBIGUOUS', 'right 1 AMBIGUOUS', 'right 2 AMBIGUOUS'],
  },
  {
    name: 'a tie of an amount against a day: thirds and fifths add up exactly',
    fields: dated,
    passes: near([
      { field: 'amount', absolute: '0.15' },
      { field: 'booked', daysBefore: 3, daysAfter: 5 },
    ]),
    left: [row('a', '10.00', '2024-03-04')],
    right: [row('c', '10.03', '2024-03-04'), row('d', '10.00', '2024-03-05')],
    open: ['left 1 AMBIGUOUS', 'right 1 AMBIGUOUS', 'right 2 AMBIGUOUS'],
  },
  {
    name: 'the nearer of two of 38 digits',
    fields: wideMoney,
    passes: within('0.05'),
    left: [row('a', `${big}.10`)],
    right: [row('b', `${big}.15`), row('c', `${big}.12`)],
    pairs: ['1-2 near'],
    open: ['right 1 MISSING'],
  },
  {
    name: 'no tie at just past the margin',
    passes: within('0.10', { tieMargin: '0.09' }),
    left: [row('a', '10.00')],
    right: [row('b', '10.01'), row('c', '10.02')],
    pairs: one,
    open: ['right 2 MISSING'],
  },
  {
    name: 'a tie at the margin',
    passes: within('0.10', { tieMargin: '0.1' }),
    left: [row('a', '10.00')],
    right: [row('b', '10.01'), row('c', '10.02')],
    open: ['left 1 AMBIGUOUS', 'right 1 AMBIGUOUS', 'right 2 AMBIGUOUS'],
  },
  {
    name: 'a margin beyond all costs',
    passes: within('0.10', { tieMargin: '9'.repeat(38) }),
    left: [row('a', '10.00')],
    right: [row('b', '10.00'), row('c', '10.10')],
    open: ['left 1 AMBIGUOUS', 'right 1 AMBIGUOUS', 'right 2 AMBIGUOUS'],
  },
  {
    name: 'a component of its own is settled beside a tie',
    passes: within('0.05'),
    left: [row('a', '10.00'), row('e', '50.00')],
    right: [row('b', '10.01'), row('c', '10.01'), row('f', '50.05')],
    pairs: ['2-3 near'],
    open: ['left 1 AMBIGUOUS', 'right 1 AMBIGUOUS', 'right 2 AMBIGUOUS'],
  },
  {
    name: 'an empty residue',
    passes: within('0.05'),
    left: [row('a', '1')],
    right: [row('a', '1')],
    pairs: ['1-1 key'],
  },
  { name: 'nothing at all', passes: within('0.05'), left: [], right: [], pairs: [], open: [] },
  { name: 'one side alone', passes: within('0.05'), left: [row('a', '1')], right: [], open: ['left 1 MISSING'] },
  {
    name: 'records without a key on one side',
    passes: within('0.05'),
    left: [row('a', '1'), row('b', '7')],
    right: [row(null, '1.05'), row(null, '9')],
    pairs: one,
    open: ['left 2 MISSING', 'right 2 MISSING'],
  },
  {
    name: 'records without a key on either side',
    passes: within('0.05'),
    left: [row(null, '1'), row(null, '1')],
    right: [row(null, '1.05')],
    pairs: one,
    open: ['left 2 MISSING'],
  },
  {
    name: 'no pass by the key',
    passes: within('0.05').slice(1),
    left: [row('a', '1'), row('b', '7')],
    right: [row('b', '1.05'), row('a', '7')],
    pairs: ['1-1 near', '2-2 near'],
    open: [],
  },
];

test.each(cases)('$name', expectBothWays);

const noted: FieldSpec[] = [
  ...money,
  { name: 'note', sqlType: 'VARCHAR' },
  { name: 'seen', sqlType: 'VARCHAR', role: 'DISPLAY' },
];

test('fields that no condition names differ: a mismatch by the name of the pass; a named one is judged by its condition', async () => {
  const fields = noted.map((field) =>
    field.name === 'amount' ? { ...field, tolerance: { absolute: '0.01' } } : field,
  );
  const found = await runPasses({
    fields,
    passes: within('0.05'),
    left: [row('a', '10.00', 'x', 's'), row('c', '50.00', 'x', 's')],
    right: [row('b', '10.05', 'y', 't'), row('d', '50.05', 'x', 't')],
  });
  expect(found.pairs).toEqual(['2-2 near']);
  expect(found.breaks).toEqual([
    {
      type: 'MISMATCH',
      left: 1,
      right: 1,
      fields: ['note'],
      differences: [{ source: 'right', field: 'note', left: 'x', right: 'y', difference: null }],
      pass: 'near',
      candidates: null,
    },
  ]);
  expect(found.summary.passes.map(({ name, pairs }) => [name, pairs])).toEqual([
    ['key', 0],
    ['near', 2],
  ]);
});

test('a candidate that agrees elsewhere is better than a nearer one that does not', async () => {
  const found = await runPasses({
    fields: noted,
    passes: within('0.05'),
    left: [row('a', '10.00', 'x', 's')],
    right: [row('b', '10.00', 'y', 's'), row('c', '10.05', 'x', 's')],
  });
  expect(found.pairs).toEqual(['1-2 near']);
  expect(found.open).toEqual(['right 1 MISSING']);
});

test('confidence is 1 for equal, a half for every condition at its limit, and less the further apart', async () => {
  const confidenceOf = async (conditions: Condition[], right: string, booked: string) => {
    const found = await runPasses({
      fields: dated,
      passes: near(conditions),
      left: [row('a', '10.00', '2024-03-04')],
      right: [row('b', right, booked)],
    });
    return found.confidence['1-1 near'];
  };
  const both: Condition[] = [
    { field: 'amount', absolute: '0.03' },
    { field: 'booked', daysBefore: 1, daysAfter: 7 },
  ];
  expect(await confidenceOf(both, '10.00', '2024-03-04')).toBe(1);
  expect(await confidenceOf(both, '10.03', '2024-03-11')).toBe(0.5);
  expect(await confidenceOf(both, '10.03', '2024-03-03')).toBe(0.5);
  expect(await confidenceOf(both, '10.03', '2024-03-04')).toBe(0.75);
  expect(await confidenceOf([{ field: 'amount', percent: '95' }, both[1]!], '0.50', '2024-03-11')).toBe(0.5);
  expect(await confidenceOf([{ field: 'amount', equal: true }], '10.00', '2024-03-04')).toBe(1);
});

const shown = (found: Found) =>
  found.breaks.map(({ left, right, candidates }) => [
    left === null ? `right ${right}` : `left ${left}`,
    candidates?.filter(({ kind }) => kind !== 'nearest').map(({ kind, rows, key, cost }) => [kind, rows, key, cost]),
  ]);

test('a tie shows its candidates on every record, the best first, and of equal ones the same whatever the order', async () => {
  const right = Array.from({ length: 7 }, (_, index) => row(`r${index}`, index === 3 ? '10.01' : '10.02'));
  const found = await runPasses({
    fields: money,
    passes: within('0.02', { tieMargin: '0.5' }),
    left: [row('a', '10.00')],
    right: right.toReversed(),
  });
  expect(shown(found)[0]).toEqual([
    'left 1',
    [
      ['tied', [4], 'r3', 500_000],
      ['tied', [7], 'r0', 1_000_000],
      ['tied', [6], 'r1', 1_000_000],
      ['tied', [5], 'r2', 1_000_000],
      ['tied', [3], 'r4', 1_000_000],
    ],
  ]);
  expect(shown(found).slice(1)).toEqual(
    Array.from({ length: 7 }, (_, index) => [
      `right ${7 - index}`,
      [['tied', [1], 'a', index === 3 ? 500_000 : 1_000_000]],
    ]),
  );
  expect(found.summary.passes[1]).toMatchObject({ pairs: 0, ambiguous: 8 });
});

test('of what is partly settled only what is left is a candidate', async () => {
  const found = await runPasses({
    fields: money,
    passes: within('0.05'),
    left: [row('a', '10.00'), row('a', '10.00'), row('a', '10.00')],
    right: [row('b', '10.00'), row('c', '10.01'), row('d', '10.03'), row('e', '9.97')],
  });
  expect(found.pairs).toEqual(['1-1 near', '2-2 near']);
  expect(shown(found)).toEqual([
    [
      'left 3',
      [
        ['tied', [3], 'd', 600_000],
        ['tied', [4], 'e', 600_000],
      ],
    ],
    ['right 3', [['tied', [3], 'a', 600_000]]],
    ['right 4', [['tied', [3], 'a', 600_000]]],
  ]);
});

test('suggest accepts nothing and keeps nothing from later passes', async () => {
  const passes: Pass[] = [
    ...within('0.05', { accept: 'suggest' }),
    { kind: 'tolerance', name: 'sure', conditions: [{ field: 'amount', absolute: '0.02' }] },
  ];
  const found = await runPasses({
    fields: money,
    passes,
    left: [row('a', '10.00'), row('c', '50.00'), row('e', '90.00')],
    right: [row('b', '10.05'), row('d', '50.02'), row('f', '90.05'), row('g', '89.95')],
  });
  expect(found.pairs).toEqual(['2-2 sure']);
  expect(shown(found)).toEqual([
    ['left 1', [['suggested', [1], 'b', 1_000_000]]],
    ['right 1', [['suggested', [1], 'a', 1_000_000]]],
    [
      'left 3',
      [
        ['tied', [3], 'f', 1_000_000],
        ['tied', [4], 'g', 1_000_000],
      ],
    ],
    ['right 3', [['tied', [3], 'e', 1_000_000]]],
    ['right 4', [['tied', [3], 'e', 1_000_000]]],
  ]);
  expect(found.open).toEqual(['left 1', 'left 3', 'right 1', 'right 3', 'right 4'].map((name) => `${name} MISSING`));
  expect(found.summary.passes.slice(1)).toMatchObject([
    { pairs: 0, suggested: 2, ambiguous: 3 },
    { pairs: 1, suggested: 0, ambiguous: 0 },
  ]);
});

test('a suggestion that a later pass takes is no candidate any more', async () => {
  const passes: Pass[] = [
    ...within('0.05', { accept: 'suggest' }),
    {
      kind: 'tolerance',
      name: 'later',
      conditions: [
        { field: 'note', equal: true },
        { field: 'amount', absolute: '5' },
      ],
    },
  ];
  const found = await runPasses({
    fields: noted,
    passes,
    left: [row('a', '10.00', 'x', 's'), row('b', '12.00', 'y', 's')],
    right: [row('c', '10.05', 'y', 's')],
  });
  expect(found.pairs).toEqual(['2-1 later']);
  expect(found.breaks).toMatchObject([{ type: 'MISSING', left: 1, candidates: [] }]);
});

test('a suggestion differs in another field: its cost says so', async () => {
  const found = await runPasses({
    fields: noted,
    passes: within('0.03', { accept: 'suggest' }),
    left: [row('a', '10.00', 'x', 's')],
    right: [row('b', '10.01', 'y', 's')],
  });
  expect(shown(found)[0]).toEqual(['left 1', [['suggested', [1], 'b', 1_000_333_333]]]);
});

test.each([
  ['as wide as the values', '20.00', 1],
  ['narrower than the largest', '19.99', 0],
])('a tolerance %s', async (_, tolerance, notes) => {
  const found = await runPasses({
    fields: money,
    passes: within(tolerance),
    left: [row('a', '1.00'), row('k', '1000')],
    right: [row('b', '-20.00'), row('k', '1000')],
  });
  expect(found.summary.passes[1]!.notes).toHaveLength(notes);
  if (notes) expect(found.summary.passes[1]!.notes[0]).toMatch(/^the tolerance of amount, 20\.00, .* 20\.00$/);
});

test('a field whose values are text cannot be compared as a number or a date', async () => {
  for (const condition of [
    { field: 'note', absolute: '1' },
    { field: 'note', percent: '1' },
    { field: 'note', daysBefore: 1, daysAfter: 1 },
  ])
    await expect(
      runPasses({
        fields: noted,
        passes: near([condition]),
        left: [row('a', '1', 'x', 's')],
        right: [row('b', '1', 'y', 's')],
      }),
    ).rejects.toThrow(/DEFINITION_INVALID: .*"note" as (numbers|dates)/);
});
