// Moves a run as far as its finished stages allow. Looks only at what is stored, so that anybody may call it at any
// time: after a task, on a redelivered message, from the sweep, after a crash between any two of its writes.
import { type Planned, stageAfter, tasksOf } from '../../domain/advance.ts';
import { take } from '../../domain/feed-changes.ts';
import { isActive, type Run, type RunInputs, type RunRef, type Stage } from '../../domain/run.ts';
import type { WorkMessage } from '../../ports/work-queue.ts';
import { noteRunEnd } from '../activity/note-run-end.ts';
import type { Deps } from '../deps.ts';
import { type FinishDeps, finishRun } from './finish-run.ts';
import { readJson } from './json-objects.ts';

export type AdvanceDeps = FinishDeps & Pick<Deps, 'tasks' | 'objects'>;

export async function advance(deps: AdvanceDeps, ref: RunRef, generation: number): Promise<void> {
  let sent = false;
  for (;;) {
    const run = await deps.runs.get(ref);
    // Whoever ended it may have died before the note; a repeat of its message comes by here.
    if (run && !isActive(run)) return noteRunEnd(deps, run);
    if (!run || run.generation !== generation) return;
    if (run.status === 'QUEUED') {
      await begin(deps, run);
      continue;
    }
    const count = await deps.tasks.count(run, generation, run.stage);
    if (!count) {
      await deps.tasks.openStage(run, generation, run.stage, tasksOf(run, run.stage, await inputsFor(deps, run)));
      continue;
    }
    if (count.remaining > 0 && run.announced !== announcementOf(run)) {
      await deps.queue.send(await waitingTasks(deps, run));
      sent = true;
      // Written after the messages: a crash before it sends them again, and a task that was sent twice is done once.
      await deps.runs.save({
        ...run,
        announced: announcementOf(run),
        progress: { stage: run.stage, done: 0, total: count.total },
      });
      continue;
    }
    if (count.remaining > 0) {
      // A lone task may have waited for its turn; its message was dropped then, and this is the wake-up call.
      if (count.total === 1 && !sent) await deps.queue.send(await waitingTasks(deps, run));
      return;
    }
    const next = stageAfter(run.stage, await planOf(deps, run));
    if (next === undefined) return finishRun(deps, run);
    await enter(deps, run, next);
  }
}

function announcementOf(run: Run): string {
  return `${run.generation}/${run.stage}`;
}

/** Writes that somebody else was faster with are refused; the next round sees what they wrote. */
async function begin(deps: AdvanceDeps, run: Run): Promise<void> {
  const now = new Date(deps.clock.now()).toISOString();
  await deps.runs.save({
    ...run,
    status: 'RUNNING',
    startedAt: run.startedAt ?? now,
    stagedAt: { ...run.stagedAt, [run.stage]: now },
  });
}

/** The results of the stage become part of the run in the same write that enters the next. */
async function enter(deps: AdvanceDeps, run: Run, stage: Stage): Promise<void> {
  const now = new Date(deps.clock.now()).toISOString();
  const entered: Run = {
    ...run,
    stage,
    progress: { stage, done: 0, total: 0 },
    stagedAt: { ...run.stagedAt, [stage]: now },
    doneIn: { ...run.doneIn, [run.stage]: run.generation },
  };
  if (run.stage === 'prepare') {
    const { claims } = (await results(deps, run))[0] as Pick<Run, 'claims'>;
    await deps.runs.save({ ...entered, claims }, take(await deps.batches.feed(run), claims));
  } else if (run.stage === 'plan') {
    await deps.runs.save({ ...entered, ...((await results(deps, run))[0] as Planned) });
  } else {
    await deps.runs.save(entered);
  }
}

async function results(deps: Pick<Deps, 'tasks'>, run: Run): Promise<Record<string, unknown>[]> {
  const tasks = await deps.tasks.tasks(run, run.generation, run.stage);
  return tasks.map((task) => task.result ?? {});
}

/** In the run from the stage after `plan` on; until then in the result of its task. */
async function planOf(deps: Pick<Deps, 'tasks'>, run: Run): Promise<Partial<Planned>> {
  return run.stage === 'plan' ? ((await results(deps, run))[0] as Planned) : run;
}

async function inputsFor(deps: AdvanceDeps, run: Run): Promise<RunInputs | undefined> {
  return run.stage === 'partition' && run.inputsKey !== undefined
    ? readJson<RunInputs>(deps, run.inputsKey)
    : undefined;
}

async function waitingTasks(deps: AdvanceDeps, run: Run): Promise<WorkMessage[]> {
  const { tenant, reconciliationId, runId, stage, generation } = run;
  const tasks = await deps.tasks.tasks(run, generation, stage);
  return tasks
    .filter((task) => task.status === 'WAITING')
    .map(({ index }) => ({ kind: 'task', tenant, reconciliationId, runId, stage, index, generation }));
}
