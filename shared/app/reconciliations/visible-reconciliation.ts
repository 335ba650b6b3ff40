// Reconciliations as their readers see them: with the latest run folded in, and only where the project may be seen. Those of
// the break management surface have access entries of their own, and are never seen here.
import { type Actor, seesAllProjects } from '../../domain/principal.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import type { ProjectStore } from '../../ports/project-store.ts';
import type { ReconciliationStore } from '../../ports/reconciliation-store.ts';
import type { RunStore } from '../../ports/run-store.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { everyItem } from '../every-item.ts';
import { visibleProject, visibleProjects } from '../projects/visible-project.ts';
import { getRunProgress } from '../runs/get-run-progress.ts';

export type ReadDeps = {
  projects: ProjectStore;
  reconciliations: ReconciliationStore;
  runs: RunStore;
  tasks: TaskStore;
};

/** A reconciliation and its latest run, with the progress of the moment: 0 to 100, 100 only when it has completed. */
export type Job = { reconciliation: Reconciliation; run: Run | undefined; percent: number };

export async function visibleReconciliation(
  deps: Pick<ReadDeps, 'projects' | 'reconciliations'>,
  actor: Actor,
  reconciliationId: string,
): Promise<Result<Reconciliation>> {
  const found = await deps.reconciliations.get({ tenant: actor.tenant, reconciliationId });
  const missing = fail('NOT_FOUND', 'There is no such reconciliation job');
  if (!found || found.graph) return missing;
  if (found.ownerId === actor.userId || seesAllProjects(actor)) return ok(found);
  if (found.projectId === undefined) return missing;
  return (await visibleProject(deps, actor, found.projectId)).ok ? ok(found) : missing;
}

export async function visibleJob(deps: ReadDeps, actor: Actor, reconciliationId: string): Promise<Result<Job>> {
  const found = await visibleReconciliation(deps, actor, reconciliationId);
  return found.ok ? ok(await withLatestRun(deps, actor, found.value)) : found;
}

/** Oldest first. */
export async function visibleReconciliations(
  deps: ReadDeps,
  actor: Actor,
  filter: { projectId?: string },
): Promise<Result<Reconciliation[]>> {
  if (filter.projectId !== undefined) {
    const project = await visibleProject(deps, actor, filter.projectId);
    if (!project.ok) return project;
  }
  const stored = await everyItem((cursor) => deps.reconciliations.list(actor.tenant, filter, cursor));
  const all = stored.filter(({ graph }) => !graph);
  if (seesAllProjects(actor)) return ok(all);
  const projectIds = new Set((await visibleProjects(deps, actor)).map(({ projectId }) => projectId));
  return ok(
    all.filter((one) => one.ownerId === actor.userId || (one.projectId !== undefined && projectIds.has(one.projectId))),
  );
}

export async function withLatestRun(
  deps: Pick<ReadDeps, 'runs' | 'tasks'>,
  actor: Actor,
  reconciliation: Reconciliation,
): Promise<Job> {
  const { items } = await deps.runs.list(reconciliation, undefined, 1);
  return withProgress(deps, actor, reconciliation, items[0]);
}

async function withProgress(
  deps: Pick<ReadDeps, 'runs' | 'tasks'>,
  actor: Actor,
  reconciliation: Reconciliation,
  run: Run | undefined,
): Promise<Job> {
  if (!run) return { reconciliation, run, percent: 0 };
  if (run.status === 'COMPLETED') return { reconciliation, run, percent: 100 };
  const progress = await getRunProgress(deps, actor, run);
  if (!progress.ok) return { reconciliation, run, percent: 0 };
  const { stage, done, total, percent } = progress.value;
  return { reconciliation, run: { ...progress.value.run, progress: { stage, done, total } }, percent };
}

/** Several at once, but not so many that one page of a list uses up the table's room. */
export async function withLatestRuns(
  deps: Pick<ReadDeps, 'runs' | 'tasks'>,
  actor: Actor,
  items: Reconciliation[],
): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let start = 0; start < items.length; start += readsAtOnce)
    jobs.push(
      ...(await Promise.all(items.slice(start, start + readsAtOnce).map((one) => withLatestRun(deps, actor, one)))),
    );
  return jobs;
}
const readsAtOnce = 25;

/** Runs that are queued or running, of reconciliations that the actor may see, oldest first. */
export async function activeJobs(deps: ReadDeps, actor: Actor): Promise<Job[]> {
  const runs = await deps.runs.active(actor.tenant, activeMax);
  const jobs = await Promise.all(
    runs.map(async (run): Promise<Job[]> => {
      const found = await visibleReconciliation(deps, actor, run.reconciliationId);
      return found.ok ? [await withProgress(deps, actor, found.value, run)] : [];
    }),
  );
  return jobs.flat();
}
const activeMax = 200;
