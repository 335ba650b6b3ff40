// All multisets of a given size from a pool of amounts, by sum. Bounded: a list too long to hold is not made.
import type { Steps } from './steps.ts';
import { compareUnits, type Units } from './units.ts';

export type PoolMember = { value: Units; count: number };

/** Sets are `size` positions in the pool each, ascending, one after the other in the order of the sums. */
export type SumList = { size: number; sums: ArrayLike<Units>; members: Int32Array };

/** Two such lists of threes are what 180 different amounts need; about 50 MB while one is made. */
const listMax = 1_000_000;

/** Undefined when the list would be too long. */
export function sumList(pool: PoolMember[], size: number, steps: Steps): SumList | undefined {
  const length = multisetCount(pool, size);
  if (length > listMax) return undefined;
  steps.spend(length * size);
  const sums: Units[] = new Array(length);
  const members = new Int32Array(length * size);
  const chosen: number[] = [];
  let filled = 0;
  const extend = (from: number, sum: Units | undefined): void => {
    for (let at = from; at < pool.length; at += 1) {
      const { value, count } = pool[at]!;
      if (chosen.length >= count && chosen[chosen.length - count] === at) continue;
      const total = sum === undefined ? value : sum + value;
      chosen.push(at);
      if (chosen.length < size) extend(at, total);
      else {
        members.set(chosen, filled * size);
        sums[filled] = total;
        filled += 1;
      }
      chosen.pop();
    }
  };
  extend(0, undefined);
  const order = sortedOrder(sums);
  const sorted = new Int32Array(members.length);
  for (let at = 0; at < length; at += 1) {
    for (let part = 0; part < size; part += 1) sorted[at * size + part] = members[order[at]! * size + part]!;
  }
  return { size, sums: Array.from(order, (at) => sums[at]!), members: sorted };
}

/** How many multisets of the size there are: the coefficient of x^size in the product of 1 + x + … + x^count. */
function multisetCount(pool: PoolMember[], size: number): number {
  const ways = new Array<number>(size + 1).fill(0);
  ways[0] = 1;
  for (const { count } of pool) {
    for (let total = size; total > 0; total -= 1) {
      for (let taken = 1; taken <= Math.min(count, total); taken += 1) ways[total]! += ways[total - taken]!;
    }
  }
  return ways[size]!;
}

/** Positions in the order of their sums; those of equal sums stay as they are. */
function sortedOrder(sums: Units[]): ArrayLike<number> {
  const packed = packedOrder(sums);
  if (packed) return packed;
  return Array.from(sums.keys()).sort((a, b) => compareUnits(sums[a]!, sums[b]!) || a - b);
}

/** Sum and position as one number, which sorts ten times as fast, where both fit into one exactly. */
function packedOrder(sums: Units[]): Int32Array | undefined {
  if (typeof sums[0] !== 'number') return undefined;
  const numbers = sums as unknown as number[];
  let [least, most] = [numbers[0]!, numbers[0]!];
  for (const sum of numbers) {
    if (sum < least) least = sum;
    if (sum > most) most = sum;
  }
  const { length } = numbers;
  if ((most - least + 1) * length > Number.MAX_SAFE_INTEGER) return undefined;
  const keys = new Float64Array(length);
  for (let at = 0; at < length; at += 1) keys[at] = (numbers[at]! - least) * length + at;
  keys.sort();
  return Int32Array.from(keys, (key) => key % length);
}
