// From verdicts to the passes of the next run: a version for each lesson, named by the run that goes by it, never in hindsight, forgotten
// when somebody asks for it.
import { expect, test } from 'vitest';
import type { MemoryClock } from '../../../shared/adapters/memory/clock.ts';
import { allReviews } from '../../../shared/app/reviews/all-reviews.ts';
import { newestLesson, resetLearning } from '../../../shared/app/reviews/newest-lesson.ts';
import { type ReviewMatch, reviewMatch } from '../../../shared/app/reviews/review-match.ts';
import { readJson } from '../../../shared/app/runs/json-objects.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import type { FoundMatch } from '../../../shared/domain/review.ts';
import type { Run, RunInputs } from '../../../shared/domain/run.ts';
import { expectOk, person, reconciliationId, ref } from '../../fault/scenario.ts';
import { at, checker, countsOf, type Desk, engines, openDesk, settle } from './decision-desk.ts';

const both = (column: string) => ({ bank: column, ledger: column });
const passes: Definition['passes'] = [
  { kind: 'fuzzy', name: 'likely', fields: [{ field: 'party' }, { field: 'amount' }] },
];

/** Thirty pairs of one amount each; of some the party is written otherwise. */
const parties = Array.from(
  { length: 30 },
  (_, index) => `Company ${String.fromCharCode(65 + (index % 26))}${index} Holding`,
);
const otherwise: Record<number, string> = {
  0: 'Stadt Köln',
  1: 'Stadt Köln',
  2: 'Companny C2 Holding',
  3: 'Somebody Else',
};
const cologne: Record<number, string> = { 0: 'City of Cologne', 1: 'City of Cologne' };
const rows = (names: Record<number, string>) =>
  parties.map((party, index) => `${names[index] ?? party},${100 + index * 7}.${10 + index}\n`).join('');
const [bank, ledger] = [rows(cologne), rows(otherwise)];

async function open(chunks?: number): Promise<Desk> {
  const [, duckdb] = engines[1]!;
  const desk = await openDesk(duckdb, 'snapshot', chunks);
  const reconciliation = (await desk.deps.reconciliations.get(ref))!;
  const definition: Definition = {
    ...reconciliation.definition!,
    fields: [
      { name: 'party', role: 'DISPLAY', mapping: both('id') },
      { name: 'amount', role: 'DISPLAY', type: 'decimal', mapping: both('amount') },
    ],
    passes,
  };
  expect(await desk.deps.reconciliations.update({ ...reconciliation, definition })).toBe(true);
  await settle(desk, bank, ledger);
  return desk;
}

async function say(desk: Desk, verdict: ReviewMatch['verdict'], row: number) {
  const match = { left: at(1, row), right: at(2, row) };
  const command: ReviewMatch = verdict === 'REJECTED' ? { match, verdict, reason: 'no' } : { match, verdict };
  const run = (await desk.deps.runs.list(ref, undefined, 1)).items[0]!;
  return expectOk(await reviewMatch(desk.decisions, checker, run, command));
}

async function again(desk: Desk, number: number): Promise<Run> {
  expectOk(await startRun(desk.deps, person, { reconciliationId }));
  await desk.drain();
  const run = await desk.run(number);
  expect(run).toMatchObject({ status: 'COMPLETED' });
  return run;
}

async function found(desk: Desk, number: number, row: number): Promise<FoundMatch> {
  return (await desk.decisions.matches.find(await desk.run(number), { left: at(1, row), right: at(2, row) }))!;
}

const inputsOf = async (desk: Desk, run: Run) => readJson<RunInputs>(desk.deps, run.inputsKey!);

test.each([undefined, 3])(
  'a lesson is made by the run that needs it, once, and forgotten by a reset (%s chunks)',
  async (chunks) => {
    const desk = await open(chunks);
    expect(await countsOf(desk, 1)).toEqual(['bank: 30 rows, 30 matched', 'ledger: 30 rows, 30 matched']);
    const first = await desk.run(1);
    expect(first).not.toHaveProperty('learned');
    await say(desk, 'APPROVED', 1);
    await say(desk, 'APPROVED', 2);
    await say(desk, 'REJECTED', 4);
    expect((await desk.deps.reviews.lessons(ref)).items).toEqual([]);

    const second = await again(desk, 2);
    expect(second.learned).toBe(1);
    const { learned } = await inputsOf(desk, second);
    expect(learned).toEqual({
      likely: {
        version: 1,
        shift: expect.any(Number),
        factors: { amount: expect.any(Number), party: expect.any(Number) },
        equivalences: [['city of cologne', 'stadt köln']],
        from: { approvals: 2, rejections: 1 },
      },
    });
    expect(await countsOf(desk, 2)).toEqual(['bank: 30 rows, 29 matched', 'ledger: 30 rows, 29 matched']);
    expect((await found(desk, 1, 1)).evidence?.fields[0]?.level).not.toBe('equal');
    expect((await found(desk, 2, 1)).evidence?.fields[0]?.level).toBe('equal');

    const third = await again(desk, 3);
    expect([third.learned, third.inputHash]).toEqual([1, second.inputHash]);
    await resetLearning(desk.deps, ref, 'checker');
    const fourth = await again(desk, 4);
    expect(fourth.learned).toBe(2);
    expect((await inputsOf(desk, fourth)).learned).toEqual({});
    expect(await countsOf(desk, 4), 'a rejected match stays rejected').toEqual(await countsOf(desk, 2));
    expect((await found(desk, 4, 1)).evidence?.fields[0]?.level).not.toBe('equal');

    (desk.deps.clock as MemoryClock).advance(1_000);
    await say(desk, 'APPROVED', 3);
    expect((await again(desk, 5)).learned).toBe(3);
    const versions = (await desk.deps.reviews.lessons(ref)).items;
    expect(versions.map(({ version, kind }) => `${version} ${kind}`)).toEqual(['3 lesson', '2 reset', '1 lesson']);
    expect(versions[0]!.passes.likely!.from).toEqual({ approvals: 1, rejections: 0 });
  },
);

test('chunks change neither lesson nor outcome', async () => {
  const outcomes = [];
  for (const chunks of [undefined, 5]) {
    const desk = await open(chunks);
    for (const row of [1, 2, 3]) await say(desk, 'APPROVED', row);
    const run = await again(desk, 2);
    const confidences = await Promise.all([1, 3, 9].map(async (row) => (await found(desk, 2, row)).confidence));
    outcomes.push({ learned: (await inputsOf(desk, run)).learned, confidences, passes: run.summary!.passes });
  }
  expect(outcomes[0]).toEqual(outcomes[1]);
});

test('what is kept of a match is what it weighed before anything was learned: a lesson does not learn from itself', async () => {
  const desk = await open();
  for (const row of [5, 6, 7, 8]) await say(desk, 'APPROVED', row);
  const run = await again(desk, 2);
  const { shift } = (await inputsOf(desk, run)).learned!.likely!;
  expect(shift).toBeGreaterThan(0);
  for (const row of [1, 3, 9]) {
    const [before, after] = [await found(desk, 1, row), await found(desk, 2, row)];
    expect(after.evidence!.prior).toBeCloseTo(before.evidence!.prior, 4);
    for (const [index, field] of before.evidence!.fields.entries())
      expect(after.evidence!.fields[index]!.weight).toBeCloseTo(field.weight, 4);
    expect(after.evidence!.weight, 'the run itself went by the lesson').not.toBe(before.evidence!.weight);
  }
});

test('of runs that are planned at once one makes the lesson, and all go by it', async () => {
  const desk = await open();
  await say(desk, 'APPROVED', 3);
  const { definition } = await desk.run(1);
  const reviews = await allReviews(desk.deps, ref);
  const made = await Promise.all([1, 2, 3].map(() => newestLesson(desk.deps, ref, definition!, reviews)));
  expect(made.map((lesson) => lesson?.version)).toEqual([1, 1, 1]);
  expect((await desk.deps.reviews.lessons(ref)).items).toHaveLength(1);
  // Fields and passes that the definition has no more teach nothing.
  const renamed: Definition = { ...definition!, passes: [{ ...passes[0]!, name: 'other' }] };
  expect((await newestLesson(desk.deps, ref, renamed, reviews))?.passes).toEqual({});
  const narrower: Definition = {
    ...definition!,
    passes: [{ kind: 'fuzzy', name: 'likely', fields: [{ field: 'amount' }] }],
  };
  const lesson = await newestLesson(desk.deps, ref, narrower, reviews);
  expect(lesson).toMatchObject({ version: 3, passes: { likely: { factors: { amount: expect.any(Number) } } } });
  expect(Object.keys(lesson!.passes.likely!.factors)).toEqual(['amount']);
});
