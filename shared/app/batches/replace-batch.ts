// Puts an uploaded file in the place of a batch: the old one is withdrawn, the new one loaded as if it had arrived.
// Repeating it after a crash goes on where it stopped.
import type { Batch } from '../../domain/batch.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Deps } from '../deps.ts';
import { derivedId } from '../derived-id.ts';
import { receivedBatch } from './receive-object.ts';
import { withdrawBatch } from './withdraw-batch.ts';

export type ReplaceBatch = { reconciliationId: string; batchId: string; uploadId: string; reason: string };

export async function replaceBatch(
  deps: Pick<Deps, 'reconciliations' | 'uploads' | 'batches' | 'objects' | 'queue' | 'clock' | 'settings'>,
  actor: Actor,
  { reconciliationId, batchId, uploadId, reason }: ReplaceBatch,
): Promise<Result<Batch>> {
  const ref = { tenant: actor.tenant, reconciliationId };
  const reconciliation = await deps.reconciliations.get(ref);
  const upload = await deps.uploads.get(actor.tenant, uploadId);
  if (!reconciliation) return fail('NOT_FOUND', `There is no reconciliation ${reconciliationId}`);
  if (!upload) return fail('NOT_FOUND', `There is no upload ${uploadId}`);
  const object = await deps.objects.head(upload.objectKey);
  if (!object) return fail('BATCH_MISSING', `The file of upload ${uploadId} has not arrived`);
  const withdrawn = await withdrawBatch(deps, actor, { reconciliationId, batchId, reason });
  if (!withdrawn.ok) return withdrawn;
  const { source } = withdrawn.value.batch;
  const newId = derivedId(deps.settings.bucket, object.versionId, reconciliationId, batchId, object.key);
  const received = receivedBatch(deps, reconciliation, { batchId: newId, source, fileName: upload.fileName, object });
  const { batch } = await deps.batches.receive(received);
  await deps.queue.send([{ kind: 'ingest-batch', ...ref, batchId: batch.batchId }]);
  return ok(batch);
}
