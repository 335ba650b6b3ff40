// Looks for what is unusual about a run that settles, beside the settled runs before it, and writes down what the next one is compared with.
// Writes objects of this attempt only: they count once the settlement that names them is committed.
import { join } from 'node:path';
import type { RunAnomalies } from '../../domain/anomaly/anomaly.ts';
import { type AnomalyHistory, emptyHistory } from '../../domain/anomaly/history.ts';
import { type Judged, judgeRun } from '../../domain/anomaly/judge-run.ts';
import { watchedFields } from '../../domain/anomaly/watched-fields.ts';
import type { Settled } from '../../domain/feed.ts';
import type { MatchSummary } from '../../domain/outcome.ts';
import type { Run, RunInputs } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import { fetchObject } from '../fetch-object.ts';
import { readJson, writeJson } from '../runs/json-objects.ts';

export type SettlingRun = {
  run: Run;
  inputs: RunInputs;
  summary: MatchSummary;
  /** The run before. Nothing else settles meanwhile, or this settlement is refused. */
  settled: Settled | undefined;
  paths: { breaksPath: string; ledgerPath: string; ledgerBefore?: string };
  directory: string;
  prefix: string;
};

export type LookedFor = { anomalies: RunAnomalies; historyKey: string; anomaliesKey?: string };

export async function lookForAnomalies(
  deps: Pick<Deps, 'objects' | 'engine'>,
  { run, inputs, summary, settled, paths, directory, prefix }: SettlingRun,
): Promise<LookedFor> {
  const { historyKey, anomaliesKey } = settled ?? {};
  const history = historyKey === undefined ? emptyHistory : await readJson<AnomalyHistory>(deps, historyKey);
  const flagged =
    anomaliesKey === undefined
      ? {}
      : { anomaliesPath: await fetchObject(deps, anomaliesKey, join(directory, 'anomalies-before.parquet')) };
  const { breaksPath, ledgerPath, ledgerBefore } = paths;
  let judged: Judged | undefined;
  const found = await deps.engine.findAnomalies({
    ...{ directory, breaksPath, ledgerPath },
    before: ledgerBefore === undefined ? undefined : { ledgerPath: ledgerBefore, ...flagged },
    watched: watchedFields(
      run.definition!,
      inputs.sources.flatMap(({ fields }) => fields),
    ),
    judge: (observed) => {
      judged = judgeRun(history, { number: run.number, summary, ...observed });
      return judged;
    },
  });
  if (!judged) throw new Error('the engine did not have the run judged');
  const looked = {
    anomalies: { ...judged.anomalies, breaks: found.breaks },
    historyKey: await writeJson(deps, `${prefix}/anomaly-history.json`, judged.history),
  };
  if (found.path === undefined) return looked;
  const key = `${prefix}/anomalies.parquet`;
  await deps.objects.upload(found.path, key);
  return { ...looked, anomaliesKey: key };
}
