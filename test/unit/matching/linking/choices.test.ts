// What is chosen by figures alone: weights of levels, keys of blocks, clusters, dependent fields, and requests that are refused.
import { expect, test } from 'vitest';
import {
  chooseKeys,
  type Match,
  type MeasuredKey,
  recombine,
  shareFound,
} from '../../../../shared/matching/linking/choose-blocks.ts';
import { dependentFields } from '../../../../shared/matching/linking/dependent-fields.ts';
import type { ComparisonKind } from '../../../../shared/matching/linking/fields.ts';
import { growClusters } from '../../../../shared/matching/linking/link-clusters.ts';
import { modelVersion } from '../../../../shared/matching/linking/link-model.ts';
import { checkLinkRequest, type LinkRequest } from '../../../../shared/matching/linking/link-request.ts';
import { informationOf, weightsOf } from '../../../../shared/matching/linking/model-weights.ts';

const field = (kind: ComparisonKind, m: number[], u: number[]) => ({ name: 'x', kind, m, u });

test('a level weighs log₂(m ÷ u), and equal values by the share of the value', () => {
  const weights = weightsOf(
    { fields: [field('name', [0.8, 0.1, 0.1], [0.01, 0.05, 0.94])], baseWeight: -10_000_000 },
    [1],
  );
  expect(weights.base).toBe(-10_000_000);
  // log₂ 80, 2 and 0.106383.
  expect(weights.fields).toEqual([[0, 6_321_928, 1_000_000, -3_232_661]]);
  // log₂ 0.8, to which −log₂ of the share of the value is added.
  expect(weights.equal).toEqual([-321_928]);
});

test('texts that are equal weigh what their level does: their words are weighed already', () => {
  expect(weightsOf({ fields: [field('text', [0.5, 0.5], [0.01, 0.99])], baseWeight: 0 }, [1]).equal).toEqual([
    undefined,
  ]);
});

test('a nearer level never weighs less than a farther one', () => {
  const { fields } = weightsOf(
    { fields: [field('name', [0.5, 0.01, 0.3, 0.19], [0.1, 0.1, 0.1, 0.7])], baseWeight: 0 },
    [1],
  );
  const [, equal, second, third, last] = fields[0] as number[];
  // (0.01 + 0.3) ÷ (0.1 + 0.1) = 1.55.
  expect([second, third]).toEqual([632_268, 632_268]);
  expect(equal).toBeGreaterThan(second!);
  expect(last).toBeLessThan(third!);
});

test('without a model, agreement says as much as it is rare', () => {
  const random = { levels: [[1], [2], [3], [0]].map((one) => Uint8Array.from(one)), counts: [1, 3, 12, 5] };
  const [, equal, near, different] = informationOf([3], random).fields[0] as number[];
  expect(equal).toBeGreaterThan(near!);
  expect(near).toBeGreaterThan(different!);
  expect(different).toBeCloseTo(0, 6);
});

const size = { left: 'l', right: 'r', leftCount: 100_000, rightCount: 100_000, single: false, pairs: 1_000_000 };
const key = (name: string, bits: number[], pairs: number): MeasuredKey => ({
  name,
  atoms: [],
  pairs,
  mask: bits.reduce((mask, one) => mask | (1n << BigInt(one)), 0n),
});
const masks = (rows: [bits: number[], n: number, found?: boolean][]): Match[] =>
  rows.map(([bits, n, found = false]) => ({
    mask: bits.reduce((mask, one) => mask | (1n << BigInt(one)), 0n),
    n,
    found,
    half: 0,
  }));

const choices: {
  name: string;
  keys: ReturnType<typeof key>[];
  matches: ReturnType<typeof masks>;
  chosen: string[];
  recall: number;
}[] = [
  {
    name: 'one key that finds all',
    keys: [key('surname', [0], 500_000), key('postcode', [1], 100_000)],
    matches: masks([[[0, 1], 1000]]),
    chosen: ['postcode'],
    recall: 1,
  },
  {
    name: 'two that find what the other misses',
    keys: [key('surname', [0], 100_000), key('postcode', [1], 100_000)],
    matches: masks([
      [[0], 500],
      [[1], 400],
      [[0, 1], 100],
    ]),
    chosen: ['surname', 'postcode'],
    recall: 1,
  },
  {
    name: 'none that takes more pairs than the records allow',
    keys: [key('state', [0], 1_000_000_000), key('surname', [1], 100_000)],
    matches: masks([
      [[0, 1], 900],
      [[0], 100],
    ]),
    chosen: ['surname'],
    recall: 0.9,
  },
  {
    name: 'none that finds next to nothing',
    keys: [key('surname', [0], 100_000), key('postcode', [1], 1_500_000)],
    matches: masks([
      [[0], 99_990],
      [[1], 10],
    ]),
    chosen: ['surname'],
    recall: 0.9999,
  },
  {
    name: 'nothing where nothing is like a match',
    keys: [key('surname', [0], 100)],
    matches: [],
    chosen: [],
    recall: 1,
  },
];

test.each(choices)('blocks: $name', ({ keys, matches, chosen, recall }) => {
  const found = chooseKeys(keys, matches, size, 1);
  expect(found.map(({ name }) => name)).toEqual(chosen);
  expect(shareFound(found, matches)).toBeCloseTo(recall, 6);
});

test('matches are recombined field by field, and always the same', () => {
  const sure = masks([
    [[0, 2], 6],
    [[1], 2],
    [[2], 2],
  ]);
  // Two fields: atoms 0 and 1, and atom 2.
  const found = recombine(sure, [0b011n, 0b100n]);
  const share = (mask: bigint) => {
    const all = found.reduce((sum, { n }) => sum + n, 0);
    return found.filter((one) => one.mask === mask).reduce((sum, { n }) => sum + n, 0) / all;
  };
  // Of the first field: 0.6, 0.2 and 0.2 none; of the second 0.8 and 0.2 none.
  expect(share(0b101n)).toBeCloseTo(0.48, 1);
  expect(share(0b110n)).toBeCloseTo(0.16, 1);
  expect(share(0b000n)).toBeCloseTo(0.04, 1);
  expect(new Set(found.map(({ half }) => half))).toEqual(new Set([0, 1]));
  expect(recombine(sure, [0b011n, 0b100n])).toEqual(found);
  expect(recombine([], [1n])).toEqual([]);
});

const bits = (value: number) => value * 1_000_000;

const clusters: { name: string; pairs: [number, number, number][]; links: number; clusters: number[][] }[] = [
  { name: 'a pair', pairs: [[3, 5, bits(8)]], links: 1, clusters: [[3, 5]] },
  {
    name: 'three that know each other',
    pairs: [
      [1, 2, bits(9)],
      [2, 3, bits(8)],
      [1, 3, bits(7)],
    ],
    links: 3,
    clusters: [[1, 2, 3]],
  },
  {
    name: 'three of which two are only strangers',
    pairs: [
      [1, 2, bits(20)],
      [2, 3, bits(18)],
    ],
    links: 2,
    clusters: [[1, 2, 3]],
  },
  {
    name: 'a weak chain is cut',
    pairs: [
      [1, 2, bits(9)],
      [3, 4, bits(9)],
      [2, 3, bits(3)],
    ],
    links: 3,
    clusters: [
      [1, 2],
      [3, 4],
    ],
  },
  {
    name: 'what speaks against it counts',
    pairs: [
      [1, 2, bits(9)],
      [2, 3, bits(5)],
      [1, 3, bits(-6)],
    ],
    links: 2,
    clusters: [[1, 2]],
  },
  { name: 'pairs below the threshold link nothing', pairs: [[1, 2, bits(-1)]], links: 0, clusters: [] },
];

test.each(clusters)('clusters: $name', ({ pairs, links, clusters: expected }) => {
  const found = growClusters({
    left: pairs.map(([l]) => l),
    right: pairs.map(([, r]) => r),
    weight: pairs.map(([, , w]) => w),
    links,
  });
  const grouped = new Map<number, number[]>();
  for (const [id, cluster] of [...found].sort(([a], [b]) => a - b))
    grouped.set(cluster, [...(grouped.get(cluster) ?? []), id]);
  expect([...grouped.values()]).toEqual(expected);
  for (const [cluster, members] of grouped) expect(Math.min(...members)).toBe(cluster);
});

const agreements: {
  name: string;
  one: number[];
  both: [number, number, number][];
  matchesMax: number;
  /** Pairs compared, by levels. */
  compared?: [number[], number][];
  found: (number | undefined)[];
}[] = [
  { name: 'none', one: [10_000, 5_000], both: [[0, 1, 60]], matchesMax: 0, found: [undefined, undefined] },
  { name: 'a postcode on its city', one: [10_000, 500], both: [[0, 1, 480]], matchesMax: 0, found: [undefined, 0] },
  {
    name: 'no more than matches may do',
    one: [10_000, 500],
    both: [[0, 1, 480]],
    matchesMax: 470,
    found: [undefined, undefined],
  },
  { name: 'too few to be sure', one: [100, 100], both: [[0, 1, 19]], matchesMax: 0, found: [undefined, undefined] },
  {
    name: 'no more than matches may do, but unlike otherwise',
    one: [10_000, 500, 300],
    both: [[0, 1, 480]],
    matchesMax: 470,
    compared: [
      [[1, 1, 3], 300],
      [[1, 1, 1], 180],
    ],
    found: [undefined, 0, undefined],
  },
  {
    name: 'a few odd matches',
    one: [10_000, 500, 300],
    both: [[0, 1, 480]],
    matchesMax: 470,
    compared: [
      [[1, 1, 3], 30],
      [[1, 1, 2], 450],
    ],
    found: [undefined, undefined, undefined],
  },
  {
    name: 'on the one that it goes with most',
    one: [10_000, 2_000, 500],
    both: [
      [0, 2, 480],
      [1, 2, 400],
    ],
    matchesMax: 0,
    found: [undefined, undefined, 1],
  },
];

test.each(agreements)('fields that depend on another: $name', ({ one, both, matchesMax, compared = [], found }) => {
  const table = one.map(() => one.map(() => 0));
  for (const [a, b, n] of both) table[a]![b] = n;
  const patterns = {
    levels: compared.map(([levels]) => Uint8Array.from(levels)),
    counts: compared.map(([, count]) => count),
  };
  expect(dependentFields({ all: 1_000_000, one, both: table }, patterns, matchesMax)).toEqual(found);
});

test('a field that depends on another weighs by how often it is equal where that one is', () => {
  const model = {
    fields: [
      { name: 'city', kind: 'name' as const, m: [0.9, 0.1], u: [0.01, 0.99] },
      {
        name: 'postcode',
        kind: 'code' as const,
        m: [0.8, 0.2],
        u: [0.001, 0.999],
        given: { field: 'city', u: [0.1, 0.9] },
      },
    ],
    baseWeight: 0,
  };
  // log₂ 8 and log₂ (0.2 ÷ 0.9).
  expect(weightsOf(model, [1, 1]).given).toEqual([undefined, { on: 0, weights: [0, 3_000_000, -2_169_925] }]);
});

const requests: { name: string; request: Partial<LinkRequest>; wrong: RegExp }[] = [
  { name: 'a threshold above one', request: { threshold: 1.2 }, wrong: /threshold is 1.2/ },
  { name: 'a threshold below nothing', request: { threshold: -0.1 }, wrong: /threshold is -0.1/ },
  { name: 'a threshold that is no number', request: { threshold: Number.NaN }, wrong: /threshold is NaN/ },
  { name: 'a target above one', request: { targetPrecision: 99 }, wrong: /targetPrecision is 99/ },
  { name: 'a threshold and a target', request: { threshold: 0.9, targetPrecision: 0.9 }, wrong: /one of them decides/ },
  { name: 'a margin below nothing', request: { tieMargin: -1 }, wrong: /tieMargin is -1/ },
  { name: 'no fields', request: { fields: [] }, wrong: /no fields/ },
  { name: 'a field twice', request: { fields: [{ name: 'a' }, { name: 'A' }] }, wrong: /A is there twice/ },
  {
    name: 'weights that add up to nothing',
    request: {
      fields: [
        { name: 'a', weight: 0 },
        { name: 'b', weight: 0 },
      ],
    },
    wrong: /add up to nothing/,
  },
  { name: 'a weight below nothing', request: { fields: [{ name: 'a', weight: -1 }] }, wrong: /weight of a is -1/ },
  {
    name: 'a model of other fields',
    request: {
      model: {
        version: modelVersion,
        fields: [{ name: 'b', kind: 'name', m: [], u: [] }],
        baseWeight: 0,
        partners: 0,
        notes: [],
      },
    },
    wrong: /model is of other fields: b/,
  },
];

test.each(requests)('refused: $name', ({ request, wrong }) => {
  const found = checkLinkRequest({ left: 'l', right: 'r', fields: [{ name: 'a' }], ...request });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(wrong);
});

test('a request that makes sense', () => {
  expect(
    checkLinkRequest({
      left: 'l',
      right: 'r',
      fields: [{ name: 'a', weight: 0 }, { name: 'b' }],
      threshold: 0,
      tieMargin: 0.5,
    }),
  ).toEqual([]);
});
