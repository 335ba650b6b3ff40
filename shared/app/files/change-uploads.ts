// Having a file read for its columns and rows, and taking one away with its bytes and its data source.
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Upload } from '../../domain/upload.ts';
import type { UploadDeps } from './upload-deps.ts';
import { visibleUpload } from './visible-upload.ts';

export async function processUpload(
  deps: Pick<UploadDeps, 'projects' | 'uploads' | 'objects' | 'queue' | 'clock'>,
  actor: Actor,
  uploadId: string,
): Promise<Result<Upload>> {
  const found = await visibleUpload(deps, actor, uploadId);
  if (!found.ok) return found;
  const upload = found.value;
  if (upload.status === 'EXPECTED') return fail('BATCH_MISSING', 'The file has not arrived yet');
  let processing = upload;
  if (upload.status !== 'PROCESSING') {
    const { profile: _, reason: __, ...rest } = upload;
    processing = { ...rest, status: 'PROCESSING', processingStartedAt: new Date(deps.clock.now()).toISOString() };
    if (!(await deps.uploads.update(processing))) return fail('CONCURRENT_CHANGE');
  }
  // Sent again when it is processing already: the message may have been lost with the process that was to send it.
  await deps.queue.send([{ kind: 'profile-upload', tenant: upload.tenant, uploadId }]);
  return ok(processing);
}

export async function deleteUpload(
  deps: Pick<UploadDeps, 'projects' | 'uploads' | 'objects' | 'dataSources'>,
  actor: Actor,
  uploadId: string,
): Promise<Result<undefined>> {
  const found = await visibleUpload(deps, actor, uploadId);
  if (!found.ok) return found;
  await removeUpload(deps, found.value);
  return ok(undefined);
}

/** The record goes last, so that a removal that stopped half-way can be repeated. */
export async function removeUpload(
  deps: Pick<UploadDeps, 'uploads' | 'objects' | 'dataSources'>,
  upload: Upload,
): Promise<void> {
  await deps.objects.delete(upload.objectKey);
  await deps.dataSources.delete({ ...upload, dataSourceId: upload.uploadId });
  await deps.uploads.delete(upload.tenant, upload.uploadId);
}
