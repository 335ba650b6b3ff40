// Pairs groups of identical records within one key by mutual best cost. Pure. A tie is reported, never broken.

/** One anchor group against one leg group; `cost` is a rank: lower is closer, equal is a tie. */
export type Candidate = {
  left: number;
  right: number;
  cost: number;
  leftCount: number;
  rightCount: number;
  /** Whether any compared field differs. */
  differs: boolean;
};

export type Assignment = { left: number; right: number; count: number; differs: boolean };

export type Assigned = {
  pairs: Assignment[];
  /** Groups with records whose partner would be a guess. */
  tied: { left: Set<number>; right: Set<number> };
};

/**
 * Goes through the candidates from the closest to the farthest. Where the closest partner of either is settled, the two
 * are paired as often as both have records. Where it is not, the groups are tied, and so is every group whose closest
 * remaining partner is tied: whom it gets depends on the guess. The order of the candidates does not matter.
 */
export function assignGroups(candidates: Candidate[]): Assigned {
  const free = { left: new Map<number, number>(), right: new Map<number, number>() };
  for (const candidate of candidates) {
    free.left.set(candidate.left, candidate.leftCount);
    free.right.set(candidate.right, candidate.rightCount);
  }
  const tied = { left: new Set<number>(), right: new Set<number>() };
  const pairs: Assignment[] = [];
  const sorted = candidates.toSorted((a, b) => a.cost - b.cost);
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to]!.cost === sorted[from]!.cost) to += 1;
    const level = sorted
      .slice(from, to)
      .filter((one) => free.left.get(one.left)! > 0 && free.right.get(one.right)! > 0);
    from = to;
    const settled = settledPairs(level, free, tied);
    for (const { left, right, count } of settled) {
      free.left.set(left, free.left.get(left)! - count);
      free.right.set(right, free.right.get(right)! - count);
    }
    pairs.push(...settled);
    // A pair can settle no other of its cost: who is enough for all that want it stays enough for each of them.
    for (const { left, right } of level) {
      if (free.left.get(left)! === 0 || free.right.get(right)! === 0) continue;
      tied.left.add(left);
      tied.right.add(right);
    }
  }
  return { pairs, tied };
}

type Free = { left: Map<number, number>; right: Map<number, number> };

function settledPairs(level: Candidate[], free: Free, tied: Assigned['tied']): Assignment[] {
  const wanted = { left: new Map<number, number>(), right: new Map<number, number>() };
  const partners = { left: new Map<number, number>(), right: new Map<number, number>() };
  for (const { left, right } of level) {
    wanted.left.set(left, (wanted.left.get(left) ?? 0) + free.right.get(right)!);
    wanted.right.set(right, (wanted.right.get(right) ?? 0) + free.left.get(left)!);
    partners.left.set(left, (partners.left.get(left) ?? 0) + 1);
    partners.right.set(right, (partners.right.get(right) ?? 0) + 1);
  }
  return level.flatMap(({ left, right, differs }) => {
    if (tied.left.has(left) || tied.right.has(right)) return [];
    // With one closest partner, or enough identical records for all of them, there is nothing to choose.
    const leftSettled = partners.left.get(left) === 1 || wanted.left.get(left)! <= free.left.get(left)!;
    const rightSettled = partners.right.get(right) === 1 || wanted.right.get(right)! <= free.right.get(right)!;
    if (!leftSettled || !rightSettled) return [];
    return [{ left, right, differs, count: Math.min(free.left.get(left)!, free.right.get(right)!) }];
  });
}
