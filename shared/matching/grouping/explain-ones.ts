// Explains each one by a set of the many, no entry in two sets. A one brings its smallest sets; where not all can have
// theirs, those left out and those in their way bring their next larger ones, until nothing larger is found.
import { createChooser, type TargetChoice } from './choose-sets.ts';
import { countsOf, type EntryClass } from './classes.ts';
import { candidatesMax, type Group, type GroupSearch, type WholeRule } from './search-groups.ts';
import type { Steps } from './steps.ts';
import { createTargetSearch, type FoundSet, type Target } from './target-search.ts';

export type Sides = { ones: EntryClass[]; many: EntryClass[] };

export function explainOnes({ ones, many }: Sides, rule: WholeRule, steps: Steps): Omit<GroupSearch, 'steps'> {
  const search = createTargetSearch({ ones, many }, rule, steps);
  const { targets } = search;
  // Size by size over the whole block, so that the bound is spent on what is likely first.
  for (let size = search.sizeMin; size <= rule.recordsMax; size += 1) {
    for (const target of targets) if (target.sets.length === 0) search.upTo(target, size);
  }
  const choose = createChooser(targets, { ones: countsOf(ones), many: countsOf(many) }, rule, steps);
  let choice = choose(search.unseenFrom());
  for (;;) {
    const larger = [...choice.short].sort((a, b) => a - b).filter((at) => search.next(targets[at]!));
    if (larger.length === 0) break;
    choice = choose(search.unseenFrom());
  }
  return reported({ ones, many }, targets, choice, search.reached);
}

function reported(
  { ones, many }: Sides,
  targets: Target[],
  choice: TargetChoice,
  reached: (target: Target) => Iterable<number>,
): Omit<GroupSearch, 'steps'> {
  const free = { ones: ones.map(({ ids }) => [...ids]), many: many.map(({ ids }) => [...ids]) };
  const groups = choice.settled.flatMap(({ target, set, copies }) =>
    Array.from(
      { length: copies },
      (): Group => ({
        ones: [free.ones[target]!.shift()!],
        many: set.members.map((member) => free.many[member]!.shift()!).sort((a, b) => a - b),
        fee: set.fee,
        cost: set.cost,
      }),
    ),
  );
  const result: Omit<GroupSearch, 'steps'> = {
    groups,
    tied: { ones: new Set(), many: new Set(), candidates: new Map() },
    exhausted: { ones: new Set(), many: new Set() },
  };
  const add = (to: Set<number>, ids: number[]): void => {
    for (const id of ids) to.add(id);
  };
  for (const [target, sets] of choice.tied) {
    add(result.tied.ones, free.ones[target]!);
    for (const { members } of sets) for (const member of members) add(result.tied.many, free.many[member]!);
  }
  for (const target of choice.exhausted) {
    add(result.exhausted.ones, free.ones[target]!);
    const within = [...targets[target]!.sets.flatMap(({ members }) => members), ...reached(targets[target]!)];
    for (const member of within) add(result.exhausted.many, free.many[member]!);
  }
  for (const id of result.tied.many) result.exhausted.many.delete(id);
  const shown = new Map([...choice.exhausted].map((target) => [target, targets[target]!.sets]));
  for (const [target, sets] of choice.tied) shown.set(target, sets);
  for (const [target, sets] of shown) {
    const ranked = ranking(sets, many).slice(0, candidatesMax);
    for (const id of ranked.length > 0 ? free.ones[target]! : []) {
      const candidates = ranked.map(({ members, fee, cost }): Group => {
        return { ones: [id], many: idsOf(members, many), fee, cost };
      });
      result.tied.candidates.set(id, candidates);
    }
  }
  return result;
}

/** By size, then cost; where those are equal, by content, which only settles the order of the list. */
function ranking(sets: FoundSet[], many: EntryClass[]): FoundSet[] {
  const contents = (set: FoundSet): number[] =>
    set.members.map((member) => many[member]!.content).sort((a, b) => a - b);
  const byContent = (a: number[], b: number[]): number => {
    const at = a.findIndex((content, index) => content !== b[index]);
    return at < 0 ? 0 : a[at]! - b[at]!;
  };
  return sets.toSorted(
    (a, b) => a.members.length - b.members.length || a.cost - b.cost || byContent(contents(a), contents(b)),
  );
}

/** Of identical entries the last are named, as groups take the first. */
function idsOf(members: number[], many: EntryClass[]): number[] {
  const used = new Map<number, number>();
  const ids = members.map((member) => {
    const before = used.get(member) ?? 0;
    used.set(member, before + 1);
    return many[member]!.ids.at(-1 - before)!;
  });
  return ids.sort((a, b) => a - b);
}
