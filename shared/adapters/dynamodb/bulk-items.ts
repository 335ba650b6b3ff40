// A bulk as an item. What it changes is written once; its state is an attribute of its own, which decides for all marked breaks.
import type { BreakBulk, BulkRef, BulkState } from '../../domain/break-bulk.ts';
import { readDocument } from './document.ts';
import { getItems, type ItemKey, keyText, openEntity, type StoredItem, type StoreTable } from './table.ts';

export function openBulkItems(table: StoreTable) {
  const entity = openEntity(table, 'break-bulk');
  const keyOf = ({ tenant, bulkId }: BulkRef): ItemKey => ({ pk: keyText(tenant, 'break-bulk', bulkId), sk: 'bulk' });
  const read = (item: StoredItem): BreakBulk => ({
    ...readDocument<BreakBulk>(item),
    state: item.status as BulkState,
    ...(item.result !== undefined && { decidedAt: item.result }),
  });
  return {
    entity,
    keyOf,
    read,
    /** Strongly consistent, by id. */
    async getMany(tenant: string, bulkIds: string[]): Promise<Map<string, BreakBulk>> {
      if (bulkIds.length === 0) return new Map();
      const found = await getItems(
        table,
        entity,
        bulkIds.map((bulkId) => keyOf({ tenant, bulkId })),
      );
      return new Map(found.map((item) => read(item)).map((bulk) => [bulk.bulkId, bulk]));
    },
  };
}
