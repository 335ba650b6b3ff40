// Makes a reconciliation definition of a graph: numbered, in version 0, with nothing loaded and nothing run.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import type { ConfigurationGraph, KeptGraph } from '../../domain/graph/graph.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { notifyPublished } from '../notifications/notices.ts';
import { armSchedule } from '../schedules/arm-schedule.ts';
import type { Defined, DefinitionDeps } from './definition-deps.ts';
import { withGraph } from './keep-graph.ts';
import { becomes, toldOfChange } from './told-of-change.ts';

export type NewDefinition = { graph: ConfigurationGraph; status: 'DRAFT' | 'PUBLISHED' };

export async function createDefinition(
  deps: DefinitionDeps,
  actor: BreaksActor,
  { graph, status }: NewDefinition,
): Promise<Result<Defined>> {
  const at = new Date(deps.clock.now()).toISOString();
  const { tenant } = actor;
  const by = { createdBy: actor.userId, updatedBy: actor.userId, updatedAt: at };
  const numbered = (number: number, firstSource: number): KeptGraph => ({
    ...graph,
    number,
    version: 0,
    ...by,
    sources: graph.sources.map((source, index) => ({ ...source, id: firstSource + index })),
  });
  const reconciliation = {
    tenant,
    reconciliationId: deps.ids.uuid(),
    code: graph.code.toLowerCase(),
    name: graph.name,
    description: graph.description ?? '',
    ownerId: actor.userId,
    status,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
  // Checked before any number is taken, so that faulty requests leave no gaps.
  const checked = withGraph(reconciliation, numbered(1, 1));
  if (!checked.ok) return checked;
  const taken = () =>
    fail('CODE_TAKEN', `A definition with the code ${graph.code} exists`, {
      faults: [{ path: 'code', message: 'is the code of another definition' }],
    });
  if (await deps.reconciliations.byCode(tenant, reconciliation.code)) return taken();
  const number = await deps.numbers.take(tenant, 'definition', 1);
  const firstSource = await deps.numbers.take(tenant, 'source', graph.sources.length);
  const created: Defined = { ...checked.value, graph: numbered(number, firstSource) };
  const armed = { ...armSchedule(deps, created), graph: created.graph };
  const told = await deps.activity.number(...toldOfChange(actor, undefined, armed));
  if (!(await deps.reconciliations.create(armed, told))) return taken();
  if (becomes('PUBLISHED', undefined, armed)) await notifyPublished(deps, armed);
  return ok(armed);
}
