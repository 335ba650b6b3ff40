// What decisions do, from the proposal to the breaks, with both engines.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withdrawBatch } from '../../../shared/app/batches/withdraw-batch.ts';
import { approve } from '../../../shared/app/decisions/decide.ts';
import { previewUndo, proposeUndo } from '../../../shared/app/decisions/propose-undo.ts';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import type { UndoScope } from '../../../shared/domain/decision.ts';
import type { Pass } from '../../../shared/domain/definition.ts';
import { literal } from '../../../shared/matching/sql.ts';
import { expectOk, person, reconciliationId, ref } from '../../fault/scenario.ts';
import { withEngine } from '../matching/match/records-from-rows.ts';
import {
  at,
  breaksOf,
  checker,
  codeOf,
  countsOf,
  engines,
  limits,
  openDesk,
  reason,
  reverse,
  run1,
  settle,
  together,
  undo,
} from './decision-desk.ts';

describe.each(engines)('with the %s engine', (_name, engine) => {
  test.each([undefined, 3])('a manual match closes its breaks and says by which run (%s chunks)', async (chunks) => {
    const desk = await openDesk(engine, 'snapshot', chunks);
    await settle(desk, 'a,1\nb,2\nc,5\n', 'a,1\nx,2.10\ny,3\n');
    const decision = await together(desk, [at(1, 2)], [at(2, 2)]);
    expect(await desk.run(2)).toMatchObject({
      status: 'COMPLETED',
      trigger: 'decision',
      actor: 'checker',
      decided: true,
    });
    expect(await breaksOf(desk)).toEqual([
      'b MISSING since 1 closed in 2 as matched',
      'c MISSING since 1',
      'x MISSING since 1 closed in 2 as matched',
      'y MISSING since 1',
    ]);
    expect(await countsOf(desk, 2)).toEqual(['bank: 3 rows, 2 matched', 'ledger: 3 rows, 2 matched']);
    expect(decision).toMatchObject({ number: 1, order: 1, status: 'APPROVED', runId: (await desk.run(2)).runId });
    await reverse(desk, decision.decisionId);
    expect(await breaksOf(desk)).toEqual([
      'b MISSING since 1 closed in 2 as matched',
      'b MISSING since 3',
      'c MISSING since 1',
      'x MISSING since 1 closed in 2 as matched',
      'x MISSING since 3',
      'y MISSING since 1',
    ]);
  });

  test('several records are one match; a decision whose records a new snapshot does not have is left aside', async () => {
    const desk = await openDesk(engine, 'snapshot');
    await settle(desk, 'a,3\n', 'x,1\ny,2\n');
    await together(desk, [at(1, 1)], [at(2, 1), at(2, 2)]);
    expect(await countsOf(desk, 2)).toEqual(['bank: 1 rows, 1 matched', 'ledger: 2 rows, 2 matched']);
    await settle(desk, 'a,3\n', 'x,1\ny,2\nz,9\n');
    expect(await countsOf(desk, 3)).toEqual(['bank: 1 rows, 0 matched', 'ledger: 3 rows, 0 matched']);
    const notes = (await desk.run(3)).summary!.passes.flatMap((pass) => pass.notes);
    expect(notes).toEqual(['Left aside: decision 1; not all of its records are open in this run']);
  });

  test.each([undefined, 3])('records of an undone match come back once (%s chunks)', async (chunks) => {
    const desk = await openDesk(engine, 'increment', chunks);
    await settle(desk, 'a,1\nb,2\nc,3\n', 'a,1\nb,2\n');
    expect(await countsOf(desk, 1)).toEqual(['bank: 3 rows, 2 matched', 'ledger: 2 rows, 2 matched']);
    await undo(desk, { of: 'match', left: at(1, 1), right: at(2, 1) });
    expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 1 rows, 0 matched']);
    expect(await breaksOf(desk)).toEqual(['a MISSING since 2', 'a MISSING since 2', 'c MISSING since 1']);
    await settle(desk, 'd,4\n', 'd,4\n');
    expect(await countsOf(desk, 3)).toEqual(['bank: 3 rows, 1 matched', 'ledger: 2 rows, 1 matched']);
    await settle(desk, 'e,5\n', 'c,3\n');
    expect(await countsOf(desk, 4)).toEqual(['bank: 3 rows, 1 matched', 'ledger: 2 rows, 1 matched']);
  });

  test('an undone pass, again an undone match of it: each record comes back once', async () => {
    const desk = await openDesk(engine, 'increment');
    await settle(desk, 'a,1\nb,2\n', 'a,1\nb,2\n');
    const first = await run1(desk);
    const one: UndoScope = { of: 'match', left: at(1, 1), right: at(2, 1) };
    const late = expectOk(await proposeUndo(desk.decisions, person, { reconciliationId, scope: one, reason }));
    await undo(desk, { of: 'pass', pass: '1-exact-key' });
    expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 2 rows, 0 matched']);
    await settle(desk, 'z,9\n', 'y,1\n');
    // Another match holds the record now: the undo that was proposed before must not bring it back beside it.
    await together(desk, [at(1, 1)], [at(4, 1)]);
    expect(await countsOf(desk, 4)).toEqual(['bank: 3 rows, 1 matched', 'ledger: 3 rows, 1 matched']);
    expectOk(await approve(desk.decisions, checker, { reconciliationId, decisionId: late.decision.decisionId }));
    await desk.drain();
    expect(await countsOf(desk, 5)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 2 rows, 0 matched']);
    const again = await proposeUndo(desk.decisions, person, {
      reconciliationId,
      scope: one,
      reason,
      ...first,
      acceptDependents: true,
    });
    expect(codeOf(again)).toBe('NOTHING_TO_UNDO');
  });

  test('a manual match of increments holds, and comes apart by a reversal', async () => {
    const desk = await openDesk(engine, 'increment');
    await settle(desk, 'a,1\n', 'x,1\n');
    const decision = await together(desk, [at(1, 1)], [at(2, 1)]);
    await settle(desk, 'b,2\n', 'b,2\n');
    expect(await countsOf(desk, 3)).toEqual(['bank: 1 rows, 1 matched', 'ledger: 1 rows, 1 matched']);
    expect((await desk.run(3)).summary!.passes.flatMap((pass) => pass.notes)).toEqual([]);
    await reverse(desk, decision.decisionId);
    expect(await countsOf(desk, 4)).toEqual(['bank: 1 rows, 0 matched', 'ledger: 1 rows, 0 matched']);
    await settle(desk, 'c,3\n', 'a,1\n');
    expect(await countsOf(desk, 5)).toEqual(['bank: 2 rows, 1 matched', 'ledger: 2 rows, 1 matched']);
  });

  test('undo of what a later run built on needs a word for it, and shows what depends on it', async () => {
    const desk = await openDesk(engine, 'increment');
    await settle(desk, 'a,1\nb,2\n', 'b,2\n');
    await settle(desk, 'c,3\n', 'a,1\nx,3\n');
    await together(desk, [at(3, 1)], [at(4, 2)]);
    const second = await desk.run(2);
    const command = { reconciliationId, scope: { of: 'run' } as const, reason, runId: second.runId };
    expect(await proposeUndo(desk.decisions, person, command)).toMatchObject({
      code: 'UNDO_HAS_DEPENDENTS',
      fields: { runs: [{ number: 3 }] },
    });
    const preview = expectOk(await previewUndo(desk.decisions, person, command));
    expect(preview).toMatchObject({
      run: { number: 2 },
      undone: {
        passes: [
          {
            name: '1-exact-key',
            matches: 1,
            left: { records: 1, sums: { amount: { '': expect.stringMatching(/^1(\.00)?$/) } } },
          },
        ],
      },
      breaks: { count: 1, touchedByPersons: [] },
      laterRuns: [{ number: 3 }],
      manualMatches: [],
    });
    const third = await desk.run(3);
    expect(await previewUndo(desk.decisions, person, { ...command, runId: third.runId })).toMatchObject({
      code: 'NOTHING_TO_UNDO',
      detail: 'It was made by hand: reverse its decision',
    });
    await undo(desk, { of: 'run' }, { runId: second.runId, acceptDependents: true });
    expect(await breaksOf(desk)).toEqual([
      'a MISSING since 1 closed in 2 as matched',
      'a MISSING since 4',
      'a MISSING since 4',
      'c MISSING since 2 closed in 3 as matched',
      'x MISSING since 2 closed in 3 as matched',
    ]);
  });

  test('an undone pair of snapshots stays apart as long as its records are there', async () => {
    const desk = await openDesk(engine, 'snapshot');
    await settle(desk, 'a,1\n', 'a,1\n');
    await undo(desk, { of: 'match', left: at(1, 1), right: at(2, 1) });
    expect(await countsOf(desk, 2)).toEqual(['bank: 1 rows, 0 matched', 'ledger: 1 rows, 0 matched']);
    expectOk(await startRun(desk.deps, person, { reconciliationId }));
    await desk.drain();
    expect(await countsOf(desk, 3)).toEqual(['bank: 1 rows, 0 matched', 'ledger: 1 rows, 0 matched']);
    await settle(desk, 'a,1\nb,2\n', 'a,1\nb,2\n');
    expect(await countsOf(desk, 4)).toEqual(['bank: 2 rows, 2 matched', 'ledger: 2 rows, 2 matched']);
  });

  test('increments that are taken anew go by the decisions, and bring nothing back twice', async () => {
    const desk = await openDesk(engine, 'increment');
    await settle(desk, 'a,1\nb,2\n', 'a,1\nb,2\n');
    await settle(desk, 'c,3\n', 'x,3\n');
    await together(desk, [at(3, 1)], [at(4, 1)]);
    await undo(
      desk,
      { of: 'match', left: at(1, 1), right: at(2, 1) },
      { ...(await run1(desk)), acceptDependents: true },
    );
    await settle(desk, 'w,9\n', 'q,8\n');
    const { batchId } = (await desk.deps.batches.list(ref)).items.find(({ number }) => number === 5)!;
    expectOk(await withdrawBatch(desk.deps, person, { reconciliationId, batchId, reason: 'wrong day' }));
    expectOk(await startRun(desk.deps, person, { reconciliationId }));
    await desk.drain();
    expect(await countsOf(desk, 6)).toEqual(['bank: 3 rows, 2 matched', 'ledger: 4 rows, 2 matched']);
    const stale = await previewUndo(desk.decisions, person, {
      reconciliationId,
      scope: { of: 'run' },
      reason,
      ...(await run1(desk)),
    });
    expect(codeOf(stale)).toBe('NOTHING_TO_UNDO');
    await settle(desk, 'v,1\n', 'v,1\n');
    expect(await countsOf(desk, 7)).toEqual(['bank: 2 rows, 1 matched', 'ledger: 3 rows, 1 matched']);
  });
});

test.each([undefined, 3])(
  'a group is undone by any of its members, and comes back whole (%s chunks)',
  async (chunks) => {
    const desk = await openDesk(createDuckdbEngine(limits), 'increment', chunks);
    const reconciliation = (await desk.deps.reconciliations.get(ref))!;
    const sums: Pass = { kind: 'grouped', cardinality: 'many-to-many', by: [], amount: 'amount', search: {} };
    const definition = { ...reconciliation.definition!, passes: [{ kind: 'exact-key' as const }, sums] };
    await desk.deps.reconciliations.update({ ...reconciliation, definition });
    await settle(desk, 'a,4\nb,6\n', 'x,3\ny,7\n');
    expect(await countsOf(desk, 1)).toEqual(['bank: 2 rows, 2 matched', 'ledger: 2 rows, 2 matched']);
    const left = expectOk(
      await proposeUndo(desk.decisions, person, {
        reconciliationId,
        scope: { of: 'match', left: at(1, 2), right: null },
        reason,
      }),
    );
    expect(left.preview.undone.passes).toMatchObject([
      { name: '2-grouped', matches: 1, left: { records: 2 }, right: { records: 2 } },
    ]);
    expectOk(await approve(desk.decisions, checker, { reconciliationId, decisionId: left.decision.decisionId }));
    await desk.drain();
    expect(await countsOf(desk, 2)).toEqual(['bank: 2 rows, 0 matched', 'ledger: 2 rows, 0 matched']);
    await settle(desk, 'q,50\n', 'w,60\n');
    expect(await countsOf(desk, 3)).toEqual(['bank: 3 rows, 0 matched', 'ledger: 3 rows, 0 matched']);
  },
);

test('of a group that is undone its members are kept, not every pair of them', async () => {
  const desk = await openDesk(createDuckdbEngine(limits), 'snapshot');
  const reconciliation = (await desk.deps.reconciliations.get(ref))!;
  const byKey: Pass = { kind: 'grouped', cardinality: 'many-to-many', by: [], amount: 'amount' };
  await desk.deps.reconciliations.update({
    ...reconciliation,
    definition: { ...reconciliation.definition!, passes: [{ kind: 'exact-key' }, byKey] },
  });
  const lines = (name: string) => Array.from({ length: 300 }, (_, at) => `${name}${at},1`).join('\n');
  await settle(desk, `${lines('a')}\n`, `${lines('b')}\n`);
  const { decision } = await undo(desk, { of: 'pass', pass: '2-grouped' });
  expect(await countsOf(desk, 2)).toEqual(['bank: 300 rows, 0 matched', 'ledger: 300 rows, 0 matched']);
  if (decision.subject.kind !== 'apart') throw new Error('it undoes nothing');
  const { membersKey } = decision.subject;
  await withEngine(async (engine) => {
    const path = join(engine.directory, 'members.parquet');
    await desk.deps.objects.download(membersKey, path);
    const rows = await engine.rows(
      `SELECT count(*) AS members, count(left_row) AS "left", count(right_row) AS "right" FROM ${literal(path)}`,
    );
    expect(rows).toEqual([{ members: '600', left: '300', right: '300' }]);
  });
});
