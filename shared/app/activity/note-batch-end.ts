// Writes what became of a batch into the activity, and mails those who want to know of one that could not be loaded; once, however
// often it is called: whoever finds the batch at an end calls it.
import type { Batch } from '../../domain/batch.ts';
import { joinNumber } from '../../domain/composite-number.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import type { Failure } from '../../domain/result.ts';
import type { Deps } from '../deps.ts';
import type { NotifyDeps } from '../notifications/keep-mails.ts';
import { notifyIngestionFailure } from '../notifications/notices.ts';

export type NoteBatchDeps = NotifyDeps & Pick<Deps, 'reconciliations' | 'activity'>;

/** Only of reconciliations with a graph. */
export async function noteBatchEnd(deps: NoteBatchDeps, batch: Batch): Promise<void> {
  const outcome = outcomeOf(batch);
  if (outcome === undefined) return;
  const reconciliation = await deps.reconciliations.get(batch);
  if (!reconciliation?.graph) return;
  const { status, reason, loadHash = '' } = batch;
  // One that was held is told of again when it is released and loaded, and one that is loaded again too.
  const cause = `batch-${status.toLowerCase()}/${batch.reconciliationId}/${batch.batchId}/${loadHash}`;
  await note(deps, reconciliation, batch, { outcome, cause, ...(status === 'FAILED' && { code: reason?.code }) });
}

/** `hash`: of the definition by which it cannot be loaded. */
export async function noteReloadFailure(
  deps: NoteBatchDeps,
  batch: Batch,
  hash: string,
  { code, detail }: Failure,
): Promise<void> {
  const reconciliation = await deps.reconciliations.get(batch);
  if (!reconciliation?.graph) return;
  const outcome = ` could not be loaded again under the changed definition: ${code}: ${detail}`;
  await note(deps, reconciliation, batch, { outcome, cause: `batch-reload/${batch.batchId}/${hash}`, code });
}

async function note(
  deps: NoteBatchDeps,
  reconciliation: Reconciliation,
  { tenant, reconciliationId, source, number, actorDn = 'SYSTEM' }: Batch,
  { outcome, cause, ...failed }: { outcome: string; cause: string; code?: string | undefined },
): Promise<void> {
  const id = joinNumber({ number: reconciliation.graph!.number, sequence: number });
  const eventType = 'code' in failed ? 'INGESTION_FAILED' : 'BATCH_INGESTED';
  const details = `Batch ${id} of source ${source}${outcome}`;
  await deps.activity.record({ tenant, reconciliationId, eventType, details, actorDn, cause });
  if ('code' in failed)
    await notifyIngestionFailure(deps, reconciliation, { id, source, code: failed.code ?? 'FAILED', cause });
}

function outcomeOf({ status, rows, reason, loadedAgain }: Batch): string | undefined {
  if (status === 'FAILED') return ` failed: ${reason?.code}: ${reason?.detail}`;
  if (status === 'HELD') return ': held, because its bytes came before';
  if (status !== 'COMPLETE') return undefined;
  return `${loadedAgain ? ' loaded again' : ''}: ${rows?.records ?? 0} records, ${rows?.rejected ?? 0} rejected`;
}
