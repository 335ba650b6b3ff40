// The item of an activity entry. It lies under the name of its event, so that a repeat meets the one that is there; lists are by
// index: gsi1 of a reconciliation, gsi2 of the tenant.
import type { ActivityEntry, NumberedActivity, RecordedActivity } from '../../ports/activity-log.ts';
import { writeDocument } from './document.ts';
import {
  type ItemKey,
  keyText,
  openEntity,
  plainPut,
  type StoreTable,
  sortable,
  type TransactionPart,
} from './table.ts';

export function openActivityItems(table: StoreTable) {
  const entity = openEntity(table, 'activity');
  const keyOf = (tenant: string, ...name: string[]): ItemKey => ({
    pk: keyText(tenant, 'activity-entry', ...name),
    sk: 'activity',
  });
  const listOf = (tenant: string, reconciliationId: string) => keyText(tenant, 'activity-of', reconciliationId);
  const allOf = (tenant: string) => keyText(tenant, 'activity');
  const nameOf = ({ tenant, cause }: ActivityEntry): ItemKey | undefined =>
    cause === undefined ? undefined : keyOf(tenant, 'cause', cause);
  const itemOf = (numbered: NumberedActivity) => {
    const { cause: _, ...recorded } = numbered;
    const { tenant, reconciliationId, id } = recorded;
    return {
      ...(nameOf(numbered) ?? keyOf(tenant, 'number', String(id))),
      ...(reconciliationId !== undefined && { gsi1pk: listOf(tenant, reconciliationId), gsi1sk: sortable(id) }),
      gsi2pk: allOf(tenant),
      gsi2sk: sortable(id),
      ...writeDocument(recorded satisfies RecordedActivity),
    };
  };
  return {
    entity,
    listOf,
    allOf,
    nameOf,
    itemOf,
    /** For the transaction of the change that it tells of, which happens once: nothing else writes under this name. */
    partsOf: (told: NumberedActivity[] = []): TransactionPart[] =>
      told.map((one) => plainPut(entity, itemOf(one), 'any')),
  };
}
