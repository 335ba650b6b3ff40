// Starts a run because somebody asks for it: on what has arrived, or once more on batches that are named.

import type { Feed } from '../../domain/feed.ts';
import { fedSources } from '../../domain/feed-changes.ts';
import type { Actor } from '../../domain/principal.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Run, RunNote } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import { type CreateRunDeps, createRun } from './create-run.ts';

export type StartRun = {
  reconciliationId: string;
  /** Source → batches to take instead of the newest; every source must be named. On older ones no break changes. */
  batches?: Record<string, string[]>;
  note?: RunNote;
};

export async function startRun(
  deps: CreateRunDeps & Pick<Deps, 'reconciliations'>,
  actor: Pick<Actor, 'tenant' | 'userId'>,
  command: StartRun,
): Promise<Result<Run>> {
  const ref = { tenant: actor.tenant, reconciliationId: command.reconciliationId };
  const reconciliation = await deps.reconciliations.get(ref);
  if (!reconciliation) return fail('NOT_FOUND', `There is no reconciliation ${command.reconciliationId}`);
  if (command.batches) {
    const usable = await checkNamed(deps, reconciliation, command.batches);
    if (!usable.ok) return usable;
  }
  return createRun(deps, {
    reconciliation,
    trigger: 'api',
    actor: actor.userId,
    ...(command.note && { note: command.note }),
    allow: (feed) => allow(reconciliation, feed, command.batches),
  });
}

/** Loading the same uploads twice at once is never what was meant; batches that arrived may be run side by side. */
function allow(
  reconciliation: Reconciliation,
  feed: Feed,
  batches: StartRun['batches'],
): Result<{ claims?: Record<string, string[]>; backDated?: boolean }> {
  if (reconciliation.inputs && feed.activeRuns.length > 0) return fail('RUN_ACTIVE');
  if (!batches) return ok({});
  const newest = fedSources(reconciliation).every(
    ({ name, load }) => load === 'snapshot' && feed.newest[name]?.batchId === batches[name]?.[0],
  );
  return ok({ claims: batches, backDated: !newest });
}

async function checkNamed(
  deps: Pick<Deps, 'batches'>,
  reconciliation: Reconciliation,
  batches: Record<string, string[]>,
): Promise<Result<void>> {
  for (const { name, load } of fedSources(reconciliation)) {
    const named = batches[name] ?? [];
    if (named.length === 0) return fail('BATCH_MISSING', `No batch of source ${name} is named`, { source: name });
    if (load === 'snapshot' && named.length > 1) {
      return fail('REQUEST_INVALID', `Source ${name} is a snapshot: name one batch`, { source: name });
    }
    for (const batchId of named) {
      const { tenant, reconciliationId } = reconciliation;
      const batch = await deps.batches.get({ tenant, reconciliationId, batchId });
      if (!batch || batch.source !== name) return fail('NOT_FOUND', `Source ${name} has no batch ${batchId}`);
      if (batch.status === 'WITHDRAWN') return fail('BATCH_WITHDRAWN', `Batch ${batchId} is withdrawn`);
      if (batch.status !== 'COMPLETE') return fail('BATCH_MISSING', `Batch ${batchId} is ${batch.status}`);
    }
  }
  return ok(undefined);
}
