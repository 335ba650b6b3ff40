// A change of mappings makes the newest snapshot of a source unreadable to the next run: its file is loaded again under the new
// ones, as a batch of its own. Increments are not: which of them still count is for a person to say.
import type { Batch } from '../../domain/batch.ts';
import { loadHash } from '../batches/load-hash.ts';
import { receivedBatch } from '../batches/receive-object.ts';
import type { Deps } from '../deps.ts';
import { derivedId } from '../derived-id.ts';
import type { Defined } from './definition-deps.ts';

export async function reloadChangedSources(
  deps: Pick<Deps, 'batches' | 'queue' | 'clock'>,
  before: Defined,
  after: Defined,
): Promise<void> {
  const { definition, tenant, reconciliationId } = after;
  if (!definition || definition === before.definition) return;
  const feed = await deps.batches.feed(after);
  for (const { name, load } of definition.sources) {
    const newest = feed.newest[name];
    if (load === 'increment' || !newest) continue;
    const hash = loadHash(definition, name);
    const loaded = await deps.batches.get({ tenant, reconciliationId, batchId: newest.batchId });
    if (loaded?.status !== 'COMPLETE' || loaded.loadHash === hash) continue;
    const { batch } = await deps.batches.receive(again(deps, after, loaded, hash));
    await deps.queue.send([{ kind: 'ingest-batch', tenant, reconciliationId, batchId: batch.batchId }]);
  }
}

/** It starts no run by itself: nothing has arrived. */
function again(deps: Pick<Deps, 'clock'>, reconciliation: Defined, batch: Batch, hash: string) {
  const { batchId, source, fileName, object, label, input } = batch;
  return {
    ...receivedBatch(deps, reconciliation, {
      batchId: derivedId(batchId, hash),
      source,
      fileName,
      object,
      onDemand: true,
    }),
    ...(label !== undefined && { label }),
    ...(input && { input }),
  };
}
