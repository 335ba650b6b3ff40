// Batches of a job.
import { releaseBatch } from '../../../shared/app/batches/release-batch.ts';
import { replaceBatch } from '../../../shared/app/batches/replace-batch.ts';
import { withdrawBatch } from '../../../shared/app/batches/withdraw-batch.ts';
import { everyItem } from '../../../shared/app/every-item.ts';
import { visibleUpload } from '../../../shared/app/files/visible-upload.ts';
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import { visibleReconciliation } from '../../../shared/app/reconciliations/visible-reconciliation.ts';
import type { batchRoutes } from '../../../shared/contracts/recon/batches.ts';
import { ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { created, data, message, pageOf, pagination } from '../envelope.ts';
import { presentBatch } from '../present/batch.ts';
import type { ReconDeps } from '../recon-deps.ts';

export function batchHandlers(deps: ReconDeps): Handlers<typeof batchRoutes, SignedInActor> {
  return {
    async listBatches({ actor, params, query }) {
      const reconciliation = await visibleReconciliation(deps, actor, params.id);
      if (!reconciliation.ok) return reconciliation;
      const all = await everyItem((cursor) => deps.batches.list(reconciliation.value, cursor));
      const batches = all.filter(({ source }) => query.source === undefined || source === query.source);
      const shown = pageOf(batches, query).map(presentBatch);
      return ok(data({ batches: shown, pagination: pagination(batches.length, query) }));
    },
    async releaseBatch({ actor, params }) {
      const reconciliation = await visibleReconciliation(deps, actor, params.id);
      if (!reconciliation.ok) return reconciliation;
      const released = await releaseBatch(deps, actor, { reconciliationId: params.id, batchId: params.batch_id });
      return released.ok ? ok(message('Batch released')) : released;
    },
    async withdrawBatch({ actor, params, body }) {
      const reconciliation = await visibleReconciliation(deps, actor, params.id);
      if (!reconciliation.ok) return reconciliation;
      const { id: reconciliationId, batch_id: batchId } = params;
      const withdrawn = await withdrawBatch(deps, actor, { reconciliationId, batchId, reason: body.reason });
      if (!withdrawn.ok) return withdrawn;
      return ok({ ...message('Batch withdrawn'), data: { rerun: withdrawn.value.rerun } });
    },
    async replaceBatch({ actor, params, body }) {
      const reconciliation = await visibleReconciliation(deps, actor, params.id);
      if (!reconciliation.ok) return reconciliation;
      const upload = await visibleUpload(deps, actor, body.file_id);
      if (!upload.ok) return { ...upload, fields: { field: 'file_id' } };
      const { id: reconciliationId, batch_id: batchId } = params;
      const command = { reconciliationId, batchId, uploadId: body.file_id, reason: body.reason };
      const replaced = await replaceBatch(deps, actor, command);
      return replaced.ok ? ok(created(presentBatch(replaced.value))) : replaced;
    },
  };
}
