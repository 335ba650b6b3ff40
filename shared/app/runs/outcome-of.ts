// The outcome of a run from the results of its chunks: summary, proof, all breaks, and what changed against the ledger.
// Writes objects of this attempt only.
import { join } from 'node:path';
import { handsOn } from '../../domain/advance.ts';
import type { RunAnomalies } from '../../domain/anomaly/anomaly.ts';
import { checkConservation } from '../../domain/conservation.ts';
import { manualPassName } from '../../domain/decision.ts';
import type { Settlement } from '../../domain/feed.ts';
import { attemptPrefix } from '../../domain/object-keys.ts';
import { addSums, addYields, emptyYield, type MatchSummary } from '../../domain/outcome.ts';
import { ok, type Result } from '../../domain/result.ts';
import type { Carried, Run, RunInputs, Task } from '../../domain/run.ts';
import { mergeSummaries } from '../../matching/match/merge-summaries.ts';
import { lookForAnomalies } from '../anomaly/look-for-anomalies.ts';
import type { Deps } from '../deps.ts';
import { fetchObject } from '../fetch-object.ts';
import { chunkResults } from './chunk-results.ts';
import { readJson, writeJson } from './json-objects.ts';

export type Outcome = {
  summary: MatchSummary;
  results: NonNullable<Run['results']>;
  withdrawn: RunInputs['withdrawn'];
  /** Absent for a back-dated run, which changes no break. */
  settlement?: Settlement;
  /** Absent likewise. */
  anomalies?: RunAnomalies;
  /** How many breaks were ever opened, with those of this run. */
  breaksOpened: number;
};

export async function outcomeOf(deps: Deps, run: Run, task: Task, directory: string): Promise<Result<Outcome>> {
  const residue = handsOn(run) ? await chunkResults(deps, run, 'residue') : [];
  const chunks = [...(await chunkResults(deps, run, 'match')), ...residue];
  const inputs = await readJson<RunInputs>(deps, run.inputsKey!);
  const summary = withNotes(withRejected(mergeSummaries(chunks.map((chunk) => chunk.summary)), inputs), inputs);
  const conserved = checkConservation(inputs.sources, summary);
  if (!conserved.ok) return conserved;
  const feed = await deps.batches.feed(run);
  const breaksPaths = await downloadAll(
    deps,
    directory,
    chunks.flatMap((chunk) => chunk.breaksKey ?? []),
  );
  const ledger = run.backDated
    ? []
    : await downloadAll(deps, directory, feed.settled ? [feed.settled.ledgerKey] : [], 'ledger');
  const compared = await deps.engine.compare({
    directory,
    breaksPaths,
    ledgerPath: ledger[0],
    breaksOpened: feed.breaksOpened ?? 0,
    openedAt: deps.clock.now(),
    breakItemsMax: deps.settings.breakItemsMax,
    closedAmong: async (breakIds) => {
      const found = await deps.breaks.getMany({ tenant: run.tenant, reconciliationId: run.reconciliationId }, breakIds);
      return new Set(found.filter((item) => item.status === 'CLOSED').map((item) => item.breakId));
    },
  });
  const prefix = attemptPrefix(task, task.attempt, task.generation);
  const breaksKey = `${prefix}/breaks.parquet`;
  await deps.objects.upload(compared.breaksPath, breaksKey);
  // One task at most looks for sets.
  const searchedKey = chunks.find((chunk) => chunk.searchedKey !== undefined)?.searchedKey;
  const results = {
    ...{ matchesKeys: chunks.map((chunk) => chunk.matchesKey), breaksKey },
    ...(searchedKey !== undefined && { searchedKey }),
  };
  const breaksOpened = (feed.breaksOpened ?? 0) + compared.opened;
  if (run.backDated) return ok({ summary, results, withdrawn: inputs.withdrawn, breaksOpened });
  const [ledgerKey, changesKey] = [`${prefix}/ledger.parquet`, `${prefix}/changes.parquet`];
  await deps.objects.upload(compared.ledgerPath, ledgerKey);
  await deps.objects.upload(compared.changesPath, changesKey);
  const carried = mergeCarried(chunks.map((chunk) => chunk.carried));
  const carriedKey =
    Object.keys(carried).length > 0 ? await writeJson(deps, `${prefix}/carried.json`, carried) : undefined;
  const [ledgerBefore] = ledger;
  const paths = { ...compared, ...(ledgerBefore !== undefined && { ledgerBefore }) };
  const settling = { run, inputs, summary, settled: feed.settled, paths, directory, prefix };
  const { anomalies, ...kept } = await lookForAnomalies(deps, settling);
  const pointers = { ledgerKey, ...(carriedKey !== undefined && { carriedKey }), ...kept };
  return ok({
    summary,
    results: { ...results, ...pointers },
    withdrawn: inputs.withdrawn,
    breaksOpened,
    anomalies,
    settlement: {
      runId: run.runId,
      number: run.number,
      ...pointers,
      changesKey,
      changes: compared.changes,
      lanes: deps.settings.breakWritesAtOnce,
      applied: 0,
    },
  });
}

async function downloadAll(deps: Deps, directory: string, keys: string[], name = 'breaks-of'): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, key] of keys.entries()) {
    const path = join(directory, `${name}-${index}.parquet`);
    paths.push(await fetchObject(deps, key, path));
  }
  return paths;
}

/** Matching sees records only; what loading rejected or left out belongs to the outcome of the run too. */
function withRejected(summary: MatchSummary, inputs: RunInputs): MatchSummary {
  const sides = summary.sides.map((side) => {
    const { rejected = 0, excluded = 0 } = inputs.sources.find(({ source }) => source === side.source) ?? {};
    return { ...side, counts: { ...side.counts, rows: side.counts.rows + rejected, rejected, excluded } };
  });
  return { ...summary, sides };
}

/** What was left aside of the decisions of persons; under the pass that makes their matches. */
function withNotes(summary: MatchSummary, { decisions }: RunInputs): MatchSummary {
  if (!decisions || decisions.notes.length === 0) return summary;
  const others = summary.passes.filter(({ name }) => name !== manualPassName);
  const manual = summary.passes.find(({ name }) => name === manualPassName) ?? emptyYield(manualPassName);
  return {
    ...summary,
    passes: [...others, addYields(manual, { ...emptyYield(manualPassName), notes: decisions.notes })],
  };
}

function mergeCarried(chunks: Carried[]): Carried {
  const merged: Carried = {};
  for (const chunk of chunks) {
    for (const [source, { keys, rows, sums, fields }] of Object.entries(chunk)) {
      const into = merged[source];
      merged[source] = into
        ? { keys: [...into.keys, ...keys], rows: into.rows + rows, sums: addSums(into.sums, sums), fields }
        : { keys, rows, sums, fields };
    }
  }
  return merged;
}
