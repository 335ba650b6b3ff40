// Ends the bulks whose process died: one that was not committed never happened, one that was is written out.
import { bulkAbandonedAfterMs } from '../../domain/break-bulk.ts';
import { type BulkDeps, takeOffMarks, writeCommitted } from './bulk-marks.ts';

/** Gives how many were left. */
export async function sweepBulks(deps: BulkDeps): Promise<number> {
  const now = deps.clock.now();
  const left = await deps.bulks.unfinished(now - bulkAbandonedAfterMs, perSweepMax);
  for (const bulk of left) {
    // Against a process that is slow and not dead: whoever decides first decides for both.
    const state = await deps.bulks.decide(bulk, 'ABORTED', new Date(now).toISOString());
    const decided = await deps.bulks.get(bulk);
    if (state === 'COMMITTED' && decided) await writeCommitted(deps, decided);
    else await takeOffMarks(deps, bulk);
  }
  return left.length;
}
const perSweepMax = 20;
