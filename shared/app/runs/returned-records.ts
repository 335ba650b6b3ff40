// Records of undone and rejected matches, where increments carry open records only: nothing else would bring them back.
import { join } from 'node:path';
import type { Batch } from '../../domain/batch.ts';
import type { Apart } from '../../domain/decision.ts';
import { splitRowReference } from '../../domain/outcome.ts';
import type { Member } from '../pipeline-engine.ts';
import {
  type Approved,
  aside,
  carriedPaths,
  fetched,
  type Made,
  type Planning,
  type Returned,
} from './decision-planning.ts';
import { batchesOf, type Rejected, rowsOf } from './plan-rejections.ts';

/**
 * Records of matches that were undone or rejected since the last settled run. Once that has settled which they came back in, it
 * carries them or has matched them anew; until then every run brings them back.
 */
export async function returnedRecords(
  planning: Planning,
  {
    approved,
    aparts,
    rejected,
    notes,
  }: { approved: Approved[]; aparts: Made<Apart>[]; rejected: Rejected[]; notes: string[] },
): Promise<Returned> {
  const { before } = planning;
  const since = before?.upTo ?? 0;
  const madeAnew = planning.feed.rebuiltBy ?? 0;
  const fresh = aparts.filter((one) => one.order > since);
  const live = fresh.filter(({ subject }) => subject.runNumber >= madeAnew);
  if (live.length < fresh.length) {
    notes.push(
      aside(
        fresh.filter((one) => !live.includes(one)),
        `run ${madeAnew} had made its matches anew`,
      ),
    );
  }
  const reversed = approved.flatMap((one) => {
    if (one.subject.kind !== 'reversal' || one.order <= since || !before?.held.includes(one.subject.decisionId))
      return [];
    const { decisionId } = one.subject;
    return approved.flatMap(({ decisionId: id, subject }) =>
      id === decisionId && subject.kind === 'together' ? [subject] : [],
    );
  });
  if (live.length + reversed.length + rejected.length === 0) return {};
  const returned: Returned = {};
  for (const [index, { source }] of planning.sources.entries()) {
    const side = index === 0 ? 'left' : 'right';
    const rows = reversed.flatMap((subject) => subject[side]);
    const numbers = new Set([
      ...live.flatMap(({ subject }) => subject.undone.batches[side]),
      ...rejected.flatMap((one) => batchesOf(one)[side]),
      ...rows.map((row) => splitRowReference(row).batchNumber),
    ]);
    const batches = await recordsOf(planning, numbers);
    if (batches.length === 0) continue;
    const undone = [];
    for (const one of live) {
      // What an earlier decision undid of the same run came back then; where it is now, another match may hold it.
      const earlier = approved.filter(({ order, subject }) => {
        return subject.kind === 'apart' && subject.runId === one.subject.runId && order < one.order;
      }) as Made<Apart>[];
      const except = await rejectedBefore(planning, one.subject.runId);
      for (const { subject } of earlier) except.push(await fetched(planning, subject.membersKey));
      undone.push({ path: await fetched(planning, one.subject.membersKey), except });
    }
    for (const [runId, of] of Map.groupBy(rejected, ({ run }) => run.runId)) {
      const except = [];
      for (const { order, subject } of approved)
        if (subject.kind === 'apart' && subject.runId === runId && order <= since)
          except.push(await fetched(planning, subject.membersKey));
      undone.push({ path: await joined(planning, `rejected-${runId}`, await rowsOf(planning, of)), except });
    }
    const records = [];
    for (const batch of batches) records.push(await fetched(planning, batch.recordsKey!));
    const picked = await planning.deps.engine.pick({
      directory: planning.directory,
      path: join(planning.directory, `returned-${index}.parquet`),
      definition: planning.definition,
      records: { source, paths: records },
      side,
      rows,
      undone,
      notIn: await carriedPaths(planning, index),
    });
    if (picked.rows === 0) continue;
    const key = `${planning.prefix}/returned-${encodeURIComponent(source)}.parquet`;
    await planning.deps.objects.upload(picked.path, key);
    returned[source] = { ...picked, key };
  }
  return returned;
}

/** What was rejected of that run and came back then: it is told from other matches by its name alone. */
async function rejectedBefore(planning: Planning, runId: string): Promise<string[]> {
  const names = (planning.before?.broughtBack ?? []).filter((one) => one.runId === runId);
  if (names.length === 0) return [];
  const members = names.map(({ match }) => ({ source: '', match, left: null, right: null }));
  return [await joined(planning, `back-${runId}`, { paths: [], members })];
}

function joined(
  { deps, directory }: Planning,
  name: string,
  rows: { paths: string[]; members: Member[] },
): Promise<string> {
  return deps.engine.joinMembers({ directory, name, ...rows });
}

/** Batches of these numbers that the run does not take anyway and that nobody has withdrawn. */
async function recordsOf({ deps, run, claimed }: Planning, numbers: Set<number>): Promise<Batch[]> {
  const wanted = new Set([...numbers].filter((number) => !claimed.has(number)));
  const found: Batch[] = [];
  let cursor: string | undefined;
  while (wanted.size > 0) {
    const page = await deps.batches.list({ tenant: run.tenant, reconciliationId: run.reconciliationId }, cursor);
    for (const batch of page.items) if (wanted.delete(batch.number) && batch.status === 'COMPLETE') found.push(batch);
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return found.sort((a, b) => a.number - b.number);
}
