// What becomes of the marks of a bulk: written as changes when it is committed, taken off when it is not. Whoever does it again, or
// goes on after a crash, does no harm.
import { type Break, breakPartsPerWriteMax, partsOf } from '../../domain/break.ts';
import type { BreakBulk, BulkTargets } from '../../domain/break-bulk.ts';
import { joinNumber } from '../../domain/composite-number.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { ActivityEntry } from '../../ports/activity-log.ts';
import type { BreakWrite } from '../../ports/break-store.ts';
import type { Deps } from '../deps.ts';
import { eachOf } from '../each-of.ts';
import { untilWritten } from '../until-written.ts';
import { isMarked } from './act-on-break.ts';
import { movedSentence } from './told-of-deed.ts';

export type BulkDeps = Pick<Deps, 'breaks' | 'bulks' | 'activity' | 'clock'>;

/** Transactions under way at once. */
export const bulkWritesAtOnce = 8;

/** After the commit, which has decided already what everybody sees. */
export async function writeCommitted(deps: BulkDeps, bulk: BreakBulk): Promise<void> {
  for (const target of bulk.targets) {
    const ref = { tenant: bulk.tenant, reconciliationId: target.reconciliationId };
    await rewrite(deps, ref, target.breakIds, (item) => item.bulk?.bulkId === bulk.bulkId && !isMarked(item));
    await recordBulk(deps, bulk, ref, target);
  }
  await deps.bulks.finish(bulk);
}

/** After an abort: nothing of it was ever seen. */
export async function takeOffMarks(deps: BulkDeps, bulk: BreakBulk): Promise<void> {
  // A mark of an aborted bulk is not read, so that each of its breaks is written, whether it bore one or not.
  for (const { reconciliationId, breakIds } of bulk.targets)
    await rewrite(deps, { tenant: bulk.tenant, reconciliationId }, breakIds, ({ bulk: mark }) => mark === undefined);
  await deps.bulks.finish(bulk);
}

/** Writes each break of the choice as it is read, in its next version. */
async function rewrite(
  deps: BulkDeps,
  ref: ReconciliationRef,
  breakIds: string[],
  isChosen: (item: Break) => boolean,
): Promise<void> {
  const chosen = async (ids: string[]): Promise<BreakWrite[]> =>
    (await deps.breaks.getMany(ref, ids)).filter(isChosen).map((item) => ({
      break: { ...item, version: item.version + 1 },
      expected: item.version,
    }));
  await eachOf(groupsOf(await chosen(breakIds)), bulkWritesAtOnce, (group) => {
    let writes = group;
    return untilWritten(async () => {
      if (writes.length === 0 || (await deps.breaks.save(writes))) return true;
      // Somebody else wrote one of them, and with it what the bulk had left to write of it.
      writes = await chosen(group.map((write) => write.break.breakId));
      return undefined;
    });
  });
}

/** As many as one transaction takes: of each the break, its place among the touched ones, and an entry. */
export function groupsOf(writes: BreakWrite[]): BreakWrite[][] {
  const groups: BreakWrite[][] = [];
  let [parts, bytes] = [0, 0];
  for (const write of writes) {
    // The place of a break that is touched no more is taken away, which is a part too.
    const [ownParts, ownBytes] = [Math.max(2, partsOf(write)), JSON.stringify(write).length];
    const isFull = parts + ownParts > breakPartsPerWriteMax || bytes + ownBytes > bytesPerTransactionMax;
    if (groups.length === 0 || isFull) {
      groups.push([]);
      [parts, bytes] = [0, 0];
    }
    groups.at(-1)!.push(write);
    [parts, bytes] = [parts + ownParts, bytes + ownBytes];
  }
  return groups;
}
/** Of 4 MB, with room for letters of more than one byte. */
const bytesPerTransactionMax = 1_500_000;

/** Each move is told of; a comment alone once for all breaks of a definition. */
async function recordBulk(
  deps: BulkDeps,
  { bulkId, status, actorDn }: BreakBulk,
  ref: ReconciliationRef,
  { number, breakIds }: BulkTargets,
): Promise<void> {
  const cause = `bulk/${bulkId}/${number}`;
  if (status === undefined) {
    const details = `${breakIds.length} breaks commented on by ${actorDn}`;
    await deps.activity.record({ ...ref, eventType: 'BREAK_BULK_ACTION', details, actorDn, cause });
    return;
  }
  const entries = breakIds.map((breakId): ActivityEntry => {
    const id = joinNumber({ number, sequence: Number(breakId) });
    const details = movedSentence(id, status, actorDn);
    return { ...ref, eventType: 'BREAK_STATUS_CHANGE', details, actorDn, cause: `${cause}/${breakId}` };
  });
  await deps.activity.record(...entries);
}
