// The activity of a tenant: one item each, under the name of its event, so that a repeat meets the item that is there. Lists
// are by index: gsi1 of a reconciliation, gsi2 of the tenant. Nothing here changes or removes an entry.
import { PutItemCommand } from 'dynamodb-toolbox';
import type { ActivityLog, RecordedActivity } from '../../ports/activity-log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NumberStore } from '../../ports/number-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, type ItemKey, keyText, openEntity, type StoreTable, sortable } from './table.ts';

export function createActivityLog(table: StoreTable, numbers: NumberStore, clock: Clock): ActivityLog {
  const entity = openEntity(table, 'activity');
  const keyOf = (tenant: string, ...name: string[]): ItemKey => ({
    pk: keyText(tenant, 'activity-entry', ...name),
    sk: 'activity',
  });
  const listOf = (tenant: string, reconciliationId: string) => keyText(tenant, 'activity-of', reconciliationId);
  const allOf = (tenant: string) => keyText(tenant, 'activity');
  return {
    async record({ cause, ...entry }) {
      const { tenant, reconciliationId } = entry;
      if (cause !== undefined && (await getItem(entity, keyOf(tenant, 'cause', cause)))) return;
      // A repeat that gets past the read leaves a gap in the numbers, which nothing minds.
      const id = await numbers.take(tenant, 'activity', 1);
      const recorded: RecordedActivity = { ...entry, id, recordedAt: new Date(clock.now()).toISOString() };
      const put = entity.build(PutItemCommand).item({
        ...(cause === undefined ? keyOf(tenant, 'number', String(id)) : keyOf(tenant, 'cause', cause)),
        ...(reconciliationId !== undefined && {
          gsi1pk: listOf(tenant, reconciliationId),
          gsi1sk: sortable(id),
        }),
        gsi2pk: allOf(tenant),
        gsi2sk: sortable(id),
        ...writeDocument(recorded),
      });
      await conditionally(() => put.options({ condition: { attr: 'pk', exists: false } }).send());
    },
    async newest(tenant, reconciliationId, limit) {
      const query =
        reconciliationId === undefined
          ? { index: 'gsi2' as const, partition: allOf(tenant) }
          : { index: 'gsi1' as const, partition: listOf(tenant, reconciliationId) };
      const { items } = await queryPage(table, entity, { ...query, reverse: true }, limit);
      return items.map((item) => readDocument<RecordedActivity>(item));
    },
  };
}
