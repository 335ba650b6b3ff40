// Twin of the DynamoDB break store.
import { type Break, type BreakRef, breaksPerSettleWriteMax } from '../../domain/break.ts';
import type { BreakStore } from '../../ports/break-store.ts';
import { keyOf, type MemoryState, pageOf, reconciliationKey } from './state.ts';

export function createMemoryBreakStore(state: MemoryState): BreakStore {
  const breakKey = (ref: BreakRef): string => keyOf(ref.tenant, ref.reconciliationId, ref.breakId);
  const mayWrite = (item: Break, expected: number): boolean => {
    const stored = state.breaks.get(breakKey(item))?.version;
    if (expected === 0) return stored === undefined || stored === item.version;
    return stored === expected;
  };
  return {
    async settle(fence, writes) {
      if (writes.length > breaksPerSettleWriteMax) throw new Error(`at most ${breaksPerSettleWriteMax} breaks at once`);
      if ((state.feeds.get(reconciliationKey(fence))?.fence ?? 0) !== fence.fence) return 'fenced';
      if (!writes.every((write) => mayWrite(write.break, write.expected))) return 'conflict';
      for (const write of writes) state.breaks.set(breakKey(write.break), structuredClone(write.break));
      return 'written';
    },
    async get(ref) {
      return structuredClone(state.breaks.get(breakKey(ref)));
    },
    async getMany(ref, breakIds) {
      const found = breakIds.map((breakId) => state.breaks.get(breakKey({ ...ref, breakId })));
      return structuredClone(found.filter((item) => item !== undefined));
    },
    async save(item) {
      if (state.breaks.get(breakKey(item))?.version !== item.version) return false;
      state.breaks.set(breakKey(item), { ...structuredClone(item), version: item.version + 1 });
      return true;
    },
    async list(ref, { status, type, runNumber }, cursor, limit = 100) {
      const items = [...state.breaks.values()]
        .filter(
          (item) =>
            reconciliationKey(item) === reconciliationKey(ref) &&
            (!status || status.includes(item.status)) &&
            (!type || item.type === type) &&
            (runNumber === undefined || (item.firstRunNumber <= runNumber && runNumber <= item.lastRunNumber)),
        )
        .sort((a, b) => (a.breakId < b.breakId ? -1 : 1));
      return pageOf(items, (item) => item.breakId, cursor, limit);
    },
  };
}
