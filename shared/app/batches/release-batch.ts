// Lets a held batch pass: its bytes came before, and a person says that its rows count all the same.
import type { Batch } from '../../domain/batch.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';

export async function releaseBatch(
  deps: Pick<Deps, 'batches' | 'queue'>,
  actor: Pick<Actor, 'tenant' | 'userId'>,
  { reconciliationId, batchId }: { reconciliationId: string; batchId: string },
): Promise<Result<Batch>> {
  const ref = { tenant: actor.tenant, reconciliationId, batchId };
  const released = await untilWritten<Result<Batch>>(async () => {
    const batch = await deps.batches.get(ref);
    if (!batch) return fail('NOT_FOUND', `There is no batch ${batchId}`);
    if (batch.releasedBy !== undefined) return ok(batch);
    if (batch.status !== 'HELD') return fail('BATCH_NOT_HELD', `Batch ${batchId} is ${batch.status}`);
    const next: Batch = { ...batch, status: 'RECEIVED', releasedBy: actor.userId, attempts: 0 };
    return (await deps.batches.save(next)) ? ok(next) : undefined;
  });
  if (released.ok) await deps.queue.send([{ kind: 'ingest-batch', ...ref }]);
  return released;
}
