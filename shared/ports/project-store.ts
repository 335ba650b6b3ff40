// Projects of a tenant. Who may see which is not asked here.
import type { Project } from '../domain/project.ts';
import type { Page } from './page.ts';

export type ProjectStore = {
  create(project: Project): Promise<void>;
  get(tenant: string, projectId: string): Promise<Project | undefined>;
  /** Writes version + 1 where the stored version is the given one; false on a conflict. */
  update(project: Project): Promise<boolean>;
  delete(tenant: string, projectId: string): Promise<void>;
  /** Oldest first. */
  list(tenant: string, cursor?: string, limit?: number): Promise<Page<Project>>;
};
