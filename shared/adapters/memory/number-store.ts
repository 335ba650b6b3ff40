// Twin of the DynamoDB number store.
import type { NumberStore } from '../../ports/number-store.ts';
import { keyOf } from './state.ts';

export function createMemoryNumberStore(): NumberStore {
  const taken = new Map<string, number>();
  return {
    async take(tenant, kind, count) {
      const key = keyOf(tenant, kind);
      const before = taken.get(key) ?? 0;
      taken.set(key, before + count);
      return before + 1;
    },
  };
}
