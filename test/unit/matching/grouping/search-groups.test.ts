// Worked examples of group search: amounts in cents, dates as day numbers; identical contents only where the row says so.
import { describe, expect, test } from 'vitest';
import {
  type Entry,
  type GroupRule,
  type GroupSearch,
  searchGroups,
} from '../../../../shared/matching/grouping/search-groups.ts';

/** Units, or units and a date. */
type Written = number | [units: number, date: number];
type Row = {
  name: string;
  ones: Written[];
  many: Written[];
  rule?: Partial<GroupRule>;
  /** Entries with the same letter are identical; all differ when absent. */
  same?: string;
  /** Positions: ones, then many. */
  groups: [number[], number[]][];
  tied?: [number[], number[]];
  exhausted?: [number[], number[]];
};

function entries(written: Written[], same?: string): Entry[] {
  return written.map((one, id) => {
    const [units, date] = typeof one === 'number' ? [one, undefined] : one;
    const content = same ? same.charCodeAt(id) : id;
    return { id, units: BigInt(units), content, ...(date !== undefined && { date }) };
  });
}

function search({ ones, many, rule, same }: Row): GroupSearch {
  const whole: GroupRule = { cardinality: 'one-to-many', scale: 2, ...rule };
  return searchGroups({ ones: entries(ones), many: entries(many, same), rule: whole });
}

function shown({ groups, tied, exhausted }: GroupSearch) {
  const ids = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
  return {
    groups: groups.map((group) => [group.ones, group.many]),
    tied: [ids(tied.ones), ids(tied.many)],
    exhausted: [ids(exhausted.ones), ids(exhausted.many)],
  };
}

const perGroup = { fixed: '0.99', per: 'group' } as const;
const perRecord = { percent: '2.9', fixed: '0.30', per: 'record' } as const;

const rows: Row[] = [
  { name: 'a payment of two invoices', ones: [300], many: [100, 200, 250], groups: [[[0], [0, 1]]] },
  { name: 'a single equal record is no group', ones: [300], many: [300, 17], groups: [] },
  {
    name: 'a payout of three orders less 0.99',
    ones: [5901],
    many: [1000, 2000, 3000, 4321],
    rule: { fee: perGroup },
    groups: [[[0], [0, 1, 2]]],
  },
  {
    name: 'a payout of one order less 0.99',
    ones: [901],
    many: [1000, 77],
    rule: { fee: perGroup },
    groups: [[[0], [0]]],
  },
  {
    name: '2.9 % + 0.30 of each order, rounded one by one, and none of the refund',
    // 10.00 less 0.59, 20.50 less 0.89 (0.8945), and 5.00 paid back.
    ones: [941 + 1961 - 500],
    many: [1000, 2050, -500],
    rule: { fee: perRecord },
    groups: [[[0], [0, 1, 2]]],
  },
  {
    name: '2.9 % + 0.30 of the sum, rounded once and half away from zero',
    // 30.50 × 2.9 % + 0.30 = 1.1845; 50.00 × 2.9 % = 1.45 exactly; 5.00 × 0.1 % = 0.005 is a cent.
    ones: [3050 - 118],
    many: [1000, 2050],
    rule: { fee: { ...perRecord, per: 'group' } },
    groups: [[[0], [0, 1]]],
  },
  {
    name: 'half a cent is a cent',
    ones: [499],
    many: [200, 300],
    rule: { fee: { percent: '0.1', per: 'group' } },
    groups: [[[0], [0, 1]]],
  },
  { name: 'a chargeback as a signed leg', ones: [50], many: [100, 150, -200], groups: [[[0], [0, 1, 2]]] },
  { name: 'the smallest set wins', ones: [600], many: [100, 200, 300, 350, 250], groups: [[[0], [3, 4]]] },
  {
    name: 'two sets as small, and nothing to tell them apart',
    ones: [300],
    many: [100, 200, 140, 160, 5],
    groups: [],
    tied: [[0], [0, 1, 2, 3]],
  },
  {
    name: 'two sets as small, and dates that tell them apart',
    ones: [[300, 10]],
    many: [
      [100, 10],
      [200, 9],
      [140, 8],
      [160, 8],
    ],
    rule: { window: { before: 3, after: 0 } },
    groups: [[[0], [0, 1]]],
  },
  {
    name: 'dates that differ by less than the margin',
    ones: [[300, 10]],
    many: [
      [100, 10],
      [200, 9],
      [140, 9],
      [160, 9],
    ],
    rule: { window: { before: 3, after: 0 }, tieMargin: 200_000 },
    groups: [],
    tied: [[0], [0, 1, 2, 3]],
  },
  {
    name: 'what lies outside the window is no member',
    ones: [[300, 10]],
    many: [
      [100, 10],
      [200, 6],
      [200, 11],
    ],
    rule: { window: { before: 3, after: 0 } },
    groups: [],
  },
  {
    name: 'the sum within a tolerance, the closest',
    ones: [300],
    many: [100, 201, 199, 103],
    rule: { tolerance: { absolute: '0.02' } },
    groups: [],
    tied: [[0], [0, 1, 2]],
  },
  {
    name: 'a percentage of the one',
    ones: [1000],
    many: [500, 490],
    rule: { tolerance: { percent: '1', base: 'one' } },
    groups: [[[0], [0, 1]]],
  },
  {
    name: 'the same percentage of the many is less',
    ones: [1000],
    many: [500, 490],
    rule: { tolerance: { percent: '1', base: 'many' } },
    groups: [],
  },
  {
    name: 'a payment leaves the set that another cannot do without',
    ones: [300, 160],
    many: [100, 200, 140, 160, 60],
    groups: [
      [[0], [2, 3]],
      [[1], [0, 4]],
    ],
  },
  {
    name: 'a payment takes a larger set where its smallest is all that another has',
    ones: [300, 301],
    many: [100, 200, 101, 7, 13, 280],
    groups: [
      [[0], [3, 4, 5]],
      [[1], [1, 2]],
    ],
  },
  {
    name: 'forty identical rows are no tie',
    ones: [3000],
    many: Array.from({ length: 40 }, () => 1000),
    same: 'a'.repeat(40),
    groups: [[[0], [0, 1, 2]]],
  },
  {
    name: 'many to many',
    ones: [100, 250],
    many: [120, 230, 77],
    rule: { cardinality: 'many-to-many' },
    groups: [
      [
        [0, 1],
        [0, 1],
      ],
    ],
  },
  {
    name: 'a reversal',
    ones: [],
    many: [100, -100, 55],
    rule: { cardinality: 'netting' },
    groups: [[[], [0, 1]]],
  },
  {
    name: 'a reversal with two partners that differ',
    ones: [],
    many: [100, -100, -100],
    rule: { cardinality: 'netting' },
    groups: [],
    tied: [[], [0, 1, 2]],
  },
  {
    name: 'a reversal with two identical partners',
    ones: [],
    many: [100, -100, -100],
    same: 'abb',
    rule: { cardinality: 'netting' },
    groups: [[[], [0, 1]]],
  },
  {
    name: 'three that cancel out, after the pair',
    ones: [],
    many: [100, -60, -40, 7, -7],
    rule: { cardinality: 'netting' },
    groups: [
      [[], [0, 1, 2]],
      [[], [3, 4]],
    ],
  },
  {
    name: 'a reversal after the window',
    ones: [],
    many: [
      [100, 1],
      [-100, 5],
    ],
    rule: { cardinality: 'netting', window: { before: 0, after: 3 } },
    groups: [],
  },
];

test.each(rows)('$name', (row) => {
  const { groups, tied, exhausted } = row;
  expect(shown(search(row))).toEqual({ groups, tied: tied ?? [[], []], exhausted: exhausted ?? [[], []] });
});

describe('the bound', () => {
  const equal = Array.from({ length: 40 }, () => 1000);

  test('forty equal amounts that differ: more sets than may be held, and never none', () => {
    const found = search({ name: '', ones: [5000, 8000, 5500], many: equal, rule: { recordsMax: 8 }, groups: [] });
    expect(found.groups).toEqual([]);
    expect([...found.exhausted.ones]).toEqual([0, 1]);
    expect(found.exhausted.many.size).toBe(40);
  });

  test('two of forty equal amounts are a tie that is seen to the end', () => {
    const found = search({ name: '', ones: [2000], many: equal, groups: [] });
    expect([found.tied.ones.size, found.tied.many.size, found.exhausted.ones.size]).toEqual([1, 40, 0]);
    expect(found.tied.candidates.get(0)!.map(({ many }) => many)).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [0, 4],
      [0, 5],
    ]);
  });

  test('out of steps, what is not decided is exhausted', () => {
    const row: Row = { name: '', ones: [300, 777], many: [100, 200, 250, 31], groups: [] };
    for (let stepsMax = 0; stepsMax < 4000; stepsMax += 7) {
      const { groups, exhausted, steps } = search({ ...row, rule: { stepsMax } });
      expect(steps).toBeLessThanOrEqual(stepsMax);
      expect(groups.length + Number(exhausted.ones.has(0))).toBe(1);
    }
    expect(search(row).exhausted.ones.size).toBe(0);
  });

  test('a set that a stopped search might have taken from is not settled, a smaller one is', () => {
    const many = [...equal.slice(0, 25), 1, 2, 4, 8, 16, 333, 444];
    const found = search({ name: '', ones: [5000, 31, 777], many, groups: [] });
    expect(shown(found).groups).toEqual([[[2], [30, 31]]]);
    expect(shown(found).exhausted[0]).toEqual([0, 1]);
  });
});

describe('what makes no sense is refused', () => {
  const refused = (rule: Partial<GroupRule>) => () => search({ name: '', ones: [1], many: [1], rule, groups: [] });

  test('a fee without a one', () => {
    expect(refused({ cardinality: 'netting', fee: perGroup })).toThrow(RangeError);
  });

  test('a fee of more than all', () => {
    expect(refused({ fee: { percent: '101', per: 'group' } })).toThrow(RangeError);
  });

  test('entries of one content that differ', () => {
    expect(() => search({ name: '', ones: [3], many: [1, 2], same: 'aa', groups: [] })).toThrow('differ');
  });
});

test('250 payouts of three orders less 0.99 among 1,000 orders over 90 days', () => {
  const { ones, many, truth } = payouts(250);
  const rule: GroupRule = {
    cardinality: 'one-to-many',
    scale: 2,
    recordsMax: 4,
    fee: perGroup,
    window: { before: 3, after: 0 },
  };
  const { groups } = searchGroups({ ones, many, rule });
  expect(new Map(groups.map((group) => [group.ones[0], group.many]))).toEqual(truth);
  expect(groups.every(({ fee }) => fee === 99n)).toBe(true);
});

/** Amounts of up to 2,500.00 of a fixed sequence. */
function payouts(count: number): { ones: Entry[]; many: Entry[]; truth: Map<number, number[]> } {
  let state = 11;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const many: Entry[] = [];
  const order = (date: number): number => {
    const id = many.length;
    many.push({ id, units: BigInt(500 + below(249_501)), date, content: id });
    return id;
  };
  const truth = new Map<number, number[]>();
  const ones = Array.from({ length: count }, (_, id): Entry => {
    const date = 3 + below(87);
    const members = [0, 1, 2].map(() => order(date - below(4)));
    truth.set(id, members);
    return { id, units: members.reduce((sum, member) => sum + many[member]!.units, -99n), date, content: id };
  });
  for (let unpaid = 0; unpaid < count; unpaid += 1) order(below(90));
  return { ones, many, truth };
}
