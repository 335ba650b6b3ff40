// Files that are handed in for a source, and what became of them.
import { type BatchFormDeps, batchForm } from '../../../shared/app/definitions/batch-form.ts';
import {
  isUnderWay,
  loadFailure,
  releaseUploaded,
  sourceBatches,
  type UploadedBatch,
  uploadedBatch,
} from '../../../shared/app/definitions/source-batches.ts';
import { type UploadBatchDeps, uploadBatch } from '../../../shared/app/definitions/upload-batch.ts';
import type { batchRoutes } from '../../../shared/contracts/breaks/batches.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { ok, type Result } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { PendingReply } from '../../../shared/http/message.ts';
import { page } from '../envelope.ts';
import { presentListedBatch, presentLoaded, presentPendingBatch } from '../present/batch.ts';
import { batchesPath } from '../present/definition.ts';

const retryAfterSeconds = 2;

export function batchHandlers(deps: UploadBatchDeps & BatchFormDeps): Handlers<typeof batchRoutes, BreaksActor> {
  function shown(found: Result<UploadedBatch>) {
    if (!found.ok) return found;
    const { reconciliation, batch } = found.value;
    if (batch.status === 'FAILED') return loadFailure(batch);
    if (!isUnderWay(batch)) return ok(presentLoaded(found.value));
    const body = presentPendingBatch(found.value, batch.status as 'RECEIVED' | 'PROCESSING');
    const location = `${batchesPath(reconciliation.graph.number, batch.source)}/${body.id}`;
    return ok(new PendingReply(body, location, retryAfterSeconds));
  }
  const refOf = ({ id, code, batchId }: { id: number; code: string; batchId: number }) => ({
    number: id,
    source: code,
    batchId,
  });

  return {
    async uploadBatch({ actor, params, body, file }) {
      const { id: number, code: source } = params;
      return shown(await uploadBatch(deps, actor, { number, source, ...body, file }));
    },
    async listBatches({ actor, params, query }) {
      const found = await sourceBatches(deps, actor, { number: params.id, source: params.code });
      if (!found.ok) return found;
      const shownPage = page(found.value, query);
      return ok({ ...shownPage, items: shownPage.items.map(presentListedBatch) });
    },
    async batchForm({ actor, params, body }) {
      return batchForm(deps, actor, { number: params.id, source: params.code, fileName: body.fileName });
    },
    async getBatch({ actor, params }) {
      return shown(await uploadedBatch(deps, actor, refOf(params)));
    },
    async releaseBatch({ actor, params }) {
      return shown(await releaseUploaded(deps, actor, refOf(params)));
    },
  };
}
