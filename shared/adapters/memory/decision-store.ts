// Twin of the DynamoDB decision store.
import type { DecisionRef } from '../../domain/decision.ts';
import type { DecisionStore } from '../../ports/decision-store.ts';
import { decisionKey, type MemoryState, pageOf, reconciliationKey } from './state.ts';

export function createMemoryDecisionStore(state: MemoryState): DecisionStore {
  return {
    async create(proposed) {
      const number = (state.decisionNumbers.get(reconciliationKey(proposed)) ?? 0) + 1;
      const decision = { ...structuredClone(proposed), number, version: 1 };
      state.decisionNumbers.set(reconciliationKey(proposed), number);
      state.decisions.set(decisionKey(decision), decision);
      return structuredClone(decision);
    },
    async get(ref: DecisionRef) {
      return structuredClone(state.decisions.get(decisionKey(ref)));
    },
    async save(decision) {
      const key = decisionKey(decision);
      if (state.decisions.get(key)?.version !== decision.version) return false;
      state.decisions.set(key, { ...structuredClone(decision), version: decision.version + 1 });
      return true;
    },
    async list(ref, { status }, cursor, limit = 100) {
      const items = [...state.decisions.values()]
        .filter((item) => reconciliationKey(item) === reconciliationKey(ref) && (!status || item.status === status))
        .sort((a, b) => a.number - b.number);
      return pageOf(items, (item) => item.decisionId, cursor, limit);
    },
  };
}
