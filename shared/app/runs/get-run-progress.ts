// How far a run is, for a person who waits for it.
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { isActive, type Run, type Stage, stages } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';

export type RunProgress = {
  run: Run;
  stage: Stage;
  /** Tasks of the stage. */
  done: number;
  total: number;
  /** 0 to 100; an estimate from stages and tasks, 100 only when the run has completed. */
  percent: number;
};

export async function getRunProgress(
  deps: Pick<Deps, 'runs' | 'tasks'>,
  actor: Actor,
  { reconciliationId, runId }: { reconciliationId: string; runId: string },
): Promise<Result<RunProgress>> {
  const run = await deps.runs.get({ tenant: actor.tenant, reconciliationId, runId });
  if (!run) return fail('NOT_FOUND', `There is no run ${runId}`);
  const count = isActive(run) ? await deps.tasks.count(run, run.generation, run.stage) : undefined;
  const { total = run.progress.total, remaining = run.progress.total - run.progress.done } = count ?? {};
  const done = total - remaining;
  return ok({ run, stage: run.stage, done, total, percent: percentOf(run, done, total) });
}

function percentOf(run: Run, done: number, total: number): number {
  if (run.status === 'COMPLETED') return 100;
  const share = total > 0 ? done / total : 0;
  return Math.min(99, Math.floor((100 * (stages.indexOf(run.stage) + share)) / stages.length));
}
