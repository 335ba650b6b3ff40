// Twin of the DynamoDB store of bulks.
import type { BulkRef } from '../../domain/break-bulk.ts';
import type { BulkStore } from '../../ports/bulk-store.ts';
import { keyOf, type MemoryState } from './state.ts';

export function createMemoryBulkStore(state: MemoryState): BulkStore {
  const bulkKey = ({ tenant, bulkId }: BulkRef): string => keyOf(tenant, bulkId);
  return {
    async create(bulk) {
      if (state.bulks.has(bulkKey(bulk))) return;
      state.bulks.set(bulkKey(bulk), { ...structuredClone(bulk), finished: false });
    },
    async get(ref) {
      const stored = state.bulks.get(bulkKey(ref));
      if (!stored) return undefined;
      const { finished: _finished, ...bulk } = stored;
      return structuredClone(bulk);
    },
    async decide(ref, decided, at) {
      const stored = state.bulks.get(bulkKey(ref));
      if (stored?.state !== 'MARKING') return stored?.state ?? 'ABORTED';
      state.bulks.set(bulkKey(ref), { ...stored, state: decided, decidedAt: at });
      return decided;
    },
    async finish(ref) {
      const stored = state.bulks.get(bulkKey(ref));
      if (stored) state.bulks.set(bulkKey(ref), { ...stored, finished: true });
    },
    async unfinished(before, limit) {
      const found = [...state.bulks.values()].filter((bulk) => !bulk.finished && Date.parse(bulk.startedAt) < before);
      return structuredClone(found.slice(0, limit).map(({ finished: _finished, ...bulk }) => bulk));
    },
  };
}
