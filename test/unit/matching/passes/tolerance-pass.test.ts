// What one tolerance pass pairs, what it leaves and what it calls a guess: a table of cases.
import { expect, test } from 'vitest';
import type { Condition, Definition, Pass, TolerancePass } from '../../../../shared/domain/definition.ts';
import type { FieldSpec, Row } from '../match/records-from-rows.ts';
import { type Found, money, row, runPasses } from './run-passes.ts';

const exact: Pass = { kind: 'exact-key', name: 'key' };
const near = (conditions: Condition[], more: Partial<TolerancePass> = {}): Pass[] => [
  exact,
  { kind: 'tolerance', name: 'near', conditions, ...more },
];
const within = (absolute: string, more: Partial<TolerancePass> = {}) => near([{ field: 'amount', absolute }], more);
const wideMoney: FieldSpec[] = [money[0]!, { name: 'amount', sqlType: 'DECIMAL(38,2)' }];
const dated: FieldSpec[] = [...money, { name: 'booked', sqlType: 'DATE' }];
const amountAndDay = (daysBefore: number, daysAfter: number, calendar?: string): Pass[] =>
  near([
    { field: 'amount', absolute: '0.00' },
    { field: 'booked', daysBefore, daysAfter, ...(calendar && { calendar }) },
  ]);
const big = '123456789012345678901234567890123456';

type Case = {
  name: string;
  fields?: FieldSpec[];
  passes: Pass[];
  left: Row[];
  right: Row[];
  more?: Partial<Definition>;
  pairs?: string[];
  open?: string[];
};

const onBothSides = (amounts: [string | null, string | null]) => ({
  left: [row('a', amounts[0])],
  right: [row('b', amounts[1])],
});
const one = ['1-1 near'];
const none = ['left 1 MISSING', 'right 1 MISSING'];

const amounts: Case[] = (
  [
    ['at the tolerance, above', '0.05', '10.00', '10.05', true],
    ['at the tolerance, below', '0.05', '10.00', '9.95', true],
    ['past it, above', '0.05', '10.00', '10.06', false],
    ['past it, below', '0.05', '10.00', '9.94', false],
    ['at it, both negative', '0.05', '-10.00', '-10.05', true],
    ['past it, both negative', '0.05', '-10.00', '-10.06', false],
    ['across zero, at it', '0.06', '-0.03', '0.03', true],
    ['across zero, past it', '0.05', '-0.03', '0.03', false],
    ['zero and the tolerance', '0.05', '0.00', '-0.05', true],
    ['equal, tolerance of zero', '0', '10.00', '10.00', true],
    ['unequal, tolerance of zero', '0', '10.00', '10.01', false],
    ['a tolerance of less than a unit', '0.009', '10.00', '10.01', false],
    ['a tolerance with more decimals than the amounts', '0.0199', '10.00', '10.01', true],
    ['on a border of cells, below', '1', '9.99', '10.99', true],
    ['on a border of cells, negative', '1', '-9.99', '-10.99', true],
    ['in the middle cell of double width', '1', '-0.50', '0.51', false],
    ['null on the left', '0.05', null, '10.00', false],
    ['null on both', '0.05', null, null, false],
  ] as const
).map(([name, tolerance, left, right, found]) => ({
  name,
  passes: within(tolerance),
  ...onBothSides([left, right]),
  pairs: found ? one : [],
  open: found ? [] : none,
}));

const wide: Case[] = (
  [
    ['38 digits, at the tolerance', '0.05', `${big}.10`, `${big}.15`, true],
    ['38 digits, past it', '0.05', `${big}.10`, `${big}.16`, false],
    ['38 digits, negative, at it', '0.05', `-${big}.15`, `-${big}.10`, true],
    ['38 digits of either sign', '0.05', `-${big}.10`, `${big}.10`, false],
    ['a tolerance of 38 digits', '9'.repeat(38), `${big}.10`, `-${big}.15`, true],
  ] as const
).map(([name, tolerance, left, right, found]) => ({
  name,
  fields: wideMoney,
  passes: within(tolerance),
  ...onBothSides([left, right]),
  pairs: found ? one : [],
  open: found ? [] : none,
}));

const percents: Case[] = (
  [
    ['anchor, at it', undefined, '10', '100.00', '110.00', true],
    ['anchor, past it', undefined, '10', '100.00', '110.01', false],
    ['anchor, of the lesser', 'anchor', '10', '100.00', '111.11', false],
    ['other, at it', 'other', '10', '90.00', '100.00', true],
    ['other, of the lesser', 'other', '10', '100.00', '90.00', false],
    ['larger, of the anchor', 'larger', '10', '100.00', '90.00', true],
    ['larger, of the other', 'larger', '10', '90.00', '100.00', true],
    ['larger, past it', 'larger', '10', '89.99', '100.00', false],
    ['negative amounts', 'anchor', '10', '-100.00', '-110.00', true],
    ['of either sign', 'larger', '10', '-100.00', '100.00', false],
    ['zero and zero', 'anchor', '10', '0.00', '0.00', true],
    ['zero and something', 'larger', '10', '0.00', '0.01', false],
    ['nothing, equal', 'anchor', '0', '0.37', '0.37', true],
    ['nothing, unequal', 'anchor', '0', '1.00', '1.01', false],
    ['nearly all', 'anchor', '95', '100.00', '5.00', true],
    ['all of it: zero', 'anchor', '100', '100.00', '0.00', true],
    ['all of it, other sign', 'anchor', '100', '100.00', '-0.01', false],
    ['tiny, at it', 'anchor', '0.0000000001', '100000000000.00', '100000000000.10', true],
    ['tiny, past it', 'anchor', '0.0000000001', '100000000000.00', '100000000000.11', false],
  ] as const
).map(([name, base, percent, left, right, found]) => ({
  name: `percent of ${name}`,
  passes: near([{ field: 'amount', percent, ...(base && { base }) }]),
  ...onBothSides([left, right]),
  pairs: found ? one : [],
  open: found ? [] : none,
}));

// 2024-01-01 is a Monday and a holiday here; 2023-12-29 is the Friday before.
const calendars = { bank: { holidays: ['2024-01-01'] } };
const days: Case[] = (
  [
    ['the last day after', [1, 3], undefined, '2024-03-04', '2024-03-07', true],
    ['past it', [1, 3], undefined, '2024-03-04', '2024-03-08', false],
    ['the last day before', [1, 3], undefined, '2024-03-04', '2024-03-03', true],
    ['past that', [1, 3], undefined, '2024-03-04', '2024-03-02', false],
    ['the same day, no window', [0, 0], undefined, '2024-03-04', '2024-03-04', true],
    ['the next day, no window', [0, 0], undefined, '2024-03-04', '2024-03-05', false],
    ['before 1970', [1, 3], undefined, '1969-12-30', '1970-01-02', true],
    ['a business day over a weekend and a holiday', [0, 1], 'bank', '2023-12-29', '2024-01-02', true],
    ['two business days', [0, 1], 'bank', '2023-12-29', '2024-01-03', false],
    ['a weekend rolls to the next business day', [0, 0], 'bank', '2023-12-30', '2024-01-02', true],
    ['backwards over the weekend', [1, 0], 'bank', '2024-01-02', '2023-12-29', true],
    ['backwards further', [1, 0], 'bank', '2024-01-02', '2023-12-28', false],
    ['null', [1, 3], undefined, null, '2024-03-07', false],
    ['a date beyond what the calendar counts', [9, 9], 'bank', '2500-01-03', '2500-01-03', false],
  ] as const
).map(([name, [before, after], calendar, left, right, found]) => ({
  name: `days: ${name}`,
  fields: dated,
  passes: amountAndDay(before, after, calendar),
  more: { calendars },
  left: [row('a', '1.00', left)],
  right: [row('b', '1.00', right)],
  pairs: found ? one : [],
  open: found ? [] : none,
}));

const named: FieldSpec[] = [
  { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
  { name: 'name', sqlType: 'VARCHAR', comparison: 'ignore-case' },
  { name: 'place', sqlType: 'VARCHAR' },
];
const byNames = near([
  { field: 'name', equal: true },
  { field: 'place', equal: true },
]);
const others: Case[] = [
  {
    name: 'equal goes by the comparison of the field',
    fields: named,
    passes: byNames,
    left: [row('a', ' Ann  LEE', 'x'), row('c', 'bob', 'X')],
    right: [row('b', 'ann lee ', 'x'), row('d', 'bob', 'x')],
    pairs: one,
    open: ['left 2 MISSING', 'right 2 MISSING'],
  },
  {
    name: 'equal texts do not run into one another',
    fields: named,
    passes: byNames,
    left: [row('a', 'a\u001f', 'b'), row('c', '1:a', 'b')],
    right: [row('b', 'a', '\u001fb'), row('d', '1', ':ab')],
    open: ['left 1 MISSING', 'left 2 MISSING', 'right 1 MISSING', 'right 2 MISSING'],
  },
  {
    name: 'equal numbers whatever their decimals',
    fields: [money[0]!, { name: 'amount', sqlType: 'DECIMAL(18,2)' }],
    passes: near([{ field: 'amount', equal: true }]),
    left: [row('a', '1.5')],
    right: [row('b', '1.50')],
    pairs: one,
    open: [],
  },
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

test.each([...amounts, ...wide, ...percents, ...days, ...others])('$name', async (given) => {
  const found = await runPasses({ fields: money, ...given });
  expect(found.pairs).toEqual(given.pairs ?? []);
  expect(found.open).toEqual(given.open ?? []);
  // And the other way round, where the rule is the same read backwards.
  const mirrored = mirror(given);
  if (!mirrored) return;
  const back = await runPasses({ fields: money, ...mirrored });
  const swapped = (name: string) => name.replace(/^(\d+)-(\d+)/, '$2-$1');
  expect(back.pairs.map(swapped).sort()).toEqual(found.pairs);
  expect(back.open.map((name) => name.replace(/^\w+/, (side) => (side === 'left' ? 'right' : 'left'))).sort()).toEqual(
    found.open,
  );
});

function mirror(given: Case): Case | undefined {
  const passes = given.passes.map((pass): Pass => {
    if (pass.kind !== 'tolerance') return pass;
    const conditions = pass.conditions.map((condition): Condition => {
      if ('percent' in condition) {
        const base = condition.base ?? 'anchor';
        return { ...condition, base: base === 'anchor' ? 'other' : base === 'other' ? 'anchor' : base };
      }
      if (!('daysBefore' in condition)) return condition;
      return { ...condition, daysBefore: condition.daysAfter, daysAfter: condition.daysBefore };
    });
    return { ...pass, conditions };
  });
  return { ...given, passes, left: given.right, right: given.left };
}

test.each([
  'id',
  'n',
  'rows',
  'cell',
  'part',
  'block',
  'number_cell',
  'day_cell',
  'crowded',
  'cost',
  'date',
  'ordinal',
])('a field may be called %s', async (name) => {
  const fields: FieldSpec[] = [
    { name, sqlType: 'DATE' },
    { name: 'amount', sqlType: 'DECIMAL(18,2)' },
  ];
  const found = await runPasses({
    fields,
    passes: amountAndDay(0, 1, 'bank').map((pass) =>
      pass.kind !== 'tolerance'
        ? pass
        : {
            ...pass,
            conditions: pass.conditions.map((one) => ('daysBefore' in one ? { ...one, field: name } : one)),
          },
    ),
    more: { calendars },
    left: [
      ['a', '2023-12-29', '1'],
      ['b', '2024-03-04', '1'],
    ],
    right: [
      ['c', '2024-01-02', '1'],
      ['d', '2024-03-06', '1'],
    ],
  });
  expect(found.pairs).toEqual(['1-1 near']);
  expect(found.open).toEqual(['left 2 MISSING', 'right 2 MISSING']);
});

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
