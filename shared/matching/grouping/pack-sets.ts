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
  const copies = new Array<number>(sets.length).fill(0);
  const gain = packParts([...sets.keys()], gainMin);
  return gain === undefined ? undefined : { gain: gain.gain, copies: withChosen(copies, gain.chosen) };

  type Chosen = { set: number; count: number }[];
  type Found = { gain: number; chosen: Chosen } | undefined;

  function withChosen(counts: number[], chosen: Chosen): number[] {
    for (const { set, count } of chosen) counts[set]! += count;
    return counts;
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
    if (part.length === 1)
      return bound >= least ? { gain: bound, chosen: [{ set: part[0]!, count: copiesMax(part[0]!) }] } : undefined;
    const sure = unbeaten(part);
    if (sure !== undefined) return withCopies(sure, 1, part, least);
    const branch = mostContended(part);
    let best: Found;
    let wanted = least;
    // Without it first: a set that stands in the way of most others is seldom part of the best.
    for (let count = 0; count <= copiesMax(branch); count += 1) {
      const found = withCopies(branch, count, part, wanted);
      if (!found) continue;
      best = found;
      if (found.gain === bound) break;
      wanted = found.gain + 1;
    }
    return best;
  }

  function withCopies(set: number, count: number, part: number[], least: number): Found {
    const { gain: gainOfOne, uses } = sets[set]!;
    for (const { resource, amount } of uses) room[resource]! -= amount * count;
    const rest = packParts(
      part.filter((other) => other !== set),
      least - gainOfOne * count,
    );
    for (const { resource, amount } of uses) room[resource]! += amount * count;
    return rest && { gain: rest.gain + gainOfOne * count, chosen: [...rest.chosen, { set, count }] };
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
    const first = (set: number): number => sets[set]!.uses[0]!.resource;
    const mostContended = (set: number): number => {
      let owner = first(set);
      for (const { resource } of sets[set]!.uses) if (counts.get(resource)! > counts.get(owner)!) owner = resource;
      return owner;
    };
    // What is used first is the target, where there is one: not all can win. Else it may be one entry that many want.
    return Math.min(gainMaxBy(part, first), gainMaxBy(part, mostContended));
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

  /** A set that contends for one single thing only, of which there is one, and gains as much as all that want it. */
  function unbeaten(part: number[]): number | undefined {
    const counts = contenders(part);
    const best = new Map<number, number>();
    for (const set of part) {
      for (const { resource } of sets[set]!.uses) {
        best.set(resource, Math.max(best.get(resource) ?? 0, sets[set]!.gain));
      }
    }
    return part.find((set) => {
      const contended = sets[set]!.uses.filter(({ resource }) => counts.get(resource)! > 1);
      const [only] = contended;
      return contended.length === 1 && room[only!.resource] === 1 && sets[set]!.gain === best.get(only!.resource);
    });
  }

  function mostContended(part: number[]): number {
    const counts = contenders(part);
    let [most, chosen] = [-1, part[0]!];
    for (const set of part) {
      const rivals = sets[set]!.uses.reduce((sum, { resource }) => sum + counts.get(resource)! - 1, 0);
      if (rivals > most) [most, chosen] = [rivals, set];
    }
    return chosen;
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
