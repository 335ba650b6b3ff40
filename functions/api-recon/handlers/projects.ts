// Projects.
import { listDataSources } from '../../../shared/app/data-sources/data-sources.ts';
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import { changeProject, createProject } from '../../../shared/app/projects/change-projects.ts';
import { deleteProject } from '../../../shared/app/projects/delete-project.ts';
import { visibleProject, visibleProjects } from '../../../shared/app/projects/visible-project.ts';
import { visibleReconciliations, withLatestRuns } from '../../../shared/app/reconciliations/visible-reconciliation.ts';
import type { projectRoutes } from '../../../shared/contracts/recon/projects.ts';
import { fullName } from '../../../shared/domain/principal.ts';
import type { Project } from '../../../shared/domain/project.ts';
import { ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { defined } from '../defined.ts';
import { created, data, message, pageOf, pagination } from '../envelope.ts';
import { presentJob } from '../present/job.ts';
import { presentProject } from '../present/project.ts';
import type { ReconDeps } from '../recon-deps.ts';

type SettingsBody = { collaboration_enabled?: boolean | undefined; max_concurrent_users?: number | undefined };

export function projectHandlers(deps: ReconDeps): Handlers<typeof projectRoutes, SignedInActor> {
  async function presentAll(projects: Project[]) {
    const ownerIds = [...new Set(projects.map(({ ownerId }) => ownerId))];
    const tenant = projects[0]?.tenant;
    const owners = await Promise.all(ownerIds.map((id) => deps.users.get(tenant!, id)));
    const names = new Map(owners.flatMap((owner) => (owner ? [[owner.userId, fullName(owner)] as const] : [])));
    return projects.map((project) => presentProject(project, names.get(project.ownerId) ?? ''));
  }
  const present = async (project: Project) => (await presentAll([project]))[0]!;

  return {
    async listProjects({ actor, query }) {
      const search = query.search?.toLowerCase();
      const projects = (await visibleProjects(deps, actor)).filter(
        ({ name, description, ownerId }) =>
          (search === undefined || `${name}\n${description}`.toLowerCase().includes(search)) &&
          (query.owner_id === undefined || ownerId === query.owner_id),
      );
      const shown = await presentAll(pageOf(projects, query));
      return ok(data({ projects: shown, pagination: pagination(projects.length, query) }));
    },
    async createProject({ actor, body }) {
      const project = await createProject(deps, actor, command(body));
      return project.ok ? ok(created(await present(project.value))) : project;
    },
    async getProject({ actor, params }) {
      const project = await visibleProject(deps, actor, params.id);
      if (!project.ok) return project;
      const [sources, reconciliations] = await Promise.all([
        listDataSources(deps, actor, { projectId: params.id }),
        visibleReconciliations(deps, actor, { projectId: params.id }),
      ]);
      if (!sources.ok) return sources;
      if (!reconciliations.ok) return reconciliations;
      const jobs = await withLatestRuns(deps, actor, reconciliations.value);
      return ok(
        data({
          ...(await present(project.value)),
          data_sources: sources.value.map((source) => ({
            id: source.dataSourceId,
            name: source.name,
            source_type: source.sourceType,
            file_count: source.uploadId === undefined ? 0 : 1,
          })),
          reconciliation_jobs: jobs.map(presentJob).map(({ id, name, status, created_at }) => ({
            id,
            name,
            status,
            created_at,
          })),
        }),
      );
    },
    async updateProject({ actor, params, body }) {
      const project = await changeProject(deps, actor, params.id, command(body));
      return project.ok ? ok(data(await present(project.value))) : project;
    },
    async deleteProject({ actor, params }) {
      const deleted = await deleteProject(deps, actor, params.id);
      return deleted.ok ? ok(message('Project deleted successfully')) : deleted;
    },
  };
}

function command<T extends { description?: string | undefined; settings?: SettingsBody | undefined }>(body: T) {
  const { settings, ...rest } = body;
  const given = settings && {
    collaborationEnabled: settings.collaboration_enabled,
    maxConcurrentUsers: settings.max_concurrent_users,
  };
  return { ...defined(rest), ...(given && { settings: defined(given) }) };
}
