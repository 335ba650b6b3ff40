// Reconciliations whose clock has come, from a sparse index that follows their `wake`. It is only told of what to read: what
// is due is decided by the reconciliation itself.
import type { ReconciliationRef } from '../domain/reconciliation.ts';

export type ScheduleStore = {
  /** Of all tenants, the longest due first. */
  due(now: number, limit: number): Promise<ReconciliationRef[]>;
};
