// When a pair holds a condition: at the limit and just past it, of either sign, of 38 digits, over weekends and holidays.
import { expect, test } from 'vitest';
import type { Pass } from '../../../../shared/domain/definition.ts';
import type { FieldSpec } from '../match/records-from-rows.ts';
import { near, within } from './pass-rules.ts';
import { expectBothWays, money, row, runPasses, type TableCase } from './run-passes.ts';

const wideMoney: FieldSpec[] = [money[0]!, { name: 'amount', sqlType: 'DECIMAL(38,2)' }];
const dated: FieldSpec[] = [...money, { name: 'booked', sqlType: 'DATE' }];
const amountAndDay = (daysBefore: number, daysAfter: number, calendar?: string): Pass[] =>
  near([
    { field: 'amount', absolute: '0.00' },
    { field: 'booked', daysBefore, daysAfter, ...(calendar && { calendar }) },
  ]);
const big = '123456789012345678901234567890123456';

const onBothSides = (amounts: [string | null, string | null]) => ({
  left: [row('a', amounts[0])],
  right: [row('b', amounts[1])],
});
const one = ['1-1 near'];
const none = ['left 1 MISSING', 'right 1 MISSING'];

const amounts: TableCase[] = (
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

const wide: TableCase[] = (
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

const percents: TableCase[] = (
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
const days: TableCase[] = (
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
const equals: TableCase[] = [
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
];

test.each([...amounts, ...wide, ...percents, ...days, ...equals])('$name', expectBothWays);

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
