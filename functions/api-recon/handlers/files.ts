// Files.
import { deleteUpload, processUpload } from '../../../shared/app/files/change-uploads.ts';
import { offerUpload, receiveUpload } from '../../../shared/app/files/receive-upload.ts';
import { visibleUpload } from '../../../shared/app/files/visible-upload.ts';
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import type { fileRoutes } from '../../../shared/contracts/recon/files.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { created, data, message } from '../envelope.ts';
import { presentFile, presentFileDetail } from '../present/file.ts';
import type { ReconDeps } from '../recon-deps.ts';

export function fileHandlers(deps: ReconDeps): Handlers<typeof fileRoutes, SignedInActor> {
  return {
    async presignUpload({ actor, body }) {
      const offered = await offerUpload(deps, actor, {
        projectId: body.project_id,
        fileName: body.file_name,
        contentType: body.file_type,
      });
      if (!offered.ok) return offered;
      const { upload, form } = offered.value;
      return ok(
        created({
          ...presentFile(upload),
          upload: { url: form.url, fields: form.fields, max_bytes: form.bytesMax, expires_at: form.expiresAt },
        }),
      );
    },
    async uploadFile({ actor, query, body, file }) {
      const projectId = query.project_id ?? body.project_id;
      if (projectId === undefined) return fail('REQUEST_INVALID', 'project_id is required', { field: 'project_id' });
      if (query.project_id !== undefined && body.project_id !== undefined && query.project_id !== body.project_id)
        return fail('REQUEST_INVALID', 'project_id differs between query and form', { field: 'project_id' });
      const { fileName, contentType, bytes } = file;
      const received = await receiveUpload(deps, actor, { projectId, fileName, contentType, bytes });
      return received.ok ? ok(created(presentFile(received.value))) : received;
    },
    async getFile({ actor, params }) {
      const upload = await visibleUpload(deps, actor, params.id);
      return upload.ok ? ok(data(presentFileDetail(upload.value))) : upload;
    },
    async processFile({ actor, params }) {
      const processing = await processUpload(deps, actor, params.id);
      if (!processing.ok) return processing;
      return ok(
        data({
          id: params.id,
          status: 'processing' as const,
          processing_started_at: processing.value.processingStartedAt!,
        }),
      );
    },
    async deleteFile({ actor, params }) {
      const deleted = await deleteUpload(deps, actor, params.id);
      return deleted.ok ? ok(message('File deleted successfully')) : deleted;
    },
  };
}
