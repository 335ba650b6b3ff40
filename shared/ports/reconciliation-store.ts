// Reconciliations of a tenant.
import type { Reconciliation, ReconciliationRef } from '../domain/reconciliation.ts';
import type { NumberedActivity } from './activity-log.ts';
import type { Page } from './page.ts';

export type ReconciliationStore = {
  /** False when the id, the tenant's code or the number of its graph exists. `told` is written with it, here and in `update`. */
  create(reconciliation: Reconciliation, told?: NumberedActivity[]): Promise<boolean>;
  get(ref: ReconciliationRef): Promise<Reconciliation | undefined>;
  /** By the number of its graph. */
  byNumber(tenant: string, number: number): Promise<Reconciliation | undefined>;
  byCode(tenant: string, code: string): Promise<Reconciliation | undefined>;
  /** Writes version + 1 where the stored version is the given one; false on a conflict. */
  update(reconciliation: Reconciliation, told?: NumberedActivity[]): Promise<boolean>;
  list(tenant: string, filter: { projectId?: string }, cursor?: string, limit?: number): Promise<Page<Reconciliation>>;
  delete(ref: ReconciliationRef): Promise<void>;
};
