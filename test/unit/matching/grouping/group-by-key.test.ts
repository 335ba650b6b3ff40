// Groups of equal keys: whether they add up, and if not, why.
import { expect, test } from 'vitest';
import { type GroupFault, groupChecker } from '../../../../shared/matching/grouping/group-by-key.ts';
import type { Entry, GroupRule } from '../../../../shared/matching/grouping/search-groups.ts';

type Written = number | [units: number, date: number];
type Row = {
  name: string;
  ones: Written[];
  many: Written[];
  rule?: Partial<GroupRule>;
  fault?: GroupFault;
  difference?: bigint;
  fee?: bigint;
  cost?: number;
};

function entries(written: Written[]): Entry[] {
  return written.map((one, id) => {
    const [units, date] = typeof one === 'number' ? [one, undefined] : one;
    return { id, units: BigInt(units), content: id, ...(date !== undefined && { date }) };
  });
}

const rows: Row[] = [
  { name: 'one and its many', ones: [300], many: [100, 200] },
  { name: 'one and one', ones: [300], many: [300] },
  { name: 'two ones', ones: [100, 200], many: [300], fault: 'sides' },
  { name: 'nothing on a side', ones: [300], many: [], fault: 'sides', difference: 300n },
  { name: 'a cent too much', ones: [300], many: [100, 201], fault: 'amount', difference: -1n },
  {
    name: 'a cent of two allowed',
    ones: [300],
    many: [100, 201],
    rule: { tolerance: { absolute: '0.02' } },
    difference: -1n,
    cost: 500_000,
  },
  { name: 'less a fee', ones: [201], many: [100, 200], rule: { fee: { fixed: '0.99', per: 'group' } }, fee: 99n },
  {
    name: 'less a fee of each, none of the refund',
    ones: [80],
    many: [100, 200, -200],
    rule: { fee: { fixed: '0.10', per: 'record' } },
    fee: 20n,
  },
  {
    name: 'within the window, half of it on average',
    ones: [[300, 10]],
    many: [
      [100, 10],
      [200, 7],
    ],
    rule: { window: { before: 3, after: 0 } },
    cost: 500_000,
  },
  {
    name: 'outside the window',
    ones: [[300, 10]],
    many: [
      [100, 10],
      [200, 11],
    ],
    rule: { window: { before: 3, after: 0 } },
    fault: 'window',
  },
  {
    name: 'without a date',
    ones: [[300, 10]],
    many: [100, 200],
    rule: { window: { before: 3, after: 0 } },
    fault: 'window',
  },
  { name: 'many to many', ones: [100, 200], many: [150, 150], rule: { cardinality: 'many-to-many' } },
  {
    name: 'many to many from the first date on',
    ones: [
      [100, 4],
      [200, 8],
    ],
    many: [[300, 2]],
    rule: { cardinality: 'many-to-many', window: { before: 0, after: 5 } },
    fault: 'window',
  },
  { name: 'netting', ones: [], many: [100, -60, -40], rule: { cardinality: 'netting' } },
  {
    name: 'netting that leaves something',
    ones: [],
    many: [100, -60],
    rule: { cardinality: 'netting' },
    fault: 'amount',
    difference: 40n,
  },
  {
    name: 'netting of one sign',
    ones: [],
    many: [100, 60],
    rule: { cardinality: 'netting' },
    fault: 'sides',
    difference: 160n,
  },
];

test.each(rows)('$name', ({ ones, many, rule, fault, difference = 0n, fee = 0n, cost = 0 }) => {
  const check = groupChecker({ cardinality: 'one-to-many', scale: 2, ...rule });
  const found = check({ ones: entries(ones), many: entries(many) });
  expect([found.fault, found.difference, found.group.fee, found.group.cost]).toEqual([fault, difference, fee, cost]);
  expect([found.group.ones.length, found.group.many.length]).toEqual([ones.length, many.length]);
});
