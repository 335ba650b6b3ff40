// Takes a file in: its bytes at once, or a form with which a larger one is sent to the store. Either way it is a data source of
// the same id from the start. What it contains is looked at later; a name is only shown.
import { dataSourceOfUpload } from '../../domain/data-source.ts';
import { uploadKey } from '../../domain/object-keys.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Upload } from '../../domain/upload.ts';
import { visibleProject } from '../projects/visible-project.ts';
import { cleanFileName, contentTypeOf, type UploadDeps, uploadBytesMax, uploadFormSeconds } from './upload-deps.ts';

export type NewUpload = { projectId: string; fileName: string; contentType: string | undefined };

export async function receiveUpload(
  deps: Pick<UploadDeps, 'projects' | 'uploads' | 'dataSources' | 'objects' | 'clock' | 'ids'>,
  actor: Actor,
  command: NewUpload & { bytes: Uint8Array },
): Promise<Result<Upload>> {
  if (command.bytes.byteLength === 0) return fail('FILE_EMPTY', 'The file is empty', { field: 'file' });
  const prepared = await prepare(deps, actor, command, { status: 'UPLOADED', bytes: command.bytes.byteLength });
  if (!prepared.ok) return prepared;
  // The object first: a record always has its bytes, and an object without a record is cleared up by the lifecycle.
  await deps.objects.put(prepared.value.objectKey, command.bytes, prepared.value.contentType);
  await record(deps, prepared.value);
  return prepared;
}

export type UploadForm = { url: string; fields: Record<string, string>; expiresAt: string; bytesMax: number };

export async function offerUpload(
  deps: Pick<UploadDeps, 'projects' | 'uploads' | 'dataSources' | 'links' | 'clock' | 'ids'>,
  actor: Actor,
  command: NewUpload,
): Promise<Result<{ upload: Upload; form: UploadForm }>> {
  const prepared = await prepare(deps, actor, command, { status: 'EXPECTED', bytes: 0 });
  if (!prepared.ok) return prepared;
  const { url, fields } = await deps.links.uploadForm(prepared.value.objectKey, uploadBytesMax, uploadFormSeconds);
  await record(deps, prepared.value);
  const expiresAt = new Date(deps.clock.now() + uploadFormSeconds * 1000).toISOString();
  return ok({ upload: prepared.value, form: { url, fields, expiresAt, bytesMax: uploadBytesMax } });
}

async function prepare(
  deps: Pick<UploadDeps, 'projects' | 'clock' | 'ids'>,
  actor: Actor,
  { projectId, fileName, contentType }: NewUpload,
  state: Pick<Upload, 'status' | 'bytes'>,
): Promise<Result<Upload>> {
  const project = await visibleProject(deps, actor, projectId);
  if (!project.ok) return project;
  const name = cleanFileName(fileName);
  if (!name)
    return fail('REQUEST_INVALID', 'The file name is empty, too long or has control characters', { field: 'file' });
  const uploadId = deps.ids.uuid();
  return ok({
    tenant: actor.tenant,
    uploadId,
    projectId,
    fileName: name,
    contentType: contentTypeOf(name, contentType),
    ...state,
    objectKey: uploadKey(actor.tenant, uploadId),
    uploadedBy: actor.userId,
    uploadedAt: new Date(deps.clock.now()).toISOString(),
    version: 1,
  });
}

async function record(deps: Pick<UploadDeps, 'uploads' | 'dataSources'>, upload: Upload): Promise<void> {
  if (!(await deps.uploads.create(upload))) throw new Error(`the upload ${upload.uploadId} exists already`);
  await deps.dataSources.create(dataSourceOfUpload(upload));
}
