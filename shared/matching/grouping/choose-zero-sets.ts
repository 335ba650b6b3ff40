// Chooses among sets of one size that cancel out, so that no entry is in two: the most sets, then the least total cost.
// Pairs are an optimal pairing; larger sets are packed exactly, part by part.
import { pairOptimally } from '../assignment/pair-optimally.ts';
import { contendingParts, type Packable } from './pack-sets.ts';
import { settlePacking } from './settle-packing.ts';
import { type Steps, withinSteps } from './steps.ts';

/** `members`: positions of legs, ascending, as often as they are in it. */
export type ZeroSet = { members: number[]; cost: number };

export type ZeroChoice = {
  settled: { set: ZeroSet; copies: number }[];
  /** Sets that some choices within the margin take, and others not or less often. */
  tied: ZeroSet[];
  /** Legs of which it cannot be said. */
  exhausted: Set<number>;
};

export type ZeroLeg = { isOne: boolean; free: number[] };

/** `unseen`: legs that may have sets that are not among those given. */
export function chooseZeroSets(
  { sets, unseen, size }: { sets: ZeroSet[]; unseen: Set<number>; size: number },
  legs: ZeroLeg[],
  tieMargin: number,
  steps: Steps,
): ZeroChoice {
  const choice: ZeroChoice = { settled: [], tied: [], exhausted: new Set(unseen) };
  const capacities = legs.map(({ free }) => free.length);
  const exhaust = (part: ZeroSet[]): void => {
    for (const { members } of part) for (const member of members) choice.exhausted.add(member);
  };
  const known: ZeroSet[][] = [];
  for (const part of connectedParts(sets, legs.length)) {
    if (part.some(({ members }) => members.some((member) => unseen.has(member)))) exhaust(part);
    else known.push(part);
  }
  if (size === 2) {
    addPairs(choice, known.flat(), legs, capacities, tieMargin);
    return choice;
  }
  for (const part of known) {
    const chosen = withinSteps(() => settlePart(part, capacities, tieMargin, steps));
    if (chosen) {
      choice.settled.push(...chosen.settled);
      choice.tied.push(...chosen.tied);
    } else exhaust(part);
  }
  return choice;
}

function connectedParts(sets: ZeroSet[], legCount: number): ZeroSet[][] {
  const packables = sets.map(({ members }): Packable => ({ gain: 1, uses: usesOf(members) }));
  const nothing = new Array<number>(legCount).fill(0);
  // With room for nothing, whatever two sets use is contended.
  const parts = contendingParts(packables, nothing, [...sets.keys()], () => 1);
  // The small ones first: what is hard may use up the bound.
  return parts.map((part) => part.map((at) => sets[at]!)).sort((a, b) => a.length - b.length);
}

function addPairs(choice: ZeroChoice, sets: ZeroSet[], legs: ZeroLeg[], capacities: number[], tieMargin: number): void {
  const offers = sets.map(({ members: [a, b], cost }) => {
    return legs[a!]!.isOne ? { left: a!, right: b!, cost } : { left: b!, right: a!, cost };
  });
  const { pairs, tied, exhausted } = pairOptimally({
    leftCounts: capacities,
    rightCounts: capacities,
    offers,
    tieMargin,
  });
  const copiesOf = new Map(pairs.map(({ left, right, count }) => [`${left}-${right}`, count]));
  for (const [at, { left, right }] of offers.entries()) {
    const copies = copiesOf.get(`${left}-${right}`);
    if (copies !== undefined) choice.settled.push({ set: sets[at]!, copies });
    else if (tied.left.has(left) && tied.right.has(right)) choice.tied.push(sets[at]!);
  }
  for (const leg of [...exhausted.left, ...exhausted.right]) choice.exhausted.add(leg);
}

/** Undefined when the part is too large to be weighed in exact integers. */
function settlePart(
  part: ZeroSet[],
  capacities: number[],
  tieMargin: number,
  steps: Steps,
): Omit<ZeroChoice, 'exhausted'> | undefined {
  const uses = part.map(({ members }) => usesOf(members));
  const inPart = new Set(part.flatMap(({ members }) => members));
  const entries = [...inPart].reduce((sum, leg) => sum + capacities[leg]!, 0);
  const setsMost = Math.floor(entries / part[0]!.members.length);
  const costMax = part.reduce((most, { cost }) => Math.max(most, cost), 0);
  // One set more outweighs all cost and the margin.
  const ofSet = setsMost * costMax + tieMargin + 1;
  if (ofSet * (setsMost + 1) > Number.MAX_SAFE_INTEGER) return undefined;
  const sets = part.map(({ cost }, at): Packable => ({ gain: ofSet - cost, uses: uses[at]! }));
  const { copies, changeable } = settlePacking({ sets, capacities }, tieMargin, [], steps);
  const settled = part.map((set, at) => ({ set, copies: changeable[at] ? 0 : copies[at]! }));
  return { settled: settled.filter((one) => one.copies > 0), tied: part.filter((_, at) => changeable[at]) };
}

function usesOf(members: number[]): Packable['uses'] {
  const uses = new Map<number, number>();
  for (const member of members) uses.set(member, (uses.get(member) ?? 0) + 1);
  return Array.from(uses, ([resource, amount]) => ({ resource, amount }));
}
