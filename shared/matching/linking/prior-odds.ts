// Odds of a pair before anything is known of it, where pairs are possible only within groups of records and a record has one
// partner at most. Pure.

/** So many groups have so many records of either side. */
export type Group = { lefts: number; rights: number; groups: number };

/** However many records have a partner, this share of them is taken to have none, and of few a larger one: nothing is certain beforehand. */
export const aloneLeast = 0.01;
/** Of a bit that odds are known to, and how far they may be from even. */
const [precision, range] = [1e-9, 64];

/** Pairs that there can be at most. */
export function mostMatches(groups: Group[]): number {
  return groups.reduce((sum, one) => sum + Math.min(one.lefts, one.rights) * one.groups, 0);
}

/**
 * The odds that make so many matches in all groups together. In one of l and r records odds o make m matches where
 * o = m ÷ ((l − m)(r − m)), so m = 2·o·l·r ÷ (b + √(b² − 4·o²·l·r)) with b = 1 + o(l + r); the sum of these rises with o, and o is
 * found by bisection.
 */
export function oddsWithin(groups: Group[], matches: number): number {
  const most = mostMatches(groups);
  const wanted = Math.min(matches, (1 - Math.max(aloneLeast, 1 / (most + 1))) * most);
  let [low, high] = [-range, range];
  while (high - low > precision) {
    const middle = (low + high) / 2;
    if (expectedMatches(groups, 2 ** middle) < wanted) low = middle;
    else high = middle;
  }
  return 2 ** low;
}

function expectedMatches(groups: Group[], odds: number): number {
  return groups.reduce((sum, { lefts, rights, groups: count }) => {
    const b = 1 + odds * (lefts + rights);
    const root = Math.sqrt(Math.max(0, b * b - 4 * odds * odds * lefts * rights));
    return sum + (count * 2 * odds * lefts * rights) / (b + root);
  }, 0);
}
