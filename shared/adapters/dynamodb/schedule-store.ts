// The sparse index of reconciliations by when their clock comes next. Its attributes are written with the reconciliation.
import type { Reconciliation } from '../../domain/reconciliation.ts';
import type { ScheduleStore } from '../../ports/schedule-store.ts';
import { readDocument } from './document.ts';
import { queryPage } from './query.ts';
import { openEntity, type StoreTable, sortable } from './table.ts';

export function createScheduleStore(table: StoreTable): ScheduleStore {
  const entity = openEntity(table, 'reconciliation');
  return {
    async due(now, limit) {
      const query = { index: 'gsi2' as const, partition: wakePartition, range: { lt: sortable(now + 1) } };
      const { items } = await queryPage(table, entity, query, limit);
      return items.map((item) => {
        const { tenant, reconciliationId } = readDocument<Reconciliation>(item);
        return { tenant, reconciliationId };
      });
    },
  };
}

/** What the item of a reconciliation has for it. */
export function wakeAttributes({ wake }: Reconciliation): { gsi2pk?: string; gsi2sk?: string } {
  return wake?.at === undefined ? {} : { gsi2pk: wakePartition, gsi2sk: sortable(wake.at) };
}

/** Of gsi2, over all tenants: the sweep alone reads it. */
const wakePartition = 'wakes';
