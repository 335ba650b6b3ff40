// Data sources, listed by their project. Who may see which is not asked here.
import type { DataSource } from '../domain/data-source.ts';
import type { Page } from './page.ts';

export type DataSourceStore = {
  create(source: DataSource): Promise<void>;
  get(tenant: string, dataSourceId: string): Promise<DataSource | undefined>;
  /** Writes version + 1 where the stored version is the given one; false on a conflict. */
  update(source: DataSource): Promise<boolean>;
  delete(source: Pick<DataSource, 'tenant' | 'projectId' | 'dataSourceId'>): Promise<void>;
  /** Oldest first. */
  list(tenant: string, projectId: string, cursor?: string, limit?: number): Promise<Page<DataSource>>;
};
