// Manual match and undo, from the proposal to the breaks, with both engines.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withdrawBatch } from '../../../shared/app/batches/withdraw-batch.ts';
import { approve, reject, withdraw } from '../../../shared/app/decisions/decide.ts';
import type { DecisionDeps } from '../../../shared/app/decisions/decision-deps.ts';
import { createMatchQuery } from '../../../shared/app/decisions/look-at-matches.ts';
import { proposeMatch } from '../../../shared/app/decisions/propose-match.ts';
import { proposeReversal } from '../../../shared/app/decisions/propose-reversal.ts';
import { previewUndo, proposeUndo } from '../../../shared/app/decisions/propose-undo.ts';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import type { PipelineEngine } from '../../../shared/app/pipeline-engine.ts';
import { createObjectCache } from '../../../shared/app/results/object-cache.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import type { UndoScope } from '../../../shared/domain/decision.ts';
import type { Pass } from '../../../shared/domain/definition.ts';
import { rowReference } from '../../../shared/domain/outcome.ts';
import { expectOk, person, reconciliationId, ref } from '../../fault/scenario.ts';
import { twinEngine } from '../../fault/twin-engine.ts';
import { createTwinMatchQuery } from '../../fault/twin-match-query.ts';
import { openPipeline, type Pipeline } from './pipeline-fixture.ts';

const limits = { memoryMb: 512, threads: 1 };
const engines: [string, PipelineEngine][] = [
  ['twin', twinEngine],
  ['duckdb', createDuckdbEngine(limits)],
];
const checker = { ...person, userId: 'checker', name: 'Checker' };
const reason = 'the payer wrote another reference';
const codeOf = (result: { ok: boolean; code?: string }): string => (result.ok ? 'ok' : result.code!);

type Desk = Pipeline & { decisions: DecisionDeps };

async function openDesk(engine: PipelineEngine, load: 'snapshot' | 'increment', chunksForced?: number): Promise<Desk> {
  const pipeline = await openPipeline(load, engine);
  if (chunksForced !== undefined) pipeline.deps.settings.chunksForced = chunksForced;
  const directory = mkdtempSync(join(tmpdir(), 'tieout-look-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const cache = createObjectCache(pipeline.deps, join(directory, 'cache'), 10_000_000);
  const matches =
    engine === twinEngine
      ? createTwinMatchQuery(pipeline.deps)
      : createMatchQuery({ ...pipeline.deps, cache, engineLimits: limits });
  return { ...pipeline, decisions: { ...pipeline.deps, matches } };
}

async function settle(desk: Desk, bank: string, ledger: string): Promise<void> {
  await desk.drop('bank', bank);
  await desk.drop('ledger', ledger);
  await desk.drain();
}

/** The reference of a data row of the n-th batch that was received. */
const at = (batch: number, row: number): number => rowReference(batch, row);

async function breaksOf(desk: Desk): Promise<string[]> {
  const { items } = await desk.deps.breaks.list(ref, {}, undefined, 1_000);
  return items
    .map((item) => {
      const end = item.status === 'CLOSED' ? ` closed in ${item.lastRunNumber} as ${item.closedReason}` : '';
      return `${item.key} ${item.type} since ${item.firstRunNumber}${end}`;
    })
    .sort();
}

async function countsOf(desk: Desk, number: number): Promise<string[]> {
  const { summary, reason: failure } = await desk.run(number);
  if (!summary) throw new Error(`${failure?.detail} ${String(desk.bugs.at(-1))}`);
  return summary!.sides.map(({ source, counts }) => `${source}: ${counts.rows} rows, ${counts.matched} matched`);
}

async function undo(desk: Desk, scope: UndoScope, more: { runId?: string; acceptDependents?: boolean } = {}) {
  const { decision } = expectOk(
    await proposeUndo(desk.decisions, person, { reconciliationId, scope, reason, ...more }),
  );
  const approved = expectOk(
    await approve(desk.decisions, checker, { reconciliationId, decisionId: decision.decisionId }),
  );
  await desk.drain();
  return approved;
}

async function together(desk: Desk, left: number[], right: number[]) {
  const decision = expectOk(await proposeMatch(desk.decisions, person, { reconciliationId, left, right, reason }));
  const approved = expectOk(
    await approve(desk.decisions, checker, { reconciliationId, decisionId: decision.decisionId }),
  );
  await desk.drain();
  return approved.decision;
}

async function reverse(desk: Desk, decisionId: string) {
  const reversal = expectOk(await proposeReversal(desk.decisions, person, { reconciliationId, decisionId, reason }));
  expectOk(await approve(desk.decisions, checker, { reconciliationId, decisionId: reversal.decisionId }));
  await desk.drain();
}

const run1 = (desk: Desk) => desk.run(1).then(({ runId }) => ({ runId }));

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

describe('who decides', () => {
  async function proposed() {
    const desk = await openDesk(twinEngine, 'snapshot');
    await settle(desk, 'a,1\nb,2\n', 'x,1\ny,2\n');
    const command = { reconciliationId, left: [at(1, 1)], right: [at(2, 1)], reason };
    const { decisionId } = expectOk(await proposeMatch(desk.decisions, person, command));
    return { desk, decide: { reconciliationId, decisionId }, command };
  }

  test('another person, of the tenant, in the version that they saw', async () => {
    const { desk, decide } = await proposed();
    expect(codeOf(await approve(desk.decisions, person, decide))).toBe('FORBIDDEN');
    expect(codeOf(await reject(desk.decisions, person, decide))).toBe('FORBIDDEN');
    expect(codeOf(await withdraw(desk.decisions, checker, decide))).toBe('FORBIDDEN');
    const stranger = { ...checker, tenant: 'zeta' };
    for (const act of [approve, reject, withdraw])
      expect(codeOf(await act(desk.decisions, stranger, decide))).toBe('NOT_FOUND');
    expect(codeOf(await approve(desk.decisions, checker, { ...decide, version: 7 }))).toBe('CONCURRENT_CHANGE');
    expect((await desk.deps.runs.list(ref)).items).toHaveLength(1);
    expectOk(await approve(desk.decisions, checker, { ...decide, version: 1 }));
  });

  test('of many who decide at once one wins, and one run is started', async () => {
    const { desk, decide } = await proposed();
    const actors = ['b', 'c', 'd', 'e'].map((userId) => ({ ...checker, userId }));
    const answers = await Promise.all([
      ...actors.map((actor) => approve(desk.decisions, actor, decide)),
      reject(desk.decisions, { ...checker, userId: 'f' }, decide),
    ]);
    expect(answers.map(codeOf).sort()).toEqual([...Array(4).fill('DECISION_NOT_PENDING'), 'ok']);
    const decision = await desk.deps.decisions.get({ ...ref, ...decide });
    expect((await desk.deps.runs.list(ref)).items).toHaveLength(decision?.status === 'APPROVED' ? 2 : 1);
  });

  test('an approval that overtakes another of the same person between its reads is what both answer', async () => {
    const { desk, decide } = await proposed();
    const overtaken = (decision: typeof decide, method: 'list' | 'get', after: number): DecisionDeps => {
      let calls = 0;
      const store = desk.decisions.decisions;
      const read = async (...given: unknown[]) => {
        calls += 1;
        if (calls === after) expectOk(await approve(desk.decisions, checker, decision));
        return (store[method] as (...of: unknown[]) => unknown)(...given);
      };
      return { ...desk.decisions, decisions: { ...store, [method]: read } };
    };
    expectOk(await approve(overtaken(decide, 'list', 1), checker, decide));
    await desk.drain();
    const reversal = expectOk(await proposeReversal(desk.decisions, person, { ...decide, reason }));
    const again = { reconciliationId, decisionId: reversal.decisionId };
    expectOk(await approve(overtaken(again, 'get', 2), checker, again));
    await desk.drain();
    expect((await desk.deps.runs.list(ref)).items).toHaveLength(3);
  });

  test('the same person again changes nothing', async () => {
    const { desk, decide } = await proposed();
    const first = expectOk(await approve(desk.decisions, checker, { ...decide, version: 1 }));
    const second = expectOk(await approve(desk.decisions, checker, { ...decide, version: 1 }));
    expect(second.run.runId).toBe(first.run.runId);
    expect((await desk.deps.runs.list(ref)).items).toHaveLength(2);
    expect(codeOf(await reject(desk.decisions, checker, decide))).toBe('DECISION_NOT_PENDING');
  });

  test('what was rejected or withdrawn has no effect and starts nothing', async () => {
    const { desk, decide, command } = await proposed();
    expectOk(await withdraw(desk.decisions, person, decide));
    expect(codeOf(await approve(desk.decisions, checker, decide))).toBe('DECISION_NOT_PENDING');
    const again = expectOk(await proposeMatch(desk.decisions, person, command));
    expectOk(await reject(desk.decisions, checker, { reconciliationId, decisionId: again.decisionId, comment: 'no' }));
    await desk.drain();
    expect((await desk.deps.runs.list(ref)).items).toHaveLength(1);
    expect(again.number).toBe(2);
  });

  test('no record is in two manual matches, and only what stands is reversed', async () => {
    const { desk, decide, command } = await proposed();
    const other = expectOk(await proposeMatch(desk.decisions, person, { ...command, right: [at(2, 2)] }));
    const reversal = { reconciliationId, decisionId: decide.decisionId, reason };
    expect(codeOf(await proposeReversal(desk.decisions, person, reversal))).toBe('DECISION_NOT_IN_FORCE');
    expectOk(await approve(desk.decisions, checker, decide));
    const late = await approve(desk.decisions, checker, { reconciliationId, decisionId: other.decisionId });
    expect(codeOf(late)).toBe('RECORD_NOT_OPEN');
    const [first, second] = [
      expectOk(await proposeReversal(desk.decisions, person, reversal)),
      expectOk(await proposeReversal(desk.decisions, person, reversal)),
    ];
    expectOk(await approve(desk.decisions, checker, { reconciliationId, decisionId: first.decisionId }));
    const twice = await approve(desk.decisions, checker, { reconciliationId, decisionId: second.decisionId });
    expect(codeOf(twice)).toBe('DECISION_NOT_IN_FORCE');
    expectOk(await approve(desk.decisions, checker, { reconciliationId, decisionId: other.decisionId }));
  });

  test('a proposal has a reason, records that are there, and open', async () => {
    const { desk, command } = await proposed();
    const ask = async (changes: object) =>
      codeOf(await proposeMatch(desk.decisions, person, { ...command, ...changes }));
    expect(await ask({ reason: '  ' })).toBe('REQUEST_INVALID');
    expect(await ask({ reason: 'x'.repeat(1_001) })).toBe('REQUEST_INVALID');
    expect(await ask({ left: [] })).toBe('REQUEST_INVALID');
    expect(await ask({ left: [1.5] })).toBe('REQUEST_INVALID');
    expect(await ask({ left: [at(7, 1)] })).toBe('NOT_FOUND');
    expect(await ask({ left: [at(2, 1)] })).toBe('NOT_FOUND');
    expect(await ask({ source: 'bank' })).toBe('REQUEST_INVALID');
    await settle(desk, 'a,1\n', 'a,1\n');
    expect(await ask({ left: [at(3, 1)], right: [at(4, 1)] })).toBe('RECORD_NOT_OPEN');
    expect(codeOf(await proposeMatch(desk.decisions, { ...person, tenant: 'zeta' }, command))).toBe(
      'RESULTS_NOT_READY',
    );
  });
});
