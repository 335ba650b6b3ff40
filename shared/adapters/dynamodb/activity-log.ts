// The activity of a tenant: one item each, under the name of its event, so that a repeat meets the item that is there. Lists
// are by index: gsi1 of a reconciliation, gsi2 of the tenant. Nothing here changes or removes an entry.
import { PutItemCommand } from 'dynamodb-toolbox';
import type { ActivityEntry, ActivityLog, RecordedActivity } from '../../ports/activity-log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NumberStore } from '../../ports/number-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import {
  conditionally,
  getItems,
  type ItemKey,
  keyText,
  openEntity,
  plainPut,
  type StoreTable,
  sortable,
  transact,
} from './table.ts';
import { chunksOf } from './transaction-chunks.ts';

export function createActivityLog(table: StoreTable, numbers: NumberStore, clock: Clock): ActivityLog {
  const entity = openEntity(table, 'activity');
  const keyOf = (tenant: string, ...name: string[]): ItemKey => ({
    pk: keyText(tenant, 'activity-entry', ...name),
    sk: 'activity',
  });
  const listOf = (tenant: string, reconciliationId: string) => keyText(tenant, 'activity-of', reconciliationId);
  const allOf = (tenant: string) => keyText(tenant, 'activity');
  const nameOf = ({ tenant, cause }: ActivityEntry): ItemKey | undefined =>
    cause === undefined ? undefined : keyOf(tenant, 'cause', cause);

  /** Those of the events that nobody has recorded. */
  async function unrecorded(entries: ActivityEntry[]): Promise<ActivityEntry[]> {
    const found = await getItems(
      table,
      entity,
      entries.flatMap((entry) => nameOf(entry) ?? []),
    );
    const names = new Set(found.map(({ pk }) => pk));
    return entries.filter((entry) => {
      const name = nameOf(entry)?.pk;
      if (name === undefined) return true;
      if (names.has(name)) return false;
      names.add(name);
      return true;
    });
  }

  return {
    async record(...entries) {
      const fresh = await unrecorded(entries);
      if (fresh.length === 0) return;
      // A repeat that gets past the read leaves a gap in the numbers, which nothing minds.
      const first = await numbers.take(fresh[0]!.tenant, 'activity', fresh.length);
      const recordedAt = new Date(clock.now()).toISOString();
      const items = fresh.map(({ cause, ...entry }, index) => {
        const { tenant, reconciliationId } = entry;
        const id = first + index;
        const recorded: RecordedActivity = { ...entry, id, recordedAt };
        return {
          ...(nameOf({ ...entry, ...(cause !== undefined && { cause }) }) ?? keyOf(tenant, 'number', String(id))),
          ...(reconciliationId !== undefined && {
            gsi1pk: listOf(tenant, reconciliationId),
            gsi1sk: sortable(id),
          }),
          gsi2pk: allOf(tenant),
          gsi2sk: sortable(id),
          ...writeDocument(recorded),
        };
      });
      for (const chunk of chunksOf(items)) {
        const puts = chunk.map((item) => plainPut(entity, item, 'absent'));
        if (puts.length > 1 && (await transact(puts)).length === 0) continue;
        // One alone, or some that a repeat has recorded meanwhile.
        for (const item of chunk) {
          const put = entity.build(PutItemCommand).item(item);
          await conditionally(() => put.options({ condition: { attr: 'pk', exists: false } }).send());
        }
      }
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
