// Reads an upload and records what is in it: columns, rows, and the rows that cannot be read. What cannot be read at all
// fails the upload with its reason; a fault of a dependency is thrown, and the message comes again.
import { join } from 'node:path';
import type { Failure, Result } from '../../domain/result.ts';
import type { Upload } from '../../domain/upload.ts';
import type { Deps } from '../deps.ts';
import { inScratch } from '../in-scratch.ts';
import { untilWritten } from '../until-written.ts';

export type UploadProfile = NonNullable<Upload['profile']>;

/** Reads one file with the engine. */
export type UploadProfiler = (request: {
  directory: string;
  path: string;
  fileName: string;
}) => Promise<Result<UploadProfile>>;

export type ProfileDeps = Pick<Deps, 'uploads' | 'objects' | 'ids' | 'settings'> & { profiler: UploadProfiler };

export type UploadRef = { tenant: string; uploadId: string };

export async function profileUpload(deps: ProfileDeps, { tenant, uploadId }: UploadRef): Promise<void> {
  const upload = await deps.uploads.get(tenant, uploadId);
  // Deleted in the meantime, or done by an earlier delivery of the same message.
  if (upload?.status !== 'PROCESSING') return;
  const profile = await inScratch(deps, async (directory) => {
    const path = join(directory, 'upload');
    if (!(await deps.objects.download(upload.objectKey, path))) return undefined;
    return deps.profiler({ directory, path, fileName: upload.fileName });
  });
  // The record goes last when an upload is deleted: its object may be gone already.
  if (!profile) return;
  if (!profile.ok) return failUpload(deps, { tenant, uploadId }, profile);
  await whileProcessing(deps, { tenant, uploadId }, (current) => ({
    ...current,
    status: 'PROCESSED',
    profile: profile.value,
  }));
}

export async function failUpload(
  deps: Pick<Deps, 'uploads'>,
  ref: UploadRef,
  { code, detail }: Pick<Failure, 'code' | 'detail'>,
): Promise<void> {
  await whileProcessing(deps, ref, (current) => ({ ...current, status: 'FAILED', reason: { code, detail } }));
}

async function whileProcessing(
  deps: Pick<Deps, 'uploads'>,
  { tenant, uploadId }: UploadRef,
  change: (upload: Upload) => Upload,
): Promise<void> {
  await untilWritten(async () => {
    const upload = await deps.uploads.get(tenant, uploadId);
    if (upload?.status !== 'PROCESSING') return true;
    return (await deps.uploads.update(change(upload))) || undefined;
  });
}
