// Opening, changing and closing projects. Closing one takes with it all that is kept under it, and waits for no run.
import type { Actor } from '../../domain/principal.ts';
import { type Project, projectSettingsDefault } from '../../domain/project.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Clock, Ids } from '../../ports/clock.ts';
import type { ProjectStore } from '../../ports/project-store.ts';
import { visibleProject } from './visible-project.ts';

type ProjectDeps = { projects: ProjectStore; clock: Clock; ids: Ids };

export type NewProject = { name: string; description?: string; settings?: Partial<Project['settings']> };

export async function createProject(deps: ProjectDeps, actor: Actor, command: NewProject): Promise<Result<Project>> {
  const now = new Date(deps.clock.now()).toISOString();
  const project: Project = {
    tenant: actor.tenant,
    projectId: deps.ids.uuid(),
    name: command.name,
    description: command.description ?? '',
    ownerId: actor.userId,
    settings: { ...projectSettingsDefault, ...command.settings },
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
  await deps.projects.create(project);
  return ok(project);
}

export async function changeProject(
  deps: Pick<ProjectDeps, 'projects' | 'clock'>,
  actor: Actor,
  projectId: string,
  change: Partial<NewProject>,
): Promise<Result<Project>> {
  const found = await visibleProject(deps, actor, projectId);
  if (!found.ok) return found;
  const project = found.value;
  const changed: Project = {
    ...project,
    name: change.name ?? project.name,
    description: change.description ?? project.description,
    settings: { ...project.settings, ...change.settings },
    updatedAt: new Date(deps.clock.now()).toISOString(),
  };
  return (await deps.projects.update(changed)) ? ok(changed) : fail('CONCURRENT_CHANGE');
}
