// Bulks of breaks; gsi2 holds those that are not finished, by the time they were begun.
import { $remove, PutItemCommand, UpdateItemCommand } from 'dynamodb-toolbox';
import type { BreakBulk } from '../../domain/break-bulk.ts';
import type { BulkStore } from '../../ports/bulk-store.ts';
import { dependency } from '../dependency-fault.ts';
import { openBulkItems } from './bulk-items.ts';
import { writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, type StoreTable, sortable } from './table.ts';

export function createBulkStore(table: StoreTable): BulkStore {
  const { entity, keyOf, read, getMany } = openBulkItems(table);
  const get: BulkStore['get'] = async (ref) => {
    const item = await getItem(entity, keyOf(ref));
    return item && read(item);
  };
  return {
    get,
    async create(bulk) {
      const { state, ...fixed } = bulk;
      const gsi2 = { gsi2pk: underWay, gsi2sk: sortable(Date.parse(bulk.startedAt)) };
      const item = { ...keyOf(bulk), ...gsi2, status: state, owner: bulk.tenant, ...writeDocument(fixed) };
      const put = entity.build(PutItemCommand).item(item);
      // The id is new, so that one which is there was written by an attempt whose answer was lost.
      await conditionally(() => put.options({ condition: { attr: 'pk', exists: false } }).send());
    },
    async decide(ref, state, at) {
      const update = entity.build(UpdateItemCommand).item({ ...keyOf(ref), status: state, result: at });
      const decided = await conditionally(() =>
        update.options({ condition: { attr: 'status', eq: 'MARKING' } }).send(),
      );
      return decided ? state : ((await get(ref))?.state ?? 'ABORTED');
    },
    async finish(ref) {
      const update = entity.build(UpdateItemCommand).item({ ...keyOf(ref), gsi2pk: $remove(), gsi2sk: $remove() });
      await dependency('DynamoDB', () => update.send());
    },
    async unfinished(before, limit) {
      const query = { index: 'gsi2', partition: underWay, range: { lt: sortable(before) } } as const;
      const { items } = await queryPage(table, entity, query, limit);
      const bulks: BreakBulk[] = [];
      for (const { bulkId, tenant } of items.map((item) => read(item))) {
        bulks.push(...(await getMany(tenant, [bulkId])).values());
      }
      return bulks;
    },
  };
}
const underWay = 'bulks-under-way';
