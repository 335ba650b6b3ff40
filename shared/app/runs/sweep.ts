// Each minute: finds work that somebody began and nobody is doing, and asks for it again. Decides nothing itself; who
// takes the messages finds that the work is done, is under way, has to be repeated, or has failed too often.
import { leaseMs } from '../../domain/run.ts';
import type { WorkMessage } from '../../ports/work-queue.ts';
import type { Deps } from '../deps.ts';

/** Loading is bounded by the time of its function; after this long without a write its worker is gone. */
export const stalledAfterMs = 5 * leaseMs;
const perSweepMax = 500;

export async function sweep(
  deps: Pick<Deps, 'tasks' | 'batches' | 'runs' | 'queue' | 'clock'>,
): Promise<{ tasks: number; batches: number; runs: number }> {
  const now = deps.clock.now();
  const tasks = await deps.tasks.expired(now, perSweepMax);
  const batches = await deps.batches.stalled(now - stalledAfterMs, perSweepMax);
  // Of every active run, because a worker may have died after the last task and before opening the next stage.
  const runs = await deps.runs.active(undefined, perSweepMax);
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
  ];
  if (messages.length > 0) await deps.queue.send(messages);
  return { tasks: tasks.length, batches: batches.length, runs: runs.length };
}
