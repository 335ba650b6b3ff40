// Searches the sets of the many that one target may be the sum of, size by size, and remembers where it had to stop.
import { allowanceOf } from './allowance.ts';
import { countsOf, type EntryClass } from './classes.ts';
import { feeOf, type Interval, sumsBeforeFee } from './fee.ts';
import { createPools } from './pools.ts';
import type { WholeRule } from './search-groups.ts';
import { type Steps, withinSteps } from './steps.ts';
import { magnitude, unitsReader } from './units.ts';
import { daysCost, firstSince } from './window.ts';

/** `members`: classes of the many, ascending, as often as they are in it. */
export type FoundSet = { members: number[]; fee: bigint; cost: number };

/** One class of the ones. */
export type Target = {
  /** Of the sizes searched so far. */
  sets: FoundSet[];
  /** The size up to which all is known. */
  seen: number;
  /** No larger size will be searched: the bound, or more sets than may be held. */
  stopped: boolean;
  /** Classes of the many that its window holds: from, up to. */
  from: number;
  to: number;
};

export type TargetSearch = {
  targets: Target[];
  /** A single record is a group only where a fee tells it from a pair. */
  sizeMin: number;
  /** Searches the sizes up to the given one. */
  upTo(target: Target, size: number): void;
  /** Searches on to the next size that has sets; says whether more is known than before. */
  next(target: Target): boolean;
  /** By class of the many: from which size on a stopped target may have sets with it that were not seen. */
  unseenFrom(): Float64Array;
  reached(target: Target): Iterable<number>;
};

/** Per target and size. More are as good as none: no person could choose, and no search would end. */
const setsMax = 1_000;

export function createTargetSearch(
  { ones, many }: { ones: EntryClass[]; many: EntryClass[] },
  rule: WholeRule,
  steps: Steps,
): TargetSearch {
  const { recordsMax, scale, window } = rule;
  const allowance = allowanceOf(rule.tolerance, scale);
  const fee = rule.fee && { per: rule.fee.per, of: feeOf(rule.fee, scale) };
  const feeOfRecord = fee?.per === 'record' ? fee.of : () => 0n;
  const feeOfSum = fee?.per === 'group' ? fee.of : () => 0n;
  // A fee per record is taken off each at once; what is left adds up.
  const net = many.map(({ units }) => units - feeOfRecord(units));
  const most = net.reduce((sum, units) => (magnitude(units) > sum ? magnitude(units) : sum), 0n) * BigInt(recordsMax);
  const sumsOf = ({ units }: EntryClass): Interval[] => {
    const reach = allowance.reach(units, most);
    const left = { from: units - reach, to: units + reach };
    const sums = fee?.per === 'group' ? sumsBeforeFee(feeOfSum, left, most) : [left];
    return sums.map(({ from, to }) => ({ from: from < -most ? -most : from, to: to > most ? most : to }));
  };
  const read = unitsReader([most], 4);
  const pools = createPools(net.map(read), countsOf(many), steps);

  const setOf = (one: EntryClass, members: number[]): FoundSet | undefined => {
    const sum = members.reduce((total, member) => total + net[member]!, 0n);
    const left = sum - feeOfSum(sum);
    if (!allowance.allows(one.units, left)) return undefined;
    const kept = members.reduce((total, member) => total + feeOfRecord(many[member]!.units), feeOfSum(sum));
    const days = members.map((member) => many[member]!.date - one.date);
    return { members, fee: kept, cost: allowance.costOf(one.units, left) + daysCost(window, days) };
  };

  const setsOf = (one: EntryClass, { from, to }: Target, size: number): FoundSet[] | undefined => {
    const found: FoundSet[] = [];
    for (const sums of sumsOf(one)) {
      if (sums.from > sums.to) continue;
      const keeps = (positions: number[]): boolean => {
        const set = setOf(
          one,
          positions.map((position) => from + position),
        );
        if (set) found.push(set);
        return set !== undefined;
      };
      const search = { size, from: read(sums.from), to: read(sums.to), setsMax, keeps };
      if (!pools(from, to).find(search)) return undefined;
    }
    return found;
  };

  const targets = ones.map(({ date }): Target => {
    const from = window ? firstSince(many, date - window.before) : 0;
    const to = window ? firstSince(many, date + window.after + 1) : many.length;
    return { sets: [], seen: 0, stopped: false, from, to };
  });
  const oneOf = new Map(targets.map((target, at) => [target, ones[at]!]));

  const upTo = (target: Target, size: number): void => {
    while (!target.stopped && target.seen < size) {
      const found = withinSteps(() => setsOf(oneOf.get(target)!, target, target.seen + 1));
      if (found) {
        target.seen += 1;
        if (target.seen >= sizeMin) target.sets.push(...found);
      } else {
        target.stopped = true;
      }
    }
  };
  const sizeMin = fee ? 1 : 2;
  for (const target of targets) target.seen = sizeMin - 1;

  return {
    targets,
    sizeMin,
    upTo,
    next(target) {
      const [known, stopped] = [target.sets.length, target.stopped];
      while (!target.stopped && target.seen < recordsMax && target.sets.length === known) upTo(target, target.seen + 1);
      return target.sets.length > known || target.stopped !== stopped;
    },
    unseenFrom() {
      const unseen = new Float64Array(many.length).fill(Number.POSITIVE_INFINITY);
      for (const { stopped, seen, from, to } of targets) {
        if (!stopped) continue;
        for (let at = from; at < to; at += 1) unseen[at] = Math.min(unseen[at]!, seen + 1);
      }
      return unseen;
    },
    *reached({ stopped, from, to }) {
      if (!stopped) return;
      for (let at = from; at < to; at += 1) yield at;
    },
  };
}
