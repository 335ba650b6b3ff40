// The activity of a tenant: one item each, under the name of its event. Nothing here changes or removes an entry.
import { PutItemCommand } from 'dynamodb-toolbox';
import type { ActivityEntry, ActivityLog, NumberedActivity, RecordedActivity } from '../../ports/activity-log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NumberStore } from '../../ports/number-store.ts';
import { openActivityItems } from './activity-items.ts';
import { readDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItems, plainPut, type StoreTable, sortable, transact } from './table.ts';
import { chunksOf } from './transaction-chunks.ts';

export function createActivityLog(table: StoreTable, numbers: NumberStore, clock: Clock): ActivityLog {
  const { entity, listOf, allOf, nameOf, itemOf } = openActivityItems(table);

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

  async function number(...entries: ActivityEntry[]): Promise<NumberedActivity[]> {
    if (entries.length === 0) return [];
    const first = await numbers.take(entries[0]!.tenant, 'activity', entries.length);
    const recordedAt = new Date(clock.now()).toISOString();
    return entries.map((entry, index) => ({ ...entry, id: first + index, recordedAt }));
  }

  return {
    number,
    async record(...entries) {
      // A repeat that gets past the read leaves a gap in the numbers, which nothing minds.
      const items = (await number(...(await unrecorded(entries)))).map(itemOf);
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
    async newest(tenant, reconciliationId, limit, before) {
      const query =
        reconciliationId === undefined
          ? { index: 'gsi2' as const, partition: allOf(tenant) }
          : { index: 'gsi1' as const, partition: listOf(tenant, reconciliationId) };
      const range = before === undefined ? {} : { range: { lt: sortable(before) } };
      const { items } = await queryPage(table, entity, { ...query, ...range, reverse: true }, limit);
      return items.map((item) => readDocument<RecordedActivity>(item));
    },
  };
}
