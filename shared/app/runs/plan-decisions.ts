// The decisions of persons that a run goes by, fixed when it is planned: manual matches whose records it has, pairs that
// may not be made, and records of undone matches that nothing else would bring back.
import { join } from 'node:path';
import type { Batch } from '../../domain/batch.ts';
import { type Apart, type Decision, isInForce, type Together } from '../../domain/decision.ts';
import type { Definition } from '../../domain/definition.ts';
import type { Feed } from '../../domain/feed.ts';
import { attemptPrefix } from '../../domain/object-keys.ts';
import { splitRowReference } from '../../domain/outcome.ts';
import type { Run, RunDecisions, RunInputs, SourceInputs, Task } from '../../domain/run.ts';
import type { MatchDecisions } from '../../matching/match/matched.ts';
import type { Deps } from '../deps.ts';
import type { Picked } from '../pipeline-engine.ts';
import { readJson, writeJson } from './json-objects.ts';
import { carryOf } from './match-chunk.ts';

export type DecisionPlan = {
  decisions: RunDecisions;
  /** Ids of the decisions that change what this run does. */
  applied: string[];
  /** Records that come back, per source. */
  returned: Record<string, Picked & { key: string }>;
};

type Approved = Decision & { order: number };
type Made<Kind extends Together | Apart> = Approved & { subject: Kind };

type Planning = {
  deps: Deps;
  run: Run;
  definition: Definition;
  directory: string;
  feed: Feed;
  prefix: string;
  sources: SourceInputs[];
  /** Numbers of the batches that the run takes, of all sources. */
  claimed: Set<number>;
  /** What matched is carried no more, so what is undone has to be brought back. */
  openOnly: boolean;
  before: RunDecisions | undefined;
  fetched: Map<string, string>;
};

/** Undefined where nothing was ever decided. */
export async function planDecisions(
  deps: Deps,
  run: Run,
  task: Task,
  directory: string,
  given: {
    definition: Definition;
    feed: Feed;
    sources: SourceInputs[];
    batches: Record<string, Batch[]>;
    rebuild: boolean;
  },
): Promise<DecisionPlan | undefined> {
  const { definition, feed, sources, batches, rebuild } = given;
  const upTo = feed.decided ?? 0;
  if (upTo === 0) return undefined;
  const openOnly = !rebuild && carryOf({ definition, ...(run.backDated && { backDated: true }) }).what === 'open';
  const planning: Planning = {
    deps,
    run,
    definition,
    directory,
    feed,
    sources,
    openOnly,
    prefix: attemptPrefix(task, task.attempt, task.generation),
    claimed: new Set(Object.values(batches).flatMap((of) => of.map(({ number }) => number))),
    before: openOnly ? await decisionsBefore(deps, run, feed) : undefined,
    fetched: new Map(),
  };
  // The feed was read first: every approval up to `upTo` was written with it.
  const approved = await approvedDecisions(deps, run, upTo);
  const inForce = approved.filter((one) => isInForce(one, upTo));
  const aparts = inForce.filter((one) => one.subject.kind === 'apart') as Made<Apart>[];
  const togethers = inForce.filter((one) => one.subject.kind === 'together') as Made<Together>[];
  const notes: string[] = [];
  const returned = openOnly ? await returnedRecords(planning, approved, aparts, notes) : {};
  const { made, held } = await matchesToMake(planning, togethers, returned, notes);
  const here = aparts.filter((one) => mayBeHere(planning, one.subject));
  if (here.length < aparts.length) {
    notes.push(
      aside(
        aparts.filter((one) => !here.includes(one)),
        'none of its records is in this run',
      ),
    );
  }
  const decisions: RunDecisions = { upTo, held, notes };
  if (made.length > 0) decisions.togetherKey = await writeTogether(planning, made);
  if (here.length > 0) decisions.apartKey = await joinApart(planning, here);
  return { decisions, returned, applied: [...made, ...here].map(({ decisionId }) => decisionId) };
}

/** In the order of their approval. */
async function approvedDecisions(deps: Deps, run: Run, upTo: number): Promise<Approved[]> {
  const ref = { tenant: run.tenant, reconciliationId: run.reconciliationId };
  const found: Approved[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.decisions.list(ref, { status: 'APPROVED' }, cursor, 1_000);
    found.push(...page.items.filter((one): one is Approved => one.order !== undefined && one.order <= upTo));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found.sort((a, b) => a.order - b.order);
}

async function decisionsBefore(deps: Deps, run: Run, feed: Feed): Promise<RunDecisions | undefined> {
  const settled = feed.pending ?? feed.settled;
  const earlier = settled && (await deps.runs.get({ ...run, runId: settled.runId }));
  if (earlier?.inputsKey === undefined) return undefined;
  return (await readJson<RunInputs>(deps, earlier.inputsKey)).decisions;
}

/**
 * Records of matches that were undone since the last settled run. Once that has settled which they came back in, it
 * carries them or has matched them anew; until then every run brings them back.
 */
async function returnedRecords(
  planning: Planning,
  approved: Approved[],
  aparts: Made<Apart>[],
  notes: string[],
): Promise<DecisionPlan['returned']> {
  const { before } = planning;
  const since = before?.upTo ?? 0;
  const madeAnew = planning.feed.rebuiltBy ?? 0;
  const fresh = aparts.filter((one) => one.order > since);
  const live = fresh.filter(({ subject }) => subject.runNumber >= madeAnew);
  if (live.length < fresh.length) {
    notes.push(
      aside(
        fresh.filter((one) => !live.includes(one)),
        `run ${madeAnew} had made its matches anew`,
      ),
    );
  }
  const reversed = approved.flatMap((one) => {
    if (one.subject.kind !== 'reversal' || one.order <= since || !before?.held.includes(one.subject.decisionId))
      return [];
    const { decisionId } = one.subject;
    return approved.flatMap(({ decisionId: id, subject }) =>
      id === decisionId && subject.kind === 'together' ? [subject] : [],
    );
  });
  if (live.length + reversed.length === 0) return {};
  const returned: DecisionPlan['returned'] = {};
  for (const [index, { source }] of planning.sources.entries()) {
    const side = index === 0 ? 'left' : 'right';
    const rows = reversed.flatMap((subject) => subject[side]);
    const numbers = new Set([
      ...live.flatMap(({ subject }) => subject.undone.batches[side]),
      ...rows.map((row) => splitRowReference(row).batchNumber),
    ]);
    const batches = await recordsOf(planning, numbers);
    if (batches.length === 0) continue;
    const pairs = [];
    for (const one of live) {
      // What an earlier decision undid of the same run came back then; where it is now, another match may hold it.
      const earlier = approved.filter(({ order, subject }) => {
        return subject.kind === 'apart' && subject.runId === one.subject.runId && order < one.order;
      }) as Made<Apart>[];
      const except = [];
      for (const { subject } of earlier) except.push(await fetched(planning, subject.pairsKey));
      pairs.push({ path: await fetched(planning, one.subject.pairsKey), except });
    }
    const records = [];
    for (const batch of batches) records.push(await fetched(planning, batch.recordsKey!));
    const picked = await planning.deps.engine.pick({
      directory: planning.directory,
      path: join(planning.directory, `returned-${index}.parquet`),
      definition: planning.definition,
      records: { source, paths: records },
      side,
      rows,
      pairs,
      notIn: await carriedPaths(planning, index),
    });
    if (picked.rows === 0) continue;
    const key = `${planning.prefix}/returned-${encodeURIComponent(source)}.parquet`;
    await planning.deps.objects.upload(picked.path, key);
    returned[source] = { ...picked, key };
  }
  return returned;
}

/** Batches of these numbers that the run does not take anyway and that nobody has withdrawn. */
async function recordsOf({ deps, run, claimed }: Planning, numbers: Set<number>): Promise<Batch[]> {
  const wanted = new Set([...numbers].filter((number) => !claimed.has(number)));
  const found: Batch[] = [];
  let cursor: string | undefined;
  while (wanted.size > 0) {
    const page = await deps.batches.list({ tenant: run.tenant, reconciliationId: run.reconciliationId }, cursor);
    for (const batch of page.items) if (wanted.delete(batch.number) && batch.status === 'COMPLETE') found.push(batch);
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return found.sort((a, b) => a.number - b.number);
}

/** Manual matches whose records are all in the run; the others are left aside, or were made before and still hold. */
async function matchesToMake(
  planning: Planning,
  togethers: Made<Together>[],
  returned: DecisionPlan['returned'],
  notes: string[],
): Promise<{ made: Made<Together>[]; held: string[] }> {
  const { before } = planning;
  const holds = togethers.filter(({ decisionId }) => before?.held.includes(decisionId));
  const open = togethers.filter((one) => !holds.includes(one));
  const there = await rowsThere(planning, open, returned);
  const taken = new Set<string>();
  const made = open.filter(({ subject }) => {
    const names = rowNames(subject);
    if (names.some((name) => !there.has(name) || taken.has(name))) return false;
    for (const name of names) taken.add(name);
    return true;
  });
  if (made.length < open.length) {
    notes.push(
      aside(
        open.filter((one) => !made.includes(one)),
        'not all of its records are open in this run',
      ),
    );
  }
  return { made, held: [...holds, ...made].map(({ decisionId }) => decisionId) };
}

async function rowsThere(
  planning: Planning,
  togethers: Made<Together>[],
  returned: DecisionPlan['returned'],
): Promise<Set<string>> {
  const there = new Set<string>();
  for (const [index, { source }] of planning.sources.entries()) {
    const side = index === 0 ? 'left' : 'right';
    const of = togethers.filter(({ subject }) => index === 0 || subject.source === source);
    const rows = [...new Set(of.flatMap(({ subject }) => subject[side]))];
    const elsewhere = rows.filter((row) => !planning.claimed.has(splitRowReference(row).batchNumber));
    const back = returned[source];
    const paths = elsewhere.length === 0 ? [] : await carriedPaths(planning, index);
    const carried = await planning.deps.engine.present({
      directory: planning.directory,
      paths: back ? [...paths, back.path] : paths,
      rows: elsewhere,
    });
    const present = new Set([...rows.filter((row) => !elsewhere.includes(row)), ...carried]);
    for (const { subject } of of)
      for (const row of subject[side]) if (present.has(row)) there.add(nameOf(subject.source, side, row));
  }
  return there;
}

function rowNames({ source, left, right }: Together): string[] {
  return [...left.map((row) => nameOf(source, 'left', row)), ...right.map((row) => nameOf(source, 'right', row))];
}

function nameOf(source: string, side: 'left' | 'right', row: number): string {
  return JSON.stringify([source, side, row]);
}

/** Whether a record of the decision can be among those of this run: then its pairs are looked at. */
function mayBeHere({ sources, claimed }: Planning, { undone: { batches } }: Apart): boolean {
  const carries = sources.some(({ parts }) => parts.some((part) => part.batch === undefined));
  return carries || [...batches.left, ...batches.right].some((number) => claimed.has(number));
}

async function carriedPaths(planning: Planning, index: number): Promise<string[]> {
  const keys = planning.sources[index]!.parts.filter((part) => part.batch === undefined).map((part) => part.key);
  const paths: string[] = [];
  for (const key of keys) paths.push(await fetched(planning, key));
  return paths;
}

async function writeTogether({ deps, prefix }: Planning, made: Made<Together>[]): Promise<string> {
  const together: MatchDecisions['together'] = made.map(({ decisionId, subject: { source, left, right } }) => {
    return { id: decisionId, source, left, right };
  });
  return writeJson(deps, `${prefix}/together.json`, together);
}

async function joinApart(planning: Planning, aparts: Made<Apart>[]): Promise<string> {
  const paths: string[] = [];
  for (const { subject } of aparts) paths.push(await fetched(planning, subject.pairsKey));
  const { deps, directory, prefix } = planning;
  const path = await deps.engine.joinPairs({ directory, paths });
  const key = `${prefix}/apart.parquet`;
  await deps.objects.upload(path, key);
  return key;
}

/** Each object once, whoever asks for it. */
async function fetched({ deps, directory, fetched: known }: Planning, key: string): Promise<string> {
  const path = known.get(key) ?? join(directory, `decided-${known.size}.parquet`);
  if (!known.has(key)) {
    if (!(await deps.objects.download(key, path))) throw new Error(`object ${key} is missing`);
    known.set(key, path);
  }
  return path;
}

function aside(decisions: Decision[], why: string): string {
  const numbers = decisions.map(({ number }) => number);
  const shown = numbers.slice(0, numbersShownMax).join(', ');
  const more = numbers.length > numbersShownMax ? ` and ${numbers.length - numbersShownMax} more` : '';
  return `Left aside: decision ${shown}${more}; ${why}`;
}
const numbersShownMax = 20;
