// A break that a person closed and whose values a later run changes: the run opens a linked new one, and the old one is opened again by
// nobody. The real engine compares, the settlement writes, a checker asks; also in the moment between the comparison and the writing.
import { expect, test } from 'vitest';
import { createMemoryNumberStore } from '../../../shared/adapters/memory/number-store.ts';
import { reconciliationKey } from '../../../shared/adapters/memory/state.ts';
import { breakHistory } from '../../../shared/app/breaks/break-history.ts';
import { bulkChange } from '../../../shared/app/breaks/bulk-change.ts';
import { changeBreakStatus } from '../../../shared/app/breaks/change-break-status.ts';
import { commentOnBreak } from '../../../shared/app/breaks/comment-on-break.ts';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import { documentedGroups } from '../../../shared/domain/break-access.ts';
import { allowedTransitions } from '../../../shared/domain/break-review.ts';
import { ref } from '../../fault/scenario.ts';
import { graph } from '../../fixtures/graph.ts';
import { openPipeline } from '../app/pipeline-fixture.ts';
import { people } from '../run-view/run-desk.ts';

const engine = createDuckdbEngine({ memoryMb: 256, threads: 1 });
const numberOf = (sequence: number) => 101_000_000_000 + sequence;
const [old, following] = [numberOf(1), numberOf(2)];

/** `meanwhile` happens after a run has compared and committed, before it writes the first break. */
async function openClosed(meanwhile: { act?: () => Promise<unknown> } = {}) {
  const pipeline = await openPipeline('snapshot', {
    ...engine,
    async changes(request) {
      await meanwhile.act?.();
      return engine.changes(request);
    },
  });
  pipeline.state.reconciliations.get(reconciliationKey(ref))!.graph = graph({ accessControlEntries: [] });
  const deps = {
    ...pipeline.deps,
    fallbackGroups: documentedGroups,
    numbers: createMemoryNumberStore(),
    view: {
      page: async () => Promise.reject(new Error('no page is asked for')),
      breaksOf: async () => [],
    },
  };
  const move = (who: 'maker' | 'checker', id: number, status: 'OPEN' | 'PENDING_APPROVAL' | 'CLOSED') =>
    changeBreakStatus(deps, people[who], { id, status });
  const day = async (bank: string, ledger: string) => {
    await pipeline.drop('bank', bank);
    await pipeline.drop('ledger', ledger);
    await pipeline.drain();
    const { items } = await deps.breaks.list(ref);
    return items.toSorted((a, b) => Number(a.breakId) - Number(b.breakId));
  };
  expect(await day('a,1\n', 'a,2\n')).toMatchObject([{ breakId: '1', status: 'OPEN' }]);
  expect(await move('maker', old, 'PENDING_APPROVAL')).toMatchObject({ ok: true });
  expect(await move('checker', old, 'CLOSED')).toMatchObject({ ok: true });
  return { deps, move, day };
}

test('break-statuses: of a closed break that a changed one follows nobody makes an open one again', async () => {
  const { deps, move, day } = await openClosed();
  const [closed, next] = await day('a,1\n', 'a,3\n');
  expect(closed).toMatchObject({ status: 'CLOSED', closedBy: people.checker.dn, goneRunNumber: 2 });
  expect(next).toMatchObject({ breakId: '2', status: 'OPEN', previousBreakId: '1' });
  for (const roles of [['MAKER'], ['CHECKER'], ['MAKER', 'CHECKER']] as const) {
    const reviewer = { dn: people.admin.dn, roles: new Set(roles) };
    for (const makerChecker of [true, false]) expect(allowedTransitions(closed!, makerChecker, reviewer)).toEqual([]);
  }
  for (const who of ['maker', 'checker'] as const)
    for (const status of ['OPEN', 'PENDING_APPROVAL'] as const)
      expect(await move(who, old, status)).toMatchObject({ ok: false, code: 'BREAK_GONE' });
  expect(await bulkChange(deps, people.checker, { ids: [old], status: 'OPEN' })).toMatchObject({ code: 'BREAK_GONE' });
  // The one that follows goes its own way, and both can still be talked about.
  expect(await move('maker', following, 'PENDING_APPROVAL')).toMatchObject({ ok: true });
  expect(await commentOnBreak(deps, people.maker, { id: old, comment: 'see the next' })).toMatchObject({ ok: true });
  const history = await breakHistory(deps, people.maker, { id: following, limit: 9 });
  expect(history).toMatchObject({ ok: true, value: { item: { previousBreakId: '1' } } });
});

test('break-statuses: one that is opened again while the run that follows it is being written is closed by it all the same', async () => {
  const meanwhile: { act?: () => Promise<unknown> } = {};
  const { deps, move, day } = await openClosed(meanwhile);
  meanwhile.act = async () => {
    delete meanwhile.act;
    expect(await move('checker', old, 'OPEN')).toMatchObject({ ok: true });
  };
  const [closed, next, ...more] = await day('a,1\n', 'a,3\n');
  expect(more).toEqual([]);
  expect(closed).toMatchObject({ status: 'CLOSED', closedBy: 'system', closedReason: 'replaced', goneRunNumber: 2 });
  expect(next).toMatchObject({ breakId: '2', status: 'OPEN', previousBreakId: '1' });
  expect(await move('checker', old, 'OPEN')).toMatchObject({ ok: false, code: 'BREAK_GONE' });
  expect(await deps.breaks.touched(ref)).toEqual([]);
});

test('break-statuses: where its values did not change, a closed one stays as it is and can be opened again', async () => {
  const { move, day } = await openClosed();
  expect(await day('a,1\n', 'a,2\n')).toMatchObject([{ breakId: '1', status: 'CLOSED', closedBy: people.checker.dn }]);
  expect(await move('maker', old, 'OPEN')).toMatchObject({ ok: false, code: 'FORBIDDEN' });
  expect(await move('checker', old, 'OPEN')).toMatchObject({ ok: true });
});
