// Takes a batch back: no later run sees its rows. What was settled with it changes only by another run, which is offered.
import type { Batch } from '../../domain/batch.ts';
import type { BatchMark } from '../../domain/feed.ts';
import { afterWithdrawal, fedSources } from '../../domain/feed-changes.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';

export type WithdrawBatch = { reconciliationId: string; batchId: string; reason: string };

export async function withdrawBatch(
  deps: Pick<Deps, 'reconciliations' | 'batches'>,
  actor: Actor,
  { reconciliationId, batchId, reason }: WithdrawBatch,
): Promise<Result<{ batch: Batch; rerun: boolean }>> {
  const ref = { tenant: actor.tenant, reconciliationId, batchId };
  return untilWritten<Result<{ batch: Batch; rerun: boolean }>>(async () => {
    const batch = await deps.batches.get(ref);
    if (!batch) return fail('NOT_FOUND', `There is no batch ${batchId}`);
    const rerun = batch.claimedBy !== undefined;
    if (batch.status === 'WITHDRAWN') return ok({ batch, rerun });
    if (batch.status !== 'COMPLETE' && batch.status !== 'HELD') {
      return fail('BATCH_MISSING', `Batch ${batchId} is ${batch.status} and cannot be withdrawn`);
    }
    const withdrawn: Batch = {
      ...batch,
      status: 'WITHDRAWN',
      withdrawnBy: actor.userId,
      reason: { code: 'BATCH_WITHDRAWN', detail: reason },
    };
    // A held batch never reached the feed.
    if (batch.status === 'HELD') {
      return (await deps.batches.save(withdrawn)) ? ok({ batch: withdrawn, rerun: false }) : undefined;
    }
    const feed = await deps.batches.feed(batch);
    const increment = await isIncrement(deps, batch);
    const previous = increment ? undefined : await newestOther(deps, batch);
    const taken = increment && !feed.waiting[batch.source]?.includes(batchId);
    const next = { ...afterWithdrawal(feed, batch, previous), ...(taken && { rebuild: true }) };
    return (await deps.batches.save(withdrawn, next)) ? ok({ batch: withdrawn, rerun }) : undefined;
  });
}

async function isIncrement(deps: Pick<Deps, 'reconciliations'>, batch: Batch): Promise<boolean> {
  const reconciliation = await deps.reconciliations.get(batch);
  const sources = reconciliation ? fedSources(reconciliation) : [];
  return sources.some((source) => source.name === batch.source && source.load === 'increment');
}

async function newestOther(
  deps: Pick<Deps, 'batches'>,
  { tenant, reconciliationId, batchId, source }: Batch,
): Promise<BatchMark | undefined> {
  let cursor: string | undefined;
  do {
    // Newest first.
    const page = await deps.batches.list({ tenant, reconciliationId }, cursor);
    const found = page.items.find(
      (other) => other.source === source && other.status === 'COMPLETE' && other.batchId !== batchId,
    );
    if (found) return { batchId: found.batchId, number: found.number };
    cursor = page.cursor;
  } while (cursor !== undefined);
  return undefined;
}
