// Twin of the index of due reconciliations.
import type { ScheduleStore } from '../../ports/schedule-store.ts';
import type { MemoryState } from './state.ts';

export function createMemoryScheduleStore(state: MemoryState): ScheduleStore {
  return {
    async due(now, limit) {
      return [...state.reconciliations.values()]
        .filter(({ wake }) => wake?.at !== undefined && wake.at <= now)
        .sort((a, b) => a.wake!.at! - b.wake!.at!)
        .slice(0, limit)
        .map(({ tenant, reconciliationId }) => ({ tenant, reconciliationId }));
    },
  };
}
