// Closes a project with all that is kept under it: reconciliations, data sources, files and their bytes. A run that is active
// stops it. The project goes last, so that a removal that ended half-way can be repeated.
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { isActive } from '../../domain/run.ts';
import { everyItem } from '../every-item.ts';
import { removeUpload } from '../files/change-uploads.ts';
import type { UploadDeps } from '../files/upload-deps.ts';
import { type ReadDeps, withLatestRuns } from '../reconciliations/visible-reconciliation.ts';
import { visibleProject } from './visible-project.ts';

export async function deleteProject(
  deps: ReadDeps & Pick<UploadDeps, 'uploads' | 'objects' | 'dataSources'>,
  actor: Actor,
  projectId: string,
): Promise<Result<undefined>> {
  const project = await visibleProject(deps, actor, projectId);
  if (!project.ok) return project;
  const { tenant } = actor;
  const reconciliations = await everyItem((cursor) => deps.reconciliations.list(tenant, { projectId }, cursor));
  const jobs = await withLatestRuns(deps, actor, reconciliations);
  if (jobs.some(({ run }) => run && isActive(run))) return fail('RUN_ACTIVE', 'A job of this project is running');
  for (const reconciliation of reconciliations) await deps.reconciliations.delete(reconciliation);
  for (const upload of await everyItem((cursor) => deps.uploads.list(tenant, projectId, cursor)))
    await removeUpload(deps, upload);
  for (const source of await everyItem((cursor) => deps.dataSources.list(tenant, projectId, cursor)))
    await deps.dataSources.delete(source);
  await deps.projects.delete(tenant, projectId);
  return ok(undefined);
}
