// Who may propose and decide what, and who wins when several do at once.
import { describe, expect, test } from 'vitest';
import { approve, reject, withdraw } from '../../../shared/app/decisions/decide.ts';
import type { DecisionDeps } from '../../../shared/app/decisions/decision-deps.ts';
import { proposeMatch } from '../../../shared/app/decisions/propose-match.ts';
import { proposeReversal } from '../../../shared/app/decisions/propose-reversal.ts';
import { expectOk, person, reconciliationId, ref } from '../../fault/scenario.ts';
import { twinEngine } from '../../fault/twin-engine.ts';
import { at, checker, codeOf, openDesk, reason, settle } from './decision-desk.ts';

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
