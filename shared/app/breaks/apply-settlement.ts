// Writes the changes of a committed settlement to the breaks, in lanes side by side, each change once. Begun again after
// a crash it goes on where each lane stands.
import { join } from 'node:path';
import { type Break, breakPartsPerWriteMax, partsOf } from '../../domain/break.ts';
import {
  changeBreak,
  closeGoneBreak,
  goneReason,
  openBreak,
  type SettledBy,
  settledBy,
} from '../../domain/break-changes.ts';
import type { Definition } from '../../domain/definition.ts';
import type { BatchMark, Settlement } from '../../domain/feed.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Run, RunInputs } from '../../domain/run.ts';
import type { MatchDecisions } from '../../matching/match/matched.ts';
import type { BreakWrite, SettleLane } from '../../ports/break-store.ts';
import type { Deps } from '../deps.ts';
import { fetchObject } from '../fetch-object.ts';
import type { BreakChange } from '../pipeline-engine.ts';
import { readJson } from '../runs/json-objects.ts';
import { untilWritten } from '../until-written.ts';

type Writing = {
  ref: ReconciliationRef;
  by: SettledBy;
  definition: Definition;
  withdrawn: BatchMark[];
  byHand: Set<number>;
};

/** Where one writer stands: changes of its own below `position` are written. */
type Lane = SettleLane & { lanes: number; position: number };

type NumberedChange = BreakChange & { number: number };

type ApplyDeps = Pick<Deps, 'batches' | 'runs' | 'breaks' | 'bulks' | 'objects' | 'engine' | 'clock' | 'settings'>;

/** Nothing to do for a run without a pending settlement: it is back-dated. */
export async function applySettlement(
  deps: ApplyDeps,
  run: Run,
  fence: number,
  directory: string,
): Promise<'applied' | 'fenced'> {
  const { pending, withdrawn } = await deps.batches.feed(run);
  if (pending?.runId !== run.runId) return 'applied';
  // The run as it was handed in may be from before the commit; its results are in the store since.
  const settled = await deps.runs.get(run);
  const write: Writing = {
    ref: { tenant: run.tenant, reconciliationId: run.reconciliationId },
    by: settledBy(settled ?? run, new Date(deps.clock.now()).toISOString()),
    definition: run.definition!,
    withdrawn,
    byHand: await putTogether(deps, run),
  };
  if (pending.applied === pending.changes) return 'applied';
  const lanes = await enterLanes(deps, write.ref, pending, fence);
  if (!lanes) return 'fenced';
  const path = join(directory, 'changes.parquet');
  if (!(await deps.objects.download(pending.changesKey, path))) {
    throw new Error(`object ${pending.changesKey} is missing`);
  }
  const anomalies = await fetchAnomalies(deps, pending, directory);
  const limit = deps.settings.breaksPerWrite * pending.lanes * transactionsPerPage;
  for (let offset = pending.applied; offset < pending.changes; offset += limit) {
    const page = await deps.engine.changes({ directory, path, offset, limit, ...anomalies });
    const changes = page.map((change, index) => ({ ...change, number: offset + index }));
    const answers = await Promise.allSettled(lanes.map((lane) => writeLane(deps, write, lane, changes)));
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
    if (answers.some((answer) => answer.status === 'fulfilled' && answer.value === 'fenced')) return 'fenced';
    const applied = Math.min(offset + limit, pending.changes);
    if (!(await recordProgress(deps, write.ref, fence, pending, applied))) return 'fenced';
  }
  return 'applied';
}

async function fetchAnomalies(
  deps: Pick<Deps, 'objects'>,
  { anomaliesKey }: Settlement,
  directory: string,
): Promise<{ anomaliesPath?: string }> {
  if (anomaliesKey === undefined) return {};
  return { anomaliesPath: await fetchObject(deps, anomaliesKey, join(directory, 'change-anomalies.parquet')) };
}

/** The records of the manual matches that the run made. */
async function putTogether(deps: Pick<Deps, 'objects'>, run: Run): Promise<Set<number>> {
  if (!run.decided) return new Set();
  const { decisions } = await readJson<RunInputs>(deps, run.inputsKey!);
  if (decisions?.togetherKey === undefined) return new Set();
  const together = await readJson<MatchDecisions['together']>(deps, decisions.togetherKey);
  return new Set(together.flatMap(({ left, right }) => [...left, ...right]));
}

/** Progress is recorded after this many transactions of each writer. */
const transactionsPerPage = 10;

/** Before anything is read or decided: whoever settled before can write nothing from here on. */
async function enterLanes(
  deps: ApplyDeps,
  ref: ReconciliationRef,
  { runId, lanes }: Settlement,
  fence: number,
): Promise<Lane[] | undefined> {
  const entered: Lane[] = [];
  for (let index = 0; index < lanes; index += 1) {
    const lane = { ...ref, runId, index, fence };
    const position = await deps.breaks.enterLane(lane);
    if (position === 'fenced') return undefined;
    entered.push({ ...lane, lanes, position });
  }
  return entered;
}

/** The lane's changes of one page, in their order, one transaction after the other. */
async function writeLane(
  deps: ApplyDeps,
  write: Writing,
  lane: Lane,
  page: NumberedChange[],
): Promise<'written' | 'fenced'> {
  const own = page.filter(({ number }) => number >= lane.position && number % lane.lanes === lane.index);
  for (const group of grouped(own, deps.settings.breaksPerWrite)) {
    if ((await writeGroup(deps, write, lane, group)) === 'fenced') return 'fenced';
  }
  return 'written';
}

/** A transaction takes at most 4 MB; a break whose values are cut to 1 KB each seldom has more than a few. */
const bytesPerTransactionMax = 3_000_000;

function grouped(changes: NumberedChange[], changesMax: number): NumberedChange[][] {
  const groups: NumberedChange[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const change of changes) {
    // Four bytes per character of the cut values, twice for the differences, is more than any item can have.
    const size = change.kind === 'gone' ? 2_000 : Math.min(JSON.stringify(change.observed).length * 4, 400_000);
    if (bytes + size > bytesPerTransactionMax || groups.at(-1)!.length >= changesMax) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(change);
    bytes += size;
  }
  return groups;
}

/** A conflict means that a person has changed a break meanwhile: read again, decide again. */
async function writeGroup(
  deps: ApplyDeps,
  write: Writing,
  lane: Lane,
  changes: NumberedChange[],
): Promise<'written' | 'fenced'> {
  let left = changes;
  while (left.length > 0) {
    const next = await untilWritten(() => writeSome(deps, write, lane, left));
    if (next === 'fenced') return 'fenced';
    left = next;
  }
  return 'written';
}

/** As many as fit into one transaction, from the first; gives the others. */
async function writeSome(
  deps: ApplyDeps,
  write: Writing,
  lane: Lane,
  changes: NumberedChange[],
): Promise<NumberedChange[] | 'fenced' | undefined> {
  // A new break is in nobody's hands before this lane has written it, which it does once: of it alone there is nothing to read.
  const known = changes.flatMap((change) =>
    change.kind === 'opened' ? (change.previousBreakId ?? []) : change.breakId,
  );
  const found = known.length === 0 ? [] : await deps.breaks.getMany(write.ref, known);
  const marked = found.find(({ bulk }) => bulk && !bulk.unwritten);
  if (marked) {
    // Not decided yet, and what it was to decide about has changed: none of its breaks will be.
    await deps.bulks.decide({ tenant: write.ref.tenant, bulkId: marked.bulk!.bulkId }, 'ABORTED', write.by.at);
    return undefined;
  }
  const stored = new Map(found.map((item) => [item.breakId, item]));
  const writes: BreakWrite[] = [];
  let [done, parts] = [0, 0];
  for (const change of changes) {
    const own = writesOf(write, change, stored);
    parts += own.reduce((sum, one) => sum + partsOf(one), 0);
    if (parts > breakPartsPerWriteMax) break;
    writes.push(...own);
    done += 1;
  }
  const move = { from: lane.position, to: changes[done - 1]!.number + 1 };
  const answer = await deps.breaks.settle(lane, move, writes);
  if (answer === 'conflict') return undefined;
  if (answer === 'fenced') return 'fenced';
  lane.position = move.to;
  return changes.slice(done);
}

/** None where it is done already, or where the break stayed in Parquet. */
function writesOf(
  { ref, by, definition, withdrawn, byHand }: Writing,
  change: BreakChange,
  items: ReadonlyMap<string, Break>,
): BreakWrite[] {
  const replacing = (stored: Break, next: Break | undefined) =>
    next ? [{ break: next, expected: stored.version }] : [];
  if (change.kind === 'opened') {
    const opened = { break: openBreak({ ...ref, breakId: change.breakId }, change, by), expected: 0 };
    // The one that it follows is in the data no more, and nobody may open it again beside the new one.
    const previous = items.get(change.previousBreakId ?? '');
    return [opened, ...(previous ? replacing(previous, closeGoneBreak(previous, 'replaced', by)) : [])];
  }
  const stored = items.get(change.breakId);
  if (!stored) return [];
  if (change.kind === 'changed') {
    const changed = changeBreak(stored, change.observed, by);
    return changed ? [{ ...changed, expected: stored.version }] : [];
  }
  return replacing(stored, closeGoneBreak(stored, goneReason(change, definition, withdrawn, byHand), by));
}

async function recordProgress(
  deps: ApplyDeps,
  ref: ReconciliationRef,
  fence: number,
  pending: Settlement,
  applied: number,
): Promise<boolean> {
  return untilWritten<boolean>(async () => {
    const feed = await deps.batches.feed(ref);
    if (feed.fence !== fence || feed.pending?.runId !== pending.runId) return false;
    return (await deps.runs.saveFeed({ ...feed, pending: { ...feed.pending, applied } })) || undefined;
  });
}
