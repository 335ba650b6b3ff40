// Twin of the DynamoDB project store.
import type { Project } from '../../domain/project.ts';
import type { ProjectStore } from '../../ports/project-store.ts';
import { keyOf, pageOf } from './state.ts';

export function createMemoryProjectStore(): ProjectStore {
  const projects = new Map<string, Project>();
  return {
    async create(project) {
      projects.set(keyOf(project.tenant, project.projectId), structuredClone(project));
    },
    async get(tenant, projectId) {
      return structuredClone(projects.get(keyOf(tenant, projectId)));
    },
    async update(project) {
      const key = keyOf(project.tenant, project.projectId);
      if (projects.get(key)?.version !== project.version) return false;
      projects.set(key, { ...structuredClone(project), version: project.version + 1 });
      return true;
    },
    async delete(tenant, projectId) {
      projects.delete(keyOf(tenant, projectId));
    },
    async list(tenant, cursor, limit = 100) {
      const ofTenant = [...projects.values()]
        .filter((project) => project.tenant === tenant)
        .sort((a, b) => (a.projectId < b.projectId ? -1 : 1));
      return pageOf(ofTenant, (project) => project.projectId, cursor, limit);
    },
  };
}
