// Loads a received batch: checks its bytes, makes typed records of them, and puts it into the feed of its
// reconciliation. May be begun any number of times by any number of workers; only one completes it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '../../domain/batch.ts';
import { afterArrival, fedSources } from '../../domain/feed-changes.ts';
import { type Failure, fail } from '../../domain/result.ts';
import { attemptsMax } from '../../domain/run.ts';
import type { BatchRef } from '../../ports/batch-store.ts';
import { type NoteBatchDeps, noteBatchEnd } from '../activity/note-batch-end.ts';
import type { Deps } from '../deps.ts';
import { inScratch } from '../in-scratch.ts';
import { startArrivalRun } from '../runs/start-arrival-run.ts';
import { untilWritten } from '../until-written.ts';
import { loadHeldToReadings, stored } from './load-batch.ts';
import { reloadIfStale } from './reload-batch.ts';

export type IngestDeps = NoteBatchDeps &
  Pick<Deps, 'reconciliations' | 'batches' | 'runs' | 'objects' | 'queue' | 'clock' | 'ids' | 'engine' | 'settings'>;

/** Gives the batch as it then is; undefined when there is none. */
export async function ingestBatch(deps: IngestDeps, ref: BatchRef): Promise<Batch | undefined> {
  const begun = await beginLoading(deps, ref);
  if (!begun) return undefined;
  const batch = begun.status === 'PROCESSING' ? await load(deps, begun) : await reloadIfStale(deps, begun);
  // Also on a redelivery: a crash may have come between the completed batch and its entry, or the run that it starts.
  await noteBatchEnd(deps, batch);
  if (batch.status === 'COMPLETE' && !batch.onDemand) await startArrivalRun(deps, batch);
  return batch;
}

/** PROCESSING when there is something to do, and the batch as it is otherwise. */
async function beginLoading(deps: IngestDeps, ref: BatchRef): Promise<Batch | undefined> {
  const found = await untilWritten<{ batch: Batch | undefined }>(async () => {
    const batch = await deps.batches.get(ref);
    if (!batch || (batch.status !== 'RECEIVED' && batch.status !== 'PROCESSING')) return { batch };
    const attempts = (batch.attempts ?? 0) + 1;
    const begun: Batch =
      attempts > attemptsMax ? failed(batch, fail('ATTEMPTS_EXHAUSTED')) : { ...batch, status: 'PROCESSING', attempts };
    return (await deps.batches.save(begun)) ? { batch: saved(begun) } : undefined;
  });
  return found.batch;
}

async function load(deps: IngestDeps, batch: Batch): Promise<Batch> {
  return inScratch(deps, async (directory) => {
    // The file is called the same whatever its sender called it: a hostile name never becomes a path.
    const path = join(directory, 'input');
    if (!(await deps.objects.download(batch.object.key, path, batch.object.versionId))) {
      return finish(deps, failed(batch, fail('FILE_UNREADABLE', 'The object is gone from the store')));
    }
    const reconciliation = await deps.reconciliations.get(batch);
    const source = reconciliation && fedSources(reconciliation).find((one) => one.name === batch.source);
    if (!reconciliation?.definition || !source) {
      return finish(deps, failed(batch, fail('OBJECT_UNEXPECTED', `Nothing is defined for source ${batch.source}`)));
    }
    const checked = { ...batch, checksum: await checksumOf(path) };
    // Stored before looking for equal bytes: of two equal batches under way, each then sees the other.
    if (!(await deps.batches.save(checked))) return current(deps, batch);
    const sameAs = await earlierWithEqualBytes(deps, checked);
    const known: Batch = { ...saved(checked), ...(sameAs && { sameAs }) };
    if (sameAs && source.load === 'increment' && !batch.releasedBy) return finish(deps, { ...known, status: 'HELD' });
    const loaded = await loadHeldToReadings(deps, reconciliation, known, path, directory);
    if (!loaded.ok) return finish(deps, failed(known, loaded));
    return complete(deps, await stored(deps, known, loaded), source.load);
  });
}

/** The batch and its place in the feed, in one conditional write. */
async function complete(deps: IngestDeps, batch: Batch, mode: 'snapshot' | 'increment'): Promise<Batch> {
  return untilWritten(async () => {
    const feed = await deps.batches.feed(batch);
    const arrived = afterArrival(feed, batch, mode);
    // A file that is only loaded again has not come again.
    const next = batch.onDemand ? arrived : { ...arrived, ingestedAt: batch.completedAt! };
    if (await deps.batches.save(batch, next)) return saved(batch);
    // The feed has changed, or another worker has been at the batch: then this one's work is void.
    const now = await current(deps, batch);
    return now.version === batch.version ? undefined : now;
  });
}

async function finish(deps: IngestDeps, batch: Batch): Promise<Batch> {
  return (await deps.batches.save(batch)) ? saved(batch) : current(deps, batch);
}

/** As it is stored after it was saved. */
function saved(batch: Batch): Batch {
  return { ...batch, version: batch.version + 1 };
}

async function current(deps: IngestDeps, batch: Batch): Promise<Batch> {
  const now = await deps.batches.get(batch);
  if (!now) throw new Error(`batch ${batch.batchId} is gone`);
  return now;
}

export function failed(batch: Batch, { code, detail }: Failure): Batch {
  return { ...batch, status: 'FAILED', reason: { code, detail } };
}

async function earlierWithEqualBytes(deps: IngestDeps, batch: Batch): Promise<string | undefined> {
  const same = await deps.batches.byChecksum(batch, batch.source, batch.checksum!);
  const counts = ({ status }: Batch): boolean => status !== 'FAILED' && status !== 'WITHDRAWN';
  return same.find((other) => other.number < batch.number && counts(other))?.batchId;
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
