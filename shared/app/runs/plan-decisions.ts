// The decisions of persons that a run goes by, fixed when it is planned: manual matches whose records it has, matches that
// may not come back because they were undone or rejected, and their records where nothing else would bring them back.
import type { Batch } from '../../domain/batch.ts';
import { type Apart, isInForce, type Together } from '../../domain/decision.ts';
import type { Definition } from '../../domain/definition.ts';
import type { Feed } from '../../domain/feed.ts';
import { attemptPrefix } from '../../domain/object-keys.ts';
import { splitRowReference } from '../../domain/outcome.ts';
import type { Review } from '../../domain/review.ts';
import type { Run, RunDecisions, RunInputs, SourceInputs, Task } from '../../domain/run.ts';
import type { MatchDecisions } from '../../matching/match/matched.ts';
import type { Deps } from '../deps.ts';
import {
  type Approved,
  aside,
  carriedPaths,
  fetched,
  type Made,
  type Planning,
  type Returned,
} from './decision-planning.ts';
import { readJson, writeJson } from './json-objects.ts';
import { carryOf } from './match-chunk.ts';
import {
  appliedNames,
  freshAmong,
  nameOf as nameOfMatch,
  type Rejected,
  rejectedAmong,
  rejectedHere,
  rowsOf,
} from './plan-rejections.ts';
import { returnedRecords } from './returned-records.ts';

export type DecisionPlan = {
  decisions: RunDecisions;
  /** Ids of the decisions that change what this run does. */
  applied: string[];
  returned: Returned;
};

/** Undefined where nothing was ever decided or reviewed. */
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
    reviews: Review[];
  },
): Promise<DecisionPlan | undefined> {
  const { definition, feed, sources, batches, rebuild, reviews } = given;
  const upTo = feed.decided ?? 0;
  // Once there are verdicts, each run says which rejected matches it has brought back.
  if (upTo === 0 && reviews.length === 0) return undefined;
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
  const rejected = rejectedAmong(reviews);
  const back = openOnly ? freshAmong(planning, rejected) : [];
  const returned = openOnly ? await returnedRecords(planning, { approved, aparts, rejected: back, notes }) : {};
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
  const apart = rejected.filter((one) => rejectedHere(planning, one));
  if (apart.length < rejected.length) notes.push(asideRejected(rejected.length - apart.length));
  const broughtBack = [...(planning.before?.broughtBack ?? [])];
  for (const one of back) broughtBack.push({ runId: one.run.runId, match: nameOfMatch(one) });
  const decisions: RunDecisions = { upTo, held, broughtBack, notes };
  if (made.length > 0) decisions.togetherKey = await writeTogether(planning, made);
  if (here.length + apart.length > 0) decisions.apartKey = await joinApart(planning, here, apart);
  const applied = [...made, ...here].map(({ decisionId }) => decisionId);
  return { decisions, returned, applied: [...applied, ...appliedNames(apart)] };
}

function asideRejected(count: number): string {
  const [what, whose] = count === 1 ? ['match', 'its'] : ['matches', 'their'];
  return `Left aside: ${count} rejected ${what}; none of ${whose} records is in this run`;
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

/** Manual matches whose records are all in the run; the others are left aside, or were made before and still hold. */
async function matchesToMake(
  planning: Planning,
  togethers: Made<Together>[],
  returned: Returned,
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

async function rowsThere(planning: Planning, togethers: Made<Together>[], returned: Returned): Promise<Set<string>> {
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

async function writeTogether({ deps, prefix }: Planning, made: Made<Together>[]): Promise<string> {
  const together: MatchDecisions['together'] = made.map(({ decisionId, subject: { source, left, right } }) => {
    return { id: decisionId, source, left, right };
  });
  return writeJson(deps, `${prefix}/together.json`, together);
}

async function joinApart(planning: Planning, aparts: Made<Apart>[], rejected: Rejected[]): Promise<string> {
  const { paths, members } = await rowsOf(planning, rejected);
  for (const { subject } of aparts) paths.push(await fetched(planning, subject.membersKey));
  const { deps, directory, prefix } = planning;
  const path = await deps.engine.joinMembers({ directory, name: 'apart', paths, members });
  const key = `${prefix}/apart.parquet`;
  await deps.objects.upload(path, key);
  return key;
}
