// Writes what became of a batch into the activity, and mails those who want to know of one that could not be loaded; once, however
// often it is called: whoever finds the batch at an end calls it.
import type { Batch } from '../../domain/batch.ts';
import { joinNumber } from '../../domain/composite-number.ts';
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
  const { tenant, reconciliationId, batchId, source, status, reason, actorDn } = batch;
  const id = joinNumber({ number: reconciliation.graph.number, sequence: batch.number });
  const failed = status === 'FAILED';
  // One that was held is told of again when it is released and loaded.
  const cause = `batch-${status.toLowerCase()}/${reconciliationId}/${batchId}`;
  await deps.activity.record({
    tenant,
    reconciliationId,
    eventType: failed ? 'INGESTION_FAILED' : 'BATCH_INGESTED',
    details: `Batch ${id} of source ${source}${outcome}`,
    actorDn: actorDn ?? 'SYSTEM',
    cause,
  });
  if (failed) await notifyIngestionFailure(deps, reconciliation, { id, source, code: reason?.code ?? 'FAILED', cause });
}

function outcomeOf({ status, rows, reason }: Batch): string | undefined {
  if (status === 'FAILED') return ` failed: ${reason?.code}: ${reason?.detail}`;
  if (status === 'HELD') return ': held, because its bytes came before';
  return status === 'COMPLETE' ? `: ${rows?.records ?? 0} records, ${rows?.rejected ?? 0} rejected` : undefined;
}
