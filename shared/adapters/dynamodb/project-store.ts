// Projects: one item each, in the tenant's partition in the order they were made.
import { DeleteItemCommand, PutItemCommand } from 'dynamodb-toolbox';
import type { Project } from '../../domain/project.ts';
import type { ProjectStore } from '../../ports/project-store.ts';
import { dependency } from '../dependency-fault.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, keyText, openEntity, type StoreTable } from './table.ts';

export function createProjectStore(table: StoreTable): ProjectStore {
  const entity = openEntity(table, 'project');
  const partitionOf = (tenant: string) => keyText(tenant, 'projects');
  const keyOf = (tenant: string, projectId: string) => ({ pk: partitionOf(tenant), sk: projectId });
  const itemOf = (project: Project) => ({
    ...keyOf(project.tenant, project.projectId),
    version: project.version,
    ...writeDocument(project),
  });
  return {
    async create(project) {
      await dependency('DynamoDB', () => entity.build(PutItemCommand).item(itemOf(project)).send());
    },
    async get(tenant, projectId) {
      const item = await getItem(entity, keyOf(tenant, projectId));
      return item && readDocument<Project>(item);
    },
    update(project) {
      const put = entity.build(PutItemCommand).item(itemOf({ ...project, version: project.version + 1 }));
      return conditionally(() => put.options({ condition: { attr: 'version', eq: project.version } }).send());
    },
    async delete(tenant, projectId) {
      await dependency('DynamoDB', () => entity.build(DeleteItemCommand).key(keyOf(tenant, projectId)).send());
    },
    async list(tenant, cursor, limit = 100) {
      const { items, cursor: next } = await queryPage(table, entity, { partition: partitionOf(tenant) }, limit, cursor);
      return { items: items.map((item) => readDocument<Project>(item)), ...(next && { cursor: next }) };
    },
  };
}
