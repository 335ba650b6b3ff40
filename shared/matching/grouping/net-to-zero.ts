// Groups records that cancel out, where there is no one to explain: those of two sides, or positive and negative ones of
// the same side. The smallest groups first: of each size the most, then the least total cost; what is left goes on.
import { allowanceOf } from './allowance.ts';
import { chooseZeroSets, type ZeroSet } from './choose-zero-sets.ts';
import type { EntryClass } from './classes.ts';
import { createPools } from './pools.ts';
import { candidatesMax, type Group, type GroupSearch, type WholeRule } from './search-groups.ts';
import { type Steps, withinSteps } from './steps.ts';
import { magnitude, unitsReader } from './units.ts';
import { daysCost, firstSince } from './window.ts';

/** `value`: what it adds to a sum that should be zero. `isOne`: of the first side, or positive where there is one side. */
type Leg = { entry: EntryClass; date: number; value: bigint; isOne: boolean; free: number[] };

/** Per stretch of dates and size. Pairs are settled fast, larger sets are not. */
const setsMax = { ofTwo: 20_000, larger: 1_000 };

export function netToZero(
  { ones, many }: { ones: EntryClass[]; many: EntryClass[] },
  rule: WholeRule,
  steps: Steps,
): Omit<GroupSearch, 'steps'> {
  const legs = legsOf(ones, many, rule.cardinality === 'netting');
  const result: Omit<GroupSearch, 'steps'> = {
    groups: [],
    tied: { ones: new Set(), many: new Set(), candidates: new Map() },
    exhausted: { ones: new Set(), many: new Set() },
  };
  const isOnes = (leg: Leg): boolean => rule.cardinality === 'many-to-many' && leg.isOne;
  const groupOf = (set: ZeroSet, within: Leg[], take: (leg: Leg) => number): Group => {
    const taken = set.members.map((at) => ({ ofOnes: isOnes(within[at]!), id: take(within[at]!) }));
    const ids = (ofOnes: boolean): number[] => taken.filter((one) => one.ofOnes === ofOnes).map(({ id }) => id);
    const ascending = (a: number, b: number): number => a - b;
    return { ones: ids(true).sort(ascending), many: ids(false).sort(ascending), fee: 0n, cost: set.cost };
  };
  const setAside = (to: { ones: Set<number>; many: Set<number> }, leg: Leg): void => {
    for (const id of leg.free) (isOnes(leg) ? to.ones : to.many).add(id);
    leg.free = [];
  };

  for (let size = 2; size <= rule.recordsMax; size += 1) {
    const open = legs.filter(({ free }) => free.length > 0);
    const { sets, unseen } = zeroSets(open, size, rule, steps);
    const choice = chooseZeroSets({ sets, unseen, size }, open, rule.tieMargin, steps);
    for (const { set, copies } of choice.settled) {
      for (let copy = 0; copy < copies; copy += 1) result.groups.push(groupOf(set, open, (leg) => leg.free.shift()!));
    }
    const candidates = candidatesOf(choice.tied, open, isOnes, rule, groupOf);
    for (const [id, groups] of candidates) result.tied.candidates.set(id, groups);
    for (const set of choice.tied) for (const at of set.members) setAside(result.tied, open[at]!);
    for (const at of choice.exhausted) setAside(result.exhausted, open[at]!);
  }
  return result;
}

function legsOf(ones: EntryClass[], many: EntryClass[], netting: boolean): Leg[] {
  const leg = (entry: EntryClass, value: bigint, isOne: boolean): Leg => {
    return { entry, date: entry.date, value, isOne, free: [...entry.ids] };
  };
  const legs = netting
    ? many.map((entry) => leg(entry, entry.units, entry.units > 0n))
    : [...ones.map((entry) => leg(entry, entry.units, true)), ...many.map((entry) => leg(entry, -entry.units, false))];
  return legs.sort((a, b) => a.date - b.date);
}

type Seen = { sets: ZeroSet[]; unseen: Set<number> };

/** All sets of the size, and the legs that may have others because a search had to stop. */
function zeroSets(legs: Leg[], size: number, rule: WholeRule, steps: Steps): Seen {
  const { window, scale, recordsMax } = rule;
  const allowance = allowanceOf(rule.tolerance, scale);
  const largest = legs.reduce((most, { value }) => (magnitude(value) > most ? magnitude(value) : most), 0n);
  const most = largest * BigInt(recordsMax);
  const reach = allowance.reach(most, most);
  const read = unitsReader([most + reach], 4);
  const pools = createPools(
    legs.map(({ value }) => read(value)),
    legs.map(({ free }) => free.length),
    steps,
  );
  const seen: Seen = { sets: [], unseen: new Set() };
  const firsts = window ? [...new Set(legs.map(({ date }) => date))] : [0];
  for (const first of firsts) {
    const from = window ? firstSince(legs, first) : 0;
    const to = window ? firstSince(legs, first + window.after + 1) : legs.length;
    const within = legs.slice(from, to);
    if (within.every(({ isOne }) => isOne) || !within.some(({ isOne }) => isOne)) continue;
    const setOf = (positions: number[]): ZeroSet | undefined => {
      const members = positions.map((position) => within[position]!);
      // What does not begin on this date is found where it does.
      if (window && members.every(({ date }) => date > first)) return undefined;
      const ofOne = members.filter(({ isOne }) => isOne);
      const one = ofOne.reduce((sum, { value }) => sum + value, 0n);
      const other = members.reduce((sum, { value, isOne }) => (isOne ? sum : sum - value), 0n);
      // Two sides that are nothing each prove nothing about each other.
      if (ofOne.length === 0 || ofOne.length === size || one === 0n || !allowance.allows(one, other)) return undefined;
      const days = members.map(({ date }) => date - first);
      const cost = allowance.costOf(one, other) + daysCost(window, days);
      return { members: positions.map((position) => from + position), cost };
    };
    const found: ZeroSet[] = [];
    const keeps = (positions: number[]): boolean => {
      const set = setOf(positions);
      if (set) found.push(set);
      return set !== undefined;
    };
    const search = {
      size,
      from: read(-reach),
      to: read(reach),
      setsMax: size === 2 ? setsMax.ofTwo : setsMax.larger,
      keeps,
    };
    if (withinSteps(() => pools(from, to).find(search))) seen.sets.push(...found);
    else for (let at = from; at < to; at += 1) seen.unseen.add(at);
  }
  return seen;
}

/** Per tied record the cheapest of its sets; those of ones where there are two sides. */
function candidatesOf(
  tied: ZeroSet[],
  legs: Leg[],
  isOnes: (leg: Leg) => boolean,
  rule: WholeRule,
  groupOf: (set: ZeroSet, within: Leg[], take: (leg: Leg) => number) => Group,
): Map<number, Group[]> {
  const candidates = new Map<number, Group[]>();
  const contents = ({ members }: ZeroSet): number[] =>
    members.map((at) => legs[at]!.entry.content).sort((a, b) => a - b);
  const ranked = tied
    .map((set) => ({ set, by: [set.cost, ...contents(set)] }))
    .sort((a, b) => a.by.map((value, at) => value - b.by[at]!).find((difference) => difference !== 0) ?? 0);
  for (const { set } of ranked) {
    for (const at of new Set(set.members)) {
      const leg = legs[at]!;
      if (rule.cardinality === 'many-to-many' && !isOnes(leg)) continue;
      for (const id of leg.free) {
        const known = candidates.get(id) ?? [];
        if (known.length >= candidatesMax) continue;
        const taken = new Map<Leg, number[]>([[leg, leg.free.filter((other) => other !== id)]]);
        let own = true;
        const group = groupOf(set, legs, (member) => {
          if (member === leg && own) {
            own = false;
            return id;
          }
          const rest = taken.get(member) ?? [...member.free];
          taken.set(member, rest);
          return rest.shift()!;
        });
        candidates.set(id, [...known, group]);
      }
    }
  }
  return candidates;
}
