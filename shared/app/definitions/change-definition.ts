// Changes a definition: its graph as a whole, a few settings of it, or its lifecycle, which goes DRAFT → PUBLISHED → RETIRED and
// never back. A run that is planned keeps the graph that it was planned with.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import type { GraphFault } from '../../domain/graph/check-graph.ts';
import type { ConfigurationGraph, KeptGraph } from '../../domain/graph/graph.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { notifyPublished } from '../notifications/notices.ts';
import { armSchedule } from '../schedules/arm-schedule.ts';
import { untilWritten } from '../until-written.ts';
import { type Defined, type DefinitionDeps, definitionByNumber } from './definition-deps.ts';
import { invalidGraph, withGraph } from './keep-graph.ts';
import { reloadChangedSources } from './reload-changed-sources.ts';
import { becomes, toldOfChange } from './told-of-change.ts';

type Status = Reconciliation['status'];

export type Replacement = { number: number; version: number; graph: ConfigurationGraph; status?: Status };

/** Fails with CONCURRENT_CHANGE unless `version` is the latest. */
export async function replaceDefinition(
  deps: DefinitionDeps,
  actor: BreaksActor,
  { number, version, graph, status }: Replacement,
): Promise<Result<Defined>> {
  let ids: Map<string, number> | undefined;
  return change(deps, actor, number, async (found) => {
    if (found.graph.version !== version)
      return fail(
        'CONCURRENT_CHANGE',
        `Version ${version} is not the latest: definition ${number} is in version ${found.graph.version}`,
        { version: found.graph.version },
      );
    if (graph.code !== found.graph.code)
      return invalidGraph([{ path: 'code', message: `never changes: it is "${found.graph.code}"` }]);
    const turned = turn(found, status ?? found.status);
    if (!turned.ok) return turned;
    const switched = await switchedLoads(deps, found, graph);
    if (switched.length > 0) return invalidGraph(switched);
    const { createdBy } = found.graph;
    const known = new Map(found.graph.sources.map(({ code, id }) => [code, id]));
    const kept = (idOf: Map<string, number>): KeptGraph => ({
      ...graph,
      ...stamp(deps, actor, found),
      number,
      createdBy,
      sources: graph.sources.map((source) => ({ ...source, id: idOf.get(source.code) ?? 0 })),
    });
    const checked = withGraph(turned.value, kept(known));
    if (!checked.ok) return checked;
    ids ??= await numbered(
      deps,
      actor.tenant,
      known,
      graph.sources.map(({ code }) => code),
    );
    return ok({ ...checked.value, graph: kept(ids) });
  });
}

/** A snapshot that became an increment would lose what it said, and one the other way would say everything twice. */
async function switchedLoads(
  deps: Pick<DefinitionDeps, 'batches'>,
  found: Defined,
  { sources }: ConfigurationGraph,
): Promise<GraphFault[]> {
  const { newest, waiting, settled } = await deps.batches.feed(found);
  const hasData = (code: string) => settled !== undefined || newest[code] !== undefined || waiting[code] !== undefined;
  return sources.flatMap(({ code, load = 'snapshot' }, index): GraphFault[] => {
    const before = found.graph.sources.find((one) => one.code === code);
    if (!before || (before.load ?? 'snapshot') === load || !hasData(code)) return [];
    return [{ path: `sources[${index}].load`, message: `never changes once "${code}" has data: add a source for it` }];
  });
}

export type Patch = { number: number; makerCheckerEnabled?: boolean; notes?: string | null; status?: Status };

export async function patchDefinition(
  deps: DefinitionDeps,
  actor: BreaksActor,
  { number, status, ...settings }: Patch,
): Promise<Result<Defined>> {
  return change(deps, actor, number, async (found) => {
    const turned = turn(found, status ?? found.status);
    if (!turned.ok) return turned;
    return withGraph(turned.value, { ...found.graph, ...settings, ...stamp(deps, actor, found) });
  });
}

/** Hides a definition from those who work with it; nothing is erased. Of one that is retired already nothing changes. */
export async function retireDefinition(
  deps: DefinitionDeps,
  actor: BreaksActor,
  number: number,
): Promise<Result<Defined>> {
  return change(deps, actor, number, async (found) => {
    if (found.status === 'RETIRED') return ok(found);
    return ok({ ...found, status: 'RETIRED', graph: { ...found.graph, ...stamp(deps, actor, found) } });
  });
}

/** Decides anew where the data of the reconciliation has moved meanwhile; a change of the graph by another is for `decide` to refuse. */
async function change(
  deps: DefinitionDeps,
  actor: BreaksActor,
  number: number,
  decide: (found: Defined) => Promise<Result<Defined>>,
): Promise<Result<Defined>> {
  const changed = await untilWritten<Result<{ before: Defined; after: Defined }>>(async () => {
    const found = await definitionByNumber(deps, actor.tenant, number);
    if (!found.ok) return found;
    const decided = await decide(found.value);
    if (!decided.ok) return decided;
    const after = { ...armSchedule(deps, decided.value), graph: decided.value.graph };
    if (after.graph.version === found.value.graph.version) return ok({ before: found.value, after: found.value });
    const told = await deps.activity.number(...toldOfChange(actor, found.value, after));
    const written = await deps.reconciliations.update({ ...after, updatedAt: after.graph.updatedAt }, told);
    return written ? ok({ before: found.value, after }) : undefined;
  });
  if (!changed.ok) return changed;
  const { before, after } = changed.value;
  if (after !== before) {
    if (becomes('PUBLISHED', before, after)) await notifyPublished(deps, after);
    await reloadChangedSources(deps, before, after);
  }
  return ok(after);
}

function stamp(
  { clock }: Pick<DefinitionDeps, 'clock'>,
  { userId }: BreaksActor,
  { graph }: Defined,
): Pick<KeptGraph, 'version' | 'updatedBy' | 'updatedAt'> {
  return { version: graph.version + 1, updatedBy: userId, updatedAt: new Date(clock.now()).toISOString() };
}

const successors: Record<Status, readonly Status[]> = {
  DRAFT: ['DRAFT', 'PUBLISHED', 'RETIRED'],
  PUBLISHED: ['PUBLISHED', 'RETIRED'],
  RETIRED: [],
};

function turn(found: Defined, status: Status): Result<Defined> {
  if (successors[found.status].includes(status)) return ok({ ...found, status });
  if (found.status === 'RETIRED')
    return fail('LIFECYCLE_CONFLICT', `Definition ${found.graph.number} is retired and changes no more`);
  return fail('LIFECYCLE_CONFLICT', `A definition that is ${found.status} does not become ${status}`);
}

/** Sources keep their ids by their codes; new ones get new ones. */
async function numbered(
  deps: DefinitionDeps,
  tenant: string,
  known: Map<string, number>,
  codes: string[],
): Promise<Map<string, number>> {
  const fresh = codes.filter((code) => !known.has(code));
  if (fresh.length === 0) return known;
  const first = await deps.numbers.take(tenant, 'source', fresh.length);
  return new Map([...known, ...fresh.map((code, index): [string, number] => [code, first + index])]);
}
