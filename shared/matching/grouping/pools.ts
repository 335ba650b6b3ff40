// The entries of each stretch of dates, with the sums made of them. Kept while there is room, as neighbours share them.
import { createSetFinder, type SetFinder } from './set-finder.ts';
import type { Steps } from './steps.ts';
import type { Units } from './units.ts';

/** Sums held over all pools before they are made anew: about 100 MB. */
const heldMax = 3_000_000;

/** The finder of classes from one position up to another. */
export type Pools = (from: number, to: number) => SetFinder;

/** `values` and `counts` by class. */
export function createPools(values: Units[], counts: number[], steps: Steps): Pools {
  const finders = new Map<string, SetFinder>();
  return (from, to) => {
    const key = `${from}-${to}`;
    const known = finders.get(key);
    if (known) return known;
    let held = 0;
    for (const finder of finders.values()) held += finder.held();
    if (held > heldMax) finders.clear();
    const pool = values.slice(from, to).map((value, at) => ({ value, count: counts[from + at]! }));
    const finder = createSetFinder(pool, steps);
    finders.set(key, finder);
    return finder;
  };
}
