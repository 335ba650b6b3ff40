// Uploads: one item each, listed per project by gsi1 in the order they were made.
import { DeleteItemCommand, PutItemCommand } from 'dynamodb-toolbox';
import type { Upload } from '../../domain/upload.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import { dependency } from '../dependency-fault.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, keyText, openEntity, type StoreTable } from './table.ts';

export function createUploadStore(table: StoreTable): UploadStore {
  const entity = openEntity(table, 'upload');
  const keyOf = (tenant: string, uploadId: string) => ({ pk: keyText(tenant, 'upload', uploadId), sk: 'upload' });
  const listOf = (tenant: string, projectId: string) => keyText(tenant, 'uploads-of', projectId);
  const itemOf = (upload: Upload) => ({
    ...keyOf(upload.tenant, upload.uploadId),
    gsi1pk: listOf(upload.tenant, upload.projectId),
    gsi1sk: upload.uploadId,
    version: upload.version,
    ...writeDocument(upload),
  });
  return {
    create(upload) {
      const put = entity.build(PutItemCommand).item(itemOf(upload));
      return conditionally(() => put.options({ condition: { attr: 'pk', exists: false } }).send());
    },
    async get(tenant, uploadId) {
      const item = await getItem(entity, keyOf(tenant, uploadId));
      return item && readDocument<Upload>(item);
    },
    update(upload) {
      const put = entity.build(PutItemCommand).item(itemOf({ ...upload, version: upload.version + 1 }));
      return conditionally(() => put.options({ condition: { attr: 'version', eq: upload.version } }).send());
    },
    async delete(tenant, uploadId) {
      await dependency('DynamoDB', () => entity.build(DeleteItemCommand).key(keyOf(tenant, uploadId)).send());
    },
    async list(tenant, projectId, cursor, limit = 100) {
      const query = { index: 'gsi1' as const, partition: listOf(tenant, projectId) };
      const { items, cursor: next } = await queryPage(table, entity, query, limit, cursor);
      return { items: items.map((item) => readDocument<Upload>(item)), ...(next && { cursor: next }) };
    },
  };
}
