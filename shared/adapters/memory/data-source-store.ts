// Twin of the DynamoDB data source store.
import type { DataSource } from '../../domain/data-source.ts';
import type { DataSourceStore } from '../../ports/data-source-store.ts';
import { keyOf, pageOf } from './state.ts';

export function createMemoryDataSourceStore(): DataSourceStore {
  const sources = new Map<string, DataSource>();
  return {
    async create(source) {
      sources.set(keyOf(source.tenant, source.dataSourceId), structuredClone(source));
    },
    async get(tenant, dataSourceId) {
      return structuredClone(sources.get(keyOf(tenant, dataSourceId)));
    },
    async update(source) {
      const key = keyOf(source.tenant, source.dataSourceId);
      if (sources.get(key)?.version !== source.version) return false;
      sources.set(key, { ...structuredClone(source), version: source.version + 1 });
      return true;
    },
    async delete({ tenant, dataSourceId }) {
      sources.delete(keyOf(tenant, dataSourceId));
    },
    async list(tenant, projectId, cursor, limit = 100) {
      const ofProject = [...sources.values()]
        .filter((source) => source.tenant === tenant && source.projectId === projectId)
        .sort((a, b) => (a.dataSourceId < b.dataSourceId ? -1 : 1));
      return pageOf(ofProject, (source) => source.dataSourceId, cursor, limit);
    },
  };
}
