// Matches one chunk of a run: its matches, its breaks, its summary, and what increments carry on.
import { join } from 'node:path';
import { handsOn, type MatchInput } from '../../domain/advance.ts';
import { legsOf } from '../../domain/definition.ts';
import type { LearnedPasses } from '../../domain/learned.ts';
import { attemptPrefix, scratchPrefix } from '../../domain/object-keys.ts';
import type { MatchSummary } from '../../domain/outcome.ts';
import { ok } from '../../domain/result.ts';
import type { Carried, Run, RunInputs, Task } from '../../domain/run.ts';
import type { MatchDecisions } from '../../matching/match/matched.ts';
import type { Deps } from '../deps.ts';
import { fetchObject } from '../fetch-object.ts';
import type { Carry, MatchedChunk, RecordsOf } from '../pipeline-engine.ts';
import { readJson, writeJson } from './json-objects.ts';
import { chunkKey, type PartitionResult } from './partition-part.ts';
import type { TaskWork } from './run-task.ts';

/** Kept as an object, because sums per currency and field can outgrow an item. `open` is for the stage `residue`. */
export type ChunkResult = {
  matchesKey: string;
  breaksKey?: string;
  summary: MatchSummary;
  carried: Carried;
  open?: { source: string; recordsKey: string; verdictsKey?: string }[];
  searchedKey?: string;
};

export const matchChunk: TaskWork = async (deps, run, task, directory) => {
  const { chunk } = task.input as MatchInput;
  const definition = run.definition!;
  const records = await downloadRecords(deps, run, chunk, directory);
  const carry = carryOf(run);
  const decisions = await decisionsOf(deps, run, directory);
  if (!handsOn(run)) {
    const searched = await searchedBefore(deps, run, directory);
    const learned = await learnedBefore(deps, run);
    const matched = await deps.engine.match({
      directory,
      definition,
      records,
      carry,
      ...decisions,
      ...learned,
      ...searched,
    });
    return matched.ok ? ok({ resultKey: await storeChunk(deps, task, matched.value) }) : matched;
  }
  // What stays open is known when the residue of all chunks has been matched.
  const settled: Carry = carry.what === 'open' ? { what: 'nothing', sources: [] } : carry;
  const matched = await deps.engine.matchKeys({ directory, definition, records, carry: settled, ...decisions });
  const scratch = scratchPrefix(task, task.attempt, task.generation);
  const open: ChunkResult['open'] = [];
  for (const [index, { source, recordsPath, verdictsPath }] of matched.open.entries()) {
    const recordsKey = `${scratch}/open-${index}.parquet`;
    await deps.objects.upload(recordsPath, recordsKey);
    const verdictsKey = `${scratch}/verdicts-${index}.parquet`;
    if (verdictsPath !== undefined) await deps.objects.upload(verdictsPath, verdictsKey);
    open.push({ source, recordsKey, ...(verdictsPath !== undefined && { verdictsKey }) });
  }
  return ok({ resultKey: await storeChunk(deps, task, { ...matched, open }) });
};

/** What persons decided, for the engine; nothing where the run goes by no decision. */
export async function decisionsOf(
  deps: Deps,
  run: Run,
  directory: string,
): Promise<{ decisions: MatchDecisions } | undefined> {
  if (!run.decided) return undefined;
  const { decisions } = await readJson<RunInputs>(deps, run.inputsKey!);
  const { togetherKey, apartKey } = decisions!;
  const together = togetherKey === undefined ? [] : await readJson<MatchDecisions['together']>(deps, togetherKey);
  if (apartKey === undefined) return { decisions: { together } };
  const apartPath = join(directory, 'apart.parquet');
  await fetchObject(deps, apartKey, apartPath);
  return { decisions: { together, apartPath } };
}

/** What reviews have taught the passes, for the engine. */
export async function learnedBefore(deps: Deps, run: Run): Promise<{ learned?: LearnedPasses }> {
  if (run.learned === undefined) return {};
  const { learned } = await readJson<RunInputs>(deps, run.inputsKey!);
  return learned ? { learned } : {};
}

/** The long searches of an earlier run, for the engine. */
export async function searchedBefore(deps: Deps, run: Run, directory: string): Promise<{ searchedPath?: string }> {
  const { searchedKey } = await readJson<RunInputs>(deps, run.inputsKey!);
  if (searchedKey === undefined) return {};
  return { searchedPath: await fetchObject(deps, searchedKey, join(directory, 'searched-before.ndjson')) };
}

/** Gives the key of the chunk's result. */
export async function storeChunk(
  deps: Deps,
  task: Task,
  matched: Omit<MatchedChunk, 'breaksPath'> & { breaksPath?: string; open?: ChunkResult['open'] },
): Promise<string> {
  const { matchesPath, breaksPath, summary, open, searchedPath } = matched;
  const prefix = attemptPrefix(task, task.attempt, task.generation);
  const result: ChunkResult = { matchesKey: `${prefix}/matches.parquet`, summary, carried: {}, ...(open && { open }) };
  await deps.objects.upload(matchesPath, result.matchesKey);
  if (breaksPath !== undefined) {
    result.breaksKey = `${prefix}/breaks.parquet`;
    await deps.objects.upload(breaksPath, result.breaksKey);
  }
  if (searchedPath !== undefined) {
    result.searchedKey = `${prefix}/searched.ndjson`;
    await deps.objects.upload(searchedPath, result.searchedKey);
  }
  for (const { source, path, rows, sums, fields } of matched.carried) {
    const key = `${prefix}/carried-${encodeURIComponent(source)}.parquet`;
    await deps.objects.upload(path, key);
    result.carried[source] = { keys: [key], rows, sums, fields };
  }
  return writeJson(deps, `${prefix}/result.json`, result);
}

async function downloadRecords(deps: Deps, run: Run, chunk: number, directory: string): Promise<RecordsOf[]> {
  const { sources } = await readJson<RunInputs>(deps, run.inputsKey!);
  const partitioned = run.chunks! > 1 ? await partitions(deps, run) : undefined;
  const records: RecordsOf[] = [];
  for (const [index, { source, parts }] of sources.entries()) {
    const keys = partitioned
      ? partitioned.filter((part) => part.source === source).map((part) => chunkKey(part.prefix, chunk))
      : parts.map((part) => part.key);
    const paths: string[] = [];
    for (const [number, key] of keys.entries()) {
      const path = join(directory, `records-${index}-${number}.parquet`);
      paths.push(await fetchObject(deps, key, path));
    }
    records.push({ source, paths });
  }
  return records;
}

/** The names that the winning attempts recorded; a resume does not repeat a finished stage. */
async function partitions(deps: Deps, run: Run): Promise<PartitionResult[]> {
  const tasks = await deps.tasks.tasks(run, run.doneIn.partition!, 'partition');
  return tasks.map((task) => task.result as PartitionResult);
}

/**
 * With increments on both sides only open records matter to later runs. A snapshot shows everything every time, so its
 * increments keep everything; so do increments of three and more sources, where a record that agrees with one leg may
 * still be awaited by another.
 */
export function carryOf(run: Pick<Run, 'definition' | 'backDated'>): Carry {
  const definition = run.definition!;
  const sources = definition.sources.filter((source) => source.load === 'increment').map((source) => source.name);
  if (sources.length === 0 || run.backDated) return { what: 'nothing', sources: [] };
  const pairOfIncrements = sources.length === definition.sources.length && legsOf(definition).length === 1;
  return { what: pairOfIncrements ? 'open' : 'all', sources };
}
