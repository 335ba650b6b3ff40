// A completed run over the memory store, made by the real engine from small files as the pipeline leaves it: the records of
// each source in the Parquet of two batches, matches, breaks and inputs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryReviewStore } from '../../../shared/adapters/memory/review-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemoryState, type MemoryState } from '../../../shared/adapters/memory/state.ts';
import { pipelineDefaults } from '../../../shared/app/deps.ts';
import { createObjectCache } from '../../../shared/app/results/object-cache.ts';
import { createRunResults } from '../../../shared/app/results/run-results.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { emptyFeed } from '../../../shared/domain/feed.ts';
import { type MatchSummary, rowReference } from '../../../shared/domain/outcome.ts';
import type { Run, RunInputs } from '../../../shared/domain/run.ts';
import { openEngine } from '../../../shared/matching/engine.ts';
import { loadSource } from '../../../shared/matching/load/load-source.ts';
import { matchSources } from '../../../shared/matching/match/match-sources.ts';
import type { MatchRequest } from '../../../shared/matching/match/matched.ts';
import type { LoadedSource } from '../../../shared/matching/records.ts';
import type { ResultQuery } from '../../../shared/ports/result-query.ts';
import { run } from '../ports/samples.ts';

const limits = { memoryMb: 512, threads: 1 };

export type StoredRun = {
  run: Run;
  summary: MatchSummary;
  directory: string;
  objects: ReturnType<typeof createMemoryObjectStore>;
  /** What the run is kept in, and what readers of results are given. */
  state: MemoryState;
  deps: Omit<Parameters<typeof createRunResults>[0], keyof typeof unlimited>;
  results: ResultQuery;
  /** The same results under limits that bind. */
  resultsUpTo(limits: Partial<typeof unlimited>): ResultQuery;
  close(): void;
};

const unlimited = { pageCharactersMax: 1_000_000, workbookCellsMax: 1_000_000 };

export type StoredRunRequest = {
  definition: Definition;
  /** Source → CSV, the anchor first. Its first two rows are of one batch, the others of the next. */
  files: Record<string, string>;
  /** Numbers of batches whose file the run does not know, as of carried records. */
  unnamed?: number[];
  decisions?: MatchRequest['decisions'];
};

/** Batches are numbered 6 and 7 for the anchor, 8 and 9 for the next source, and so on. */
export async function storeRun({ definition, files, unnamed = [], decisions }: StoredRunRequest): Promise<StoredRun> {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-results-'));
  const objects = createMemoryObjectStore();
  const state = createMemoryState();
  const runs = createMemoryRunStore(state);
  const engine = await openEngine({ directory: join(directory, 'engine'), allowed: [directory], ...limits });
  const loaded: LoadedSource[] = [];
  const inputs: RunInputs = { sources: [], withdrawn: [] };
  for (const [index, [source, text]] of Object.entries(files).entries()) {
    const path = join(directory, `${source}.csv`);
    writeFileSync(path, text);
    const one = await loadSource(engine, { definition, source, file: { path } });
    if (!one.ok) throw new Error(one.detail);
    const first = 6 + index * 2;
    const relation = `(SELECT * REPLACE (if("$row" < 3, ${rowReference(first, 0)}, ${rowReference(first + 1, -2)}) + "$row" AS "$row")
      FROM ${one.value.relation})`;
    loaded.push({ ...one.value, relation });
    const parts: RunInputs['sources'][number]['parts'] = [];
    for (const part of [0, 1]) {
      const records = join(directory, `${source}-${part}.parquet`);
      await engine.run(
        `COPY (FROM ${relation} WHERE "$row" // ${rowReference(1, 0)} = ${first + part}) TO '${records}' (FORMAT parquet)`,
      );
      const key = `batches/${source}-${part}.parquet`;
      await objects.upload(records, key);
      const batch = { number: first + part, fileName: `${source}'s part ${part}.csv` };
      parts.push({ key, rows: 2, ...(!unnamed.includes(first + part) && { batch }) });
    }
    const { fields, rows, sums } = one.value;
    inputs.sources.push({ source, fields, parts, records: rows.records, rejected: 0, excluded: 0, sums });
  }
  const matched = await matchSources(engine, {
    definition,
    sources: loaded,
    directory: join(directory, 'engine'),
    ...(decisions && { decisions }),
  });
  if (!matched.ok) throw new Error(matched.detail);
  await objects.upload(matched.value.matchesPath, 'runs/matches.parquet');
  await objects.upload(matched.value.breaksPath, 'runs/breaks.parquet');
  await objects.put('runs/inputs.json', JSON.stringify(inputs));
  engine.close();
  const { summary } = matched.value;
  const value = run({ status: 'COMPLETED', definition, inputsKey: 'runs/inputs.json', summary });
  const named = { matchesKeys: ['runs/matches.parquet'], breaksKey: 'runs/breaks.parquet' };
  await runs.create({ ...value, results: named }, emptyFeed(value));
  await runs.create(run({ runId: 'run-2', number: 2 }), { ...emptyFeed(value), version: 1 });
  const ids = createMemoryIds(createMemoryClock());
  const settings = { ...pipelineDefaults, bucket: 'b', scratchDirectory: join(directory, 'scratch') };
  const cache = createObjectCache({ objects, ids }, join(directory, 'cache'), 1_000_000);
  const reviews = createMemoryReviewStore(state);
  const deps = { runs, reviews, objects, ids, settings, cache, engineLimits: limits };
  const resultsUpTo = (limits: Partial<typeof unlimited>) => createRunResults({ ...deps, ...unlimited, ...limits });
  return {
    run: value,
    summary,
    directory,
    objects,
    state,
    deps,
    results: resultsUpTo({}),
    resultsUpTo,
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}
