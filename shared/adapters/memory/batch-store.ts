// Twin of the DynamoDB batch store.
import { emptyFeed } from '../../domain/feed.ts';
import type { BatchRef, BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  feedUnchanged,
  keyOf,
  type MemoryState,
  pageOf,
  reconciliationKey,
  replaceFeed,
  type StoredBatch,
} from './state.ts';

export function createMemoryBatchStore(state: MemoryState, clock: Clock): BatchStore {
  const keyOfBatch = (ref: BatchRef): string => keyOf(ref.tenant, ref.reconciliationId, ref.batchId);
  const of = (ref: { tenant: string; reconciliationId: string }): StoredBatch[] =>
    [...state.batches.values()].filter(({ batch }) => reconciliationKey(batch) === reconciliationKey(ref));
  return {
    async receive(received) {
      const key = keyOfBatch(received);
      const known = state.batches.get(key);
      if (known) return { batch: structuredClone(known.batch), created: false };
      const number = (state.batchNumbers.get(reconciliationKey(received)) ?? 0) + 1;
      const batch = { ...structuredClone(received), number, version: 1 };
      state.batchNumbers.set(reconciliationKey(received), number);
      state.batches.set(key, { batch, touchedAt: clock.now() });
      return { batch: structuredClone(batch), created: true };
    },
    async get(ref) {
      return structuredClone(state.batches.get(keyOfBatch(ref))?.batch);
    },
    async save(batch, feed) {
      const stored = state.batches.get(keyOfBatch(batch));
      if (stored?.batch.version !== batch.version) return false;
      if (feed && !feedUnchanged(state, feed)) return false;
      if (feed) replaceFeed(state, feed);
      state.batches.set(keyOfBatch(batch), {
        batch: { ...structuredClone(batch), version: batch.version + 1 },
        touchedAt: clock.now(),
      });
      return true;
    },
    async byChecksum(ref, source, checksum) {
      const batches = of(ref).map(({ batch }) => batch);
      const same = batches.filter((batch) => batch.source === source && batch.checksum === checksum);
      return structuredClone(same.sort((a, b) => a.number - b.number));
    },
    async list(ref, cursor, limit = 100, upTo = Number.POSITIVE_INFINITY) {
      const batches = of(ref).flatMap(({ batch }) => (batch.number <= upTo ? [batch] : []));
      return pageOf(
        batches.sort((a, b) => b.number - a.number),
        (batch) => String(batch.number),
        cursor,
        limit,
      );
    },
    async feed(ref) {
      return structuredClone(state.feeds.get(reconciliationKey(ref)) ?? emptyFeed(ref));
    },
    async stalled(before, limit) {
      const waiting = [...state.batches.values()].filter(
        ({ batch, touchedAt }) => (batch.status === 'RECEIVED' || batch.status === 'PROCESSING') && touchedAt < before,
      );
      const oldest = waiting.sort((a, b) => a.touchedAt - b.touchedAt).slice(0, limit);
      return structuredClone(oldest.map(({ batch }) => batch));
    },
  };
}
