// The suite of BreakStore: settling under a fence, and what people change in between.
import { expect, test } from 'vitest';
import { breaksPerSettleWriteMax } from '../../../shared/domain/break.ts';
import { breakItem, feedOf, otherTenant, ref } from './samples.ts';
import type { Stores } from './stores.ts';

export function breakStoreSuite(open: () => Promise<Stores>): void {
  const fenced = async (fence = 3): Promise<Stores> => {
    const stores = await open();
    await stores.runs.saveFeed({ ...feedOf(ref), fence });
    return stores;
  };
  const created = (digit: string, count: number, changes = {}) => ({
    break: breakItem(digit, count, changes),
    expected: 0,
  });

  test('writes and reads breaks', async () => {
    const { breaks } = await fenced();
    const writes = [created('0', 1), created('f', 2)];
    expect(await breaks.settle({ ...ref, fence: 3 }, writes)).toBe('written');
    expect(await breaks.get(breakItem('f', 2))).toEqual(breakItem('f', 2));
    const ids = [breakItem('f', 2).breakId, breakItem('a', 9).breakId, breakItem('0', 1).breakId];
    expect(await breaks.getMany(ref, ids)).toEqual([breakItem('f', 2), breakItem('0', 1)]);
    expect(await breaks.getMany(otherTenant, ids)).toEqual([]);
    expect(await breaks.get({ ...otherTenant, breakId: ids[0]! })).toBeUndefined();
  });

  test('an older fence writes nothing', async () => {
    const stores = await fenced(3);
    expect(await stores.breaks.settle({ ...ref, fence: 2 }, [created('0', 1)])).toBe('fenced');
    await stores.runs.saveFeed({ ...(await stores.batches.feed(ref)), fence: 4 });
    expect(await stores.breaks.settle({ ...ref, fence: 3 }, [created('0', 1)])).toBe('fenced');
    expect(await stores.breaks.get(breakItem('0', 1))).toBeUndefined();
  });

  test('a repeat of a creation is harmless', async () => {
    const { breaks } = await fenced();
    const writes = [created('0', 1), created('0', 2)];
    await breaks.settle({ ...ref, fence: 3 }, writes.slice(0, 1));
    expect(await breaks.settle({ ...ref, fence: 3 }, writes)).toBe('written');
    expect(await breaks.settle({ ...ref, fence: 3 }, writes)).toBe('written');
  });

  test("a person's change is not written over, and nothing beside it is written", async () => {
    const { breaks } = await fenced();
    await breaks.settle({ ...ref, fence: 3 }, [created('0', 1)]);
    expect(await breaks.save({ ...breakItem('0', 1), status: 'PENDING_APPROVAL' })).toBe(true);
    expect(await breaks.save(breakItem('0', 1))).toBe(false);
    expect(await breaks.save(breakItem('0', 5))).toBe(false);
    const changed = { break: breakItem('0', 1, { version: 2, lastRunNumber: 2 }), expected: 1 };
    expect(await breaks.settle({ ...ref, fence: 3 }, [created('1', 1), changed])).toBe('conflict');
    expect(await breaks.settle({ ...ref, fence: 3 }, [created('0', 1)])).toBe('conflict');
    expect(await breaks.get(breakItem('1', 1))).toBeUndefined();
    const stored = await breaks.get(breakItem('0', 1));
    expect(stored).toEqual(breakItem('0', 1, { version: 2, status: 'PENDING_APPROVAL' }));
    const reread = { break: breakItem('0', 1, { version: 3, lastRunNumber: 2 }), expected: 2 };
    expect(await breaks.settle({ ...ref, fence: 3 }, [reread])).toBe('written');
    expect((await breaks.get(breakItem('0', 1)))?.version).toBe(3);
  });

  test('takes 90 breaks at once, and no more', async () => {
    const { breaks } = await fenced();
    const text = 'x'.repeat(1_000);
    // 90 × 100 fields × 1 KB is more than one transaction holds, even when it is not compressible.
    const left = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`field ${index}`, `${Math.random()}${text}`]),
    );
    const writes = Array.from({ length: breaksPerSettleWriteMax }, (_, index) => created('7', index, { left }));
    expect(await breaks.settle({ ...ref, fence: 3 }, writes)).toBe('written');
    const ids = writes.map((write) => write.break.breakId);
    expect(await breaks.getMany(ref, ids)).toEqual(writes.map((write) => write.break));
    await expect(breaks.settle({ ...ref, fence: 3 }, [...writes, created('8', 1)])).rejects.toThrow('at most');
  });

  test('lists by filter over all shards, page by page', async () => {
    const { breaks } = await fenced();
    const items = [
      breakItem('0', 1),
      breakItem('0', 2, { status: 'CLOSED', lastRunNumber: 2 }),
      breakItem('5', 3, { type: 'MISSING', firstRunNumber: 2, lastRunNumber: 4 }),
      breakItem('a', 4, { status: 'PENDING_APPROVAL' }),
      breakItem('f', 5, { type: 'MISSING', lastRunNumber: 3 }),
    ];
    await breaks.settle(
      { ...ref, fence: 3 },
      items.toReversed().map((item) => ({ break: item, expected: 0 })),
    );
    type Filter = Parameters<typeof breaks.list>[1];
    const counts = async (filter: Filter, limit: number): Promise<number[][]> => {
      const pages: number[][] = [];
      let cursor: string | undefined;
      do {
        const page = await breaks.list(ref, filter, cursor, limit);
        pages.push(page.items.map(({ key }) => Number(key?.slice(4))));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return pages;
    };
    expect(await counts({}, 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(await counts({}, 5)).toEqual([[1, 2, 3, 4, 5]]);
    expect(await counts({ status: ['OPEN'] }, 2)).toEqual([[1, 3], [5]]);
    expect(await counts({ status: ['OPEN', 'PENDING_APPROVAL'] }, 3)).toEqual([[1, 3, 4], [5]]);
    expect(await counts({ status: ['CLOSED', 'OPEN'] }, 9)).toEqual([[1, 2, 3, 5]]);
    expect(await counts({ type: 'MISSING' }, 1)).toEqual([[3], [5]]);
    expect(await counts({ runNumber: 2 }, 9)).toEqual([[2, 3, 5]]);
    expect(await counts({ runNumber: 3, type: 'MISSING', status: ['OPEN'] }, 9)).toEqual([[3, 5]]);
    expect((await breaks.list(otherTenant, {})).items).toEqual([]);
  });
}
