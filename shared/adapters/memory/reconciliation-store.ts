// Twin of the DynamoDB reconciliation store.
import type { Reconciliation } from '../../domain/reconciliation.ts';
import type { ReconciliationStore } from '../../ports/reconciliation-store.ts';
import { type MemoryState, pageOf, reconciliationKey } from './state.ts';

export function createMemoryReconciliationStore(state: MemoryState): ReconciliationStore {
  const ofCode = (tenant: string, code: string): Reconciliation | undefined =>
    [...state.reconciliations.values()].find((item) => item.tenant === tenant && item.code === code);
  const ofNumber = (tenant: string, number: number | undefined): Reconciliation | undefined =>
    number === undefined
      ? undefined
      : [...state.reconciliations.values()].find((item) => item.tenant === tenant && item.graph?.number === number);
  return {
    async create(reconciliation, told = []) {
      const { tenant, code, graph } = reconciliation;
      const key = reconciliationKey(reconciliation);
      if (state.reconciliations.has(key) || ofCode(tenant, code) || ofNumber(tenant, graph?.number)) return false;
      state.reconciliations.set(key, structuredClone(reconciliation));
      state.activity.push(...structuredClone(told));
      return true;
    },
    async get(ref) {
      return structuredClone(state.reconciliations.get(reconciliationKey(ref)));
    },
    async byCode(tenant, code) {
      return structuredClone(ofCode(tenant, code));
    },
    async byNumber(tenant, number) {
      return structuredClone(ofNumber(tenant, number));
    },
    async update(reconciliation, told = []) {
      const key = reconciliationKey(reconciliation);
      const stored = state.reconciliations.get(key);
      if (stored?.version !== reconciliation.version) return false;
      if (stored.code !== reconciliation.code) throw new Error('the code of a reconciliation never changes');
      if (stored.graph?.number !== reconciliation.graph?.number) throw new Error('the number of a graph never changes');
      state.reconciliations.set(key, { ...structuredClone(reconciliation), version: reconciliation.version + 1 });
      state.activity.push(...structuredClone(told));
      return true;
    },
    async list(tenant, { projectId }, cursor, limit = 100) {
      const items = [...state.reconciliations.values()]
        .filter((item) => item.tenant === tenant && (projectId === undefined || item.projectId === projectId))
        .sort((a, b) => (a.reconciliationId < b.reconciliationId ? -1 : 1));
      return pageOf(items, (item) => item.reconciliationId, cursor, limit);
    },
    async delete(ref) {
      state.reconciliations.delete(reconciliationKey(ref));
    },
  };
}
