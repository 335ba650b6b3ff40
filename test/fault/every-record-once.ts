// Of a pair of increments each record is in one place: open, or in one match that holds. Told from what is stored alone.
import { readJson } from '../../shared/app/runs/json-objects.ts';
import type { Carried, Run, RunInputs } from '../../shared/domain/run.ts';
import { ref } from './scenario.ts';
import type { TwinMatch, TwinMember } from './twin-decisions.ts';
import type { TwinRecord } from './twin-records.ts';
import type { World } from './world.ts';

/**
 * Throws with the first record that is nowhere or twice. For runs without a rebuild, which would void earlier matches.
 * `readRows` reads a file of the engine; those of the twin are JSON.
 */
export async function checkEveryRecordOnce(
  { deps }: Pick<World, 'deps'>,
  runs: Run[],
  readRows: <Row>(key: string) => Promise<Row[]> = (key) => readJson(deps, key),
): Promise<void> {
  const seen = new Map<number, string[]>();
  const see = (row: number | null, where: string) => row !== null && seen.set(row, [...(seen.get(row) ?? []), where]);
  const { items } = await deps.decisions.list(ref, { status: 'APPROVED' }, undefined, 10_000);
  const looked: number[] = [];
  for (const run of runs) looked.push((await readJson<RunInputs>(deps, run.inputsKey!)).decisions?.upTo ?? 0);
  const undone = new Set<string>();
  const reversed = new Set<string>();
  for (const { decisionId, subject, reversedBy, order } of items) {
    if (subject.kind === 'together' && reversedBy) reversed.add(decisionId);
    if (subject.kind !== 'apart') continue;
    // What was undone and allowed again before any run saw it never came apart.
    const members = await readRows<TwinMember>(subject.membersKey);
    const seenBy = looked.some((upTo) => order! <= upTo && (!reversedBy || upTo < reversedBy.order));
    if (seenBy) for (const { leftRow, rightRow } of members) undone.add(`${subject.runId} ${leftRow} ${rightRow}`);
  }
  // Of rejected matches the last run knows all that were brought back.
  const last = runs.toSorted((a, b) => a.number - b.number).at(-1)!;
  const { decisions } = await readJson<RunInputs>(deps, last.inputsKey!);
  for (const { runId, match } of decisions?.broughtBack ?? []) undone.add(`${runId} ${match}`);
  for (const run of runs) {
    for (const key of run.results!.matchesKeys) {
      const places = new Map<number, string>();
      for (const { leftRow, rightRow, groupId } of await readRows<TwinMatch>(key)) {
        if (undone.has(`${run.runId} ${leftRow} ${rightRow}`)) continue;
        if (groupId !== undefined && reversed.has(groupId)) continue;
        for (const row of [leftRow, rightRow]) if (row !== null) places.set(row, `match of run ${run.number}`);
      }
      for (const [row, where] of places) see(row, where);
    }
  }
  const { carriedKey } = (await deps.batches.feed(ref)).settled!;
  const carried = carriedKey === undefined ? {} : await readJson<Carried>(deps, carriedKey);
  for (const { keys } of Object.values(carried)) {
    for (const key of keys) for (const { row } of await readRows<TwinRecord>(key)) see(row, 'open');
  }
  const batches = (await deps.batches.list(ref, undefined, 1_000)).items;
  for (const { recordsKey, source } of batches) {
    for (const { row } of await readRows<TwinRecord>(recordsKey!)) {
      const places = seen.get(row) ?? [];
      if (places.length !== 1) throw new Error(`record ${row} of ${source} is ${places.join(' and ') || 'nowhere'}`);
      seen.delete(row);
    }
  }
  if (seen.size > 0) throw new Error(`records that were never loaded: ${[...seen.keys()].join(', ')}`);
}
