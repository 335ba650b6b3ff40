// Making, changing and removing reconciliations. One is fed either by two uploads, and gets its definition from the data when
// it first runs, or by batches of sources that its definition names. Making one starts nothing.
import { checkDefinition } from '../../domain/check-definition.ts';
import type { Definition } from '../../domain/definition.ts';
import type { Actor } from '../../domain/principal.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import { isActive } from '../../domain/run.ts';
import { visibleDataSource } from '../data-sources/data-sources.ts';
import type { UploadDeps } from '../files/upload-deps.ts';
import { visibleProject } from '../projects/visible-project.ts';
import { keyFieldsOf, type MatchingRule } from './matching-rules.ts';
import { type ReadDeps, visibleJob } from './visible-reconciliation.ts';

export type Review = { confidenceMin: number; autoApprove: boolean };
export const reviewDefault: Review = { confidenceMin: 0.7, autoApprove: false };

export type NewReconciliation = {
  name: string;
  description?: string;
  projectId: string;
  review?: Partial<Review>;
  feed:
    | { by: 'uploads'; sourceId: string; targetId: string; rules?: MatchingRule[] }
    | { by: 'batches'; definition: Definition; code?: string };
};

type ChangeDeps = ReadDeps & Pick<UploadDeps, 'dataSources' | 'clock' | 'ids'>;

export async function createReconciliation(
  deps: ChangeDeps,
  actor: Actor,
  command: NewReconciliation,
): Promise<Result<Reconciliation>> {
  const project = await visibleProject(deps, actor, command.projectId);
  if (!project.ok) return { ...project, fields: { field: 'project_id' } };
  const fed =
    command.feed.by === 'uploads' ? await fedByUploads(deps, actor, command.feed) : fedByBatches(command.feed);
  if (!fed.ok) return fed;

  const reconciliationId = deps.ids.uuid();
  const given = command.feed.by === 'batches' ? command.feed.code : undefined;
  const now = new Date(deps.clock.now()).toISOString();
  const reconciliation: Reconciliation = {
    tenant: actor.tenant,
    reconciliationId,
    code: given ?? codeOf(command.name, reconciliationId),
    name: command.name,
    description: command.description ?? '',
    projectId: command.projectId,
    ownerId: actor.userId,
    status: 'PUBLISHED',
    ...fed.value,
    review: { ...reviewDefault, ...command.review },
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  if (await deps.reconciliations.create(reconciliation)) return ok(reconciliation);
  return fail('CODE_TAKEN', `A reconciliation with the code ${reconciliation.code} exists`, { field: 'code' });
}

type Fed = Pick<Reconciliation, 'inputs' | 'proposal' | 'definition'>;

async function fedByUploads(
  deps: ChangeDeps,
  actor: Actor,
  feed: { sourceId: string; targetId: string; rules?: MatchingRule[] },
): Promise<Result<Fed>> {
  const keyFields = keyFieldsOf(feed.rules);
  if (!keyFields.ok) return keyFields;
  const inputs: NonNullable<Reconciliation['inputs']> = [];
  const sides = [
    { source: 'source', dataSourceId: feed.sourceId },
    { source: 'target', dataSourceId: feed.targetId },
  ];
  for (const { source, dataSourceId } of sides) {
    const field = `${source}_data_source_id`;
    const found = await visibleDataSource(deps, actor, dataSourceId);
    if (!found.ok) return { ...found, fields: { field } };
    const { uploadId } = found.value;
    if (uploadId === undefined)
      return fail('BATCH_MISSING', `The data source ${found.value.name} has no file`, { field });
    inputs.push({ source, uploadId, dataSourceId });
  }
  return ok({ inputs, ...(keyFields.value && { proposal: { keyFields: keyFields.value } }) });
}

function fedByBatches({ definition }: { definition: Definition }): Result<Fed> {
  const fault = definitionFault(definition);
  return fault ?? ok({ definition });
}

export function definitionFault(definition: Definition): Failure | undefined {
  const faults = checkDefinition(definition);
  if (faults.length === 0) return undefined;
  return invalidDefinition(faults);
}

/** All faults together, each with its path. */
export function invalidDefinition(faults: { path: string; message: string }[]): Failure {
  const first = faults[0]!;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return fail('DEFINITION_INVALID', `definition.${first.path}: ${first.message}${more}`, {
    field: `definition.${first.path}`,
    faults: faults.map(({ path, message }) => ({ field: `definition.${path}`, message })),
  });
}

/** `Q4 vs ERP` → `q4-vs-erp-7f3a9c21`: readable, and unique by the end of the id, which is chance. */
function codeOf(name: string, id: string): string {
  const words =
    name
      .normalize('NFKD')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return [...words, id.slice(-8)].join('-').slice(-codeCharactersMax).replace(/^-+/, '');
}
const codeCharactersMax = 63;

export type ReconciliationChange = {
  name?: string;
  description?: string;
  review?: Partial<Review>;
  rules?: MatchingRule[];
  definition?: Definition;
};

export async function changeReconciliation(
  deps: ChangeDeps,
  actor: Actor,
  reconciliationId: string,
  change: ReconciliationChange,
): Promise<Result<Reconciliation>> {
  const found = await visibleJob(deps, actor, reconciliationId);
  if (!found.ok) return found;
  const { reconciliation, run } = found.value;
  const redefines = change.rules !== undefined || change.definition !== undefined;
  if (redefines && run && isActive(run)) return fail('RUN_ACTIVE');
  const redefined = redefines ? redefine(reconciliation, change) : ok(reconciliation);
  if (!redefined.ok) return redefined;
  const changed: Reconciliation = {
    ...redefined.value,
    name: change.name ?? reconciliation.name,
    description: change.description ?? reconciliation.description,
    review: { ...(reconciliation.review ?? reviewDefault), ...change.review },
    updatedAt: new Date(deps.clock.now()).toISOString(),
  };
  return (await deps.reconciliations.update(changed)) ? ok(changed) : fail('CONCURRENT_CHANGE');
}

/** What was decided from earlier data goes with the definition that it was decided for. */
function redefine(reconciliation: Reconciliation, change: ReconciliationChange): Result<Reconciliation> {
  const { definition: _, readings: __, proposal: ___, ...rest } = reconciliation;
  if (change.definition) {
    const fault = definitionFault(change.definition);
    return fault ?? ok({ ...rest, definition: change.definition });
  }
  if (!reconciliation.inputs)
    return fail('REQUEST_INVALID', 'This job has a definition of its own; change that', { field: 'matching_rules' });
  const keyFields = keyFieldsOf(change.rules);
  if (!keyFields.ok) return keyFields;
  return ok({ ...rest, ...(keyFields.value && { proposal: { keyFields: keyFields.value } }) });
}

export async function deleteReconciliation(
  deps: ReadDeps,
  actor: Actor,
  reconciliationId: string,
): Promise<Result<undefined>> {
  const found = await visibleJob(deps, actor, reconciliationId);
  if (!found.ok) return found;
  if (found.value.run && isActive(found.value.run)) return fail('RUN_ACTIVE');
  await deps.reconciliations.delete(found.value.reconciliation);
  return ok(undefined);
}
