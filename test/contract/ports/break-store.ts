// The suite of BreakStore: settling in lanes, and what people change in between.
import { expect, test } from 'vitest';
import { type Break, breakPartsPerWriteMax } from '../../../shared/domain/break.ts';
import type { BreakStore, BreakWrite } from '../../../shared/ports/break-store.ts';
import { breakItem, otherTenant, ref } from './samples.ts';
import type { Stores } from './stores.ts';

export function breakStoreSuite(open: () => Promise<Stores>): void {
  const lane = { ...ref, runId: 'run-1', index: 0, fence: 3 };
  /** Stores in which the lane is entered, and its next write, which moves it on by one. */
  const entered = async () => {
    const stores = await open();
    expect(await stores.breaks.enterLane(lane)).toBe(0);
    let position = 0;
    const write = async (writes: BreakWrite[]) => {
      const answer = await stores.breaks.settle(lane, { from: position, to: position + 1 }, writes);
      if (answer === 'written') position += 1;
      return answer;
    };
    return { ...stores, write };
  };
  const created = (digit: string, count: number, changes = {}) => ({
    break: breakItem(digit, count, changes),
    expected: 0,
  });

  /** What a person does to the break that `created('0', 1)` wrote. */
  const pending: BreakWrite = { break: breakItem('0', 1, { version: 2, status: 'PENDING_APPROVAL' }), expected: 1 };

  test('writes and reads breaks', async () => {
    const { breaks, write } = await entered();
    expect(await write([created('0', 1), created('f', 2)])).toBe('written');
    expect(await one(breaks, 'f', 2)).toEqual(breakItem('f', 2));
    const ids = [breakItem('f', 2).breakId, breakItem('a', 9).breakId, breakItem('0', 1).breakId];
    expect(await breaks.getMany(ref, ids)).toEqual([breakItem('f', 2), breakItem('0', 1)]);
    expect(await breaks.getMany(otherTenant, ids)).toEqual([]);
  });

  test('keeps the candidates of a break, and lists them', async () => {
    const { breaks, write } = await entered();
    const candidate = {
      source: 'ledger',
      pass: 'near',
      kind: 'nearest',
      rows: [70_000_000_001],
      records: 12,
      key: null,
      cost: null,
      failed: ['amount', 'été'],
    };
    const explained: Partial<Break> = { type: 'SEARCH_EXHAUSTED', explanation: { candidates: [candidate] } };
    expect(await write([created('3', 1, explained)])).toBe('written');
    expect(await one(breaks, '3', 1)).toEqual(breakItem('3', 1, explained));
    const { items } = await breaks.list(ref);
    expect(items).toEqual([breakItem('3', 1, explained)]);
  });

  test('a lane that was not entered, or by another, takes nothing', async () => {
    const { breaks } = await open();
    const move = { from: 0, to: 1 };
    expect(await breaks.settle(lane, move, [created('0', 1)])).toBe('fenced');
    await breaks.enterLane(lane);
    for (const other of [{ fence: 2 }, { fence: 4 }, { index: 1 }, { runId: 'run-2' }, otherTenant]) {
      expect(await breaks.settle({ ...lane, ...other }, move, [created('0', 1)])).toBe('fenced');
    }
    expect(await one(breaks, '0', 1)).toBeUndefined();
  });

  test('who enters a lane shuts out every older fence, and goes on where it stands', async () => {
    const { breaks, write } = await entered();
    await write([created('0', 1)]);
    expect(await breaks.enterLane({ ...lane, fence: 2 })).toBe('fenced');
    expect(await breaks.enterLane({ ...lane, fence: 4 })).toBe(1);
    expect(await write([created('0', 2)])).toBe('fenced');
    expect(await breaks.enterLane(lane)).toBe('fenced');
    expect(await one(breaks, '0', 2)).toBeUndefined();
    const move = { from: 1, to: 5 };
    expect(await breaks.settle({ ...lane, fence: 4 }, move, [created('0', 2)])).toBe('written');
    expect(await breaks.enterLane({ ...lane, fence: 4 })).toBe(5);
    expect(await breaks.enterLane({ ...lane, fence: 4, runId: 'run-2' })).toBe(0);
    expect(await breaks.settle({ ...lane, fence: 4 }, { from: 5, to: 6 }, [])).toBe('fenced');
  });

  test('lanes beside each other, and of other reconciliations, stand for themselves', async () => {
    const { breaks, write } = await entered();
    await write([created('0', 1)]);
    expect(await breaks.enterLane({ ...lane, index: 1 })).toBe(0);
    expect(await breaks.enterLane({ ...lane, ...otherTenant, fence: 9 })).toBe(0);
    expect(await write([created('0', 2)])).toBe('written');
  });

  test('a repeat of the last write, and a write from elsewhere, change nothing', async () => {
    const { breaks } = await entered();
    const move = { from: 0, to: 2 };
    expect(await breaks.settle(lane, move, [created('0', 1)])).toBe('written');
    expect(await breaks.save([pending])).toBe(true);
    expect(await breaks.settle(lane, move, [created('0', 1)])).toBe('written');
    expect(await breaks.settle(lane, { from: 0, to: 3 }, [created('0', 1)])).toBe('fenced');
    const stored = breakItem('0', 1, { version: 2, status: 'PENDING_APPROVAL' });
    expect(await one(breaks, '0', 1)).toEqual(stored);
  });

  test("a person's change is not written over, and nothing beside it is written", async () => {
    const { breaks, write } = await entered();
    await write([created('0', 1)]);
    expect(await breaks.save([pending])).toBe(true);
    expect(await breaks.save([pending])).toBe(false);
    expect(await breaks.save([{ ...pending, break: breakItem('0', 5) }])).toBe(false);
    const changed = { break: breakItem('0', 1, { version: 2, lastRunNumber: 2 }), expected: 1 };
    expect(await write([created('1', 1), changed])).toBe('conflict');
    expect(await one(breaks, '1', 1)).toBeUndefined();
    const stored = await one(breaks, '0', 1);
    expect(stored).toEqual(breakItem('0', 1, { version: 2, status: 'PENDING_APPROVAL' }));
    const reread = { break: breakItem('0', 1, { version: 3, lastRunNumber: 2 }), expected: 2 };
    expect(await write([reread])).toBe('written');
    expect((await one(breaks, '0', 1))?.version).toBe(3);
  });

  test('a settlement writes the history of what it changes, and takes what is gone from the touched ones', async () => {
    const { breaks, write } = await entered();
    await write([created('0', 1), created('0', 2)]);
    expect(await breaks.touched(ref)).toEqual([]);
    const deed = (from: number, changes: Partial<Break>) => breakItem('0', 1, { version: from + 1, ...changes });
    const entry = { number: 1, at: '2026-01-05T09:00:00.000Z', actorDn: 'CN=jane', action: 'STATUS_CHANGE' };
    const closed = { status: 'CLOSED', entries: 1 } as const;
    expect(await breaks.save([{ break: deed(1, closed), expected: 1, entries: [entry] }])).toBe(true);
    const voided = { number: 2, at: entry.at, actorDn: 'SYSTEM', action: 'VALUES_CHANGED' };
    expect(await write([{ break: deed(2, { entries: 2 }), expected: 2, entries: [voided] }])).toBe('written');
    const { breakId } = breakItem('0', 1);
    expect(await breaks.touched(ref)).toEqual([{ breakId, status: 'OPEN' }]);
    expect(await breaks.entries(ref, [{ breakId, from: 1, to: 2 }])).toEqual([
      { breakId, ...entry },
      { breakId, ...voided },
    ]);
    const gone = { break: deed(3, { ...closed, entries: 2, goneRunNumber: 3 }), expected: 3 };
    const untouched = { break: breakItem('0', 2, { status: 'CLOSED', goneRunNumber: 3, version: 2 }), expected: 1 };
    expect(await write([gone, untouched])).toBe('written');
    expect(await breaks.touched(ref)).toEqual([]);
  });

  test('takes 90 breaks at once, and no more', async () => {
    const { breaks, write } = await entered();
    const text = 'x'.repeat(1_000);
    // Each is longer than what is kept as plain text.
    const left = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`field ${index}`, `${Math.random()}${text}`]),
    );
    const writes = Array.from({ length: breakPartsPerWriteMax }, (_, index) => created('7', index, { left }));
    expect(await write(writes)).toBe('written');
    const ids = writes.map((one) => one.break.breakId);
    expect(await breaks.getMany(ref, ids)).toEqual(writes.map((one) => one.break));
    await expect(write([...writes, created('8', 1)])).rejects.toThrow('at most');
  });

  test('lists over all shards, page by page', async () => {
    const { breaks, write } = await entered();
    const items = [
      breakItem('0', 1),
      breakItem('0', 2, { status: 'CLOSED', lastRunNumber: 2 }),
      breakItem('5', 3),
      breakItem('a', 4),
      breakItem('f', 5),
    ];
    await write(items.toReversed().map((item) => ({ break: item, expected: 0 })));
    for (const limit of [1, 2, 5, 9]) {
      const seen: Break[] = [];
      let cursor: string | undefined;
      do {
        const page = await breaks.list(ref, cursor, limit);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(items);
    }
    expect((await breaks.list(otherTenant)).items).toEqual([]);
  });
}

async function one(breaks: BreakStore, digit: string, count: number): Promise<Break | undefined> {
  return (await breaks.getMany(ref, [breakItem(digit, count).breakId]))[0];
}
