// Fields that agree together more often than chance has it: of a pair that is no match, the postcode says what the city has
// said. What such a field is worth then depends on the other.
import type { Patterns } from './expectation-maximisation.ts';

/** Pairs of records: all of them, and those with equal values of a field, or of two. By the fields' places. */
export type Agreements = { all: number; one: number[]; both: number[][] };

/** So much oftener than by chance, and in so many pairs that it is no chance itself. */
const oftenerLeast = 5;
const pairsLeast = 20;
/** Of the pairs that are equal in two fields so many are otherwise unlike, and not a few odd matches. */
const unlikeLeast = 0.2;

/**
 * Per field the earlier one that it depends on most. Matches agree in everything, and are not what is looked for: counted are pairs equal in both
 * that are more than there can be matches (`matchesMax`), or that are unlike in most of their other fields. `compared` are the pairs
 * that have been compared, by levels; 1 is equal, 2 nearly.
 */
export function dependentFields(
  { all, one, both }: Agreements,
  compared: Patterns,
  matchesMax: number,
): (number | undefined)[] {
  return one.map((own, field) => {
    let found: { other: number; oftener: number } | undefined;
    for (let other = 0; other < field; other += 1) {
      const together = Math.max(both[other]![field]! - matchesMax, unlikePairs(compared, field, other));
      const oftener = (together * all) / (own * one[other]!);
      if (together >= pairsLeast && oftener >= oftenerLeast && !(found && found.oftener >= oftener))
        found = { other, oftener };
    }
    return found?.other;
  });
}

/** Pairs equal in the two fields whose other values mostly differ; none where they are too few beside those that do not. */
function unlikePairs({ levels, counts }: Patterns, field: number, other: number): number {
  let [equal, unlike] = [0, 0];
  for (const [at, pattern] of levels.entries()) {
    if (pattern[field] !== 1 || pattern[other] !== 1) continue;
    const further = pattern.filter((level, place) => level > 0 && place !== field && place !== other);
    equal += counts[at]!;
    if (2 * further.filter((level) => level <= 2).length < further.length) unlike += counts[at]!;
  }
  return unlike >= unlikeLeast * equal ? unlike : 0;
}
