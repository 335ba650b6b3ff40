// Worked examples of pairing inside a block: each row says who is offered to whom, at what cost, and what comes of it.
import { describe, expect, test } from 'vitest';
import { type Pairing, pairOptimally } from '../../../../shared/matching/assignment/pair-optimally.ts';

type Row = {
  name: string;
  left: number[];
  right: number[];
  /** left, right, cost */
  offers: [number, number, number][];
  tieMargin?: number;
  offersMax?: number;
  /** left, right, count */
  pairs: [number, number, number][];
  tied?: [left: number[], right: number[]];
  exhausted?: [left: number[], right: number[]];
};

const rows: Row[] = [
  { name: 'nothing offered', left: [1], right: [1], offers: [], pairs: [] },
  { name: 'one offer', left: [1], right: [1], offers: [[0, 0, 7]], pairs: [[0, 0, 1]] },
  { name: 'identical records on both sides', left: [3], right: [2], offers: [[0, 0, 7]], pairs: [[0, 0, 2]] },
  {
    name: 'the best overall, where the closest first would leave one alone',
    left: [1, 1],
    right: [1, 1],
    offers: [
      [0, 0, 1],
      [0, 1, 5],
      [1, 0, 2],
    ],
    pairs: [
      [0, 1, 1],
      [1, 0, 1],
    ],
  },
  {
    name: 'more pairs before a lower cost',
    left: [1, 1],
    right: [1, 1],
    offers: [
      [0, 0, 0],
      [0, 1, 900],
      [1, 0, 900],
    ],
    pairs: [
      [0, 1, 1],
      [1, 0, 1],
    ],
  },
  {
    name: 'two equal pairings',
    left: [1, 1],
    right: [1, 1],
    offers: [
      [0, 0, 1],
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 1],
    ],
    pairs: [],
    tied: [
      [0, 1],
      [0, 1],
    ],
  },
  {
    name: 'two records that differ and want the same one',
    left: [1, 1],
    right: [1],
    offers: [
      [0, 0, 4],
      [1, 0, 4],
    ],
    pairs: [],
    tied: [[0, 1], [0]],
  },
  {
    name: 'two identical records that want the same one',
    left: [2],
    right: [1],
    offers: [[0, 0, 4]],
    pairs: [[0, 0, 1]],
  },
  {
    name: 'a difference within the margin',
    left: [1, 1],
    right: [1],
    offers: [
      [0, 0, 4],
      [1, 0, 6],
    ],
    tieMargin: 2,
    pairs: [],
    tied: [[0, 1], [0]],
  },
  {
    name: 'a difference beyond the margin',
    left: [1, 1],
    right: [1],
    offers: [
      [0, 0, 4],
      [1, 0, 6],
    ],
    tieMargin: 1,
    pairs: [[0, 0, 1]],
  },
  {
    name: 'a swap that costs more in total than either change alone',
    left: [1, 1],
    right: [1, 1],
    offers: [
      [0, 0, 0],
      [0, 1, 2],
      [1, 0, 2],
      [1, 1, 0],
    ],
    tieMargin: 3,
    pairs: [
      [0, 0, 1],
      [1, 1, 1],
    ],
  },
  {
    name: 'settled pairs of a node that also has a tie',
    left: [2, 1],
    right: [1, 1, 1],
    offers: [
      [0, 0, 0],
      [0, 1, 5],
      [0, 2, 5],
      [1, 1, 9],
      [1, 2, 9],
    ],
    pairs: [[0, 0, 1]],
    tied: [
      [0, 1],
      [1, 2],
    ],
  },
  {
    name: 'the same two offered twice',
    left: [1],
    right: [1],
    offers: [
      [0, 0, 5],
      [0, 0, 3],
    ],
    pairs: [[0, 0, 1]],
  },
  {
    name: 'a node without records',
    left: [0, 1],
    right: [1],
    offers: [
      [0, 0, 0],
      [1, 0, 9],
    ],
    pairs: [[1, 0, 1]],
  },
  {
    name: 'more offers than the bound in one component, and a pair beside it',
    left: [1, 1, 1],
    right: [1, 1, 1],
    offers: [
      [0, 0, 1],
      [0, 1, 2],
      [1, 0, 3],
      [1, 1, 4],
      [2, 2, 1],
    ],
    offersMax: 3,
    pairs: [[2, 2, 1]],
    exhausted: [
      [0, 1],
      [0, 1],
    ],
  },
  {
    name: 'a star beyond the bound',
    left: [2],
    right: [1, 1, 1, 1],
    offers: [
      [0, 3, 1],
      [0, 1, 2],
      [0, 2, 3],
      [0, 0, 4],
    ],
    offersMax: 3,
    pairs: [
      [0, 1, 1],
      [0, 3, 1],
    ],
  },
];

function shown({ pairs, tied, exhausted }: Pairing) {
  const nodes = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
  return {
    pairs: pairs.map(({ left, right, count }) => [left, right, count]),
    tied: [nodes(tied.left), nodes(tied.right)],
    exhausted: [nodes(exhausted.left), nodes(exhausted.right)],
  };
}

test.each(rows)('$name', ({ left, right, offers, tieMargin = 0, offersMax, pairs, tied, exhausted }) => {
  const pairing = pairOptimally({
    leftCounts: left,
    rightCounts: right,
    offers: offers.map(([leftAt, rightAt, cost]) => ({ left: leftAt, right: rightAt, cost })),
    tieMargin,
    ...(offersMax !== undefined && { offersMax }),
  });
  expect(shown(pairing)).toEqual({ pairs, tied: tied ?? [[], []], exhausted: exhausted ?? [[], []] });
});

describe('costs', () => {
  const square = (cost: number) =>
    [0, 1].flatMap((left) => [0, 1].map((right) => ({ left, right, cost: cost + left + right })));

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('%d is refused', (cost) => {
    const request = { leftCounts: [1], rightCounts: [1], offers: [{ left: 0, right: 0, cost }], tieMargin: 0 };
    expect(() => pairOptimally(request)).toThrow(RangeError);
  });

  test('whose sums would not be exact are refused', () => {
    const request = { leftCounts: [1, 1], rightCounts: [1, 1], offers: square(2 ** 51), tieMargin: 0 };
    expect(() => pairOptimally(request)).toThrow('too large');
  });

  test('of many differing fields stay exact', () => {
    const offers = square(40e9).map((offer) =>
      offer.left === offer.right ? offer : { ...offer, cost: offer.cost + 1 },
    );
    const { pairs } = pairOptimally({ leftCounts: [1, 1], rightCounts: [1, 1], offers, tieMargin: 0 });
    expect(pairs.map(({ left, right }) => [left, right])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });
});

test('40 equal amounts on each side are a tie of all', () => {
  const counts = new Array<number>(40).fill(1);
  const offers = counts.flatMap((_, left) => counts.map((__, right) => ({ left, right, cost: 3 })));
  const { pairs, tied } = pairOptimally({ leftCounts: counts, rightCounts: counts, offers, tieMargin: 0 });
  expect([pairs.length, tied.left.size, tied.right.size]).toEqual([0, 40, 40]);
});
