// Twin of the DynamoDB break store.
import { type Break, type BreakRef, breakShardOf, breaksPerSettleWriteMax } from '../../domain/break.ts';
import type { BreakStore, SettleLane } from '../../ports/break-store.ts';
import { keyOf, type MemoryState, pageOf, reconciliationKey } from './state.ts';

export function createMemoryBreakStore(state: MemoryState): BreakStore {
  const breakKey = (ref: BreakRef): string => keyOf(ref.tenant, ref.reconciliationId, ref.breakId);
  const laneKey = (lane: SettleLane): string => keyOf(lane.tenant, lane.reconciliationId, lane.index);
  return {
    async enterLane(lane) {
      const stored = state.lanes.get(laneKey(lane));
      if (stored && stored.fence > lane.fence) return 'fenced';
      const position = stored?.runId === lane.runId ? stored.position : 0;
      state.lanes.set(laneKey(lane), { runId: lane.runId, fence: lane.fence, position });
      return position;
    },
    async settle(lane, { from, to }, writes) {
      if (writes.length > breaksPerSettleWriteMax) throw new Error(`at most ${breaksPerSettleWriteMax} breaks at once`);
      const stored = state.lanes.get(laneKey(lane));
      if (stored?.runId !== lane.runId || stored.fence !== lane.fence) return 'fenced';
      if (stored.position === to) return 'written';
      if (stored.position !== from) return 'fenced';
      const versionOf = (item: Break) => state.breaks.get(breakKey(item))?.version;
      if (!writes.every((write) => write.expected === 0 || versionOf(write.break) === write.expected))
        return 'conflict';
      state.lanes.set(laneKey(lane), { ...stored, position: to });
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
        .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
      return pageOf(items, (item) => item.breakId, cursor, limit);
    },
  };
}

function orderOf({ breakId }: Break): string {
  return breakShardOf(breakId) + breakId.padStart(16, '0');
}
