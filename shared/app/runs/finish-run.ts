// The last write of a run: COMPLETED, the ledger's pointer moved, the feed released, in one transaction.
import type { Feed } from '../../domain/feed.ts';
import { isActive, type Run, type RunRef } from '../../domain/run.ts';
import { type NoteRunDeps, noteRunEnd } from '../activity/note-run-end.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';
import { wakeNext } from './end-run.ts';

export type FinishDeps = Pick<Deps, 'batches' | 'runs' | 'queue' | 'clock'> & NoteRunDeps;

/** Also completes a run that failed after its outcome was decided, once another has written its breaks. */
export async function finishRun(deps: FinishDeps, ref: RunRef): Promise<void> {
  await untilWritten(async () => {
    const run = await deps.runs.get(ref);
    const feed = await deps.batches.feed(ref);
    if (!run || run.status === 'COMPLETED') return true;
    if (feed.pending?.runId === run.runId) {
      if (feed.pending.applied < feed.pending.changes) throw new Error('the breaks of the run are not all written');
    } else if (!isActive(run) || !run.backDated || !run.results) {
      // Its settlement was completed by another worker, or never decided; in both cases nothing is left to do here.
      return true;
    }
    const { reason: _reason, ...completed } = run;
    return (
      (await deps.runs.save(
        { ...completed, status: 'COMPLETED', finishedAt: new Date(deps.clock.now()).toISOString() },
        settledFeed(feed, run),
      )) || undefined
    );
  });
  await wakeNext(deps, ref);
  await noteRunEnd(deps, ref);
}

function settledFeed(feed: Feed, run: Run): Feed {
  const released = { ...feed, activeRuns: feed.activeRuns.filter((active) => active.runId !== run.runId) };
  if (feed.pending?.runId !== run.runId) return released;
  const { pending, ...rest } = released;
  const { changesKey: _key, changes: _changes, lanes: _lanes, applied: _applied, ...settled } = pending!;
  return { ...rest, settled };
}
