// What a day over open items costs by what is open and by what is new: the table, and the two marginal costs of it.
import { fitLine } from '../fit.ts';
import { table } from '../results-page.ts';
import type { OpenItemsDay } from './carry-open-items.ts';
import { clearingShare } from './open-items.ts';

/**
 * The same new records over more and more open items; then more and more new records, with as many open items more as
 * they clear: what a new one costs must not hide in what it saves.
 */
export function openItemsSizes(quick: boolean): { open: number; new: number }[] {
  const tenth = quick ? 10 : 1;
  const size = (open: number, fresh: number) => ({ open: open / tenth, new: fresh / tenth });
  const byOpen = [10_000, 30_000, 100_000, 300_000].map((open) => size(open, 10_000));
  const byNew = [20_000, 40_000].map((fresh) => size(91_000 + fresh * clearingShare, fresh));
  return [...byOpen, ...byNew];
}

/**
 * Of CPU time, which other work on the machine lengthens less than the clock's. `ratio` is undefined where noise hides
 * what a new item costs.
 */
export type MarginalCost = { usPerOpen: number; usPerNew: number; ratio: number | undefined; writes: number[] };

export function marginalCost(days: OpenItemsDay[]): MarginalCost {
  const [{ new: fewest }] = days as [OpenItemsDay];
  const byOpen = days.filter((day) => day.new === fewest);
  const uncleared = (day: OpenItemsDay) => day.open - day.cleared;
  const left = uncleared(days.find((day) => day.new !== fewest)!);
  const byNew = days.filter((day) => uncleared(day) === left);
  const us = (ms: number) => ms * 1_000;
  const usPerOpen = us(fitLine(byOpen.map((day) => ({ size: day.open, cost: day.cpuMs }))).each);
  const usPerNew = us(fitLine(byNew.map((day) => ({ size: day.new, cost: day.cpuMs }))).each);
  const ratio = usPerNew > 0 ? usPerOpen / usPerNew : undefined;
  return { usPerOpen, usPerNew, ratio, writes: byOpen.map(({ changes }) => changes) };
}

export function openItemsTable(days: OpenItemsDay[]): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
  return table([
    [
      'open',
      'new',
      'match and compare',
      'fastest – slowest',
      'match',
      'compare',
      'CPU',
      'cleared',
      'still open',
      'writes',
    ],
    ...days.map((day) => [
      ...[day.open, day.new].map(String),
      seconds(day.medianMs),
      `${(day.fastestMs / 1_000).toFixed(2)} – ${seconds(day.slowestMs)}`,
      ...[day.matchMs, day.compareMs, day.cpuMs].map(seconds),
      ...[day.cleared, day.stillOpen, day.changes].map(String),
    ]),
  ]);
}

export function marginalSentence(days: OpenItemsDay[]): string {
  const { usPerOpen, usPerNew, ratio } = marginalCost(days);
  const share = ratio === undefined ? 'noise hides the ratio' : `${ratio.toFixed(2)} of it`;
  return `One more open item costs ${usPerOpen.toFixed(1)} µs of CPU, one more new one ${usPerNew.toFixed(1)} µs: ${share}. Writes are the breaks that open, change or close, an item each.`;
}
