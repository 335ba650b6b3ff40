// What it says of a pair that its records have one partner at most: rivals share what there is to share. Pure.

/** Candidate pairs: records and patterns are numbered from 0. */
export type Pairs = { left: Int32Array; right: Int32Array; pattern: Int32Array };

export type Exclusion = {
  /** Probability of each pair; `odds` are by pattern, of a pair whose records have no other partner. */
  probabilities(odds: ArrayLike<number>): Float64Array;
};

/** Turns of messages: each goes on from where the last estimation ended, so few are needed. */
const turnsMax = 50;
const still = 1e-7;

/**
 * All sets of pairs in which no record is twice are possible, each as likely as the product of its pairs' odds: the
 * monomer-dimer model (Heilmann and Lieb, 1972). The probability of a pair is found by belief propagation, exact where
 * rivals form no rings (Bayati and Nair, 2006; Zdeborová and Mézard, 2006): a record tells each partner how likely it is to be alone
 * without that one, a(l→r) = 1 ÷ (1 + Σ o(l, r′)·b(r′→l)) over the others r′, likewise b, and
 * P(l, r) = o·a·b ÷ (1 + o·a·b). A pair without rivals has o ÷ (1 + o), two equal rivals have at most a half each.
 *
 * `copies` is how many identical records each stands for, one unless given. They say and hear the same, so a record counts
 * as many times among the partners of another, and the probability is that of one copy with one copy.
 */
export function createExclusion(
  { left, right, pattern }: Pairs,
  lefts: number,
  rights: number,
  copies?: { left: Int32Array; right: Int32Array },
): Exclusion {
  const size = left.length;
  const fromLeft = new Float64Array(size).fill(1);
  const fromRight = new Float64Array(size).fill(1);
  const sums = { left: new Float64Array(lefts), right: new Float64Array(rights) };
  const times = copies && { left: right.map((one) => copies.right[one]!), right: left.map((one) => copies.left[one]!) };
  return {
    probabilities(odds) {
      for (let turn = 0; turn < turnsMax; turn += 1) {
        const moved = Math.max(
          tell(left, sums.left, fromRight, fromLeft, pattern, odds, times?.left),
          tell(right, sums.right, fromLeft, fromRight, pattern, odds, times?.right),
        );
        if (moved < still) break;
      }
      return Float64Array.from({ length: size }, (_, at) => {
        const together = odds[pattern[at]!]! * fromLeft[at]! * fromRight[at]!;
        return together / (1 + together);
      });
    },
  };
}

function tell(
  own: Int32Array,
  sums: Float64Array,
  heard: Float64Array,
  told: Float64Array,
  pattern: Int32Array,
  odds: ArrayLike<number>,
  times: Int32Array | undefined,
): number {
  sums.fill(0);
  for (let at = 0; at < own.length; at += 1)
    sums[own[at]!]! += odds[pattern[at]!]! * heard[at]! * (times === undefined ? 1 : times[at]!);
  let moved = 0;
  for (let at = 0; at < own.length; at += 1) {
    const others = Math.max(0, sums[own[at]!]! - odds[pattern[at]!]! * heard[at]!);
    const next = 1 / (1 + others);
    moved = Math.max(moved, Math.abs(next - told[at]!));
    told[at] = next;
  }
  return moved;
}
