// Whether the records that are equal in the fields of a group add up as one group. A check only: nothing is searched for,
// and no record is left out to make it fit.
import { type Allowance, allowanceOf } from './allowance.ts';
import { type FeeOf, feeOf } from './fee.ts';
import type { Entry, Group, GroupRule } from './search-groups.ts';
import { daysCost } from './window.ts';

/** Why they are no group, the first that holds. `sides`: not one, or none on a side, or for netting not both signs. */
export type GroupFault = 'sides' | 'window' | 'amount';

export type GroupCheck = {
  group: Group;
  fault?: GroupFault;
  /** Sum of the ones less (sum of the many less the fee); for netting the sum of all. */
  difference: bigint;
};

/** Checks groups of one rule; its bounds on records and steps are not looked at. Throws a RangeError on a fee above 100 %. */
export function groupChecker(rule: GroupRule): (members: { ones: Entry[]; many: Entry[] }) => GroupCheck {
  const allowance = allowanceOf(rule.tolerance, rule.scale);
  const fee = rule.fee && { per: rule.fee.per, of: feeOf(rule.fee, rule.scale) };
  return (members) => {
    const { ones, many } = sidesOf(members, rule);
    const one = sumOf(ones);
    const gross = rule.cardinality === 'netting' ? -sumOf(many) : sumOf(many);
    const kept = feeKept(fee, many, gross);
    const days = daysFrom(ones, many, rule);
    const fault = faultOf(rule, { ones, many, days }, allowance, one, gross - kept);
    const cost = fault ? 0 : allowance.costOf(one, gross - kept) + daysCost(rule.window, days as number[]);
    const ids = (entries: Entry[]): number[] => entries.map(({ id }) => id).sort((a, b) => a - b);
    const group = { ones: ids(members.ones), many: ids(members.many), fee: kept, cost };
    return { group, ...(fault && { fault }), difference: one - (gross - kept) };
  };
}

/** Netting: positive against negative. */
function sidesOf({ ones, many }: { ones: Entry[]; many: Entry[] }, { cardinality }: GroupRule) {
  if (cardinality !== 'netting') return { ones, many };
  return { ones: many.filter(({ units }) => units > 0n), many: many.filter(({ units }) => units <= 0n) };
}

function feeKept(fee: { per: 'record' | 'group'; of: FeeOf } | undefined, many: Entry[], gross: bigint): bigint {
  if (!fee) return 0n;
  return fee.per === 'group' ? fee.of(gross) : many.reduce((sum, { units }) => sum + fee.of(units), 0n);
}

/** Undefined for an entry without a date where dates count. */
function daysFrom(ones: Entry[], many: Entry[], { cardinality, window }: GroupRule): (number | undefined)[] {
  if (!window) return [];
  const all = [...ones, ...many];
  const first = all.reduce((least, { date }) => Math.min(least, date ?? least), Number.POSITIVE_INFINITY);
  const from = cardinality === 'one-to-many' ? ones[0]?.date : first;
  const measured = cardinality === 'one-to-many' ? many : all;
  return measured.map(({ date }) => (date === undefined || from === undefined ? undefined : date - from));
}

function faultOf(
  { cardinality, window }: GroupRule,
  { ones, many, days }: { ones: Entry[]; many: Entry[]; days: (number | undefined)[] },
  allowance: Allowance,
  one: bigint,
  net: bigint,
): GroupFault | undefined {
  if (ones.length === 0 || many.length === 0 || (cardinality === 'one-to-many' && ones.length > 1)) return 'sides';
  const before = cardinality === 'one-to-many' ? window?.before : 0;
  const isWithin = (day: number | undefined): boolean => day !== undefined && day >= -before! && day <= window!.after;
  if (window && !days.every(isWithin)) return 'window';
  return allowance.allows(one, net) ? undefined : 'amount';
}

function sumOf(entries: Entry[]): bigint {
  return entries.reduce((sum, { units }) => sum + units, 0n);
}
