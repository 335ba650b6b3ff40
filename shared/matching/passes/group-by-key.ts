// Says whether all records of one block, equal in the fields of a pass, are a group: nothing is searched, all or none.
import { allowanceOf } from '../grouping/allowance.ts';
import { feeOf } from '../grouping/fee.ts';
import type { Entry, GroupRequest, GroupRule, GroupSearch } from '../grouping/search-groups.ts';
import { daysCost } from '../grouping/window.ts';

/** At most one group, of all entries. */
export function groupByKey({ ones, many, rule }: GroupRequest): GroupSearch {
  const none = { ones: new Set<number>(), many: new Set<number>() };
  const nothing: GroupSearch = { groups: [], tied: { ...none, candidates: new Map() }, exhausted: none, steps: 0 };
  const { cardinality, scale, window, tolerance } = rule;
  if (cardinality === 'one-to-many' && ones.length !== 1) return nothing;
  if (many.length < (cardinality === 'netting' ? 2 : 1)) return nothing;
  const fee = feeOn(many, rule);
  const allowance = allowanceOf(tolerance, scale);
  const [one, others] = [sum(ones), sum(many) - fee];
  const days = daysOf(ones, many, rule);
  if (!allowance.allows(one, others) || days === undefined) return nothing;
  const cost = allowance.costOf(one, others) + daysCost(window, days);
  return { ...nothing, groups: [{ ones: ones.map(({ id }) => id), many: many.map(({ id }) => id), fee, cost }] };
}

function sum(entries: Entry[]): bigint {
  return entries.reduce((total, { units }) => total + units, 0n);
}

function feeOn(many: Entry[], { fee, scale }: GroupRule): bigint {
  if (!fee) return 0n;
  const of = feeOf(fee, scale);
  return fee.per === 'group' ? of(sum(many)) : many.reduce((total, { units }) => total + of(units), 0n);
}

/** Of the many from the one, else of all from the first; undefined when one lies outside the window or has no date. */
function daysOf(ones: Entry[], many: Entry[], { cardinality, window }: GroupRule): number[] | undefined {
  if (!window) return [];
  const dated = (cardinality === 'one-to-many' ? many : [...ones, ...many]).map(({ date }) => date);
  const dates = dated.filter((date) => date !== undefined);
  const from = cardinality === 'one-to-many' ? ones[0]!.date : dates.reduce((a, b) => Math.min(a, b), Infinity);
  if (from === undefined || dates.length < dated.length) return undefined;
  const before = cardinality === 'one-to-many' ? window.before : 0;
  const days = dates.map((date) => date - from);
  return days.every((day) => day >= -before && day <= window.after) ? days : undefined;
}
