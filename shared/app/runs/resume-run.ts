// Goes on with a stopped or failed run from the stage it was in, whose tasks are done anew; finished stages are kept,
// but for one whose scratch may have expired.
// Refused once a later run has settled or taken its batches: then only a new run can be right.

import type { Feed } from '../../domain/feed.ts';
import { fedSources, incrementsOf, inOrder, take } from '../../domain/feed-changes.ts';
import { scratchDays } from '../../domain/object-keys.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';
import { announce } from './announce.ts';

export async function resumeRun(
  deps: Pick<Deps, 'reconciliations' | 'batches' | 'runs' | 'queue' | 'clock'>,
  actor: Actor,
  { reconciliationId, runId }: { reconciliationId: string; runId: string },
): Promise<Result<Run>> {
  const ref = { tenant: actor.tenant, reconciliationId, runId };
  const resumed = await untilWritten<Result<Run>>(async () => {
    const run = await deps.runs.get(ref);
    if (!run) return fail('NOT_FOUND', `There is no run ${runId}`);
    if (run.status !== 'STOPPED' && run.status !== 'FAILED') return fail('RUN_NOT_STOPPED', `The run is ${run.status}`);
    const feed = await deps.batches.feed(run);
    const reconciliation = await deps.reconciliations.get(run);
    const increments = reconciliation && !run.backDated ? incrementsOf(fedSources(reconciliation)) : [];
    const possible = checkPossible(run, feed, increments);
    if (!possible.ok) return possible;
    const { reason: _reason, finishedAt: _finishedAt, announced: _announced, ...rest } = run;
    const next: Run = {
      ...rest,
      ...partitionedAnew(run, deps.clock.now()),
      status: run.startedAt ? 'RUNNING' : 'QUEUED',
      generation: run.generation + 1,
    };
    const activeRuns = inOrder([...feed.activeRuns, { runId, number: run.number }]);
    const taken = run.backDated ? feed : take(feed, run.claims);
    return (await deps.runs.save(next, { ...taken, activeRuns })) ? ok(next) : undefined;
  });
  if (resumed.ok) await announce(deps, resumed.value);
  return resumed;
}

/** A day before its scratch expires it is made anew: matching it must have ended before that. */
function partitionedAnew(run: Run, now: number): Pick<Run, 'stage' | 'stagedAt' | 'progress'> | undefined {
  const { partition } = run.stagedAt;
  if ((run.stage !== 'match' && run.stage !== 'residue') || partition === undefined) return undefined;
  if (now - Date.parse(partition) < (scratchDays - 1) * dayMs) return undefined;
  return {
    stage: 'partition',
    stagedAt: { ...run.stagedAt, partition: new Date(now).toISOString() },
    progress: { stage: 'partition', done: 0, total: 0 },
  };
}
const dayMs = 86_400_000;

function checkPossible(run: Run, feed: Feed, increments: string[]): Result<void> {
  if (feed.pending?.runId === run.runId) return ok(undefined);
  const claimed = Object.values(run.claims).flat();
  if (feed.withdrawn.some((mark) => claimed.includes(mark.batchId))) {
    return fail('BATCH_WITHDRAWN', 'A batch of the run has been withdrawn');
  }
  const later = Math.max(feed.settled?.number ?? 0, feed.pending?.number ?? 0);
  const taken = increments.some((source) =>
    (run.claims[source] ?? []).some((batchId) => !feed.waiting[source]?.includes(batchId)),
  );
  return later > run.number || taken ? fail('RUN_SUPERSEDED') : ok(undefined);
}
