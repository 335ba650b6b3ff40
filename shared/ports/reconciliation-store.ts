// Reconciliations of a tenant.
import type { Reconciliation, ReconciliationRef } from '../domain/reconciliation.ts';
import type { Page } from './page.ts';

export type ReconciliationStore = {
  /** False when the id, the tenant's code or the number of its graph exists. */
  create(reconciliation: Reconciliation): Promise<boolean>;
  get(ref: ReconciliationRef): Promise<Reconciliation | undefined>;
  /** By the number of its graph. */
  byNumber(tenant: string, number: number): Promise<Reconciliation | undefined>;
  byCode(tenant: string, code: string): Promise<Reconciliation | undefined>;
  /** Writes version + 1 where the stored version is the given one; false on a conflict. */
  update(reconciliation: Reconciliation): Promise<boolean>;
  list(tenant: string, filter: { projectId?: string }, cursor?: string, limit?: number): Promise<Page<Reconciliation>>;
  delete(ref: ReconciliationRef): Promise<void>;
};
