// Fields that agree together more often than chance has it: of a pair that is no match, the postcode says what the city has
// said. Their weights are added up as if they were two things. Tells which, changes nothing.
import type { Patterns } from './expectation-maximisation.ts';

/** So much oftener than by chance, and in so many random pairs that it is no chance itself. */
const oftenerLeast = 5;
const pairsLeast = 20;

/** Level 1 is equal. Pairs of places of fields. */
export function dependentFields(fields: number, { levels, counts }: Patterns): [number, number][] {
  const found: [number, number][] = [];
  for (let one = 0; one < fields; one += 1)
    for (let other = one + 1; other < fields; other += 1) {
      const seen = { all: 0, one: 0, other: 0, both: 0 };
      for (const [at, pattern] of levels.entries()) {
        const [a, b] = [pattern[one]!, pattern[other]!];
        if (a === 0 || b === 0) continue;
        seen.all += counts[at]!;
        if (a === 1) seen.one += counts[at]!;
        if (b === 1) seen.other += counts[at]!;
        if (a === 1 && b === 1) seen.both += counts[at]!;
      }
      if (seen.both >= pairsLeast && seen.both * seen.all >= oftenerLeast * seen.one * seen.other)
        found.push([one, other]);
    }
  return found;
}
