// Data sources: one item each, listed per project by gsi1 in the order they were made.
import { DeleteItemCommand, PutItemCommand } from 'dynamodb-toolbox';
import type { DataSource } from '../../domain/data-source.ts';
import type { DataSourceStore } from '../../ports/data-source-store.ts';
import { dependency } from '../dependency-fault.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, keyText, openEntity, type StoreTable } from './table.ts';

export function createDataSourceStore(table: StoreTable): DataSourceStore {
  const entity = openEntity(table, 'data-source');
  const keyOf = (tenant: string, id: string) => ({ pk: keyText(tenant, 'data-source', id), sk: 'data-source' });
  const listOf = (tenant: string, projectId: string) => keyText(tenant, 'data-sources-of', projectId);
  const itemOf = (source: DataSource) => ({
    ...keyOf(source.tenant, source.dataSourceId),
    gsi1pk: listOf(source.tenant, source.projectId),
    gsi1sk: source.dataSourceId,
    version: source.version,
    ...writeDocument(source),
  });
  return {
    async create(source) {
      await dependency('DynamoDB', () => entity.build(PutItemCommand).item(itemOf(source)).send());
    },
    async get(tenant, dataSourceId) {
      const item = await getItem(entity, keyOf(tenant, dataSourceId));
      return item && readDocument<DataSource>(item);
    },
    update(source) {
      const put = entity.build(PutItemCommand).item(itemOf({ ...source, version: source.version + 1 }));
      return conditionally(() => put.options({ condition: { attr: 'version', eq: source.version } }).send());
    },
    async delete({ tenant, dataSourceId }) {
      await dependency('DynamoDB', () => entity.build(DeleteItemCommand).key(keyOf(tenant, dataSourceId)).send());
    },
    async list(tenant, projectId, cursor, limit = 100) {
      const query = { index: 'gsi1' as const, partition: listOf(tenant, projectId) };
      const { items, cursor: next } = await queryPage(table, entity, query, limit, cursor);
      return { items: items.map((item) => readDocument<DataSource>(item)), ...(next && { cursor: next }) };
    },
  };
}
