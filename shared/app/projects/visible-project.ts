// The project if the actor may see it. One that is not there, another tenant's and another person's are told alike.
import { type Actor, seesAllProjects } from '../../domain/principal.ts';
import type { Project } from '../../domain/project.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { ProjectStore } from '../../ports/project-store.ts';
import { everyItem } from '../every-item.ts';

export async function visibleProject(
  { projects }: { projects: ProjectStore },
  actor: Actor,
  projectId: string,
): Promise<Result<Project>> {
  const project = await projects.get(actor.tenant, projectId);
  if (!project || !maySee(actor, project)) return fail('NOT_FOUND', 'There is no such project');
  return ok(project);
}

function maySee(actor: Actor, project: Project): boolean {
  return project.ownerId === actor.userId || seesAllProjects(actor);
}

/** Every project that the actor may see, oldest first. */
export async function visibleProjects({ projects }: { projects: ProjectStore }, actor: Actor): Promise<Project[]> {
  const all = await everyItem((cursor) => projects.list(actor.tenant, cursor));
  return all.filter((project) => maySee(actor, project));
}
