// Loads the uploads of a run as batches of its reconciliation, after making a definition from them where there is none.
import { join } from 'node:path';
import { ruledDefinition } from '../../domain/matching-rule.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { StoredObject } from '../../ports/object-store.ts';
import { ingestBatch } from '../batches/ingest-batch.ts';
import { loadHash } from '../batches/load-hash.ts';
import { receivedBatch } from '../batches/receive-object.ts';
import type { Deps } from '../deps.ts';
import { derivedId } from '../derived-id.ts';
import { untilWritten } from '../until-written.ts';
import type { TaskWork } from './run-task.ts';

type Input = { source: string; fileName: string; object: StoredObject };
type Defined = Reconciliation & Required<Pick<Reconciliation, 'definition'>>;

export const prepareRun: TaskWork = async (deps, run, _task, directory) => {
  const reconciliation = await deps.reconciliations.get(run);
  if (!reconciliation?.inputs) return fail('NOT_FOUND', 'The reconciliation has no uploads to load');
  const inputs: Input[] = [];
  for (const { source, uploadId } of reconciliation.inputs) {
    const found = await findUpload(deps, reconciliation.tenant, source, uploadId);
    if (!found.ok) return found;
    inputs.push(found.value);
  }
  const defined = await ensureDefinition(deps, reconciliation, inputs, directory);
  if (!defined.ok) return defined;
  return loadAll(deps, defined.value, inputs);
};

async function findUpload(deps: Deps, tenant: string, source: string, uploadId: string): Promise<Result<Input>> {
  const upload = await deps.uploads.get(tenant, uploadId);
  if (!upload) return fail('NOT_FOUND', `There is no upload ${uploadId} for source ${source}`, { source });
  const object = await deps.objects.head(upload.objectKey);
  if (!object) return fail('BATCH_MISSING', `The file of source ${source} has not been uploaded`, { source });
  return ok({ source, fileName: upload.fileName, object });
}

/** Of several runs that propose at once, the first to store its proposal decides. */
async function ensureDefinition(
  deps: Deps,
  reconciliation: Reconciliation,
  inputs: Input[],
  directory: string,
): Promise<Result<Defined>> {
  if (reconciliation.definition) return checkLoads({ ...reconciliation, definition: reconciliation.definition });
  const files = [];
  for (const [index, { source, fileName, object }] of inputs.entries()) {
    const path = join(directory, `upload-${index}`);
    if (!(await deps.objects.download(object.key, path, object.versionId))) {
      return fail('FILE_UNREADABLE', `The file of source ${source} is gone`, { source });
    }
    files.push({ source, path, fileName });
  }
  const rules = reconciliation.proposal?.rules;
  const proposed = await deps.engine.propose({
    directory,
    name: reconciliation.name,
    files,
    ...(rules && { keyFields: rules.map(({ field }) => field) }),
  });
  if (!proposed.ok) return proposed;
  const definition = rules ? ruledDefinition(proposed.value, rules) : proposed.value;
  return untilWritten<Result<Defined>>(async () => {
    const now = await deps.reconciliations.get(reconciliation);
    if (!now) return fail('NOT_FOUND', 'The reconciliation is gone');
    if (now.definition) return checkLoads({ ...now, definition: now.definition });
    const defined = { ...now, definition, updatedAt: new Date(deps.clock.now()).toISOString() };
    return (await deps.reconciliations.update(defined)) ? ok(defined) : undefined;
  });
}

/** Uploads are loaded again by every run, so taking them as increments would count their rows twice. */
function checkLoads(reconciliation: Defined): Result<Defined> {
  const increment = reconciliation.definition.sources.find((source) => source.load === 'increment');
  if (!increment) return ok(reconciliation);
  return fail('DEFINITION_INVALID', `Source ${increment.name} is loaded from an upload and cannot be an increment`);
}

/** The batch of an upload is the same for every run, until its file or the way it is loaded changes. */
async function loadAll(deps: Deps, reconciliation: Defined, inputs: Input[]): Promise<Result<Record<string, unknown>>> {
  const { tenant, reconciliationId, definition } = reconciliation;
  const claims: Record<string, string[]> = {};
  for (const { source, fileName, object } of inputs) {
    const identity = [
      deps.settings.bucket,
      object.versionId,
      reconciliationId,
      loadHash(definition, source),
      object.key,
    ];
    const batchId = derivedId(tenant, source, ...identity);
    await deps.batches.receive(
      receivedBatch(deps, reconciliation, { batchId, source, fileName, object, onDemand: true }),
    );
    const batch = await ingestBatch(deps, { tenant, reconciliationId, batchId });
    if (batch?.status === 'FAILED' && batch.reason) {
      const { code, detail } = batch.reason;
      return { ok: false, code: code as never, detail: `${source}: ${detail}`, fields: { source } };
    }
    if (batch?.status === 'WITHDRAWN') return fail('BATCH_WITHDRAWN', `The batch of source ${source} is withdrawn`);
    // Another worker is at it, or died at it; this message comes again.
    if (batch?.status !== 'COMPLETE') throw new Error(`batch ${batchId} is ${batch?.status}`);
    claims[source] = [batchId];
  }
  return ok({ claims });
}
