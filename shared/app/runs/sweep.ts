// Each minute: finds work that somebody began and nobody is doing, and asks for it again. Decides nothing about it; who
// takes the messages finds that the work is done, is under way, has to be repeated, or has failed too often. Then it does
// what has come due by the clock.
import { leaseMs } from '../../domain/run.ts';
import type { WorkMessage } from '../../ports/work-queue.ts';
import { sweepBulks } from '../breaks/sweep-bulks.ts';
import type { Deps } from '../deps.ts';
import { runSchedules, type ScheduleDeps } from '../schedules/run-schedules.ts';

/** Loading is bounded by the time of its function; after this long without a write its worker is gone. */
export const stalledAfterMs = 5 * leaseMs;
const perSweepMax = 500;

export async function sweep(
  deps: ScheduleDeps & Pick<Deps, 'tasks' | 'breaks' | 'bulks' | 'activity'>,
): Promise<{ tasks: number; batches: number; runs: number; mails: number; bulks: number; schedules: number }> {
  const now = deps.clock.now();
  const tasks = await deps.tasks.expired(now, perSweepMax);
  const batches = await deps.batches.stalled(now - stalledAfterMs, perSweepMax);
  // Of every active run, because a worker may have died after the last task and before opening the next stage.
  const runs = await deps.runs.active(undefined, perSweepMax);
  const mails = await deps.outbox.overdue(now, perSweepMax);
  const messages: WorkMessage[] = [
    ...tasks.map(({ tenant, reconciliationId, runId, stage, index, generation }): WorkMessage => {
      return { kind: 'task', tenant, reconciliationId, runId, stage, index, generation };
    }),
    ...batches.map(({ tenant, reconciliationId, batchId }): WorkMessage => {
      return { kind: 'ingest-batch', tenant, reconciliationId, batchId };
    }),
    ...runs.map(({ tenant, reconciliationId, runId, generation, stage }): WorkMessage => {
      return { kind: 'advance', tenant, reconciliationId, runId, generation, stage };
    }),
    ...mails.map(({ tenant, mailId }): WorkMessage => ({ kind: 'send-mail', tenant, mailId })),
  ];
  if (messages.length > 0) await deps.queue.send(messages);
  const bulks = await sweepBulks(deps);
  // The last, so that a definition whose clock cannot be served keeps nothing else waiting.
  const schedules = await runSchedules(deps);
  return { tasks: tasks.length, batches: batches.length, runs: runs.length, mails: mails.length, bulks, schedules };
}
