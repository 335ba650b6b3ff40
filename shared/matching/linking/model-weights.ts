// From a model to what each level weighs, in millionths of a bit, and to the probability of a pair.
import { type Comparison, levelColumn, rarityColumn } from './comparisons.ts';
import type { Patterns } from './expectation-maximisation.ts';
import type { LinkModel } from './link-model.ts';
import { bit } from './prepare-records.ts';

export type Weights = {
  /** Of a pair before anything is known of it. */
  base: number;
  /** Per field, by level from 0 (absent: nothing). */
  fields: number[][];
  /** Per field: added to the rarity of the value where values are equal; undefined where equal weighs as it does in `fields`. */
  equal: (number | undefined)[];
  /** Per field that depends on another: its place, and the weights by level where that other is equal. */
  given: ({ on: number; weights: number[] } | undefined)[];
  /** Per field: what its weights are multiplied by. */
  factors: number[];
};

/**
 * log₂(m ÷ u) per level (Fellegi and Sunter, 1969), and never more for values that are further apart than for nearer ones:
 * levels against that order are pooled (Ayer et al., 1955). Equal values weigh log₂(m ÷ share of the value) instead
 * (Winkler, 2000): Smith in both says less than Featherstonehaugh. Texts are equal in their words, which are weighed themselves.
 */
export function weightsOf(
  { fields, baseWeight }: Pick<LinkModel, 'fields' | 'baseWeight'>,
  factors: number[],
): Weights {
  return {
    base: baseWeight,
    fields: fields.map(({ m, u }) => levelWeights(m, u)),
    given: fields.map(
      ({ m, given }) =>
        given && { on: fields.findIndex(({ name }) => name === given.field), weights: levelWeights(m, given.u) },
    ),
    equal: fields.map(({ kind, m: [equal] }) => (kind === 'text' ? undefined : millionths(Math.log2(equal!)))),
    factors,
  };
}

function levelWeights(m: number[], u: number[]): number[] {
  return [0, ...poolAgainstOrder(m, u).map((ratio) => millionths(Math.log2(ratio)))];
}

/** What agreement says when nothing is known of matches: −log₂ of the share of pairs that agree as much or more. */
export function informationOf(levelCounts: number[], { levels, counts }: Patterns): Weights {
  const fields = levelCounts.map((count, field) => {
    const seen = new Array<number>(count).fill(0);
    for (const [at, pattern] of levels.entries()) if (pattern[field]! > 0) seen[pattern[field]! - 1]! += counts[at]!;
    const all = seen.reduce((sum, one) => sum + one, 0.5);
    let better = 0.5;
    return [0, ...seen.map((one) => millionths(-Math.log2(Math.min(1, (better += one) / all))))];
  });
  return {
    base: 0,
    fields,
    equal: levelCounts.map(() => undefined),
    given: levelCounts.map(() => undefined),
    factors: levelCounts.map(() => 1),
  };
}

function poolAgainstOrder(m: number[], u: number[]): number[] {
  const blocks: { m: number; u: number; levels: number }[] = [];
  for (let level = 0; level < m.length; level += 1) {
    blocks.push({ m: m[level]!, u: u[level]!, levels: 1 });
    while (blocks.length > 1) {
      const [before, last] = blocks.slice(-2) as [(typeof blocks)[0], (typeof blocks)[0]];
      if (before.m * last.u >= last.m * before.u) break;
      blocks.splice(-2, 2, { m: before.m + last.m, u: before.u + last.u, levels: before.levels + last.levels });
    }
  }
  return blocks.flatMap((block) => new Array<number>(block.levels).fill(block.m / block.u));
}

export function millionths(value: number): number {
  return Math.round(value * bit);
}

/** Sum of a pair's weights, BIGINT, over the columns of `levelsSql`. */
export function weightSql(comparisons: Comparison[], weights: Weights): string {
  return `(${[`${weights.base}`, ...comparisons.map((_, at) => fieldWeightSql(comparisons, weights, at))].join(' + ')})::BIGINT`;
}

/** What the field at that place adds to it. */
export function fieldWeightSql(comparisons: Comparison[], weights: Weights, at: number): string {
  const { index } = comparisons[at]!.field;
  const cases = weights.fields[at]!.map((weight, level) => {
    const equal = level === 1 ? weights.equal[at] : undefined;
    return `WHEN ${level} THEN ${equal === undefined ? weight : `${equal} + ${rarityColumn(index)}`}`;
  });
  const plain = `CASE ${levelColumn(index)} ${cases.join(' ')} END`;
  const given = weights.given[at];
  const givenCases = given?.weights.map((weight, level) => `WHEN ${level} THEN ${weight}`).join(' ');
  const sum = given
    ? `CASE WHEN ${levelColumn(comparisons[given.on]!.field.index)} = 1 THEN CASE ${levelColumn(index)} ${givenCases} END ELSE ${plain} END`
    : plain;
  return weights.factors[at] === 1 ? sum : `round(${weights.factors[at]} * (${sum}))::BIGINT`;
}

/** 2^w ÷ (1 + 2^w) of a weight in millionths of a bit, to six places. */
export function probabilitySql(weight: string): string {
  return `round(1 / (1 + pow(2, -(${weight}) / ${bit}.0)), 6)`;
}
