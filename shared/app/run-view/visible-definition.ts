// Reconciliations of the break management surface as a person sees them, by the number that the surface knows them by. What a
// person may not see is not there for them.
import { type FallbackGroups, isVisible, rolesOf } from '../../domain/break-access.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import type { AccessRole, KeptGraph } from '../../domain/graph/graph.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Deps } from '../deps.ts';
import { everyItem } from '../every-item.ts';

export type AccessDeps = Pick<Deps, 'reconciliations'> & { fallbackGroups: FallbackGroups };

export type GraphReconciliation = Reconciliation & { graph: KeptGraph };

export type VisibleDefinition = { reconciliation: GraphReconciliation; roles: ReadonlySet<AccessRole> };

export async function visibleDefinition(
  deps: AccessDeps,
  actor: BreaksActor,
  number: number,
): Promise<Result<VisibleDefinition>> {
  const found = await deps.reconciliations.byNumber(actor.tenant, number);
  if (!found || !hasGraph(found) || !isVisible(actor, found, deps.fallbackGroups))
    return fail('NOT_FOUND', `There is no reconciliation ${number}`);
  return ok({ reconciliation: found, roles: rolesOf(actor, found, deps.fallbackGroups) });
}

/** The published ones that a person works with, by number. */
export async function visibleDefinitions(deps: AccessDeps, actor: BreaksActor): Promise<GraphReconciliation[]> {
  const all = await everyItem((cursor) => deps.reconciliations.list(actor.tenant, {}, cursor));
  return all
    .filter(hasGraph)
    .filter((one) => one.status === 'PUBLISHED' && isVisible(actor, one, deps.fallbackGroups))
    .sort((a, b) => a.graph.number - b.graph.number);
}

function hasGraph(reconciliation: Reconciliation): reconciliation is GraphReconciliation {
  return reconciliation.graph !== undefined;
}
