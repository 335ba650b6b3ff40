// What runs make of breaks that persons have acted on: new values, gone, back again, and a bulk that a settlement meets.
import { expect, test } from 'vitest';
import type { Break, BreakStatus } from '../../../shared/domain/break.ts';
import { afterDeed } from '../../../shared/domain/break-review.ts';
import { ref, tenant } from '../../fault/scenario.ts';
import { openPipeline, type Pipeline } from '../app/pipeline-fixture.ts';

const person = 'CN=person,DC=corp';

async function day(pipeline: Pipeline, bank: string, ledger: string): Promise<Break[]> {
  await pipeline.drop('bank', bank);
  await pipeline.drop('ledger', ledger);
  await pipeline.drain();
  const { items } = await pipeline.deps.breaks.list(ref);
  return items.toSorted((a, b) => Number(a.breakId) - Number(b.breakId));
}

async function move(pipeline: Pipeline, item: Break, status: BreakStatus): Promise<void> {
  const at = new Date(pipeline.deps.clock.now()).toISOString();
  const { break: next, entry } = afterDeed(item, { at, actorDn: person, action: 'A', status });
  expect(await pipeline.deps.breaks.save([{ break: next, expected: item.version, entries: [entry] }])).toBe(true);
}

test('break-statuses: new values send a submission back to OPEN, and its history says so', async () => {
  const pipeline = await openPipeline();
  const [first] = await day(pipeline, 'a,1\n', 'a,2\n');
  expect(first).toMatchObject({ breakId: '1', status: 'OPEN' });
  await move(pipeline, first!, 'PENDING_APPROVAL');
  const [changed, ...others] = await day(pipeline, 'a,1\n', 'a,3\n');
  expect(others).toEqual([]);
  expect(changed).toMatchObject({ breakId: '1', status: 'OPEN', entries: 2, openedAt: first!.openedAt });
  expect(changed).not.toHaveProperty('submittedBy');
  const entries = await pipeline.deps.breaks.entries(ref, [{ breakId: '1', from: 1, to: 9 }]);
  expect(entries.map(({ action, actorDn }) => [action, actorDn])).toEqual([
    ['A', person],
    ['VALUES_CHANGED', 'SYSTEM'],
  ]);
});

test('break-statuses: a closed break whose values change is followed by a linked one, and is opened again by nobody', async () => {
  const pipeline = await openPipeline();
  const [first] = await day(pipeline, 'a,1\n', 'a,2\n');
  await move(pipeline, first!, 'CLOSED');
  const [old, next] = await day(pipeline, 'a,1\n', 'a,3\n');
  expect(old).toMatchObject({ status: 'CLOSED', closedBy: person, goneRunNumber: 2 });
  expect(next).toMatchObject({ breakId: '2', status: 'OPEN', previousBreakId: '1' });
  expect(await pipeline.deps.breaks.touched(ref)).toEqual([]);
});

test('break-statuses: one that a person closed and that is gone later bears the run; back again, it is a linked new one', async () => {
  const pipeline = await openPipeline();
  const [first] = await day(pipeline, 'a,1\n', 'a,2\n');
  await move(pipeline, first!, 'CLOSED');
  expect(await day(pipeline, 'a,1\n', 'a,2\n')).toMatchObject([{ status: 'CLOSED' }]);
  expect(await pipeline.deps.breaks.touched(ref)).toEqual([{ breakId: '1', status: 'CLOSED' }]);
  const [gone] = await day(pipeline, 'a,1\n', 'a,1\n');
  expect(gone).toMatchObject({ status: 'CLOSED', closedBy: person, goneRunNumber: 3 });
  expect(await pipeline.deps.breaks.touched(ref)).toEqual([]);
  expect(await day(pipeline, 'a,1\n', 'a,2\n')).toMatchObject([
    { breakId: '1' },
    { breakId: '2', previousBreakId: '1' },
  ]);
});

test('bulk-shared-change: a settlement aborts a bulk that is not committed where it marks what has changed, and no other', async () => {
  for (const committed of [false, true]) {
    const pipeline = await openPipeline();
    const items = await day(pipeline, 'a,1\nb,1\nc,1\n', 'a,2\nb,2\nc,2\n');
    const bulkOf = (bulkId: string, breakIds: string[]) => ({
      tenant,
      bulkId,
      actorDn: person,
      action: 'A',
      status: 'PENDING_APPROVAL' as const,
      targets: [{ reconciliationId: ref.reconciliationId, number: 1, breakIds }],
      startedAt: new Date(pipeline.deps.clock.now()).toISOString(),
      state: 'MARKING' as const,
    });
    await pipeline.deps.bulks.create(bulkOf('two', ['1', '2']));
    await pipeline.deps.bulks.create(bulkOf('one', ['3']));
    const mark = (item: Break, bulkId: string) => ({
      break: { ...item, version: item.version + 1, bulk: { bulkId } },
      expected: item.version,
    });
    await pipeline.deps.breaks.save([mark(items[0]!, 'two'), mark(items[1]!, 'two'), mark(items[2]!, 'one')]);
    if (committed) await pipeline.deps.bulks.decide(bulkOf('two', []), 'COMMITTED', '2026-01-06T00:00:00.000Z');
    const values = (key: string | null) => (key === items[0]!.key ? 5 : 2);
    const ledger = ['a', 'b', 'c'].map((key) => `${key},${values(key)}\n`).join('');
    const after = await day(pipeline, 'a,1\nb,1\nc,1\n', ledger);
    expect(after.map(({ status }) => status)).toEqual(
      committed ? ['OPEN', 'PENDING_APPROVAL', 'OPEN'] : ['OPEN', 'OPEN', 'OPEN'],
    );
    expect((await pipeline.deps.bulks.get(bulkOf('two', [])))?.state).toBe(committed ? 'COMMITTED' : 'ABORTED');
    expect((await pipeline.deps.bulks.get(bulkOf('one', [])))?.state).toBe('MARKING');
    const entries = await pipeline.deps.breaks.entries(ref, [{ breakId: '1', from: 1, to: 9 }]);
    expect(entries.map(({ action }) => action)).toEqual(committed ? ['A', 'VALUES_CHANGED'] : []);
  }
});
