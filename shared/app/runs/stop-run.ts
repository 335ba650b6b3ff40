// Stops a run. Its workers find out when they want to record something; its batches wait for another run.
import type { Actor } from '../../domain/principal.ts';
import type { Result } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import { type EndDeps, endRun } from './end-run.ts';

export async function stopRun(
  deps: EndDeps,
  actor: Actor,
  { reconciliationId, runId }: { reconciliationId: string; runId: string },
): Promise<Result<Run>> {
  const reason = { code: 'RUN_STOPPED', detail: `Stopped by ${actor.name || actor.userId}` };
  return endRun(deps, { tenant: actor.tenant, reconciliationId, runId }, { status: 'STOPPED', reason });
}
