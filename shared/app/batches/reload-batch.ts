// Loads a batch again that was loaded under another definition. It stays the same batch: its file has not changed, nor have its number
// and its rows, so what earlier runs and breaks say of them stays true. Its records become others, under names of their own; runs
// that are planned read those that they were planned with.
import { join } from 'node:path';
import type { Batch } from '../../domain/batch.ts';
import { fedSources } from '../../domain/feed-changes.ts';
import { fail } from '../../domain/result.ts';
import { type NoteBatchDeps, noteReloadFailure } from '../activity/note-batch-end.ts';
import type { Deps } from '../deps.ts';
import { inScratch } from '../in-scratch.ts';
import { loadHeldToReadings, stored } from './load-batch.ts';
import { loadHash } from './load-hash.ts';

type ReloadDeps = NoteBatchDeps & Pick<Deps, 'batches' | 'objects' | 'clock' | 'ids' | 'engine' | 'settings'>;

/** One that cannot be loaded so stays as it was, for no run to take; the activity says why, and so does the `reason` that is given back. */
export async function reloadIfStale(deps: ReloadDeps, batch: Batch): Promise<Batch> {
  if (batch.status !== 'COMPLETE') return batch;
  const reconciliation = await deps.reconciliations.get(batch);
  if (!reconciliation?.definition) return batch;
  if (!fedSources(reconciliation).some(({ name }) => name === batch.source)) return batch;
  const hash = loadHash(reconciliation.definition, batch.source);
  if (batch.loadHash === hash) return batch;
  return inScratch(deps, async (directory) => {
    const path = join(directory, 'input');
    const loaded = (await deps.objects.download(batch.object.key, path, batch.object.versionId))
      ? await loadHeldToReadings(deps, reconciliation, batch, path, directory)
      : fail('FILE_UNREADABLE', 'The object is gone from the store');
    if (!loaded.ok) {
      await noteReloadFailure(deps, batch, hash, loaded);
      return { ...batch, reason: { code: loaded.code, detail: loaded.detail } };
    }
    const { rejectsKey: _key, rejects: _rejects, ...before } = batch;
    const again = {
      ...(await stored(deps, before, loaded)),
      completedAt: batch.completedAt!,
      loadedAgain: true as const,
    };
    if (await deps.batches.save(again)) return { ...again, version: again.version + 1 };
    return (await deps.batches.get(batch)) ?? batch;
  });
}
