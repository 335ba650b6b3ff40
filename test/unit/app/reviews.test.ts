// What verdicts on single matches do to the runs after them, with both engines: rejected matches do not come back, their records do, once.
import { describe, expect, test } from 'vitest';
import { previewUndo } from '../../../shared/app/decisions/propose-undo.ts';
import { type ReviewMatch, reviewMatch } from '../../../shared/app/reviews/review-match.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { expectOk, person, reconciliationId, ref } from '../../fault/scenario.ts';
import {
  at,
  breaksOf,
  checker,
  codeOf,
  countsOf,
  type Desk,
  engines,
  openDesk,
  settle,
  together,
  undo,
} from './decision-desk.ts';

async function newest(desk: Desk): Promise<Run> {
  return (await desk.deps.runs.list(ref, undefined, 1)).items[0]!;
}

async function say(desk: Desk, verdict: ReviewMatch['verdict'], left: number, right: number, by = checker) {
  const match = { left, right };
  const command: ReviewMatch =
    verdict === 'REJECTED' ? { match, verdict, reason: 'another payer' } : { match, verdict };
  return reviewMatch(desk.decisions, by, await newest(desk), command);
}

async function again(desk: Desk): Promise<void> {
  expectOk(await startRun(desk.deps, person, { reconciliationId }));
  await desk.drain();
}

describe.each(engines)('with the %s engine', (_name, engine) => {
  test.each([undefined, 3])(
    'a rejection starts no run; the next one does not make the match again (%s chunks)',
    async (chunks) => {
      const desk = await openDesk(engine, 'snapshot', chunks);
      await settle(desk, 'a,1\nb,2\n', 'a,1\nb,2\n');
      const review = expectOk(await say(desk, 'REJECTED', at(1, 1), at(2, 1)));
      expect(review).toMatchObject({ pass: '1-exact-key', by: 'checker', reason: 'another payer', run: { number: 1 } });
      await desk.drain();
      expect(await desk.run(2)).toBeUndefined();
      expect(await countsOf(desk, 1), 'what was settled is not patched').toEqual([
        'bank: 2 rows, 2 matched',
        'ledger: 2 rows, 2 matched',
      ]);
      await again(desk);
      expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 1 matched', 'ledger: 2 rows, 1 matched']);
      expect(await breaksOf(desk)).toEqual(['a MISSING since 2', 'a MISSING since 2']);
      const [first, second] = [await desk.run(1), await desk.run(2)];
      expect(second.inputHash, 'it is an input').not.toBe(first.inputHash);
      // Taken back, it is made again.
      expectOk(await say(desk, 'APPROVED', at(1, 1), at(2, 1)));
      await again(desk);
      expect(await countsOf(desk, 3)).toEqual(['bank: 2 rows, 2 matched', 'ledger: 2 rows, 2 matched']);
      expect(await breaksOf(desk)).toEqual([
        'a MISSING since 2 closed in 3 as absent',
        'a MISSING since 2 closed in 3 as absent',
      ]);
      expect((await desk.run(3)).inputHash).toBe(first.inputHash);
    },
  );

  test('an approval changes no run', async () => {
    const desk = await openDesk(engine, 'snapshot');
    await settle(desk, 'a,1\n', 'a,1\n');
    expectOk(await say(desk, 'APPROVED', at(1, 1), at(2, 1)));
    await again(desk);
    expect((await desk.run(2)).inputHash).toBe((await desk.run(1)).inputHash);
    expect(await desk.run(2)).not.toHaveProperty('learned');
    expect(await countsOf(desk, 2)).toEqual(['bank: 1 rows, 1 matched', 'ledger: 1 rows, 1 matched']);
  });

  test.each([undefined, 3])('records of a rejected match of increments come back once (%s chunks)', async (chunks) => {
    const desk = await openDesk(engine, 'increment', chunks);
    await settle(desk, 'a,1\nb,2\nc,3\n', 'a,1\nb,2\n');
    expectOk(await say(desk, 'REJECTED', at(1, 1), at(2, 1)));
    await settle(desk, 'd,4\n', 'd,4\n');
    expect(await countsOf(desk, 2)).toEqual(['bank: 3 rows, 1 matched', 'ledger: 2 rows, 1 matched']);
    expect(await breaksOf(desk)).toEqual(['a MISSING since 2', 'a MISSING since 2', 'c MISSING since 1']);
    await settle(desk, 'e,5\n', 'c,3\n');
    expect(await countsOf(desk, 3)).toEqual(['bank: 3 rows, 1 matched', 'ledger: 2 rows, 1 matched']);
  });

  test('rejected, taken back, matched and rejected again: its records come back each time, once', async () => {
    const desk = await openDesk(engine, 'increment');
    await settle(desk, 'a,1\n', 'a,1\n');
    const pair = [at(1, 1), at(2, 1)] as const;
    expectOk(await say(desk, 'REJECTED', ...pair));
    await settle(desk, 'b,2\n', 'x,2\n');
    expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 2 rows, 0 matched']);
    expectOk(await say(desk, 'APPROVED', ...pair));
    expect(codeOf(await say(desk, 'REJECTED', ...pair)), 'no run has made it since').toBe('NOT_FOUND');
    await settle(desk, 'c,3\n', 'y,3\n');
    expect(await countsOf(desk, 3)).toEqual(['bank: 3 rows, 1 matched', 'ledger: 3 rows, 1 matched']);
    expect(expectOk(await say(desk, 'REJECTED', ...pair)).earlier.map(({ verdict }) => verdict)).toEqual([
      'REJECTED',
      'APPROVED',
    ]);
    await settle(desk, 'd,4\n', 'z,4\n');
    expect(await countsOf(desk, 4)).toEqual(['bank: 4 rows, 0 matched', 'ledger: 4 rows, 0 matched']);
    await settle(desk, 'e,5\n', 'w,5\n');
    expect(await countsOf(desk, 5)).toEqual(['bank: 5 rows, 0 matched', 'ledger: 5 rows, 0 matched']);
  });

  test('a rejected match whose run is undone later does not come back beside what holds its records now', async () => {
    const desk = await openDesk(engine, 'increment');
    await settle(desk, 'a,1\nb,2\n', 'a,1\nb,2\n');
    const { runId } = await desk.run(1);
    expectOk(await say(desk, 'REJECTED', at(1, 1), at(2, 1)));
    await settle(desk, 'c,3\n', 'z,1\n');
    expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 2 rows, 0 matched']);
    await together(desk, [at(1, 1)], [at(4, 1)]);
    expect(await countsOf(desk, 3)).toEqual(['bank: 2 rows, 1 matched', 'ledger: 2 rows, 1 matched']);
    await undo(desk, { of: 'run' }, { runId, acceptDependents: true });
    // b came back with both of its records, a is with another since run 3: c and b, a and b.
    expect(await countsOf(desk, 4)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 2 rows, 0 matched']);
  });

  test('what was undone and is rejected beside comes back once', async () => {
    const desk = await openDesk(engine, 'increment');
    await settle(desk, 'a,1\nb,2\n', 'a,1\nb,2\n');
    const { runId } = await desk.run(1);
    expectOk(await say(desk, 'REJECTED', at(1, 1), at(2, 1)));
    await undo(desk, { of: 'run' }, { runId });
    expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 2 rows, 0 matched']);
  });

  test('records of a new snapshot are others: its run says what it left aside', async () => {
    const desk = await openDesk(engine, 'snapshot');
    await settle(desk, 'a,1\n', 'a,1\n');
    expectOk(await say(desk, 'REJECTED', at(1, 1), at(2, 1)));
    await settle(desk, 'a,1\nb,1\n', 'a,1\nb,2\n');
    expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 1 matched', 'ledger: 2 rows, 1 matched']);
    const notes = (await desk.run(2)).summary!.passes.flatMap((pass) => pass.notes);
    expect(notes).toEqual(['Left aside: 1 rejected match; none of its records is in this run']);
  });

  test('a match made by hand is not rejected, and what is no match is not found', async () => {
    const desk = await openDesk(engine, 'snapshot');
    await settle(desk, 'a,1\nb,2\n', 'a,1\nx,2\n');
    await together(desk, [at(1, 2)], [at(2, 2)]);
    const manual = await say(desk, 'REJECTED', at(1, 2), at(2, 2));
    expect(codeOf(manual)).toBe('NOTHING_TO_UNDO');
    expect(codeOf(await say(desk, 'REJECTED', at(1, 1), at(2, 2)))).toBe('NOT_FOUND');
    expect((await desk.deps.reviews.list(ref)).items).toEqual([]);
  });

  test('nothing is reviewed of a run that was not the newest data', async () => {
    const desk = await openDesk(engine, 'snapshot');
    await settle(desk, 'a,1\n', 'a,1\n');
    const run = { ...(await newest(desk)), backDated: true };
    const command: ReviewMatch = { match: { left: at(1, 1), right: at(2, 1) }, verdict: 'REJECTED', reason: 'x' };
    expect(codeOf(await reviewMatch(desk.decisions, checker, run, command))).toBe('NOTHING_TO_UNDO');
    expect(codeOf(await reviewMatch(desk.decisions, checker, undefined, command))).toBe('RESULTS_NOT_READY');
  });
});

test('a rejected group comes apart whole: no record of it meets one of its other side', async () => {
  const [, duckdb] = engines[1]!;
  const desk = await openDesk(duckdb, 'snapshot');
  const reconciliation = (await desk.deps.reconciliations.get(ref))!;
  const sums = {
    kind: 'grouped' as const,
    name: 'sums',
    cardinality: 'one-to-many' as const,
    by: [],
    amount: 'amount',
    search: {},
  };
  const definition = { ...reconciliation.definition!, passes: [...reconciliation.definition!.passes, sums] };
  expect(await desk.deps.reconciliations.update({ ...reconciliation, definition })).toBe(true);
  await settle(desk, 'a,30\nb,7\n', 'x,12\ny,18\n');
  expect(await countsOf(desk, 1)).toEqual(['bank: 2 rows, 1 matched', 'ledger: 2 rows, 2 matched']);
  const review = expectOk(await say(desk, 'REJECTED', at(1, 1), at(2, 2)));
  expect(review).toMatchObject({ pass: 'sums', members: { batches: { left: [1], right: [2] } } });
  expect(review.match.groupId).toMatch(/^[0-9a-f]{32}$/);
  await again(desk);
  expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 2 rows, 0 matched']);
  const gone = await previewUndo(desk.decisions, person, { reconciliationId, scope: { of: 'run' }, reason: '' });
  expect(codeOf(gone)).toBe('NOTHING_TO_UNDO');
  // Named by the member that was looked at.
  expectOk(await say(desk, 'APPROVED', at(1, 1), at(2, 2)));
  await again(desk);
  expect(await countsOf(desk, 3)).toEqual(['bank: 2 rows, 1 matched', 'ledger: 2 rows, 2 matched']);
});
