// Estimation without labels, against figures worked by hand, known parameters, and the exact answer for small sets of rivals.
import { expect, test } from 'vitest';
import { createExclusion, type Pairs } from '../../../../shared/matching/linking/exclusion.ts';
import {
  estimate,
  type Patterns,
  startOfMatches,
  withoutEstimation,
} from '../../../../shared/matching/linking/expectation-maximisation.ts';

const patternsOf = (rows: [levels: number[], count: number][]): Patterns => ({
  levels: rows.map(([levels]) => Uint8Array.from(levels)),
  counts: rows.map(([, count]) => count),
});

test('one step of estimation is what it is by hand', () => {
  // One field of two levels, 10 × 10 records of one relation with itself taken as 100 pairs: 4 pairs agree, 96 do not.
  const pairs = patternsOf([
    [[1], 4],
    [[2], 96],
  ]);
  const found = estimate({
    levelCounts: [2],
    candidates: pairs,
    lefts: 10,
    rights: 10,
    pairs: 100,
    random: pairs,
    drawn: pairs.counts,
    iterationsMax: 1,
  });
  // Start: m = 0.8, 0.2; u = (4 + ½) ÷ (100 + 10 + 1) = 0.040541, 0.959459; 5 matches: odds 5 ÷ 95 = 0.052632.
  // Odds of a pair that agrees: 0.052632 · 0.8 ÷ 0.040541 = 1.038596, so 1.038596 ÷ 2.038596 = 0.509466 of 4 = 2.037864.
  // Of one that does not: 0.052632 · 0.2 ÷ 0.959459 = 0.010971, so 0.010852 of 96 = 1.041792.
  // m₁ = 2.537864 ÷ 4.079656, u₁ = (4 − 2.037864 + ½) ÷ (111 − 3.079656).
  expect(found.matches).toBeCloseTo(3.079656, 4);
  expect(found.m[0]![0]).toBeCloseTo(2.537864 / 4.079656, 5);
  expect(found.u[0]![0]).toBeCloseTo(2.462136 / 107.920344, 5);
  expect(found.odds).toBeCloseTo(3.079656 / 96.920344, 6);
  expect(found.converged).toBe(false);
});

test('known parameters are found again', () => {
  const m = [0.9, 0.7, 0.85];
  const u = [0.01, 0.1, 0.02];
  const [matches, all] = [2_000, 1_000_000];
  const rows: [number[], number][] = [];
  for (let agree = 0; agree < 8; agree += 1) {
    const share = (chances: number[]) =>
      chances.reduce((product, chance, at) => product * (agree & (1 << at) ? chance : 1 - chance), 1);
    rows.push([
      [0, 1, 2].map((at) => (agree & (1 << at) ? 1 : 2)),
      Math.round(matches * share(m) + (all - matches) * share(u)),
    ]);
  }
  const pairs = patternsOf(rows);
  const found = estimate({
    levelCounts: [2, 2, 2],
    candidates: pairs,
    lefts: 5_000,
    rights: 5_000,
    pairs: all,
    random: pairs,
    drawn: pairs.counts,
  });
  expect(found.converged).toBe(true);
  for (const [at, share] of m.entries()) expect(Math.abs(found.m[at]![0]! - share)).toBeLessThan(0.01);
  for (const [at, share] of u.entries()) expect(found.u[at]![0]).toBeCloseTo(share, 3);
  expect(found.matches / matches).toBeCloseTo(1, 1);
});

test('an absent value is no evidence: the other field alone decides', () => {
  const pairs = patternsOf([
    [[0, 1], 50],
    [[0, 2], 9_950],
  ]);
  const found = estimate({
    levelCounts: [3, 2],
    candidates: pairs,
    lefts: 100,
    rights: 100,
    pairs: 10_000,
    random: pairs,
    drawn: pairs.counts,
  });
  expect(found.m[0]).toEqual([1 / 3, 1 / 3, 1 / 3]);
  expect(found.m[1]![0]).toBeGreaterThan(found.u[1]![0]!);
});

test('where nothing looks like a match the estimation says so', () => {
  const pairs = patternsOf([[[2, 2], 10_000]]);
  const given = {
    levelCounts: [2, 2],
    candidates: patternsOf([]),
    lefts: 100,
    rights: 100,
    pairs: 10_000,
    random: pairs,
    drawn: [],
  };
  expect(estimate(given).converged).toBe(false);
  const start = withoutEstimation(given);
  expect(start.m).toEqual([startOfMatches(2), startOfMatches(2)]);
  expect(start.matches).toBe(50);
});

test.each([1, 2, 3, 6])('shares of %i levels add up to one and fall', (levels) => {
  const shares = startOfMatches(levels);
  expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
  expect(shares.every((share, at) => at === 0 || share < shares[at - 1]!)).toBe(true);
});

type Edge = [left: number, right: number, odds: number];

/** By all sets of pairs in which no record is twice: what belief propagation has to come to. */
function byEnumeration(edges: Edge[]): number[] {
  const found = edges.map(() => 0);
  let total = 0;
  for (let set = 0; set < 1 << edges.length; set += 1) {
    const taken = edges.filter((_, at) => set & (1 << at));
    const alone = (side: 0 | 1) => new Set(taken.map((edge) => edge[side])).size === taken.length;
    if (!alone(0) || !alone(1)) continue;
    const weight = taken.reduce((product, [, , odds]) => product * odds, 1);
    total += weight;
    for (const at of edges.keys()) if (set & (1 << at)) found[at]! += weight;
  }
  return found.map((one) => one / total);
}

const rivals: { name: string; edges: Edge[]; within: number }[] = [
  { name: 'no rivals', edges: [[0, 0, 4]], within: 1e-9 },
  {
    name: 'two equal rivals',
    edges: [
      [0, 0, 100],
      [0, 1, 100],
    ],
    within: 1e-9,
  },
  {
    name: 'a chain',
    edges: [
      [0, 0, 50],
      [0, 1, 10],
      [1, 1, 200],
      [1, 2, 3],
    ],
    within: 1e-9,
  },
  {
    name: 'a star',
    edges: [
      [0, 0, 5],
      [1, 0, 7],
      [2, 0, 0.5],
      [2, 1, 9],
    ],
    within: 1e-9,
  },
  {
    name: 'very sure and very unsure',
    edges: [
      [0, 0, 1e9],
      [0, 1, 1e-3],
      [1, 1, 1e6],
    ],
    within: 1e-6,
  },
  // In a ring it is an approximation, and a good one.
  {
    name: 'a ring',
    edges: [
      [0, 0, 30],
      [0, 1, 2],
      [1, 0, 3],
      [1, 1, 20],
    ],
    within: 0.02,
  },
];

test.each(rivals)('probabilities among rivals: $name', ({ edges, within }) => {
  const column = (at: 0 | 1) => Int32Array.from(edges, (edge) => edge[at]);
  const pairs: Pairs = { left: column(0), right: column(1), pattern: Int32Array.from(edges.keys()) };
  const found = createExclusion(pairs, 3, 3).probabilities(edges.map(([, , odds]) => odds));
  for (const [at, exact] of byEnumeration(edges).entries()) expect(Math.abs(found[at]! - exact)).toBeLessThan(within);
});

test('two records with equal rivals: half each, whatever the odds', () => {
  const pairs: Pairs = {
    left: Int32Array.from([0, 0]),
    right: Int32Array.from([0, 1]),
    pattern: Int32Array.from([0, 0]),
  };
  expect([...createExclusion(pairs, 1, 2).probabilities([1e6])]).toEqual([
    expect.closeTo(0.5, 6),
    expect.closeTo(0.5, 6),
  ]);
});

test('identifiers that no two others share are told from chance by counting, for random pairs hold none', () => {
  // Of 2,000 and a million records 2,000 pairs have the same identifier, and none of 131,072 pairs taken at random.
  const candidates = patternsOf([[[1], 2_000]]);
  const given = {
    levelCounts: [2],
    candidates,
    exclusive: {
      left: Int32Array.from({ length: 2_000 }, (_, at) => at),
      right: Int32Array.from({ length: 2_000 }, (_, at) => at),
      pattern: new Int32Array(2_000),
    },
    lefts: 2_000,
    rights: 1_000_000,
    pairs: 2e9,
    random: patternsOf([[[2], 131_072]]),
    drawn: new Array<number>(2_000).fill(0),
  };
  expect(estimate(given).matches).toBeLessThan(1);
  const found = estimate({ ...given, counted: [{ equal: 2_000, present: 2e9 }] });
  expect(found.matches).toBeGreaterThan(1_900);
  expect(found.u[0]![0]).toBeLessThan(1e-7);
  expect(found.u[0]![0]! + found.u[0]![1]!).toBeCloseTo(1, 9);
});

test('copies of a record are rivals as so many records are', () => {
  // Two of the first left, three of the first right, one of each other: written out, and counted.
  const copies = { left: Int32Array.from([2, 1]), right: Int32Array.from([3, 1]) };
  const edges: [left: number, right: number, odds: number][] = [
    [0, 0, 5],
    [0, 1, 3],
    [1, 0, 2],
    [1, 1, 0.5],
  ];
  const counted = createExclusion(
    {
      left: Int32Array.from(edges, ([left]) => left),
      right: Int32Array.from(edges, ([, right]) => right),
      pattern: Int32Array.from(edges.keys()),
    },
    2,
    2,
    copies,
  ).probabilities(edges.map(([, , odds]) => odds));
  const [lefts, rights] = [
    [0, 0, 1],
    [0, 0, 0, 1],
  ];
  const each = lefts!.flatMap((left, l) => rights!.map((right, r) => ({ l, r, of: left * 2 + right })));
  const written = createExclusion(
    {
      left: Int32Array.from(each, ({ l }) => l),
      right: Int32Array.from(each, ({ r }) => r),
      pattern: Int32Array.from(each, ({ of }) => of),
    },
    3,
    4,
  ).probabilities(edges.map(([, , odds]) => odds));
  for (const [at, { of }] of each.entries()) expect(written[at]).toBeCloseTo(counted[of]!, 5);
});
