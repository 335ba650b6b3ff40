// Writes a batch that could not be loaded into the activity and mails those who want to know, once, however often it is
// called: whoever finds the batch FAILED calls it.
import type { Batch } from '../../domain/batch.ts';
import { joinNumber } from '../../domain/composite-number.ts';
import type { Deps } from '../deps.ts';
import type { NotifyDeps } from '../notifications/keep-mails.ts';
import { notifyIngestionFailure } from '../notifications/notices.ts';

export type NoteBatchDeps = NotifyDeps & Pick<Deps, 'reconciliations' | 'activity'>;

/** Only of reconciliations with a graph. */
export async function noteBatchFailure(deps: NoteBatchDeps, batch: Batch): Promise<void> {
  if (batch.status !== 'FAILED') return;
  const reconciliation = await deps.reconciliations.get(batch);
  if (!reconciliation?.graph) return;
  const { tenant, reconciliationId, batchId, source, reason } = batch;
  const id = joinNumber({ number: reconciliation.graph.number, sequence: batch.number });
  const cause = `batch-failed/${reconciliationId}/${batchId}`;
  await deps.activity.record({
    tenant,
    reconciliationId,
    eventType: 'INGESTION_FAILED',
    details: `Batch ${id} of source ${source} failed: ${reason?.code}: ${reason?.detail}`,
    actorDn: 'SYSTEM',
    cause,
  });
  await notifyIngestionFailure(deps, reconciliation, { id, source, code: reason?.code ?? 'FAILED', cause });
}
