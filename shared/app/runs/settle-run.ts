// Decides the outcome of a run and writes it down: sums up, proves that nothing vanished, compares with the breaks that
// were known, commits, then writes the breaks. Up to the commit nothing outside the run has changed; from it on the run
// only goes forward, by this worker, a later attempt, or the next run.
import { hasTurn } from '../../domain/advance.ts';
import type { Feed } from '../../domain/feed.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import { applySettlement } from '../breaks/apply-settlement.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';
import { finishRun } from './finish-run.ts';
import { type Outcome, outcomeOf } from './outcome-of.ts';
import type { TaskWork } from './run-task.ts';

export const settleRun: TaskWork = async (deps, run, task, directory) => {
  const fence = await takeFence(deps, run);
  if (fence === undefined) return 'fenced';
  if (!(await completePending(deps, run, fence, directory))) return 'fenced';
  const { pending } = await deps.batches.feed(run);
  if (pending?.runId !== run.runId) {
    const outcome = await outcomeOf(deps, run, task, directory);
    if (!outcome.ok) return outcome;
    const committed = await commit(deps, run, fence, outcome.value);
    if (committed === 'fenced') return 'fenced';
    if (!committed.ok) return committed;
  }
  const applied = await applySettlement(deps, run, fence, directory);
  return applied === 'fenced' ? 'fenced' : ok({});
};

/** Raises the fence: from here on every older settle of this reconciliation is refused. Undefined when it is not its turn. */
async function takeFence(deps: Deps, run: Run): Promise<number | undefined> {
  const taken = await untilWritten<{ fence: number | undefined }>(async () => {
    const feed = await deps.batches.feed(run);
    if (!hasTurn(feed, run.runId)) return { fence: undefined };
    const fence = feed.fence + 1;
    return (await deps.runs.saveFeed({ ...feed, fence })) ? { fence } : undefined;
  });
  return taken.fence;
}

/** An earlier run failed between its commit and its last break: what it decided is completed before anything else. */
async function completePending(deps: Deps, run: Run, fence: number, directory: string): Promise<boolean> {
  const { pending } = await deps.batches.feed(run);
  if (!pending || pending.runId === run.runId) return true;
  const earlier = await deps.runs.get({ ...refOf(run), runId: pending.runId });
  if (!earlier) throw new Error(`run ${pending.runId} is gone`);
  if ((await applySettlement(deps, earlier, fence, directory)) === 'fenced') return false;
  await finishRun(deps, earlier);
  return true;
}

/** Results into the run and the settlement into the feed, in one transaction, where the right to settle still holds. */
async function commit(deps: Deps, run: Run, fence: number, outcome: Outcome): Promise<Result<Run> | 'fenced'> {
  return untilWritten<Result<Run> | 'fenced'>(async () => {
    const now = await deps.runs.get(run);
    const feed = await deps.batches.feed(run);
    if (now?.status !== 'RUNNING' || now.generation !== run.generation) return 'fenced';
    if (feed.fence !== fence || !hasTurn(feed, run.runId)) return 'fenced';
    const withdrawn = withdrawnMeanwhile(run, feed, outcome);
    if (withdrawn) return fail('BATCH_WITHDRAWN', `Batch ${withdrawn} was withdrawn while the run was under way`);
    const { summary, results, settlement, anomalies } = outcome;
    if (!settlement) return (await deps.runs.save({ ...now, summary, results })) ? ok(now) : undefined;
    const { rebuild: _done, ...rest } = feed;
    const rebuilt = run.rebuild ? { ...rest, rebuiltBy: run.number } : feed;
    const next: Feed = { ...rebuilt, pending: settlement, breaksOpened: outcome.breaksOpened };
    const decided = { ...now, summary, results, ...(anomalies && { anomalies }) };
    return (await deps.runs.save(decided, next)) ? ok(now) : undefined;
  });
}

/** A batch that the run matched, or any increment, because its rows may be among those that were carried over. */
function withdrawnMeanwhile(run: Run, feed: Feed, outcome: Outcome): string | undefined {
  const known = new Set(outcome.withdrawn.map((mark) => mark.batchId));
  const claimed = new Set(Object.values(run.claims).flat());
  const hasIncrements = run.definition!.sources.some((source) => source.load === 'increment');
  return feed.withdrawn.find(({ batchId }) => !known.has(batchId) && (hasIncrements || claimed.has(batchId)))?.batchId;
}

function refOf({ tenant, reconciliationId }: ReconciliationRef): ReconciliationRef {
  return { tenant, reconciliationId };
}
