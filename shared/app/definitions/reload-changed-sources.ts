// A change of mappings makes what was loaded unreadable to the next run: each batch that may still count is loaded again under the
// new ones. Of a snapshot that is the newest, of increments all.
import type { Batch } from '../../domain/batch.ts';
import { loadHash } from '../batches/load-hash.ts';
import type { Deps } from '../deps.ts';
import type { Defined } from './definition-deps.ts';

export async function reloadChangedSources(
  deps: Pick<Deps, 'batches' | 'queue'>,
  before: Defined,
  after: Defined,
): Promise<void> {
  const { definition, tenant, reconciliationId } = after;
  if (!definition || definition === before.definition) return;
  const feed = await deps.batches.feed(after);
  const hashes = new Map(definition.sources.map(({ name }) => [name, loadHash(definition, name)]));
  const increments = new Set(definition.sources.flatMap(({ name, load }) => (load === 'increment' ? [name] : [])));
  const counts = ({ batchId, source, status }: Batch): boolean =>
    status === 'COMPLETE' && (increments.has(source) || feed.newest[source]?.batchId === batchId);
  let cursor: string | undefined;
  do {
    const page = await deps.batches.list(after, cursor, 1_000);
    const stale = page.items.filter((batch) => counts(batch) && batch.loadHash !== hashes.get(batch.source));
    await deps.queue.send(stale.map(({ batchId }) => ({ kind: 'ingest-batch', tenant, reconciliationId, batchId })));
    cursor = page.cursor;
  } while (cursor !== undefined);
}
