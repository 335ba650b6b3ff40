// What every reader of a completed run's results begins with: the run, the files that it names, and an engine that may read them.
import { FailureError, fail } from '../../domain/result.ts';
import type { Run, RunInputs, RunRef } from '../../domain/run.ts';
import { type Engine, openEngine } from '../../matching/engine.ts';
import type { Deps } from '../deps.ts';
import { inScratch } from '../in-scratch.ts';
import { readJson } from '../runs/json-objects.ts';
import type { ObjectCache } from './object-cache.ts';
import type { ResultFiles } from './result-sql.ts';

export type OpenDeps = Pick<Deps, 'runs' | 'objects' | 'ids' | 'settings'> & {
  cache: ObjectCache;
  engineLimits: { memoryMb: number; threads: number };
};

export async function completedRun(deps: Pick<Deps, 'runs'>, ref: RunRef): Promise<Run> {
  const run = await deps.runs.get(ref);
  if (!run) throw new FailureError(fail('NOT_FOUND', `There is no run ${ref.runId}`));
  if (run.status !== 'COMPLETED' || !run.results) throw new FailureError(fail('RESULTS_NOT_READY'));
  return run;
}

export async function fetchFiles(deps: OpenDeps, run: Run, withMatches: boolean): Promise<ResultFiles> {
  const { matchesKeys, breaksKey, anomaliesKey } = run.results!;
  const fetchAll = (keys: string[]): Promise<string[]> => Promise.all(keys.map(deps.cache.fetch));
  const breaks = await deps.cache.fetch(breaksKey);
  const { sources } = await readJson<RunInputs>(deps, run.inputsKey!);
  const records = await Promise.all(
    sources.map(async ({ source, fields, parts }) => ({
      source,
      fields,
      batches: parts.flatMap(({ batch }) => batch ?? []),
      // A break has its values beside it.
      paths: withMatches ? await fetchAll(parts.map((part) => part.key)) : [],
    })),
  );
  const matches = withMatches ? await fetchAll(matchesKeys) : [];
  const anomalies = anomaliesKey !== undefined && { anomalies: await deps.cache.fetch(anomaliesKey) };
  return { definition: run.definition!, matches, breaks, records, ...anomalies };
}

export async function withEngine<T>(
  deps: OpenDeps,
  work: (engine: Engine, directory: string) => Promise<T>,
): Promise<T> {
  return inScratch(deps, async (directory) => {
    const engine = await openEngine({ directory, allowed: [deps.cache.directory], ...deps.engineLimits });
    try {
      return await work(engine, directory);
    } finally {
      engine.close();
    }
  });
}
