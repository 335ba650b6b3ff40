// Ends a run without a result: failed or stopped. It closes nothing, its increments wait again, and the next run in
// line gets its turn.
import { afterFailure, fedSources, incrementsOf } from '../../domain/feed-changes.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { isActive, type Run, type RunRef } from '../../domain/run.ts';
import { type NoteRunDeps, noteRunEnd } from '../activity/note-run-end.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';
import { announce } from './announce.ts';

export type EndDeps = Pick<Deps, 'reconciliations' | 'batches' | 'runs' | 'queue' | 'clock'> & NoteRunDeps;

export type Ending = {
  status: 'FAILED' | 'STOPPED';
  reason: { code: string; detail: string };
  /** Ends the run only where it still is of this generation. */
  generation?: number;
};

export async function endRun(deps: EndDeps, ref: RunRef, ending: Ending): Promise<Result<Run>> {
  const ended = await untilWritten<Result<Run>>(async () => {
    const run = await deps.runs.get(ref);
    if (!run) return fail('NOT_FOUND', `There is no run ${ref.runId}`);
    const current = ending.generation === undefined || ending.generation === run.generation;
    if (!isActive(run) || !current) return fail('RUN_NOT_ACTIVE', `The run is ${run.status}`);
    const feed = await deps.batches.feed(run);
    if (ending.status === 'STOPPED' && feed.pending?.runId === run.runId) return fail('RUN_SETTLING');
    const reconciliation = await deps.reconciliations.get(run);
    const increments = reconciliation && !run.backDated ? incrementsOf(fedSources(reconciliation)) : [];
    const next: Run = {
      ...run,
      status: ending.status,
      generation: run.generation + 1,
      reason: ending.reason,
      finishedAt: new Date(deps.clock.now()).toISOString(),
    };
    return (await deps.runs.save(next, afterFailure(feed, run, increments))) ? ok(next) : undefined;
  });
  await wakeNext(deps, ref);
  await noteRunEnd(deps, ref);
  return ended;
}

/** The oldest active run may have been waiting for its turn. Lost in a crash, the sweep does the same within a minute. */
export async function wakeNext(deps: Pick<Deps, 'batches' | 'runs' | 'queue'>, ref: ReconciliationRef): Promise<void> {
  const [oldest] = (await deps.batches.feed(ref)).activeRuns;
  const run = oldest && (await deps.runs.get({ ...refOf(ref), runId: oldest.runId }));
  if (run) await announce(deps, run);
}

function refOf({ tenant, reconciliationId }: ReconciliationRef): ReconciliationRef {
  return { tenant, reconciliationId };
}
