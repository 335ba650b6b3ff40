// Making, changing and removing reconciliations. One is fed either by two uploads, with a definition or one that is found in
// the data when it first runs, or by batches of sources that its definition names. Making one starts nothing.
import { checkDefinition, type DefinitionFault } from '../../domain/check-definition.ts';
import { anchorOf, type Definition, legsOf } from '../../domain/definition.ts';
import type { Actor } from '../../domain/principal.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import { isActive } from '../../domain/run.ts';
import { visibleDataSource } from '../data-sources/data-sources.ts';
import type { UploadDeps } from '../files/upload-deps.ts';
import { visibleProject } from '../projects/visible-project.ts';
import { checkRules, type GivenRule } from './matching-rules.ts';
import { type ReadDeps, visibleJob } from './visible-reconciliation.ts';

export type Review = { confidenceMin: number; autoApprove: boolean };
export const reviewDefault: Review = { confidenceMin: 0.7, autoApprove: false };

export type NewReconciliation = {
  name: string;
  description?: string;
  projectId: string;
  review?: Partial<Review>;
  feed: /** The source is the anchor of a definition. */
    | { by: 'uploads'; sourceId: string; targetId: string; rules?: GivenRule[]; definition?: Definition }
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
  feed: { sourceId: string; targetId: string; rules?: GivenRule[]; definition?: Definition },
): Promise<Result<Fed>> {
  const { definition } = feed;
  const fault = definition && uploadDefinitionFault(definition);
  if (fault) return fault;
  const rules = checkRules(feed.rules);
  if (!rules.ok) return rules;
  const inputs: Inputs = [];
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
  if (definition) return ok({ inputs: namedBy(definition, inputs), definition });
  return ok({ inputs, ...(rules.value && { proposal: { rules: rules.value } }) });
}

type Inputs = NonNullable<Reconciliation['inputs']>;

/** The first input feeds the anchor, the second the other source. */
function namedBy(definition: Definition, inputs: Inputs): Inputs {
  const names = [anchorOf(definition), ...legsOf(definition)].map(({ name }) => name);
  return inputs.map((input, index) => ({ ...input, source: names[index]! }));
}

/** Two uploads feed two sources, and each run loads them anew, so that an increment would count its rows twice. */
function uploadDefinitionFault(definition: Definition): Failure | undefined {
  const { sources } = definition;
  const faults: DefinitionFault[] = checkDefinition(definition);
  if (sources.length > 2)
    faults.push({ path: 'sources', message: `two data sources feed two sources; there are ${sources.length}` });
  for (const [index, { load }] of sources.entries())
    if (load === 'increment')
      faults.push({ path: `sources[${index}].load`, message: 'a data source is loaded whole: it is no increment' });
  return faults.length > 0 ? invalidDefinition(faults) : undefined;
}

function fedByBatches({ definition }: { definition: Definition }): Result<Fed> {
  const fault = definitionFault(definition);
  return fault ?? ok({ definition });
}

function definitionFault(definition: Definition): Failure | undefined {
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
  rules?: GivenRule[];
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
  const { inputs } = reconciliation;
  if (change.definition) {
    const { definition } = change;
    const fault = inputs ? uploadDefinitionFault(definition) : definitionFault(definition);
    return fault ?? ok({ ...rest, definition, ...(inputs && { inputs: namedBy(definition, inputs) }) });
  }
  if (!inputs)
    return fail('REQUEST_INVALID', 'This job has a definition of its own; change that', { field: 'matching_rules' });
  const rules = checkRules(change.rules);
  if (!rules.ok) return rules;
  return ok({ ...rest, ...(rules.value && { proposal: { rules: rules.value } }) });
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
