// Does one task of a run under a lease. However often its message comes and whoever dies, its result is recorded once;
// work whose lease or run has moved on is thrown away.
import { hasTurn, needsTurn } from '../../domain/advance.ts';
import { fedSources, incrementsOf } from '../../domain/feed-changes.ts';
import { fail, type Result } from '../../domain/result.ts';
import { leaseMs, type Run, type Stage, type Task, type TaskRef } from '../../domain/run.ts';
import { noteRunEnd } from '../activity/note-run-end.ts';
import type { Deps } from '../deps.ts';
import { inScratch } from '../in-scratch.ts';
import { advance } from './advance.ts';
import { endRun } from './end-run.ts';
import { matchChunk } from './match-chunk.ts';
import { matchResidue } from './match-residue.ts';
import { partitionPart } from './partition-part.ts';
import { planRun } from './plan-run.ts';
import { prepareRun } from './prepare-run.ts';
import { settleRun } from './settle-run.ts';

/** `directory`: scratch of this attempt. `fenced`: somebody else has the right to do it now. */
export type TaskWork = (
  deps: Deps,
  run: Run,
  task: Task,
  directory: string,
) => Promise<Result<Record<string, unknown>> | 'fenced'>;

const workOf: Record<Stage, TaskWork> = {
  prepare: prepareRun,
  plan: planRun,
  partition: partitionPart,
  match: matchChunk,
  residue: matchResidue,
  settle: settleRun,
};

/** Returns when the message is done with; throws a dependency's fault, so that the message comes again. */
export async function runTask(deps: Deps, ref: TaskRef, generation: number): Promise<void> {
  const owner = deps.ids.uuid();
  // A task that waits for its turn is not leased, or waiting would use up its attempts. It is called when its turn comes.
  if (await waitsForTurn(deps, ref, generation)) return;
  const lease = await deps.tasks.lease(ref, generation, owner, deps.clock.now());
  if (lease.answer !== 'leased') {
    if (lease.answer === 'done') await advance(deps, ref, generation);
    // Perhaps this task failed the run, and its worker died before the note.
    if (lease.answer === 'fenced') await noteRunEnd(deps, ref);
    if (lease.answer === 'exhausted') await failTask(deps, ref, generation, fail('ATTEMPTS_EXHAUSTED'));
    return;
  }
  const run = await deps.runs.get(ref);
  if (!run) throw new Error(`run ${ref.runId} is gone`);
  const done = await withHeartbeat(deps, ref, generation, owner, () =>
    inScratch(deps, (directory) => workOf[ref.stage](deps, run, lease.task, directory)),
  );
  if (done === 'fenced') return;
  if (!done.ok) {
    // Only the holder of the lease may fail the run: a zombie's failure may follow from what has moved on since.
    const held = await deps.tasks.heartbeat(ref, generation, owner, deps.clock.now() + leaseMs);
    return held ? failTask(deps, ref, generation, done) : undefined;
  }
  const completed = await deps.tasks.complete(ref, generation, owner, done.value);
  if (completed.answer === 'already' || (completed.answer === 'completed' && completed.remaining === 0)) {
    await advance(deps, ref, generation);
  }
}

async function waitsForTurn(deps: Deps, ref: TaskRef, generation: number): Promise<boolean> {
  if (!needsTurn(ref.stage, true)) return false;
  const run = await deps.runs.get(ref);
  // Let the lease answer for it: it also takes an abandoned task out of the sweep's sight.
  if (run?.status !== 'RUNNING' || run.generation !== generation) return false;
  const reconciliation = await deps.reconciliations.get(ref);
  const increments = reconciliation ? incrementsOf(fedSources(reconciliation)) : [];
  return needsTurn(ref.stage, increments.length > 0) && !hasTurn(await deps.batches.feed(ref), ref.runId);
}

async function failTask(
  deps: Deps,
  ref: TaskRef,
  generation: number,
  { code, detail }: { code: string; detail: string },
): Promise<void> {
  await endRun(deps, ref, { status: 'FAILED', reason: { code, detail }, generation });
}

/** Renews the lease at a third of its time while the work lasts. A lost lease is noticed at completion. */
async function withHeartbeat<T>(
  deps: Pick<Deps, 'tasks' | 'clock'>,
  ref: TaskRef,
  generation: number,
  owner: string,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => {
    // A beat that fails is made up for by the next; when all fail the lease runs out, which is what it is for.
    deps.tasks.heartbeat(ref, generation, owner, deps.clock.now() + leaseMs).catch(() => undefined);
  }, leaseMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
