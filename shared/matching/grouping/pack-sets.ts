// The best choice among sets that share scarce entries: weighted set packing, exactly, by branch and bound that takes
// apart what falls apart (AND/OR search: Dechter and Mateescu, 2007) and takes at once what nothing can beat.
import type { Steps } from './steps.ts';

/** `uses`: how many of which resource one copy takes. `gain` is a positive integer. */
export type Packable = { gain: number; uses: { resource: number; amount: number }[] };

export type PackProblem = { sets: Packable[]; capacities: number[] };

/** `copies` by set. */
export type Packing = { gain: number; copies: number[] };

export type PackSearch = {
  /** Only a packing that gains as much is of interest. */
  gainMin: number;
  /** How many copies of a set at most, by set; no limit but the capacities when absent. */
  limits?: Map<number, number>;
};

/** Undefined when no packing gains as much. Throws StepsSpent. */
export function packBest(problem: PackProblem, { gainMin, limits }: PackSearch, steps: Steps): Packing | undefined {
  const { sets } = problem;
  const room = [...problem.capacities];
  const all = [...sets.keys()];
  const bound = contendingParts(sets, room, all, copiesMax).reduce((sum, part) => sum + gainMax(part), 0);
  // First only what is as good as can be, then ever less: while little may be lost, a wrong choice shows at once.
  for (let loss = 0; ; loss = 8 * loss + 1) {
    const least = Math.max(gainMin, bound - loss);
    const found = packParts(all, least);
    if (found) return { gain: found.gain, copies: copiesOf(found.chosen) };
    if (least === gainMin) return undefined;
  }

  type Chosen = { set: number; count: number }[];
  type Found = { gain: number; chosen: Chosen } | undefined;

  function copiesOf(chosen: Chosen): number[] {
    const copies = new Array<number>(sets.length).fill(0);
    for (const { set, count } of chosen) copies[set]! += count;
    return copies;
  }

  function packParts(candidates: number[], least: number): Found {
    // All that is done here goes a few times over what the sets use.
    steps.spend(candidates.reduce((sum, set) => sum + 40 * sets[set]!.uses.length, 40));
    const parts = contendingParts(problem.sets, room, candidates, copiesMax);
    const bounds = parts.map((part) => gainMax(part));
    let open = bounds.reduce((sum, bound) => sum + bound, 0);
    const found: { gain: number; chosen: Chosen } = { gain: 0, chosen: [] };
    for (const [at, part] of parts.entries()) {
      if (found.gain + open < least) return undefined;
      open -= bounds[at]!;
      const best = packPart(part, bounds[at]!, least - found.gain - open);
      if (!best) return undefined;
      found.gain += best.gain;
      found.chosen.push(...best.chosen);
    }
    return found.gain >= least ? found : undefined;
  }

  function packPart(part: number[], bound: number, least: number): Found {
    if (part.length === 1) {
      const [set] = part as [number];
      return bound >= least ? { gain: bound, chosen: [{ set, count: copiesMax(set) }] } : undefined;
    }
    const { forced, rest } = forcedBy(part, gainMaxBy(part, firstUsed) - least);
    if (rest.length < part.length) return withTaken(forced, rest, least);
    const sure = unbeaten(part);
    if (sure.length > 0) return withTaken(sure, without(part, sure), least);
    const branch = mostConstrained(part);
    const others = part.filter((set) => set !== branch);
    let best: Found;
    let wanted = least;
    for (let count = copiesMax(branch); count >= 0; count -= 1) {
      const found = withTaken([{ set: branch, count }], others, wanted);
      if (!found) continue;
      best = found;
      if (found.gain === bound) break;
      wanted = found.gain + 1;
    }
    return best;
  }

  function withTaken(taken: Chosen, rest: number[], least: number): Found {
    let gain = 0;
    for (const { set, count } of taken) {
      gain += sets[set]!.gain * count;
      for (const { resource, amount } of sets[set]!.uses) room[resource]! -= amount * count;
    }
    const fits = taken.every(({ set }) => sets[set]!.uses.every(({ resource }) => room[resource]! >= 0));
    const found = fits ? packParts(rest, least - gain) : undefined;
    for (const { set, count } of taken) {
      for (const { resource, amount } of sets[set]!.uses) room[resource]! += amount * count;
    }
    return found && { gain: found.gain + gain, chosen: [...found.chosen, ...taken] };
  }

  function without(part: number[], taken: Chosen): number[] {
    const gone = new Set(taken.map(({ set }) => set));
    return part.filter((set) => !gone.has(set));
  }

  /** What must be so when no more than `slack` may be lost against every target having its best set. */
  function forcedBy(part: number[], slack: number): { forced: Chosen; rest: number[] } {
    const best = new Map<number, number>();
    for (const set of part) best.set(firstUsed(set), Math.max(best.get(firstUsed(set)) ?? 0, sets[set]!.gain));
    const isSingle = (set: number): boolean => room[firstUsed(set)] === 1;
    const kept = part.filter((set) => !isSingle(set) || best.get(firstUsed(set))! - sets[set]!.gain <= slack);
    const left = new Map<number, number>();
    for (const set of kept) left.set(firstUsed(set), (left.get(firstUsed(set)) ?? 0) + 1);
    const isForced = (set: number): boolean =>
      isSingle(set) && left.get(firstUsed(set)) === 1 && best.get(firstUsed(set))! > slack;
    return {
      forced: kept.filter(isForced).map((set) => ({ set, count: 1 })),
      rest: kept.filter((set) => !isForced(set)),
    };
  }

  /** Its target, where sets have one. */
  function firstUsed(set: number): number {
    return sets[set]!.uses[0]!.resource;
  }

  function copiesMax(set: number): number {
    let most = limits?.get(set) ?? Number.POSITIVE_INFINITY;
    for (const { resource, amount } of sets[set]!.uses) most = Math.min(most, Math.floor(room[resource]! / amount));
    return most;
  }

  /** How many sets of the part use each resource. */
  function contenders(part: number[]): Map<number, number> {
    const counts = new Map<number, number>();
    for (const set of part) {
      for (const { resource } of sets[set]!.uses) counts.set(resource, (counts.get(resource) ?? 0) + 1);
    }
    return counts;
  }

  /** No packing of the part gains more: each set takes of something of which there is only so much. */
  function gainMax(part: number[]): number {
    const counts = contenders(part);
    const mostContended = (set: number): number => {
      let owner = firstUsed(set);
      for (const { resource } of sets[set]!.uses) if (counts.get(resource)! > counts.get(owner)!) owner = resource;
      return owner;
    };
    // Not all sets of a target can win, nor can all that want one entry.
    return Math.min(gainMaxBy(part, firstUsed), gainMaxBy(part, mostContended));
  }

  function gainMaxBy(part: number[], ownerOf: (set: number) => number): number {
    const owned = new Map<number, { best: number; sum: number }>();
    for (const set of part) {
      const owner = ownerOf(set);
      const known = owned.get(owner) ?? { best: 0, sum: 0 };
      const { gain } = sets[set]!;
      owned.set(owner, { best: Math.max(known.best, gain), sum: known.sum + gain * copiesMax(set) });
    }
    let bound = 0;
    for (const [resource, { best, sum }] of owned) bound += Math.min(best * room[resource]!, sum);
    return bound;
  }

  /** Sets that contend for one single thing only, of which there is one, and gain as much as all that want it. */
  function unbeaten(part: number[]): Chosen {
    const counts = contenders(part);
    const best = new Map<number, number>();
    for (const set of part) {
      for (const { resource } of sets[set]!.uses) {
        best.set(resource, Math.max(best.get(resource) ?? 0, sets[set]!.gain));
      }
    }
    const winners = new Map<number, number>();
    for (const set of part) {
      const contended = sets[set]!.uses.filter(({ resource }) => counts.get(resource)! > 1);
      const only = contended[0]?.resource;
      if (contended.length !== 1 || winners.has(only!)) continue;
      if (room[only!] === 1 && sets[set]!.gain === best.get(only!)) winners.set(only!, set);
    }
    return Array.from(winners.values(), (set) => ({ set, count: 1 }));
  }

  /** The best set of the target with the fewest: where there is least to choose, a wrong choice shows soonest. */
  function mostConstrained(part: number[]): number {
    const setsOf = new Map<number, number>();
    for (const set of part) setsOf.set(firstUsed(set), (setsOf.get(firstUsed(set)) ?? 0) + 1);
    return part.reduce((chosen, set) => {
      const fewer = setsOf.get(firstUsed(set))! - setsOf.get(firstUsed(chosen))!;
      return fewer < 0 || (fewer === 0 && sets[set]!.gain > sets[chosen]!.gain) ? set : chosen;
    });
  }
}

/** Splits sets into parts that have no resource in common of which there is not enough for all. Unusable sets are left out. */
export function contendingParts(
  sets: Packable[],
  room: number[],
  candidates: number[],
  copiesMax: (set: number) => number,
): number[][] {
  const wanted = new Map<number, number>();
  const usable = candidates.filter((set) => {
    const copies = copiesMax(set);
    if (copies <= 0) return false;
    for (const { resource, amount } of sets[set]!.uses) {
      wanted.set(resource, (wanted.get(resource) ?? 0) + amount * copies);
    }
    return true;
  });
  const parent = usable.map((_, at) => at);
  const rootOf = (at: number): number => {
    let root = at;
    while (parent[root] !== root) root = parent[root] = parent[parent[root]!]!;
    return root;
  };
  const firstUser = new Map<number, number>();
  for (const [at, set] of usable.entries()) {
    for (const { resource } of sets[set]!.uses) {
      if (wanted.get(resource)! <= room[resource]!) continue;
      const user = firstUser.get(resource);
      if (user === undefined) firstUser.set(resource, at);
      else parent[rootOf(at)] = rootOf(user);
    }
  }
  const parts = new Map<number, number[]>();
  for (const [at, set] of usable.entries()) {
    const root = rootOf(at);
    const part = parts.get(root);
    if (part) part.push(set);
    else parts.set(root, [set]);
  }
  return [...parts.values()];
}
