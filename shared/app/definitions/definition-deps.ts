// What the use cases of definitions need from outside, and the reconciliations that they are about.
import type { KeptGraph } from '../../domain/graph/graph.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { NumberStore } from '../../ports/number-store.ts';
import type { Deps } from '../deps.ts';

export type DefinitionDeps = Pick<
  Deps,
  'reconciliations' | 'batches' | 'activity' | 'outbox' | 'queue' | 'clock' | 'ids'
> & { numbers: NumberStore };

/** A reconciliation of the break management surface. */
export type Defined = Reconciliation & { graph: KeptGraph };

/** For administrators, who see every definition of their tenant; persons see them by their groups, elsewhere. */
export async function definitionByNumber(
  deps: Pick<Deps, 'reconciliations'>,
  tenant: string,
  number: number,
): Promise<Result<Defined>> {
  const found = await deps.reconciliations.byNumber(tenant, number);
  if (!found?.graph) return fail('NOT_FOUND', `There is no reconciliation definition ${number}`);
  return ok({ ...found, graph: found.graph });
}
