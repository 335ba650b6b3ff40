// The statistics by which something is unusual: the formulas on figures worked out by hand, and how often chance alone passes them.
import { describe, expect, test } from 'vitest';
import {
  counts,
  limitOfValues,
  limitsOfRuns,
  median,
  runsAsFar,
  scoreOf,
  sharesOf,
  sizeFloor,
  sizes,
  spreadOf,
  thresholdOf,
} from '../../../../shared/domain/anomaly/robust.ts';
import { normal } from './generated-runs.ts';

const plain = { to: (value: number) => value, from: (value: number) => value };

describe('the spread', () => {
  test.each([
    ['is MAD / 0.6745', [1, 2, 3, 4, 100], 0, 1 / 0.6745],
    ['is 1.253314 × the mean absolute deviation where the MAD is 0', [5, 5, 5, 5, 15], 0, 1.253314 * 2],
    ['is the floor where all values are equal', [7, 7, 7], 0.25, 0.25],
    ['is at least the floor', [1, 2, 3, 4, 100], 9, 9],
  ])('%s', (_says, values, floor, expected) => {
    expect(spreadOf(values, median(values), floor)).toBeCloseTo(expected, 10);
  });

  test('the modified z-score is 0.6745 × (x − median) / MAD', () => {
    const values = [10, 12, 14, 16, 18, 20, 22, 24, 26];
    const limits = limitsOfRuns(plain, values, 0);
    expect(scoreOf(plain, limits, 58)).toBe(Math.round(((0.6745 * (58 - 18)) / 4) * 10) / 10);
  });
});

describe('scales go there and back', () => {
  test.each([
    ['counts', counts, [0, 1, 17, 1_043, 1e9]],
    ['shares', sharesOf(1_000), [0, 0.001, 0.5, 0.999, 1]],
    ['sizes', sizes, [0.01, 1, 1e18]],
  ])('%s', (_name, scale, values) => {
    for (const value of values) expect(scale.from(scale.to(value)) / (value || 1)).toBeCloseTo(value ? 1 : 0, 9);
  });

  test('beyond the ends of a scale there is nothing', () => {
    expect(counts.from(-5)).toBe(0);
    expect(sharesOf(100).from(-1)).toBe(0);
    expect(sharesOf(100).from(9)).toBe(1);
  });
});

describe('what is unusual is far and rare', () => {
  test.each([
    // The floor of a count is that of Poisson: after nothing but zeros five are no news.
    ['zeros', counts, Array(60).fill(0), 1, 5, false],
    ['zeros', counts, Array(60).fill(0), 1, 8, true],
    ['a constant count', counts, Array(60).fill(1_000), 1, 1_100, false],
    ['a constant count', counts, Array(60).fill(1_000), 1, 1_200, true],
    ['a share of zero', sharesOf(1_000), Array(60).fill(0), 1 / Math.sqrt(1_000), 0.005, false],
    ['a share of zero', sharesOf(1_000), Array(60).fill(0), 1 / Math.sqrt(1_000), 0.01, true],
    ['one size', sizes, Array(60).fill(0.05), sizeFloor, 0.1, false],
    ['one size', sizes, Array(60).fill(0.05), sizeFloor, 0.16, true],
    // Every fifth run is three times as large: far from the others, but known.
    [
      'weekdays',
      counts,
      Array.from({ length: 60 }, (_, run) => (run % 5 === 0 ? 3_000 : 1_000) + run),
      1,
      3_050,
      false,
    ],
    ['weekdays', counts, Array.from({ length: 60 }, (_, run) => (run % 5 === 0 ? 3_000 : 1_000) + run), 1, 9_000, true],
  ])('%s: %#', (_name, scale, ofRuns, floor, value, flagged) => {
    expect(value > limitsOfRuns(scale, ofRuns, floor).high).toBe(flagged);
  });

  test.each([
    [8, undefined, 1],
    [39, undefined, 1],
    [60, undefined, 3],
    [60, 300, 1],
    [60, 5_000, 3],
  ])('of %i runs and %s values it may have been in %i', (runs, values, expected) => {
    expect(runsAsFar(runs, values)).toBe(expected);
  });

  test('the largest values of a few runs are known, however far they are', () => {
    const request = { sample: Array.from({ length: 60 }, (_, n) => 10 + n), values: 2_000, floor: sizeFloor };
    const largest = [...Array(36).fill(70), 5_000, 5_000, 5_000, 5_000];
    expect(limitOfValues(sizes, { ...request, largest }).high).toBe(5_000);
    expect(limitOfValues(sizes, { ...request, largest: largest.slice(0, 37) }).high).toBeLessThan(5_000);
  });
});

test.each([8, 12, 20, 60])('of %i normal values a new one is beyond the threshold less than once in 200 times', (n) => {
  const draw = normal(n);
  const trials = 20_000;
  let [passed, unadjusted] = [0, 0];
  for (let trial = 0; trial < trials; trial += 1) {
    const values = Array.from({ length: n }, draw);
    const middle = median(values);
    const score = Math.abs(draw() - middle) / spreadOf(values, middle, 0);
    if (score > thresholdOf(n)) passed += 1;
    if (score > 3.5) unadjusted += 1;
  }
  expect(passed / trials).toBeLessThan(0.005);
  expect(unadjusted).toBeGreaterThanOrEqual(passed);
});
