// What the latest run of a job found. While there are no results the answers are empty and say the job's status: a client that
// polls is not told that it did something wrong.
import { handOutFile } from '../../../shared/app/hand-out-file.ts';
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import { visibleProject } from '../../../shared/app/projects/visible-project.ts';
import { reviewDefault } from '../../../shared/app/reconciliations/change-reconciliations.ts';
import {
  visibleJob,
  visibleReconciliations,
  withLatestRuns,
} from '../../../shared/app/reconciliations/visible-reconciliation.ts';
import { allReviews } from '../../../shared/app/reviews/all-reviews.ts';
import { within } from '../../../shared/app/within.ts';
import type { resultRoutes } from '../../../shared/contracts/recon/results.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { binaryReplyBytesMax } from '../../../shared/http/message.ts';
import type { ResultFilter, ResultStatus } from '../../../shared/ports/result-query.ts';
import { defined } from '../defined.ts';
import { data, message, pagination } from '../envelope.ts';
import { estimatedCompletion, statusOf } from '../present/job.ts';
import {
  approvedFrom,
  presentAnomalies,
  presentPasses,
  presentResult,
  presentSides,
  presentSummary,
  rateOf,
  unmatchedOutcomes,
} from '../present/result.ts';
import { presentShadow } from '../present/review.ts';
import type { ReconDeps } from '../recon-deps.ts';

const retryAfterSeconds = 10;
const extensions = { csv: 'csv', excel: 'xlsx', json: 'json' } as const;

export function resultHandlers(deps: ReconDeps): Handlers<typeof resultRoutes, SignedInActor> {
  return {
    async jobProgress({ actor, params }) {
      const job = await visibleJob(deps, actor, params.id);
      if (!job.ok) return job;
      const { run, percent } = job.value;
      const now = deps.clock.now();
      return ok(
        data({
          job_id: params.id,
          run_id: run?.runId ?? null,
          status: statusOf(job.value),
          progress: percent,
          stage: run?.progress.stage ?? null,
          tasks_done: run?.progress.done ?? 0,
          tasks_total: run?.progress.total ?? 0,
          queued_at: run?.queuedAt ?? null,
          started_at: run?.startedAt ?? null,
          completed_at: run?.finishedAt ?? null,
          elapsed_ms: elapsedOf(run, now) ?? 0,
          estimated_completion: estimatedCompletion(run, now),
        }),
      );
    },
    async jobStatistics({ actor, params }) {
      const job = await visibleJob(deps, actor, params.id);
      if (!job.ok) return job;
      const { run, reconciliation } = job.value;
      const summary = presentSummary(run);
      const review = reconciliation.review ?? reviewDefault;
      const tally = hasResults(run) ? await deps.results.tally(run, review.confidenceMin) : { matches: 0, sure: 0 };
      const reviews = await allReviews(deps, reconciliation);
      return ok(
        data({
          job_id: params.id,
          run_id: run?.runId ?? null,
          status: statusOf(job.value),
          summary,
          match_rate: rateOf(summary.matched_records, summary.total_records),
          breaks_by_type: Object.entries(run?.summary?.breaks ?? {}).map(([type, count]) => ({ type, count })),
          sides: presentSides(run),
          passes: presentPasses(run),
          shadow: presentShadow(review, tally, reviews),
          learning_version: run?.learned ?? null,
          anomalies: presentAnomalies(run),
          processing_time_ms: run?.finishedAt === undefined ? null : (elapsedOf(run, deps.clock.now()) ?? null),
        }),
      );
    },
    async jobResults({ actor, params, query }) {
      const job = await visibleJob(deps, actor, params.id);
      if (!job.ok) return job;
      const { reconciliation, run } = job.value;
      const filter = filterOf(query, reconciliation);
      const page =
        hasResults(run) && filter.outcomes?.length !== 0
          ? await deps.results.page(run, filter, (query.page - 1) * query.per_page, query.per_page)
          : { rows: [], total: 0 };
      return ok(
        data({
          results: page.rows.map((row) => presentResult(row, run!.definition!)),
          summary: presentSummary(run?.status === 'COMPLETED' ? run : undefined),
          pagination: pagination(page.total, query),
          job_status: statusOf(job.value),
          run_id: run?.runId ?? null,
        }),
      );
    },
    async exportResults({ actor, params, query }) {
      const job = await visibleJob(deps, actor, params.id);
      if (!job.ok) return job;
      const { reconciliation, run } = job.value;
      if (!hasResults(run))
        return fail('RESULTS_NOT_READY', `The job is ${statusOf(job.value)}: it has no results to export`);
      const filter = filterOfStatus(query.status, reconciliation);
      const file = await within(deps.exportWaitMs, deps.results.export(run, query.format, filter));
      // The query function goes on with it; the file has a fixed name, and the next request finds it.
      if (!file) return ok({ pending: message('The export is being made'), retryAfterSeconds });
      const fileName = `${reconciliation.code}-run-${run.number}.${extensions[query.format]}`;
      const linkOnly = query.redirect === 'false';
      const handed = await handOutFile(deps, file, { fileName, bytesMax: binaryReplyBytesMax, linkOnly });
      if (!('link' in handed)) return ok(handed);
      const { url, expiresAt } = handed.link;
      return ok({ link: data({ url, expires_at: expiresAt, file_name: fileName, file_size: file.bytes }) });
    },
    async projectSummary({ actor, params }) {
      const project = await visibleProject(deps, actor, params.project_id);
      if (!project.ok) return project;
      const reconciliations = await visibleReconciliations(deps, actor, { projectId: params.project_id });
      if (!reconciliations.ok) return reconciliations;
      const jobs = await withLatestRuns(deps, actor, reconciliations.value);
      const counts = Map.groupBy(jobs, statusOf);
      const sums = jobs.map(({ run }) => presentSummary(run));
      const total = (field: 'total_records' | 'matched_records' | 'unmatched_records') =>
        sums.reduce((sum, one) => sum + one[field], 0);
      const activity = jobs.map(
        ({ run, reconciliation }) => run?.finishedAt ?? run?.queuedAt ?? reconciliation.updatedAt,
      );
      return ok(
        data({
          project_id: params.project_id,
          total_jobs: jobs.length,
          completed_jobs: counts.get('completed')?.length ?? 0,
          failed_jobs: counts.get('failed')?.length ?? 0,
          jobs_by_status: [...counts].map(([status, ofStatus]) => ({ status, count: ofStatus.length })),
          total_records: total('total_records'),
          matched_records: total('matched_records'),
          unmatched_records: total('unmatched_records'),
          match_rate: rateOf(total('matched_records'), total('total_records')),
          last_activity: activity.sort().at(-1) ?? null,
        }),
      );
    },
  };
}

function hasResults(run: Run | undefined): run is Run {
  return run?.status === 'COMPLETED' && run.results !== undefined;
}

/** A break is no match of any confidence, however surely its two records belong together. */
function filterOf(
  query: {
    match_type?: 'exact' | 'fuzzy' | 'unmatched' | undefined;
    confidence_min?: number | undefined;
    status?: ResultStatus | undefined;
  },
  reconciliation: Reconciliation,
): ResultFilter {
  const { match_type: matchType, confidence_min: confidenceMin = 0, status } = query;
  const filter: ResultFilter = {
    ...(matchType && filterOfMatchType[matchType]),
    ...defined({ status, approvedFrom: approvedFrom(reconciliation) }),
  };
  if (confidenceMin === 0) return filter;
  if (matchType === 'unmatched') return { outcomes: [] };
  return { ...filter, outcomes: ['matched'], confidenceMin };
}

const filterOfMatchType: Record<'exact' | 'fuzzy' | 'unmatched', ResultFilter> = {
  exact: { outcomes: ['matched'], matchedBy: 'exact-key' },
  fuzzy: { outcomes: ['matched'], matchedBy: 'other' },
  unmatched: { outcomes: unmatchedOutcomes },
};

function filterOfStatus(
  status: ResultStatus | 'matched' | 'unmatched' | undefined,
  reconciliation: Reconciliation,
): ResultFilter {
  const common = defined({ approvedFrom: approvedFrom(reconciliation) });
  if (status === 'matched') return { ...common, outcomes: ['matched'] };
  if (status === 'unmatched') return { ...common, outcomes: unmatchedOutcomes };
  return { ...common, ...defined({ status }) };
}

function elapsedOf(run: Run | undefined, now: number): number | undefined {
  if (run?.startedAt === undefined) return undefined;
  return Math.max(0, (run.finishedAt ? Date.parse(run.finishedAt) : now) - Date.parse(run.startedAt));
}
