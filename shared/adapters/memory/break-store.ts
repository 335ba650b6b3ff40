// Twin of the DynamoDB break store.
import {
  type Break,
  type BreakRef,
  breakPartsPerWriteMax,
  breakShardOf,
  isTouched,
  partsOf,
} from '../../domain/break.ts';
import { resolveBulk } from '../../domain/break-bulk.ts';
import type { BreakStore, BreakWrite, SettleLane } from '../../ports/break-store.ts';
import { feedUnchanged, keyOf, type MemoryState, pageOf, reconciliationKey } from './state.ts';

export function createMemoryBreakStore(state: MemoryState): BreakStore {
  const breakKey = (ref: BreakRef): string => keyOf(ref.tenant, ref.reconciliationId, ref.breakId);
  const laneKey = (lane: SettleLane): string => keyOf(lane.tenant, lane.reconciliationId, lane.index);
  const resolved = (item: Break): Break =>
    resolveBulk(item, item.bulk && state.bulks.get(keyOf(item.tenant, item.bulk.bulkId)));
  const isStored = ({ break: item, expected }: BreakWrite, absent: number | undefined): boolean => {
    const version = state.breaks.get(breakKey(item))?.version;
    return expected === 0 ? absent === undefined || version === undefined : version === expected;
  };
  const write = ({ break: item, entries = [] }: BreakWrite): void => {
    const { bulk, ...unmarked } = item;
    state.breaks.set(breakKey(item), structuredClone(bulk && !bulk.unwritten ? item : unmarked));
    for (const entry of [...(bulk?.unwritten ? [bulk.unwritten] : []), ...entries]) {
      state.breakEntries.set(keyOf(breakKey(item), entry.number), structuredClone(entry));
    }
  };
  return {
    async enterLane(lane) {
      const stored = state.lanes.get(laneKey(lane));
      if (stored && stored.fence > lane.fence) return 'fenced';
      const position = stored?.runId === lane.runId ? stored.position : 0;
      state.lanes.set(laneKey(lane), { runId: lane.runId, fence: lane.fence, position });
      return position;
    },
    async settle(lane, { from, to }, writes) {
      checkSize(writes);
      const stored = state.lanes.get(laneKey(lane));
      if (stored?.runId !== lane.runId || stored.fence !== lane.fence) return 'fenced';
      if (stored.position === to) return 'written';
      if (stored.position !== from) return 'fenced';
      if (!writes.every((one) => isStored(one, undefined))) return 'conflict';
      state.lanes.set(laneKey(lane), { ...stored, position: to });
      writes.forEach(write);
      return 'written';
    },
    async getMany(ref, breakIds) {
      const found = breakIds.map((breakId) => state.breaks.get(breakKey({ ...ref, breakId })));
      return structuredClone(found.filter((item) => item !== undefined).map(resolved));
    },
    async save(writes, feed, told = []) {
      checkSize(writes);
      if (feed && !feedUnchanged(state, feed)) return false;
      if (!writes.every((one) => isStored(one, 0))) return false;
      writes.forEach(write);
      state.activity.push(...structuredClone(told));
      return true;
    },
    async list(ref, cursor, limit = 100) {
      const items = [...state.breaks.values()]
        .filter((item) => reconciliationKey(item) === reconciliationKey(ref))
        .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
        .map(resolved);
      return pageOf(items, (item) => item.breakId, cursor, limit);
    },
    async touched(ref) {
      return [...state.breaks.values()]
        .filter((item) => reconciliationKey(item) === reconciliationKey(ref))
        .map(resolved)
        .filter(isTouched)
        .sort((a, b) => Number(a.breakId) - Number(b.breakId))
        .map(({ breakId, status }) => ({ breakId, status }));
    },
    async entries(ref, ranges) {
      return ranges.flatMap(({ breakId, from, to }) =>
        Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => {
          const entry = state.breakEntries.get(keyOf(breakKey({ ...ref, breakId }), from + index));
          return entry ? [{ breakId, ...structuredClone(entry) }] : [];
        }).flat(),
      );
    },
  };
}

function checkSize(writes: BreakWrite[]): void {
  const parts = writes.reduce((sum, one) => sum + partsOf(one), 0);
  if (parts > breakPartsPerWriteMax) throw new Error(`at most ${breakPartsPerWriteMax} parts at once`);
}

function orderOf({ breakId }: Break): string {
  return breakShardOf(breakId) + breakId.padStart(16, '0');
}
