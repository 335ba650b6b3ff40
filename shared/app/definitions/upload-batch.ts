// A person hands in a file for a source: it is kept, loaded as if it had been dropped, and waited for a while. Each upload is a
// batch of its own; one with bytes that came before says so and, for increments, is held until a person releases it.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import type { InputFormat } from '../../domain/definition.ts';
import { checkRunnable } from '../../domain/graph/check-runnable.ts';
import { checkAdapterOptions } from '../../domain/graph/check-sources.ts';
import { compileInput } from '../../domain/graph/compile-graph.ts';
import type { AdapterOptions, AdapterType, GraphSource } from '../../domain/graph/graph.ts';
import { batchPrefix } from '../../domain/object-keys.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { receivedBatch } from '../batches/receive-object.ts';
import type { Deps } from '../deps.ts';
import { cleanFileName } from '../files/upload-deps.ts';
import { type WaitDeps, whileUnderWay } from '../while-under-way.ts';
import { definitionByNumber } from './definition-deps.ts';
import { invalidGraph } from './keep-graph.ts';
import { isUnderWay, loadFailure, sameAsOf, type UploadedBatch } from './source-batches.ts';

export type UploadBatchDeps = Pick<Deps, 'reconciliations' | 'batches' | 'objects' | 'queue' | 'clock' | 'ids'> &
  WaitDeps & {
    /** How long a request waits for its batch, well inside what the gateway waits. */
    loadWaitMs: number;
  };

export type NewBatch = {
  number: number;
  source: string;
  /** That of the source when absent. */
  adapterType?: AdapterType;
  label?: string;
  /** For this batch alone, over those of the source. */
  options?: AdapterOptions;
  file: { fileName: string; bytes: Uint8Array };
};

/** The batch as it is when it is loaded or the time is up. One that cannot be loaded fails with the reason. */
export async function uploadBatch(
  deps: UploadBatchDeps,
  actor: BreaksActor,
  { number, source: code, adapterType, label, options, file }: NewBatch,
): Promise<Result<UploadedBatch>> {
  const found = await definitionByNumber(deps, actor.tenant, number);
  if (!found.ok) return found;
  const reconciliation = found.value;
  const source = reconciliation.graph.sources.find((one) => one.code === code);
  if (!source) return fail('NOT_FOUND', `Definition ${number} has no source ${JSON.stringify(code)}`);
  if (reconciliation.status === 'RETIRED')
    return fail('LIFECYCLE_CONFLICT', `Definition ${number} is retired and takes no batches`);
  if (!reconciliation.definition) return invalidGraph(checkRunnable(reconciliation.graph));
  const input = inputOf(source, adapterType ?? source.adapterType, options ?? {});
  if (!input.ok) return input;
  const fileName = cleanFileName(file.fileName);
  if (!fileName) return fail('REQUEST_INVALID', 'The file has no name that can be kept', { field: 'file' });

  const batchId = deps.ids.uuid();
  const object = await deps.objects.put(`${batchPrefix(reconciliation, batchId)}/received`, file.bytes);
  const received = receivedBatch(deps, reconciliation, { batchId, source: code, fileName, object });
  const { batch } = await deps.batches.receive({
    ...received,
    actorDn: actor.dn,
    ...(label !== undefined && { label }),
    ...(input.value && { input: input.value }),
  });
  const { tenant, reconciliationId } = batch;
  await deps.queue.send([{ kind: 'ingest-batch', tenant, reconciliationId, batchId }]);
  const loaded = await whileUnderWay(deps, batch, deps.loadWaitMs, isUnderWay, () => deps.batches.get(batch));
  if (loaded.status === 'FAILED') return loadFailure(loaded);
  return ok({ reconciliation, batch: loaded, sameAs: await sameAsOf(deps, loaded) });
}

/** What a file must be so that the definition can read it. A database's export may come in any format with a header. */
function inputOf(source: GraphSource, type: AdapterType, options: AdapterOptions): Result<InputFormat | undefined> {
  const refused = (path: string, message: string) =>
    fail('REQUEST_INVALID', `${path}: ${message}`, { faults: [{ path, message }] });
  const ofDatabase = source.adapterType === 'DATABASE';
  if (ofDatabase && type === 'FIXED_WIDTH')
    return refused('metadata.adapterType', 'the source names columns, which a FIXED_WIDTH file does not');
  if (!ofDatabase && type !== source.adapterType)
    return refused('metadata.adapterType', `the source ${source.code} is ${source.adapterType}`);
  const faults: { path: string; message: string }[] = [];
  checkAdapterOptions(type, options, 'metadata.options', (path, message) => faults.push({ path, message }));
  if (options.columns)
    faults.push({ path: 'metadata.options.columns', message: 'belong to the definition, which maps them' });
  if (faults[0]) return fail('REQUEST_INVALID', `${faults[0].path}: ${faults[0].message}`, { faults });
  if (!ofDatabase && Object.keys(options).length === 0) return ok(undefined);
  return ok(compileInput(type, { ...(ofDatabase ? {} : source.adapterOptions), ...options }));
}
