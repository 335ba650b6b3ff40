// Searches one block for sets of records whose amounts add up. Pure; exact integers throughout. What several sets explain
// equally well is a tie, and what the bound did not let it see to the end is exhausted: neither is ever called none.
import type { Fee } from '../../domain/definition.ts';
import type { GroupTolerance } from './allowance.ts';
import { classesOf } from './classes.ts';
import { explainOnes } from './explain-ones.ts';
import { netToZero } from './net-to-zero.ts';
import { createSteps } from './steps.ts';

export type Entry = {
  /** Unique among the entries of its side. */
  id: number;
  /** The amount in the smallest unit. */
  units: bigint;
  /** Day number or business-day ordinal. Needed where the rule has a window; without one it is not looked at. */
  date?: number;
  /**
   * Equal means identical in all that counts, units and date included: interchangeable. Given by rank of what the
   * contents are, even where the bound falls does not depend on the order of rows.
   */
  content: number;
};

export type GroupRule = {
  /** `netting`: all entries are in `many`. For many-to-one, give the sides, the base and the window the other way round. */
  cardinality: 'one-to-many' | 'many-to-many' | 'netting';
  /** Decimals of the units. */
  scale: number;
  /** Of the many of a one; of both sides together where there is no one. */
  recordsMax?: number;
  tolerance?: GroupTolerance;
  /** Days from the one's date to that of each of the many; where there is no one, `after` from the first of the group. */
  window?: { before: number; after: number };
  /** What was kept back: units of the one = sum of the many − fee. Only for one-to-many. */
  fee?: Fee;
  /** In millionths of a condition's limit: choices whose total costs are no further apart are a tie. */
  tieMargin?: number;
  stepsMax?: number;
};

export type GroupRequest = { ones: Entry[]; many: Entry[]; rule: GroupRule };

/**
 * `cost`, in millionths: how much of the tolerance is used up, plus how much of the window is on average of its members;
 * a condition at its limit costs 1,000,000.
 */
export type Group = { ones: number[]; many: number[]; fee: bigint; cost: number };

export type GroupSearch = {
  /** No entry is in two. By the first entry. */
  groups: Group[];
  /** Entries whose group, or whose having none, would be a guess; with up to `candidatesMax` of its sets for each one. */
  tied: Unsettled & { candidates: Map<number, Group[]> };
  /** The bound was hit before it could be said. */
  exhausted: Unsettled;
  /** Elementary steps, as the bound counts them. */
  steps: number;
};

export type Unsettled = { ones: Set<number>; many: Set<number> };

export const recordsMaxDefault = 6;
/** About 5 s on one core of 2024, nearly always far less. */
export const stepsMaxDefault = 200_000_000;
export const candidatesMax = 5;

/**
 * The smallest set that adds up wins, then the one of least cost; over the block, most ones explained, then the fewest
 * records, then the least total cost. Throws a RangeError on a rule that makes no sense.
 */
export function searchGroups({ ones, many, rule }: GroupRequest): GroupSearch {
  const { recordsMax = recordsMaxDefault, stepsMax = stepsMaxDefault, tieMargin = 0 } = rule;
  if (rule.fee && rule.cardinality !== 'one-to-many')
    throw new RangeError('a fee needs a one that it is kept back from');
  const steps = createSteps(stepsMax);
  const whole = { ...rule, recordsMax, tieMargin };
  const datesCount = rule.window !== undefined;
  const sides = { ones: classesOf(ones, datesCount), many: classesOf(many, datesCount) };
  const found = rule.cardinality === 'one-to-many' ? explainOnes(sides, whole, steps) : netToZero(sides, whole, steps);
  const firstOf = (group: Group): number => group.ones[0] ?? group.many[0]!;
  return { ...found, groups: found.groups.sort((a, b) => firstOf(a) - firstOf(b)), steps: steps.spent() };
}

export type WholeRule = GroupRule & { recordsMax: number; tieMargin: number };
