// Robust statistics: what is far from the middle of a history, in the history's own spread, and has hardly ever been there.
// Binary floats: they decide what is flagged and are never shown as an amount.

/** How a figure is made comparable: on this scale its spread does not depend on its size. */
export type Scale = { to(value: number): number; from(scaled: number): number };

/**
 * Anscombe (1948): the square root of a Poisson count has a standard deviation of one half, whatever the count; so twice
 * the root has 1, which is the floor of its spread. What is not Poisson has more, and the history says how much.
 */
export const counts: Scale = {
  to: (value) => 2 * Math.sqrt(value + 3 / 8),
  from: (scaled) => Math.max(0, (Math.max(0, scaled) / 2) ** 2 - 3 / 8),
};

/** Anscombe (1948), of shares of n: twice the arc sine of the root of a binomial share has a standard deviation of 1/√n. */
export function sharesOf(n: number): Scale {
  return {
    to: (share) => 2 * Math.asin(Math.sqrt((share * n + 3 / 8) / (n + 3 / 4))),
    from: (scaled) => {
      const root = Math.sin(Math.min(Math.PI, Math.max(0, scaled)) / 2) ** 2;
      return Math.min(1, Math.max(0, (root * (n + 3 / 4) - 3 / 8) / n));
    },
  };
}

/** Amounts and differences go over many sizes and are skewed to the right; their logarithms are not. */
export const sizes: Scale = { to: Math.log, from: Math.exp };

/** The threshold of Iglewicz and Hoaglin (1993). */
export const threshold = 3.5;

/** Less than twice the median is never an unusual size: the threshold lies at ln 2 or further. */
export const sizeFloor = Math.LN2 / threshold;

/**
 * The threshold for a history of n. Of few values the median absolute deviation is often too small by chance: with 8 normal values 3.5 is passed by
 * one new value in 20. With this factor, found by simulation, it is less than 1 in 200 from 8 on (test/unit/domain/anomaly/robust.test.ts).
 */
export function thresholdOf(n: number): number {
  return threshold * (1 + 4 / (n - 5));
}

/** Of a list that is not empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median absolute deviation. */
export function deviation(values: readonly number[], middle: number): number {
  return median(values.map((value) => Math.abs(value - middle)));
}

/**
 * Stands for the standard deviation of a normal distribution: MAD / 0.6745 (Iglewicz and Hoaglin, 1993); where half of the values are equal and the MAD
 * is 0, 1.253314 × the mean absolute deviation, as the statistics of IBM have it; at least `floor`.
 */
export function spreadOf(scaled: readonly number[], middle: number, floor: number): number {
  const mad = deviation(scaled, middle);
  const mean = scaled.reduce((sum, value) => sum + Math.abs(value - middle), 0) / scaled.length;
  return Math.max(mad > 0 ? mad / 0.6745 : 1.253314 * mean, floor);
}

/**
 * How many runs of a history may have been as far out for something to be unusual still: one in twenty, but one at least. `values`: where each run has
 * several; then no more than one for every 500 of them, so that a new value passes by chance less than once in 250 times.
 */
export function runsAsFar(runs: number, values = Number.POSITIVE_INFINITY): number {
  return Math.max(1, Math.min(Math.floor(runs / 20), Math.floor(values / 500)));
}

/** Spreads by which one number of a run must be beyond what has been there: the largest of all Mondays is no news. */
export const marginOfRuns = 2;

export type Limits = {
  middle: number;
  spread: number;
  /** In the unit of the values: what lies beyond is far, and has hardly ever been there. */
  low: number;
  high: number;
};

/**
 * `ofRuns`: one number of each run. Far alone would flag every Monday of a volume that is larger on Mondays, and rare alone the largest of any
 * history; what is beyond these limits is both.
 */
export function limitsOfRuns(scale: Scale, ofRuns: number[], floor: number): Limits {
  const { middle, spread, far } = distance(scale, ofRuns, floor);
  const sorted = ofRuns.map(scale.to).sort((a, b) => a - b);
  const few = runsAsFar(sorted.length);
  const margin = marginOfRuns * spread;
  return {
    middle,
    spread,
    low: scale.from(Math.min(middle - far, sorted[few]! - margin)),
    high: scale.from(Math.max(middle + far, sorted.at(-1 - few)! + margin)),
  };
}

/** `sample`: values of all runs; `largest`: of each run, of `values` in all. */
export function limitOfValues(
  scale: Scale,
  { sample, largest, values, floor }: { sample: number[]; largest: number[]; values: number; floor: number },
): Omit<Limits, 'low'> {
  const { middle, spread, far } = distance(scale, sample, floor);
  const few = runsAsFar(largest.length, values);
  return { middle, spread, high: Math.max(scale.from(middle + far), largest.toSorted((a, b) => b - a)[few]!) };
}

function distance(scale: Scale, values: number[], floor: number) {
  const scaled = values.map(scale.to);
  const middle = median(scaled);
  const spread = spreadOf(scaled, middle, floor);
  return { middle, spread, far: thresholdOf(values.length) * spread };
}

/** 0.6745 × (x − median) / MAD on the scale. */
export function scoreOf(scale: Scale, { middle, spread }: Pick<Limits, 'middle' | 'spread'>, value: number): number {
  const score = (scale.to(value) - middle) / spread;
  return Math.round(Math.max(-scoreMax, Math.min(scoreMax, score)) * 10) / 10;
}
export const scoreMax = 9_999;
