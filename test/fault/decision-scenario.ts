// Persons who put records together, undo matches, reject single ones and take that back, between waves of files; every approval is given
// by two checkers at once, and sometimes the one who wins dies before the run is announced.
import { createHash } from 'node:crypto';
import { approve } from '../../shared/app/decisions/decide.ts';
import type { DecisionDeps } from '../../shared/app/decisions/decision-deps.ts';
import { proposeMatch } from '../../shared/app/decisions/propose-match.ts';
import { proposeReversal } from '../../shared/app/decisions/propose-reversal.ts';
import { proposeUndo } from '../../shared/app/decisions/propose-undo.ts';
import { type ReviewMatch, reviewMatch } from '../../shared/app/reviews/review-match.ts';
import { readJson } from '../../shared/app/runs/json-objects.ts';
import type { ObservedBreak } from '../../shared/domain/break.ts';
import type { Decision } from '../../shared/domain/decision.ts';
import type { Run } from '../../shared/domain/run.ts';
import type { Random } from './random.ts';
import {
  allDone,
  expectOk,
  type Load,
  person,
  reconciliationId,
  reconciliationOf,
  ref,
  type Scenario,
  type Step,
  waveSteps,
} from './scenario.ts';
import type { TwinMatch } from './twin-decisions.ts';
import { createTwinMatchQuery } from './twin-match-query.ts';
import type { World } from './world.ts';

type Desk = DecisionDeps & Pick<World['deps'], 'objects' | 'reviews'>;

const checkers = ['first', 'second'].map((userId) => ({ ...person, userId }));
const reason = 'simulated';

export function decisionScenario(data: Random, wavesMax: number): Scenario {
  const load: Load = data.pick(['increment', 'increment', 'snapshot']);
  const loads: Load[] = [load, load];
  let started = 0;
  const steps = waveSteps(data, loads, Math.max(2, Math.min(2 + data.below(2), wavesMax)), true).flatMap(
    (wave, index): Step[] => [
      {
        ...wave,
        ready: (world) => allDone(world, started),
        async act(world) {
          started += 1;
          await wave.act(world);
        },
      },
      {
        name: `decisions ${index}`,
        ready: (world) => allDone(world, started),
        async act(world) {
          started += await decideAll(world, index);
        },
      },
    ],
  );
  return { name: `decisions on ${load}s`, reconciliation: reconciliationOf(loads), steps, operator: false };
}

/** Gives how many runs it started. What is chosen follows from content, not from rows or the chance of the moment. */
async function decideAll(world: World, wave: number): Promise<number> {
  const matches = createTwinMatchQuery(world.deps);
  const deps: Desk = { ...world.deps, matches };
  const runs = (await world.deps.runs.list(ref)).items;
  const newest = runs[0]!;
  await reviewMatches(deps, newest, wave);
  const proposals = [
    ...(await proposeUndos(deps, newest, wave)),
    ...(await proposeMatches(deps, newest, wave)),
    ...(await proposeReversals(deps, wave)),
  ];
  if (wave === 1) {
    const { runId } = runs.at(-1)!;
    const scope = { of: 'pass', pass: '1-exact-key' } as const;
    const proposed = await proposeUndo(deps, person, {
      reconciliationId,
      scope,
      runId,
      reason,
      acceptDependents: true,
    });
    if (proposed.ok) proposals.push(proposed.value.decision);
    else if (proposed.code !== 'NOTHING_TO_UNDO') throw new Error(proposed.detail);
  }
  for (const { decisionId, number } of proposals) {
    const silent = lot(`${number}`, 3) === 0;
    const own: DecisionDeps = silent ? { ...deps, queue: { send: async () => undefined } } : deps;
    const answers = await Promise.all(
      checkers.map((checker) => approve(own, checker, { reconciliationId, decisionId })),
    );
    const refused = answers.filter((answer) => !answer.ok);
    if (refused.length !== 1) throw new Error(`of two checkers ${2 - refused.length} won`);
  }
  return proposals.length;
}

/** Starts no run. Both checkers say the same at once, and the first who is written stays. */
async function reviewMatches(deps: Desk, run: Run, wave: number): Promise<void> {
  const say = async (command: ReviewMatch) => {
    const answers = await Promise.all(checkers.map((checker) => reviewMatch(deps, checker, run, command)));
    for (const answer of answers) expectOk(answer);
  };
  const rejected = (await deps.reviews.list(ref, undefined, 1_000)).items.filter(
    ({ verdict }) => verdict === 'REJECTED',
  );
  // By what it was rejected for, which is content; its rows are numbered by the order of arrival.
  for (const { match, reason: why } of rejected)
    if (lot(`back ${why}/${wave}`, 2) === 0)
      await say({ match: { left: match.left, right: match.right }, verdict: 'APPROVED' });
  const found = await everyJson<TwinMatch>(deps, run.results!.matchesKeys);
  const chosen = found.filter(({ pass, key }) => pass !== 'manual' && lot(`review ${key}/${wave}`, 3) === 0);
  for (const { key, leftRow: left, rightRow: right } of chosen.toSorted(byKey).slice(0, 2))
    await say({ match: { left, right }, verdict: 'REJECTED', reason: `${key} in wave ${wave}` });
}

async function proposeUndos(deps: Desk, run: Run, wave: number): Promise<Decision[]> {
  const found = await everyJson<TwinMatch>(deps, run.results!.matchesKeys);
  const chosen = found.filter(({ pass, key }) => pass !== 'manual' && lot(`${key}/${wave}`, 3) === 0).toSorted(byKey);
  const proposals: Decision[] = [];
  for (const { leftRow: left, rightRow: right } of chosen.slice(0, 1)) {
    const scope = { of: 'match', left, right } as const;
    proposals.push(expectOk(await proposeUndo(deps, person, { reconciliationId, scope, reason })).decision);
  }
  return proposals;
}

async function proposeMatches(deps: Desk, run: Run, wave: number): Promise<Decision[]> {
  const missing = (await everyJson<ObservedBreak>(deps, [run.results!.breaksKey]))
    .filter(({ type }) => type === 'MISSING')
    .toSorted((a, b) => (a.identity < b.identity ? -1 : 1));
  const left = missing.flatMap(({ leftRow }) => leftRow ?? []).slice(0, 1);
  const right = missing.flatMap(({ rightRow }) => rightRow ?? []).slice(0, 1 + (wave % 2));
  if (left.length === 0 || right.length === 0) return [];
  return [expectOk(await proposeMatch(deps, person, { reconciliationId, left, right, reason }))];
}

async function proposeReversals(deps: DecisionDeps, wave: number): Promise<Decision[]> {
  const { items } = await deps.decisions.list(ref, { status: 'APPROVED' }, undefined, 1_000);
  const standing = items.filter(({ subject, reversedBy }) => subject.kind !== 'reversal' && !reversedBy);
  const proposals: Decision[] = [];
  for (const { decisionId } of standing.filter(({ number }) => lot(`${number}/${wave}`, 3) === 0).slice(0, 1))
    proposals.push(expectOk(await proposeReversal(deps, person, { reconciliationId, decisionId, reason })));
  return proposals;
}

async function everyJson<T>(deps: Pick<World['deps'], 'objects'>, keys: string[]): Promise<T[]> {
  return (await Promise.all(keys.map((key) => readJson<T[]>(deps, key)))).flat();
}

function byKey(a: TwinMatch, b: TwinMatch): number {
  return a.key < b.key ? -1 : 1;
}

function lot(text: string, of: number): number {
  return createHash('md5').update(text).digest()[0]! % of;
}
