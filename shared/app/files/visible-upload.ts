// The file if the actor may see its project. One that was to come by a form is looked for in the store, so that it is there
// for its owner the moment it has arrived, whether or not the store's notification came.
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Upload } from '../../domain/upload.ts';
import { visibleProject } from '../projects/visible-project.ts';
import type { UploadDeps } from './upload-deps.ts';

export async function visibleUpload(
  deps: Pick<UploadDeps, 'projects' | 'uploads' | 'objects'>,
  actor: Actor,
  uploadId: string,
): Promise<Result<Upload>> {
  const upload = await deps.uploads.get(actor.tenant, uploadId);
  const missing = fail('NOT_FOUND', 'There is no such file');
  if (!upload) return missing;
  const project = await visibleProject(deps, actor, upload.projectId);
  if (!project.ok) return missing;
  if (upload.status !== 'EXPECTED') return ok(upload);
  const object = await deps.objects.head(upload.objectKey);
  if (!object) return ok(upload);
  const arrived: Upload = { ...upload, status: 'UPLOADED', bytes: object.bytes };
  if (await deps.uploads.update(arrived)) return ok({ ...arrived, version: arrived.version + 1 });
  // Somebody else has noticed in the meantime.
  return ok((await deps.uploads.get(actor.tenant, uploadId)) ?? upload);
}
