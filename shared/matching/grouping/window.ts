// How far the date of an entry lies from that of reference, in millionths of what the window allows.
import { costAtLimit } from './allowance.ts';

export type Window = { before: number; after: number };

export function dayCost({ before, after }: Window, days: number): number {
  if (days === 0) return 0;
  return days > 0 ? (days / after) * costAtLimit : (-days / before) * costAtLimit;
}

/** The mean of the costs of the days, rounded down to whole millionths. */
export function daysCost(window: Window | undefined, days: number[]): number {
  if (!window) return 0;
  // In whole steps of one day of either direction, so that the order in which they are added does not matter.
  const early = days.reduce((sum, day) => sum + Math.max(0, -day), 0);
  const late = days.reduce((sum, day) => sum + Math.max(0, day), 0);
  return Math.floor((dayCost(window, late) + dayCost(window, -early)) / days.length);
}

/** The first position whose date is at least `date`, of entries by date. */
export function firstSince(entries: { date: number }[], date: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.date < date) low = middle + 1;
    else high = middle;
  }
  return low;
}
