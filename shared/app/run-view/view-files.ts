// The objects that the view of a settled run is read from: found by what the run recorded and the feed names, then on the local disk.
import { FailureError, fail } from '../../domain/result.ts';
import type { Run, RunRef } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import type { ObjectCache } from '../results/object-cache.ts';
import type { ViewFiles } from './view-sql.ts';

/** A run that has settled. What it recorded never changes; which ledger is the newest does. */
export type SettledRun = { run: Run; breaksKey: string; ledgerKey: string; newestKey: string; anomaliesKey?: string };

/** RESULTS_NOT_READY for a run that has not settled. A back-dated run has no ledger: it opened no break, so there is none to show. */
export async function settledRun(deps: Pick<Deps, 'runs' | 'batches'>, ref: RunRef): Promise<SettledRun> {
  const [run, { settled }] = await Promise.all([deps.runs.get(ref), deps.batches.feed(ref)]);
  if (!run) throw new FailureError(fail('NOT_FOUND', `There is no run ${ref.runId}`));
  const { ledgerKey, breaksKey, anomaliesKey } = run.results ?? {};
  if (run.status !== 'COMPLETED' || ledgerKey === undefined || breaksKey === undefined)
    throw new FailureError(fail('RESULTS_NOT_READY'));
  const newestKey = settled?.ledgerKey ?? ledgerKey;
  return { run, breaksKey, ledgerKey, newestKey, ...(anomaliesKey !== undefined && { anomaliesKey }) };
}

export async function fetchFiles(
  cache: ObjectCache,
  { run, breaksKey, ledgerKey, newestKey, anomaliesKey }: SettledRun,
): Promise<ViewFiles> {
  const [breaks, ledger, newest] = await Promise.all([breaksKey, ledgerKey, newestKey].map(cache.fetch));
  return {
    definition: run.definition!,
    dimensions: run.dimensions ?? {},
    breaks: breaks!,
    ledger: ledger!,
    newest: newest!,
    ...(anomaliesKey !== undefined && { anomalies: await cache.fetch(anomaliesKey) }),
  };
}
