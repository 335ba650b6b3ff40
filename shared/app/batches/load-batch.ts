// Makes typed records of the file of a batch, held to the readings that are stored for its source, and keeps them as objects.
import type { Batch } from '../../domain/batch.ts';
import type { Definition } from '../../domain/definition.ts';
import { batchPrefix } from '../../domain/object-keys.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { type Failure, fail } from '../../domain/result.ts';
import type { Deps } from '../deps.ts';
import type { LoadedBatch } from '../pipeline-engine.ts';
import { untilWritten } from '../until-written.ts';
import { withAgreedTypes } from './agree-types.ts';
import { canonicalJson, loadHash } from './load-hash.ts';

type LoadDeps = Pick<Deps, 'reconciliations' | 'engine' | 'clock'>;

/** Loads with the stored readings. The first batch of a source decides them; when another was first, loads again. */
export async function loadHeldToReadings(
  deps: LoadDeps,
  reconciliation: Reconciliation,
  batch: Batch,
  path: string,
  directory: string,
): Promise<({ ok: true; hash: string } & LoadedBatch) | Failure> {
  const { source, fileName, number } = batch;
  return untilWritten(async () => {
    const now = await deps.reconciliations.get(reconciliation);
    if (!now?.definition) return fail('NOT_FOUND', 'The reconciliation is gone');
    const definition = readAs(now.definition, batch);
    const readings = now.readings?.[source];
    const request = { directory, definition, source, path, fileName, batchNumber: number, readings };
    const loaded = await deps.engine.load(request);
    if (!loaded.ok) return loaded;
    const done = { ok: true as const, hash: loadHash(now.definition, source), ...loaded.value };
    if (readings && canonicalJson(readings) === canonicalJson(loaded.value.readings)) return done;
    // A field that was null in all batches so far is decided by the first that has values; what was decided stays.
    const merged = { ...now.readings, [source]: { ...loaded.value.readings, ...readings } };
    const agreed = withAgreedTypes({ ...now, definition: now.definition }, merged);
    const stored = await storeReadings(deps, now, agreed ?? { ...now, readings: merged });
    return stored && !agreed ? done : undefined;
  });
}

/** The batch may bring its own way of being read; everything else is the definition's. */
function readAs(definition: Definition, { source, input }: Batch): Definition {
  if (!input) return definition;
  return { ...definition, sources: definition.sources.map((one) => (one.name === source ? { ...one, input } : one)) };
}

async function storeReadings(deps: LoadDeps, before: Reconciliation, after: Reconciliation): Promise<boolean> {
  if (canonicalJson(after.readings) === canonicalJson(before.readings)) return true;
  return deps.reconciliations.update({ ...after, updatedAt: new Date(deps.clock.now()).toISOString() });
}

/** Uploads what was loaded under names of this very attempt, so that two attempts never overwrite each other. */
export async function stored(
  deps: Pick<Deps, 'objects' | 'ids' | 'clock'>,
  batch: Batch,
  loaded: LoadedBatch & { hash: string },
): Promise<Batch> {
  const prefix = `${batchPrefix(batch, batch.batchId)}/${deps.ids.uuid()}`;
  const recordsKey = `${prefix}/records.parquet`;
  await deps.objects.upload(loaded.recordsPath, recordsKey);
  const rejectsKey = `${prefix}/rejects.parquet`;
  if (loaded.rejectsPath !== undefined) await deps.objects.upload(loaded.rejectsPath, rejectsKey);
  return {
    ...batch,
    status: 'COMPLETE',
    rows: loaded.rows,
    sums: loaded.sums,
    fields: loaded.fields,
    loadHash: loaded.hash,
    recordsKey,
    ...(loaded.rejectsPath !== undefined && { rejectsKey }),
    ...(loaded.rejects && { rejects: loaded.rejects }),
    completedAt: new Date(deps.clock.now()).toISOString(),
  };
}
