// Freezes what a run works with: definition, readings, batches, what is carried over, and the number of chunks.
import type { Planned } from '../../domain/advance.ts';
import type { Batch } from '../../domain/batch.ts';
import { anchorOf, type Definition, legsOf } from '../../domain/definition.ts';
import type { Feed } from '../../domain/feed.ts';
import { dimensionsOf } from '../../domain/graph/dimensions.ts';
import type { LearnedPasses } from '../../domain/learned.ts';
import { attemptPrefix } from '../../domain/object-keys.ts';
import { addSums } from '../../domain/outcome.ts';
import { planChunks } from '../../domain/plan-chunks.ts';
import type { LoadedField } from '../../domain/record.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import type { Carried, Run, RunInputs, SourceInputs } from '../../domain/run.ts';
import { ingestBatch } from '../batches/ingest-batch.ts';
import { canonicalJson, loadHash } from '../batches/load-hash.ts';
import type { Deps } from '../deps.ts';
import { sha256 } from '../derived-id.ts';
import { allReviews } from '../reviews/all-reviews.ts';
import { newestLesson } from '../reviews/newest-lesson.ts';
import type { Returned } from './decision-planning.ts';
import { readJson, writeJson } from './json-objects.ts';
import { carriesOtherwise } from './loaded-otherwise.ts';
import { planDecisions } from './plan-decisions.ts';
import type { TaskWork } from './run-task.ts';

export const planRun: TaskWork = async (deps, run, task, directory) => {
  const reconciliation = await deps.reconciliations.get(run);
  if (!reconciliation?.definition) return fail('DEFINITION_INVALID', 'The reconciliation has no definition');
  const { definition, readings = {} } = reconciliation;
  const feed = await deps.batches.feed(run);
  const increments = run.backDated ? [] : definition.sources.filter((source) => source.load === 'increment');
  const asked = feed.rebuild === true && increments.length > 0;
  const rebuild = asked || (await carriesOtherwise(deps, run, definition, feed, increments));
  const claims = rebuild ? await allIncrements(deps, run, feed, increments) : run.claims;
  const batches = await claimedBatches(deps, run, definition, claims);
  if (!batches.ok) return batches;
  // A settlement that is pending is decided: what it carries is what there is.
  const { carriedKey } = feed.pending ?? feed.settled ?? {};
  const carries = carriedKey !== undefined && increments.length > 0 && !rebuild;
  const carried = carries ? await readJson<Carried>(deps, carriedKey) : {};
  const found = [anchorOf(definition), ...legsOf(definition)].map(({ name }) =>
    sourceInputs(name, batches.value[name] ?? [], carried[name]),
  );
  const reviews = await allReviews(deps, run);
  const given = { definition, feed, sources: found, batches: batches.value, rebuild, reviews };
  const decided = await planDecisions(deps, run, task, directory, given);
  const sources = found.map((source) => withReturned(source, decided?.returned[source.source]));
  const empty = sources.find((source) => source.parts.length === 0);
  if (empty) return fail('BATCH_MISSING', `Source ${empty.source} has no batch to reconcile`, { source: empty.source });
  const lesson = await newestLesson(deps, run, definition, reviews);
  const searchedKey = await searchedBefore(deps, run, feed);
  const inputs: RunInputs = {
    sources,
    withdrawn: feed.withdrawn,
    ...(decided && { decisions: decided.decisions }),
    ...(lesson && { learned: lesson.passes }),
    ...(searchedKey !== undefined && { searchedKey }),
  };
  const bytes = Object.values(batches.value)
    .flat()
    .reduce((sum, batch) => sum + batch.object.bytes, 0);
  const rows = sources.reduce((sum, source) => sum + source.records, 0);
  const planned: Planned = {
    definition,
    readings,
    definitionHash: sha256(canonicalJson({ definition, readings })),
    inputHash: inputHash(sources, batches.value, decided?.applied ?? [], lesson?.passes ?? {}),
    chunks: planChunks({ rows, bytes }, deps.settings),
    inputsKey: await writeJson(deps, `${attemptPrefix(task, task.attempt, task.generation)}/inputs.json`, inputs),
    claims,
    ...(reconciliation.graph && { dimensions: dimensionsOf(reconciliation.graph) }),
    ...(rebuild && { rebuild }),
    ...(decided && decided.applied.length > 0 && { decided: true }),
    ...(lesson && { learned: lesson.version }),
  };
  return ok(planned);
};

/** What the last settled run searched long for. */
async function searchedBefore(deps: Deps, run: Run, feed: Feed): Promise<string | undefined> {
  const settled = feed.pending ?? feed.settled;
  const earlier = settled && (await deps.runs.get({ ...run, runId: settled.runId }));
  return earlier?.results?.searchedKey;
}

/** Every completed increment but those that wait for a later run or are held by one. */
async function allIncrements(
  deps: Deps,
  run: Run,
  feed: Feed,
  increments: { name: string }[],
): Promise<Record<string, string[]>> {
  const others = new Set(Object.values(feed.waiting).flat());
  for (const { runId } of feed.activeRuns) {
    if (runId === run.runId) continue;
    const other = await deps.runs.get({ ...run, runId });
    for (const batchId of Object.values(other?.claims ?? {}).flat()) others.add(batchId);
  }
  const claims: Record<string, string[]> = { ...run.claims };
  for (const { name } of increments) claims[name] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.batches.list(run, cursor);
    for (const { batchId, source, status } of page.items) {
      if (status !== 'COMPLETE' || others.has(batchId)) continue;
      if (increments.some((increment) => increment.name === source)) claims[source]!.unshift(batchId);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return claims;
}

async function claimedBatches(
  deps: Deps,
  run: Run,
  definition: Definition,
  claims: Record<string, string[]>,
): Promise<Result<Record<string, Batch[]>>> {
  const claimed: Record<string, Batch[]> = {};
  for (const { name } of definition.sources) {
    const batches = [];
    for (const batchId of claims[name] ?? []) {
      const { tenant, reconciliationId } = run;
      const batch = await deps.batches.get({ tenant, reconciliationId, batchId });
      if (batch?.status === 'WITHDRAWN')
        return fail('BATCH_WITHDRAWN', `Batch ${batchId} of source ${name} is withdrawn`);
      if (batch?.status !== 'COMPLETE') return fail('BATCH_MISSING', `Batch ${batchId} of source ${name} is not there`);
      batches.push(batch);
    }
    claimed[name] = batches.sort((a, b) => a.number - b.number);
  }
  const stale = await reloadStale(deps, definition, claimed);
  if (stale) return stale;
  for (const batch of Object.values(claimed).flat()) {
    if (batch.claimedBy !== run.runId) await deps.batches.save({ ...batch, claimedBy: run.runId });
  }
  return ok(claimed);
}

/**
 * Batches that were loaded under another definition are loaded again: they may have been asked for when it was changed, but whoever asked
 * may have died first, the batch may have come meanwhile, or a later source made all agree on another type.
 */
async function reloadStale(
  deps: Deps,
  definition: Definition,
  claimed: Record<string, Batch[]>,
): Promise<Failure | undefined> {
  const isStale = (batch: Batch): boolean => batch.loadHash !== loadHash(definition, batch.source);
  const [first, ...others] = Object.values(claimed).flat().filter(isStale);
  if (!first) return undefined;
  // Other workers begin at the other end. Whoever comes second to a batch finds it done.
  await deps.queue.send(
    others.map(({ tenant, reconciliationId, batchId }) => ({
      kind: 'ingest-batch',
      tenant,
      reconciliationId,
      batchId,
    })),
  );
  for (const batch of [first, ...others.reverse()]) {
    const again = await ingestBatch(deps, batch);
    if (!again || isStale(again)) return staleFailure(batch, again);
    claimed[batch.source] = claimed[batch.source]!.map((one) => (one === batch ? again : one));
  }
  return undefined;
}

function staleFailure({ fileName, number, source }: Batch, again: Batch | undefined): Failure {
  const why = again?.reason ? `: ${again.reason.code}: ${again.reason.detail}` : '; start the run again';
  return fail(
    'BATCH_STALE',
    `${fileName} (batch ${number} of source ${source}) was loaded under another definition and could not be loaded under this one${why}`,
  );
}

function sourceInputs(source: string, batches: Batch[], carried: Carried[string] | undefined): SourceInputs {
  const inputs: SourceInputs = { source, fields: [], parts: [], records: 0, rejected: 0, excluded: 0, sums: {} };
  for (const batch of batches) {
    const { recordsKey, rows, number, fileName } = batch;
    inputs.parts.push({ key: recordsKey!, rows: rows!.records, batch: { number, fileName } });
    inputs.records += batch.rows!.records;
    inputs.rejected += batch.rows!.rejected;
    inputs.excluded += batch.rows!.excluded;
    inputs.sums = addSums(inputs.sums, batch.sums!);
    inputs.fields = widest(inputs.fields, batch.fields!);
  }
  if (carried) {
    inputs.parts.push(...carried.keys.map((key) => ({ key, rows: 0 })));
    inputs.records += carried.rows;
    inputs.sums = addSums(inputs.sums, carried.sums);
    inputs.fields = widest(inputs.fields, carried.fields);
  }
  return inputs;
}

/** Records of undone matches, which no batch and no earlier run brings. */
function withReturned(inputs: SourceInputs, returned: Returned[string] | undefined): SourceInputs {
  if (!returned) return inputs;
  return {
    ...inputs,
    parts: [...inputs.parts, { key: returned.key, rows: returned.rows }],
    records: inputs.records + returned.rows,
    sums: addSums(inputs.sums, returned.sums),
    fields: widest(inputs.fields, returned.fields),
  };
}

/** One batch may have needed wider decimals than another. */
function widest(a: LoadedField[], b: LoadedField[]): LoadedField[] {
  if (a.length === 0) return b;
  return a.map((field) => {
    const other = b.find((one) => one.name === field.name);
    return other && widthOf(other) > widthOf(field) ? other : field;
  });
}

function widthOf({ sqlType }: LoadedField): number {
  const [, digits = '0', scale = '0'] = /^DECIMAL\((\d+),(\d+)\)$/.exec(sqlType) ?? [];
  return Number(digits) * 100 + Number(scale);
}

/** The number of a lesson is no part of it: another of the same content gives the same outcome. */
function inputHash(
  sources: SourceInputs[],
  batches: Record<string, Batch[]>,
  decisions: string[],
  passes: LearnedPasses,
): string {
  const learned = Object.entries(passes).map(([pass, { shift, factors, equivalences }]) => {
    return { pass, shift, factors, equivalences };
  });
  const carried = sources.map(({ source, parts }) => parts.slice(batches[source]?.length ?? 0).map((part) => part.key));
  const checksums = sources.map(({ source }) => (batches[source] ?? []).map((batch) => batch.checksum));
  return sha256(
    canonicalJson({
      checksums,
      carried,
      ...(decisions.length > 0 && { decisions }),
      ...(learned.length > 0 && { learned }),
    }),
  );
}
