// The suite of BulkStore, and of breaks as they are read while a bulk goes on: all of it or nothing.
import { expect, test } from 'vitest';
import type { Break, BreakEntry } from '../../../shared/domain/break.ts';
import type { BreakBulk } from '../../../shared/domain/break-bulk.ts';
import { breakItem, otherTenant, ref } from './samples.ts';
import type { Stores } from './stores.ts';

const actorDn = 'CN=jane,DC=corp';
const startedAt = '2026-01-05T09:00:00.000Z';
const decidedAt = '2026-01-05T09:00:01.000Z';

export function bulkStoreSuite(open: () => Promise<Stores>): void {
  const items = [breakItem('0', 1), breakItem('5', 3), breakItem('f', 2)];
  const ids = items.map(({ breakId }) => breakId);
  const bulk = (changes: Partial<BreakBulk> = {}): BreakBulk => ({
    tenant: ref.tenant,
    bulkId: 'bulk-1',
    actorDn,
    action: 'BULK_ESCALATE',
    status: 'PENDING_APPROVAL',
    comment: 'Escalated',
    firstCommentId: 70,
    targets: [{ reconciliationId: ref.reconciliationId, number: 1, breakIds: ids }],
    startedAt,
    state: 'MARKING',
    ...changes,
  });
  const marked = (item: Break, bulkId = 'bulk-1') => ({
    break: { ...item, version: item.version + 1, bulk: { bulkId } },
    expected: item.version,
  });
  const created = async () => {
    const stores = await open();
    expect(await stores.breaks.save(items.map((item) => ({ break: item, expected: 0 })))).toBe(true);
    await stores.bulks.create(bulk());
    return stores;
  };
  const entryOf = (position: number): BreakEntry => ({
    number: 1,
    at: decidedAt,
    actorDn,
    action: 'BULK_ESCALATE',
    id: 70 + position,
    comment: 'Escalated',
    status: { from: 'OPEN', to: 'PENDING_APPROVAL' },
  });

  test('a bulk is decided once, whoever decides', async () => {
    const { bulks } = await created();
    expect(await bulks.get(bulk())).toEqual(bulk());
    expect(await bulks.get({ ...bulk(), tenant: otherTenant.tenant })).toBeUndefined();
    expect(await bulks.decide(bulk(), 'COMMITTED', decidedAt)).toBe('COMMITTED');
    expect(await bulks.decide(bulk(), 'ABORTED', startedAt)).toBe('COMMITTED');
    expect(await bulks.get(bulk())).toEqual(bulk({ state: 'COMMITTED', decidedAt }));
    await bulks.create(bulk({ bulkId: 'bulk-2' }));
    expect(await bulks.decide(bulk({ bulkId: 'bulk-2' }), 'ABORTED', decidedAt)).toBe('ABORTED');
    expect(await bulks.decide(bulk({ bulkId: 'bulk-2' }), 'COMMITTED', decidedAt)).toBe('ABORTED');
  });

  test('a bulk is under way until it is finished', async () => {
    const { bulks } = await created();
    const later = Date.parse(startedAt) + 1;
    expect(await bulks.unfinished(later - 1, 10)).toEqual([]);
    expect(await bulks.unfinished(later, 10)).toEqual([bulk()]);
    await bulks.decide(bulk(), 'COMMITTED', decidedAt);
    expect(await bulks.unfinished(later, 10)).toEqual([bulk({ state: 'COMMITTED', decidedAt })]);
    await bulks.finish(bulk());
    expect(await bulks.unfinished(later, 10)).toEqual([]);
    expect(await bulks.get(bulk())).toEqual(bulk({ state: 'COMMITTED', decidedAt }));
  });

  test('marks change nothing until the bulk is committed, and then everything at once', async () => {
    const { breaks, bulks } = await created();
    expect(await breaks.touched(ref)).toEqual([]);
    expect(await breaks.save(items.map((item) => marked(item)))).toBe(true);
    for (const item of await breaks.getMany(ref, ids)) {
      expect(item).toMatchObject({ status: 'OPEN', version: 2, bulk: { bulkId: 'bulk-1' } });
    }
    await bulks.decide(bulk(), 'COMMITTED', decidedAt);
    const read = await breaks.getMany(ref, ids);
    expect(
      read.map(({ status, submittedBy, entries, version }) => ({ status, submittedBy, entries, version })),
    ).toEqual(ids.map(() => ({ status: 'PENDING_APPROVAL', submittedBy: actorDn, entries: 1, version: 2 })));
    expect(read.map((item) => item.bulk?.unwritten)).toEqual([entryOf(0), entryOf(1), entryOf(2)]);
    expect((await breaks.list(ref)).items.map(({ status }) => status)).toEqual(ids.map(() => 'PENDING_APPROVAL'));
    const touched = (await breaks.touched(ref)).toSorted((a, b) => Number(a.breakId) - Number(b.breakId));
    expect(touched.map(({ status }) => status)).toEqual(ids.map(() => 'PENDING_APPROVAL'));
    expect(touched.map(({ breakId }) => breakId).sort()).toEqual(ids.toSorted());
  });

  test('whoever writes a break of a committed bulk writes what the bulk left, and takes its mark off', async () => {
    const { breaks, bulks } = await created();
    await breaks.save(items.map((item) => marked(item)));
    await bulks.decide(bulk(), 'COMMITTED', decidedAt);
    const [first, second] = await breaks.getMany(ref, ids);
    const note: BreakEntry = { number: 2, at: decidedAt, actorDn, action: 'COMMENT', id: 99, comment: 'and more' };
    const commented = { ...first!, entries: 2, version: 3 };
    expect(await breaks.save([{ break: commented, expected: 2, entries: [note] }])).toBe(true);
    expect(await breaks.save([{ break: { ...second!, version: 3 }, expected: 2 }])).toBe(true);
    const range = (breakId: string) => [{ breakId, from: 1, to: 5 }];
    const [one, two] = [ids[0]!, ids[1]!];
    expect(await breaks.entries(ref, range(one))).toEqual([
      { breakId: one, ...entryOf(0) },
      { breakId: one, ...note },
    ]);
    expect(await breaks.entries(ref, range(two))).toEqual([{ breakId: two, ...entryOf(1) }]);
    expect(await breaks.entries(otherTenant, range(two))).toEqual([]);
    const read = await breaks.getMany(ref, ids);
    expect(read.map((item) => item.bulk?.unwritten?.id)).toEqual([undefined, undefined, 72]);
    expect(read.map(({ status }) => status)).toEqual(ids.map(() => 'PENDING_APPROVAL'));
  });

  test('marks of an aborted bulk, or of one that nobody knows, say nothing', async () => {
    const { breaks, bulks } = await created();
    await breaks.save([marked(items[0]!), marked(items[1]!, 'bulk-9')]);
    await bulks.decide(bulk(), 'ABORTED', decidedAt);
    const read = await breaks.getMany(ref, ids);
    expect(read).toEqual([{ ...items[0], version: 2 }, { ...items[1], version: 2 }, items[2]]);
    for (const { status } of await breaks.touched(ref)) expect(status).toBe('OPEN');
  });

  test('a break is among the touched ones from the first deed until it is gone', async () => {
    const { breaks } = await created();
    const first = items[0]!;
    const entry: BreakEntry = { number: 1, at: startedAt, actorDn, action: 'COMMENT', id: 1, comment: 'seen' };
    await breaks.save([{ break: { ...first, entries: 1, version: 2 }, expected: 1, entries: [entry] }]);
    expect(await breaks.touched(ref)).toEqual([{ breakId: first.breakId, status: 'OPEN' }]);
    await breaks.save([{ break: { ...first, entries: 2, status: 'CLOSED', version: 3 }, expected: 2 }]);
    expect(await breaks.touched(ref)).toEqual([{ breakId: first.breakId, status: 'CLOSED' }]);
    expect(await breaks.touched(otherTenant)).toEqual([]);
    const gone = { ...first, entries: 2, status: 'CLOSED' as const, goneRunNumber: 4, version: 4 };
    await breaks.save([{ break: gone, expected: 3 }]);
    expect(await breaks.touched(ref)).toEqual([]);
  });

  test('a save is whole or not at all; a new break must be new, and its feed the stored one', async () => {
    const { breaks, runs, batches } = await created();
    const [first, second] = [items[0]!, items[1]!];
    const write = (item: Break, expected: number) => ({ break: { ...item, version: expected + 1 }, expected });
    expect(await breaks.save([write(first, 1), write(second, 7)])).toBe(false);
    expect(await breaks.save([write(first, 0)])).toBe(false);
    expect(await breaks.getMany(ref, ids)).toEqual(items);
    expect(await runs.saveFeed(await batches.feed(ref))).toBe(true);
    const feed = await batches.feed(ref);
    expect(await runs.saveFeed(feed)).toBe(true);
    expect(await breaks.save([write(breakItem('3', 9), 0)], feed)).toBe(false);
    expect(await breaks.save([write(breakItem('3', 9), 0)], await batches.feed(ref))).toBe(true);
    expect(await breaks.getMany(ref, [breakItem('3', 9).breakId])).toEqual([breakItem('3', 9)]);
  });

  test('audit-trail: what is told of a save is in the activity with it, or neither is', async () => {
    const { breaks, activity } = await created();
    const [first, second] = [items[0]!, items[1]!];
    const write = (item: Break, expected: number) => ({ break: { ...item, version: expected + 1 }, expected });
    const told = (details: string) =>
      activity.number({ ...ref, eventType: 'BREAK_COMMENT', details, actorDn, cause: `break/${details}` });
    expect(await breaks.save([write(first, 1), write(second, 7)], undefined, await told('refused'))).toBe(false);
    expect(await activity.newest(ref.tenant, undefined, 9)).toEqual([]);
    const [numbered] = await told('done');
    expect(await breaks.save([write(first, 1)], undefined, [numbered!])).toBe(true);
    const { cause: _, ...recorded } = numbered!;
    expect(await activity.newest(ref.tenant, ref.reconciliationId, 9)).toEqual([recorded]);
    expect(await activity.newest(ref.tenant, undefined, 9)).toEqual([recorded]);
    // It is recorded under its cause, so that nobody tells of it again.
    await activity.record({ ...ref, eventType: 'BREAK_COMMENT', details: 'again', actorDn, cause: 'break/done' });
    expect(await activity.newest(ref.tenant, undefined, 9)).toHaveLength(1);
  });
}
