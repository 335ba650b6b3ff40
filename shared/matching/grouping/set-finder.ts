// Finds the multisets of a pool of amounts whose sum lies in an interval, by meeting in the middle (Horowitz and Sahni,
// 1974): every set is one half from the sorted sums of half its size and one from those of the rest. The lists are made
// once for a pool and serve all targets.
import type { Steps } from './steps.ts';
import { type PoolMember, type SumList, sumList } from './sum-list.ts';
import { compareUnits, type Units } from './units.ts';

export type SetSearch = {
  size: number;
  /** Both included. */
  from: Units;
  to: Units;
  setsMax: number;
  /** Sets for which it does not hold are passed over. */
  keeps: (positions: number[]) => boolean;
};

export type SetFinder = {
  /** Ascending positions in the pool that was given; undefined when there are more than may be held. */
  find(search: SetSearch): number[][] | undefined;
  /** Sums that are held in memory. */
  held(): number;
};

/** Throws StepsSpent. */
export function createSetFinder(given: PoolMember[], steps: Steps): SetFinder {
  // In the order of values, so that equal pools given in another order are gone through alike.
  const order = [...given.keys()].sort((a, b) => compareUnits(given[a]!.value, given[b]!.value) || a - b);
  const pool = order.map((at) => given[at]!);
  const lists = new Map<number, SumList | undefined>();
  const listOf = (size: number): SumList | undefined => {
    if (!lists.has(size)) lists.set(size, sumList(pool, size, steps));
    return lists.get(size);
  };

  const find = (search: SetSearch): number[][] | undefined => {
    const small = search.size >> 1;
    const high = listOf(search.size - small);
    const found: number[][] = [];
    const offer = (low: number[], at: number): boolean => {
      const positions = joined(pool, low, high!, at);
      if (!positions) return true;
      const set = positions.map((position) => order[position]!).sort((a, b) => a - b);
      if (search.keeps(set)) found.push(set);
      return found.length <= search.setsMax;
    };
    if (small === 0) {
      if (!high) return undefined;
      const end = firstAbove(high.sums, search.to);
      for (let at = firstFrom(high.sums, search.from); at < end; at += 1) {
        steps.spend(1);
        if (!offer([], at)) return undefined;
      }
      return found;
    }
    const low = listOf(small);
    if (!low || !high) return undefined;
    return meet(low, high, search, steps, offer) ? found : undefined;
  };
  return {
    find,
    held: () => [...lists.values()].reduce((sum, list) => sum + (list ? list.sums.length : 0), 0),
  };
}

/** Every half of `low` with every half of `high` that together lie in the interval, until `offer` says to stop. */
function meet(
  low: SumList,
  high: SumList,
  { from, to }: SetSearch,
  steps: Steps,
  offer: (half: number[], at: number) => boolean,
): boolean {
  // As the sums of the one list rise, those that fit in the other fall; a short list looks them up instead.
  const looksUp = low.sums.length * 40 < high.sums.length;
  let [start, end] = [high.sums.length, high.sums.length];
  steps.spend(looksUp ? low.sums.length * 20 : low.sums.length + 2 * high.sums.length);
  for (let at = 0; at < low.sums.length; at += 1) {
    const [least, most] = [from - low.sums[at]!, to - low.sums[at]!];
    if (looksUp) {
      start = firstFrom(high.sums, least);
      end = firstAbove(high.sums, most);
    } else {
      while (start > 0 && high.sums[start - 1]! >= least) start -= 1;
      while (end > 0 && high.sums[end - 1]! > most) end -= 1;
    }
    if (start >= end) continue;
    steps.spend(end - start);
    const half = Array.from(low.members.subarray(at * low.size, (at + 1) * low.size));
    for (let other = start; other < end; other += 1) if (!offer(half, other)) return false;
  }
  return true;
}

/** Undefined unless the halves are the lower and the upper positions of one set, which makes each set come up once. */
function joined(pool: PoolMember[], low: number[], high: SumList, at: number): number[] | undefined {
  const first = high.members[at * high.size]!;
  const last = low.at(-1);
  if (last !== undefined && last > first) return undefined;
  const positions = [...low, ...high.members.subarray(at * high.size, (at + 1) * high.size)];
  if (last === first && positions.filter((position) => position === first).length > pool[first]!.count)
    return undefined;
  return positions;
}

function firstFrom(sums: ArrayLike<Units>, value: Units): number {
  let [low, high] = [0, sums.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(sums: ArrayLike<Units>, value: Units): number {
  let [low, high] = [0, sums.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
