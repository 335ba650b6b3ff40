// Starts a run by itself once every source of a published reconciliation has a batch that no run has seen.
import { fedSources, isComplete } from '../../domain/feed-changes.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import { fail, ok } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import { type CreateRunDeps, createRun } from './create-run.ts';

/** Undefined when something is still missing, or when another worker has started it. */
export async function startArrivalRun(
  deps: CreateRunDeps & Pick<Deps, 'reconciliations'>,
  ref: ReconciliationRef,
): Promise<Run | undefined> {
  const reconciliation = await deps.reconciliations.get(ref);
  if (reconciliation?.status !== 'PUBLISHED') return undefined;
  const created = await createRun(deps, {
    reconciliation,
    trigger: 'arrival',
    actor: 'system',
    allow: (feed) => (isComplete(feed, fedSources(reconciliation)) ? ok({}) : fail('BATCH_MISSING')),
  });
  return created.ok ? created.value : undefined;
}
