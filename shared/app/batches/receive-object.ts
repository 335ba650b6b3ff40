// An object has arrived: it becomes a batch of the source that expects it, completes an upload, or is put aside with the
// reason. Nothing that arrives is lost, and nothing is done twice for one version of an object.
import type { Batch } from '../../domain/batch.ts';
import { fedSources } from '../../domain/feed-changes.ts';
import { parseDropKey, parseUploadKey, unclaimedKey } from '../../domain/object-keys.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Deps } from '../deps.ts';
import { derivedId } from '../derived-id.ts';
import { untilWritten } from '../until-written.ts';
import { type IngestDeps, ingestBatch } from './ingest-batch.ts';

export type ReceivedObject = { key: string; versionId: string; bytes: number };

export async function receiveObject(deps: IngestDeps & Pick<Deps, 'uploads'>, object: ReceivedObject): Promise<void> {
  const upload = parseUploadKey(object.key);
  if (upload) return markUploaded(deps, upload, object);
  if (!object.key.startsWith('drop/')) return;
  const expected = await expectedBatch(deps, object);
  if (!expected.ok) return putAside(deps, object, expected);
  const { batch } = await deps.batches.receive(expected.value);
  await ingestBatch(deps, batch);
}

/** The batch that a dropped object is; fails when no source expects it. */
export async function expectedBatch(
  deps: Pick<Deps, 'reconciliations' | 'clock' | 'settings'>,
  object: ReceivedObject,
): Promise<Result<Omit<Batch, 'number' | 'version'>>> {
  const path = parseDropKey(object.key);
  if (!path) return fail('OBJECT_UNEXPECTED', 'The key is not drop/<tenant>/<reconciliation>/<source>/<file>');
  const reconciliation = await deps.reconciliations.byCode(path.tenant, path.code);
  if (!reconciliation) return fail('OBJECT_UNEXPECTED', `There is no reconciliation ${JSON.stringify(path.code)}`);
  if (reconciliation.status === 'RETIRED') {
    return fail('OBJECT_UNEXPECTED', `Reconciliation ${JSON.stringify(path.code)} is retired`);
  }
  if (!fedSources(reconciliation).some((source) => source.name === path.source)) {
    return fail('OBJECT_UNEXPECTED', `Reconciliation ${path.code} has no source ${JSON.stringify(path.source)}`);
  }
  const batchId = derivedId(deps.settings.bucket, object.versionId, object.key);
  return ok(receivedBatch(deps, reconciliation, { batchId, source: path.source, fileName: path.fileName, object }));
}

export function receivedBatch(
  deps: Pick<Deps, 'clock'>,
  { tenant, reconciliationId }: Reconciliation,
  of: Pick<Batch, 'batchId' | 'source' | 'fileName' | 'object'> & { onDemand?: boolean },
): Omit<Batch, 'number' | 'version'> {
  const { batchId, source, fileName, object, onDemand } = of;
  return {
    tenant,
    reconciliationId,
    batchId,
    source,
    object: { key: object.key, versionId: object.versionId, bytes: object.bytes },
    fileName,
    status: 'RECEIVED',
    ...(onDemand && { onDemand }),
    receivedAt: new Date(deps.clock.now()).toISOString(),
  };
}

/** Copies first, then says why, then removes: whatever is interrupted, the bytes are somewhere. */
export async function putAside(
  deps: Pick<Deps, 'objects' | 'clock'>,
  object: ReceivedObject,
  failure: { code: string; detail: string },
): Promise<void> {
  const key = unclaimedKey(object.key, object.versionId);
  if (await deps.objects.head(`${key}.reason.json`)) return removeDropped(deps, object);
  await deps.objects.copy({ key: object.key, versionId: object.versionId }, key);
  const reason = {
    code: failure.code,
    detail: failure.detail,
    key: object.key,
    versionId: object.versionId,
    bytes: object.bytes,
    at: new Date(deps.clock.now()).toISOString(),
  };
  await deps.objects.put(`${key}.reason.json`, JSON.stringify(reason, null, 2), 'application/json');
  await removeDropped(deps, object);
}

/** A newer version under the same key has its own notification, and is not hidden by this one. */
async function removeDropped(deps: Pick<Deps, 'objects'>, object: ReceivedObject): Promise<void> {
  const stored = await deps.objects.head(object.key);
  if (stored?.versionId === object.versionId) await deps.objects.delete(object.key);
}

/** Only an upload that somebody announced is completed; others are nobody's, and expire by the bucket's lifecycle. */
async function markUploaded(
  deps: Pick<Deps, 'uploads'>,
  { tenant, uploadId }: { tenant: string; uploadId: string },
  object: ReceivedObject,
): Promise<void> {
  await untilWritten(async () => {
    const upload = await deps.uploads.get(tenant, uploadId);
    if (upload?.status !== 'EXPECTED' || upload.objectKey !== object.key) return true;
    return (await deps.uploads.update({ ...upload, status: 'UPLOADED', bytes: object.bytes })) || undefined;
  });
}
