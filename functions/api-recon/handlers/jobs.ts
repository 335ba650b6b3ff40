// Reconciliation jobs.
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import {
  changeReconciliation,
  createReconciliation,
  deleteReconciliation,
  invalidDefinition,
  type NewReconciliation,
} from '../../../shared/app/reconciliations/change-reconciliations.ts';
import type { GivenRule } from '../../../shared/app/reconciliations/matching-rules.ts';
import {
  activeJobs,
  type Job,
  visibleJob,
  visibleReconciliation,
  visibleReconciliations,
  withLatestRun,
  withLatestRuns,
} from '../../../shared/app/reconciliations/visible-reconciliation.ts';
import { resumeRun } from '../../../shared/app/runs/resume-run.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import { stopRun } from '../../../shared/app/runs/stop-run.ts';
import { parseDefinition } from '../../../shared/contracts/definition.ts';
import type { jobRoutes } from '../../../shared/contracts/recon/jobs.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { fail, ok, type Result } from '../../../shared/domain/result.ts';
import type { Handlers, Input } from '../../../shared/http/handlers.ts';
import { defined } from '../defined.ts';
import { created, data, message, type PageQuery, pageOf, pagination } from '../envelope.ts';
import { type JobStatus, presentJob, presentJobDetail, statusOf } from '../present/job.ts';
import type { ReconDeps } from '../recon-deps.ts';

type JobHandlers = Handlers<typeof jobRoutes, SignedInActor>;
type CreateBody = Input<(typeof jobRoutes)['createJob'], SignedInActor>['body'];
type ListFilter = { projectId?: string; status?: JobStatus };

export function jobHandlers(deps: ReconDeps): JobHandlers {
  async function list(actor: SignedInActor, { status, ...filter }: ListFilter, query: PageQuery) {
    const visible = await visibleReconciliations(deps, actor, filter);
    if (!visible.ok) return visible;
    // A job's status is its latest run's: filtering by it reads them all, a page alone reads its own.
    if (status === undefined) {
      const jobs = await withLatestRuns(deps, actor, pageOf(visible.value, query));
      return ok(data({ jobs: jobs.map(presentJob), pagination: pagination(visible.value.length, query) }));
    }
    const jobs = (await withLatestRuns(deps, actor, visible.value)).filter((job) => statusOf(job) === status);
    return ok(data({ jobs: pageOf(jobs, query).map(presentJob), pagination: pagination(jobs.length, query) }));
  }

  async function create(actor: SignedInActor, body: CreateBody) {
    const command = commandOf(body);
    if (!command.ok) return command;
    const reconciliation = await createReconciliation(deps, actor, command.value);
    if (!reconciliation.ok) return reconciliation;
    const job: Job = { reconciliation: reconciliation.value, run: undefined, percent: 0 };
    return ok(created(presentJobDetail(job, deps.clock.now())));
  }

  async function withStatus(actor: SignedInActor, status: JobStatus) {
    const jobs = (await activeJobs(deps, actor)).filter((job) => statusOf(job) === status);
    return ok(data({ jobs: jobs.map(presentJob) }));
  }

  return {
    listJobs: ({ actor, query }) => list(actor, defined({ projectId: query.project_id, status: query.status }), query),
    listProjectJobs: ({ actor, params, query }) =>
      list(actor, defined({ projectId: params.project_id, status: query.status }), query),
    createJob: ({ actor, body }) => create(actor, body),
    async createProjectJob({ actor, params, body }) {
      if (body.project_id !== undefined && body.project_id !== params.project_id)
        return fail('REQUEST_INVALID', 'project_id differs between path and body', { field: 'project_id' });
      return create(actor, { ...body, project_id: params.project_id });
    },
    activeJobs: ({ actor }) => withStatus(actor, 'running'),
    queuedJobs: ({ actor }) => withStatus(actor, 'queued'),
    async getJob({ actor, params }) {
      const job = await visibleJob(deps, actor, params.id);
      return job.ok ? ok(data(presentJobDetail(job.value, deps.clock.now()))) : job;
    },
    async updateJob({ actor, params, body }) {
      const definition = definitionOf(body);
      if (!definition.ok) return definition;
      const changed = await changeReconciliation(
        deps,
        actor,
        params.id,
        defined({
          name: body.name,
          description: body.description,
          review: reviewOf(body),
          rules: body.matching_rules?.map((rule): GivenRule => defined(rule)),
          definition: definition.value,
        }),
      );
      if (!changed.ok) return changed;
      return ok(data(presentJobDetail(await withLatestRun(deps, actor, changed.value), deps.clock.now())));
    },
    async deleteJob({ actor, params }) {
      const deleted = await deleteReconciliation(deps, actor, params.id);
      return deleted.ok ? ok(message('Reconciliation job deleted successfully')) : deleted;
    },
    async startJob({ actor, params }) {
      const visible = await visibleReconciliation(deps, actor, params.id);
      if (!visible.ok) return visible;
      const started = await startRun(deps, actor, { reconciliationId: params.id });
      return started.ok ? ok(message('Reconciliation job started')) : started;
    },
    async stopJob({ actor, params }) {
      const job = await visibleJob(deps, actor, params.id);
      if (!job.ok) return job;
      const { run } = job.value;
      if (!run) return fail('RUN_NOT_ACTIVE', 'The job was never started');
      const stopped = await stopRun(deps, actor, run);
      return stopped.ok ? ok(message('Reconciliation job stopped')) : stopped;
    },
    async resumeJob({ actor, params }) {
      const job = await visibleJob(deps, actor, params.id);
      if (!job.ok) return job;
      const { run } = job.value;
      if (!run) return fail('RUN_NOT_STOPPED', 'The job was never started');
      const resumed = await resumeRun(deps, actor, run);
      return resumed.ok ? ok(message('Reconciliation job resumed')) : resumed;
    },
  };
}

/** Two data sources, a definition for its drop folders, or a definition for two data sources: never half of a pair. */
function commandOf(body: CreateBody): Result<NewReconciliation> {
  const { source_data_source_id: sourceId, target_data_source_id: targetId } = body;
  const definition = definitionOf(body);
  if (!definition.ok) return definition;
  const common = {
    name: body.name,
    projectId: body.project_id,
    ...defined({ description: body.description, review: reviewOf(body) }),
  };
  if (definition.value && sourceId === undefined && targetId === undefined) {
    const code = defined({ code: body.code });
    return ok({ ...common, feed: { by: 'batches', definition: definition.value, ...code } });
  }
  if (sourceId === undefined) return invalid('source_data_source_id is required', 'source_data_source_id');
  if (targetId === undefined) return invalid('target_data_source_id is required', 'target_data_source_id');
  if (body.code !== undefined) return invalid('A code goes with drop folders only', 'code');
  const rules = body.matching_rules?.map((rule): GivenRule => defined(rule));
  const more = defined({ rules, definition: definition.value });
  return ok({ ...common, feed: { by: 'uploads', sourceId, targetId, ...more } });
}

function invalid(detail: string, field: string) {
  return fail('REQUEST_INVALID', detail, { field });
}

/** A definition says it all: rules beside it would have to be ignored. */
function definitionOf(body: {
  definition?: Record<string, unknown> | undefined;
  matching_rules?: unknown;
}): Result<Definition | undefined> {
  if (body.definition === undefined) return ok(undefined);
  if (body.matching_rules !== undefined)
    return invalid('matching_rules and definition exclude each other', 'matching_rules');
  const parsed = parseDefinition(body.definition);
  return parsed.ok ? ok(parsed.value) : invalidDefinition(parsed.faults);
}

function reviewOf(body: { confidence_threshold?: number | undefined; auto_approve?: boolean | undefined }) {
  const review = defined({ confidenceMin: body.confidence_threshold, autoApprove: body.auto_approve });
  return Object.keys(review).length > 0 ? review : undefined;
}
