// Searches that took long, remembered by what was searched. Open records wait for days, and most blocks of them are on each
// day what they were the day before: those need not be searched again. A search follows from its rule and its entries
// alone, and both are in the key, so nothing that is remembered can be out of date: a record that came or left, a decision, a
// changed definition or a changed bound is another key. Remembering shows in no outcome, only in time.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  type Entry,
  type Group,
  type GroupRequest,
  type GroupSearch,
  searchGroups,
  type Unsettled,
} from './search-groups.ts';

/** Raised when the same blocks come to be searched to another end: then nothing from before is known any more. */
export const searchVersion = 1;

/** A few milliseconds: to search less again costs no more than to know it. */
const stepsMin = 200_000;

export type SearchMemory = {
  /** As `searchGroups`. The entries of both sides are in the order of their content, and their ids are their places in it. */
  search(request: GroupRequest): GroupSearch;
  /** Writes what this run met or searched, for the next one. False where that is nothing. */
  write(path: string): boolean;
};

/** `path` is what an earlier run wrote. */
export function openSearchMemory(path?: string): SearchMemory {
  const known = new Map<string, string>();
  if (path !== undefined)
    for (const line of readFileSync(path, 'utf8').split('\n')) if (line) known.set(line.slice(0, keyLength), line);
  const met = new Map<string, string>();
  return {
    search(request) {
      const key = known.size > 0 ? keyOf(request) : undefined;
      const line = key !== undefined && known.get(key);
      if (line) {
        met.set(key!, line);
        return parsed(line.slice(keyLength));
      }
      const found = searchGroups(request);
      if (found.steps >= stepsMin) {
        const own = key ?? keyOf(request);
        met.set(own, own + written(found));
      }
      return found;
    },
    write(to) {
      if (met.size > 0) writeFileSync(to, [...met.values()].map((line) => `${line}\n`).join(''));
      return met.size > 0;
    },
  };
}

const keyLength = 64;

function keyOf({ ones, many, rule }: GroupRequest): string {
  const hash = createHash('sha256').update(JSON.stringify([searchVersion, rule]));
  for (const entries of [ones, many]) hash.update(`\n${textOf(entries)}`);
  return hash.digest('hex');
}

/** Contents by their place among those of the block: which of them are the same, and their order, is all that counts. */
function textOf(entries: Entry[]): string {
  let [place, before] = [0, entries[0]?.content];
  return entries
    .map(({ units, date, content }) => {
      if (content !== before) place += 1;
      before = content;
      return `${units},${date ?? ''},${place}`;
    })
    .join(';');
}

type Written = {
  groups: (Omit<Group, 'fee'> & { fee: string })[];
  tied: WrittenSides & { candidates: [number, Written['groups']][] };
  exhausted: WrittenSides;
  steps: number;
};
type WrittenSides = { ones: number[]; many: number[] };

function written({ groups, tied, exhausted, steps }: GroupSearch): string {
  const ofGroups = (all: Group[]) => all.map((group) => ({ ...group, fee: String(group.fee) }));
  const ofSides = ({ ones, many }: Unsettled): WrittenSides => ({ ones: [...ones], many: [...many] });
  const candidates = Array.from(tied.candidates, ([id, sets]): [number, Written['groups']] => [id, ofGroups(sets)]);
  const whole: Written = {
    groups: ofGroups(groups),
    tied: { ...ofSides(tied), candidates },
    exhausted: ofSides(exhausted),
    steps,
  };
  return JSON.stringify(whole);
}

function parsed(text: string): GroupSearch {
  const { groups, tied, exhausted, steps } = JSON.parse(text) as Written;
  const toGroups = (all: Written['groups']) => all.map((group) => ({ ...group, fee: BigInt(group.fee) }));
  const toSides = ({ ones, many }: WrittenSides): Unsettled => ({ ones: new Set(ones), many: new Set(many) });
  const candidates = new Map(tied.candidates.map(([id, sets]) => [id, toGroups(sets)]));
  return { groups: toGroups(groups), tied: { ...toSides(tied), candidates }, exhausted: toSides(exhausted), steps };
}
