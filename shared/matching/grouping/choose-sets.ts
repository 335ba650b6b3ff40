// Chooses one set per target over the whole block so that no entry is in two: most targets explained, then the fewest
// records, then the least total cost. Says what all choices within the margin have in common, part by part.
import { contendingParts, type Packable } from './pack-sets.ts';
import type { WholeRule } from './search-groups.ts';
import { settlePacking } from './settle-packing.ts';
import { type Steps, withinSteps } from './steps.ts';
import type { FoundSet, Target } from './target-search.ts';

export type TargetChoice = {
  settled: { target: number; set: FoundSet; copies: number }[];
  /** Targets with the sets that some choices within the margin give them, and others not or less often. */
  tied: Map<number, FoundSet[]>;
  exhausted: Set<number>;
  /** Targets not explained in every choice within the margin, and those with a set that shares an entry with theirs. */
  short: Set<number>;
};

type Offered = { target: number; set: FoundSet };
type PartChoice = Omit<TargetChoice, 'exhausted'>;
type Counts = { ones: number[]; many: number[] };

/** `unseenFrom`: by class of the many, from which size on not all sets with it are known. */
export type Chooser = (unseenFrom: Float64Array) => TargetChoice;

export function createChooser(targets: Target[], counts: Counts, rule: WholeRule, steps: Steps): Chooser {
  const capacities = [...counts.ones, ...counts.many];
  const known = new Map<string, PartChoice | undefined>();

  const choosePart = (part: Offered[]): PartChoice | undefined => {
    // What was once decided stays so, even when the bound has been hit since.
    const inPart = [...new Set(part.map(({ target }) => target))];
    const key = inPart.map((at) => `${at}:${targets[at]!.sets.length}`).join();
    if (!known.has(key))
      known.set(
        key,
        withinSteps(() => settlePart(part, inPart, counts, capacities, rule, steps)),
      );
    return known.get(key);
  };

  return (unseenFrom) => {
    const choice: TargetChoice = { settled: [], tied: new Map(), exhausted: new Set(), short: new Set() };
    for (const [at, target] of targets.entries()) if (target.stopped) choice.exhausted.add(at);
    for (const part of connectedParts(targets, counts)) {
      const isKnown = part.every(
        ({ target, set }) =>
          !targets[target]!.stopped && set.members.every((member) => set.members.length < unseenFrom[member]!),
      );
      const chosen = isKnown ? choosePart(part) : undefined;
      if (!chosen) {
        for (const { target } of part) choice.exhausted.add(target);
        continue;
      }
      choice.settled.push(...chosen.settled);
      for (const [target, sets] of chosen.tied) choice.tied.set(target, sets);
      for (const target of chosen.short) choice.short.add(target);
    }
    return choice;
  };
}

/** All sets of targets that have an entry in common, directly or through others. */
function connectedParts(targets: Target[], counts: Counts): Offered[][] {
  const offered = targets.flatMap(({ sets }, target) => sets.map((set): Offered => ({ target, set })));
  const sets = offered.map(({ target, set }): Packable => ({ gain: 1, uses: usesOf(target, set, counts) }));
  const nothing = new Array<number>(counts.ones.length + counts.many.length).fill(0);
  // With room for nothing, whatever two sets use is contended.
  const parts = contendingParts(sets, nothing, [...sets.keys()], () => 1);
  // The small ones first: what is hard may use up the bound.
  return parts.map((part) => part.map((at) => offered[at]!)).sort((a, b) => a.length - b.length);
}

/** Resources are the classes of the ones, then those of the many. */
function usesOf(target: number, set: FoundSet, counts: Counts): Packable['uses'] {
  const uses = new Map([[target, 1]]);
  for (const member of set.members) {
    const resource = counts.ones.length + member;
    uses.set(resource, (uses.get(resource) ?? 0) + 1);
  }
  return Array.from(uses, ([resource, amount]) => ({ resource, amount }));
}

/** Undefined when the part is too large to be weighed in exact integers. */
function settlePart(
  part: Offered[],
  inPart: number[],
  counts: Counts,
  capacities: number[],
  { recordsMax, tieMargin }: WholeRule,
  steps: Steps,
): PartChoice | undefined {
  const costMax = new Map<number, number>();
  for (const { target, set } of part) costMax.set(target, Math.max(costMax.get(target) ?? 0, set.cost));
  const ones = inPart.reduce((sum, target) => sum + counts.ones[target]!, 0);
  const costs = inPart.reduce((sum, target) => sum + costMax.get(target)! * counts.ones[target]!, 0);
  // One record less outweighs all cost and the margin, and one target more outweighs all records.
  const ofRecord = costs + tieMargin + 1;
  const ofTarget = ofRecord * (ones * recordsMax + 1);
  if (ofTarget * (ones + 1) > Number.MAX_SAFE_INTEGER) return undefined;
  const sets = part.map(({ target, set }): Packable => {
    return { gain: ofTarget - ofRecord * set.members.length - set.cost, uses: usesOf(target, set, counts) };
  });
  const { copies, changeable, spare } = settlePacking({ sets, capacities }, tieMargin, inPart, steps);
  const decided: PartChoice = { settled: [], tied: new Map(), short: new Set() };
  for (const [at, { target, set }] of part.entries()) {
    if (changeable[at]) decided.tied.set(target, [...(decided.tied.get(target) ?? []), set]);
    else if (copies[at]! > 0) decided.settled.push({ target, set, copies: copies[at]! });
  }
  const leftOut = new Set(inPart.filter((_, at) => spare[at]));
  const wanted = new Set(part.flatMap(({ target, set }) => (leftOut.has(target) ? set.members : [])));
  for (const { target, set } of part) if (set.members.some((member) => wanted.has(member))) decided.short.add(target);
  return decided;
}
