// Writes the changes of a committed settlement to the breaks, under the fence, a few transactions at once. Begun again
// after a crash it goes on from the recorded progress, and what was written twice is written once.
import { join } from 'node:path';
import { type Break, breaksPerSettleWriteMax } from '../../domain/break.ts';
import {
  changeBreak,
  closeGoneBreak,
  goneReason,
  openBreak,
  type SettledBy,
  settledBy,
} from '../../domain/break-changes.ts';
import type { Definition } from '../../domain/definition.ts';
import type { BatchMark, Settlement } from '../../domain/feed.ts';
import type { Run } from '../../domain/run.ts';
import type { BreakWrite, SettleFence } from '../../ports/break-store.ts';
import type { Deps } from '../deps.ts';
import type { BreakChange } from '../pipeline-engine.ts';
import { untilWritten } from '../until-written.ts';

type Writing = { fence: SettleFence; by: SettledBy; definition: Definition; withdrawn: BatchMark[] };

type ApplyDeps = Pick<Deps, 'batches' | 'runs' | 'breaks' | 'objects' | 'engine' | 'clock' | 'settings'>;

/** Nothing to do for a run without a pending settlement: it is back-dated. */
export async function applySettlement(
  deps: ApplyDeps,
  run: Run,
  fence: number,
  directory: string,
): Promise<'applied' | 'fenced'> {
  const { pending, withdrawn } = await deps.batches.feed(run);
  if (pending?.runId !== run.runId) return 'applied';
  // The run as it was handed in may be from before the commit; its results are in the store since.
  const settled = await deps.runs.get(run);
  const write: Writing = {
    fence: { tenant: run.tenant, reconciliationId: run.reconciliationId, fence },
    by: settledBy(settled ?? run, new Date(deps.clock.now()).toISOString()),
    definition: run.definition!,
    withdrawn,
  };
  const path = join(directory, 'changes.parquet');
  if (pending.applied < pending.changes && !(await deps.objects.download(pending.changesKey, path))) {
    throw new Error(`object ${pending.changesKey} is missing`);
  }
  const pageRows = breaksPerSettleWriteMax * deps.settings.breakWritesAtOnce * transactionsPerPage;
  for (let offset = pending.applied; offset < pending.changes; offset += pageRows) {
    const changes = await deps.engine.changes({ directory, path, offset, limit: pageRows });
    const groups = grouped(changes);
    // As many at once as the settings say; the first that is fenced ends it all.
    for (let start = 0; start < groups.length; start += deps.settings.breakWritesAtOnce) {
      const some = groups.slice(start, start + deps.settings.breakWritesAtOnce);
      const answers = await Promise.all(some.map((group) => writeGroup(deps, write, group)));
      if (answers.includes('fenced')) return 'fenced';
    }
    const applied = Math.min(offset + pageRows, pending.changes);
    if (!(await recordProgress(deps, write.fence, pending, applied))) return 'fenced';
  }
  return 'applied';
}

/** Progress is recorded after this many transactions of each writer. */
const transactionsPerPage = 10;

/** A transaction takes at most 4 MB; a break whose values are cut to 1 KB each seldom has more than a few. */
const bytesPerTransactionMax = 3_000_000;

function grouped(changes: BreakChange[]): BreakChange[][] {
  const groups: BreakChange[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const change of changes) {
    // Four bytes per character of the cut values, twice for the differences, is more than any item can have.
    const size = change.kind === 'gone' ? 2_000 : Math.min(JSON.stringify(change.observed).length * 4, 400_000);
    if (bytes + size > bytesPerTransactionMax || groups.at(-1)!.length >= breaksPerSettleWriteMax) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(change);
    bytes += size;
  }
  return groups;
}

/** A conflict means that a person has changed a break meanwhile: read again, decide again. */
async function writeGroup(deps: ApplyDeps, write: Writing, changes: BreakChange[]): Promise<'written' | 'fenced'> {
  const { tenant, reconciliationId } = write.fence;
  return untilWritten(async () => {
    const known = await deps.breaks.getMany(
      { tenant, reconciliationId },
      changes.map((change) => change.breakId),
    );
    const stored = new Map(known.map((item) => [item.breakId, item]));
    const writes = changes.flatMap((change) => writeOf(write, change, stored.get(change.breakId)));
    if (writes.length === 0) return 'written';
    const answer = await deps.breaks.settle(write.fence, writes);
    return answer === 'conflict' ? undefined : answer;
  });
}

/** None where it is done already, or where the break stayed in Parquet. */
function writeOf(
  { fence, by, definition, withdrawn }: Writing,
  change: BreakChange,
  stored: Break | undefined,
): BreakWrite[] {
  const { tenant, reconciliationId } = fence;
  if (change.kind === 'opened') {
    if (stored) return [];
    const ref = { tenant, reconciliationId, breakId: change.breakId };
    return [{ break: openBreak(ref, change.observed, by, change.previousBreakId), expected: 0 }];
  }
  if (!stored) return [];
  const next =
    change.kind === 'changed'
      ? changeBreak(stored, change.observed, by)
      : closeGoneBreak(stored, goneReason(change, definition, withdrawn), by);
  return next ? [{ break: next, expected: stored.version }] : [];
}

async function recordProgress(
  deps: ApplyDeps,
  fence: SettleFence,
  pending: Settlement,
  applied: number,
): Promise<boolean> {
  return untilWritten<boolean>(async () => {
    const feed = await deps.batches.feed(fence);
    if (feed.fence !== fence.fence || feed.pending?.runId !== pending.runId) return false;
    return (await deps.runs.saveFeed({ ...feed, pending: { ...feed.pending, applied } })) || undefined;
  });
}
