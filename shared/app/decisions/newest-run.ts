// The run that a reconciliation stands at: the last that has settled.
import type { Feed } from '../../domain/feed.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';

export async function newestRun(
  deps: Pick<Deps, 'batches' | 'runs'>,
  { tenant, reconciliationId }: ReconciliationRef,
): Promise<Result<{ run: Run; feed: Feed }>> {
  const feed = await deps.batches.feed({ tenant, reconciliationId });
  const run = feed.settled && (await deps.runs.get({ tenant, reconciliationId, runId: feed.settled.runId }));
  return run ? ok({ run, feed }) : fail('RESULTS_NOT_READY', 'No run of this reconciliation has settled yet');
}
