// A reconciliation and its latest run as recon's job: states in its words, and what is known of its end.

import { reviewDefault } from '../../../shared/app/reconciliations/change-reconciliations.ts';
import type { Job } from '../../../shared/app/reconciliations/visible-reconciliation.ts';
import type { MatchingRule } from '../../../shared/domain/matching-rule.ts';
import { dropFolder } from '../../../shared/domain/object-keys.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import type { Run, RunStatus } from '../../../shared/domain/run.ts';

const statusWords = {
  QUEUED: 'queued',
  RUNNING: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  STOPPED: 'stopped',
} as const satisfies Record<RunStatus, string>;

export type JobStatus = (typeof statusWords)[RunStatus] | 'pending';

export function statusOf({ run }: Pick<Job, 'run'>): JobStatus {
  return run ? statusWords[run.status] : 'pending';
}

/** From the rate of the tasks of this stage, when some are done; stages to come have no rate yet and are not guessed. */
export function estimatedCompletion(run: Run | undefined, now: number): string | null {
  if (run?.status !== 'RUNNING') return null;
  const { stage, done, total } = run.progress;
  const since = run.stagedAt[stage];
  if (since === undefined || done === 0 || done >= total) return null;
  const perTask = (now - Date.parse(since)) / done;
  return new Date(Math.round(now + perTask * (total - done))).toISOString();
}

export function presentJob(job: Job) {
  const { reconciliation, run } = job;
  return {
    id: reconciliation.reconciliationId,
    name: reconciliation.name,
    description: reconciliation.description,
    project_id: reconciliation.projectId ?? null,
    status: statusOf(job),
    progress: job.percent,
    created_at: reconciliation.createdAt,
    started_at: run?.startedAt ?? null,
    completed_at: (run?.status === 'COMPLETED' && run.finishedAt) || null,
  };
}

export function presentJobDetail(job: Job, now: number) {
  const { reconciliation, run } = job;
  const review = reconciliation.review ?? reviewDefault;
  const [source, target] = (reconciliation.inputs ?? []).map((input) => input.dataSourceId ?? input.uploadId);
  return {
    ...presentJob(job),
    source_data_source_id: source ?? null,
    target_data_source_id: target ?? null,
    matching_rules: rulesOf(reconciliation),
    confidence_threshold: review.confidenceMin,
    auto_approve: review.autoApprove,
    estimated_completion: estimatedCompletion(run, now),
    code: reconciliation.code,
    definition: (reconciliation.definition as Record<string, unknown> | undefined) ?? null,
    drop_folders: reconciliation.inputs
      ? []
      : (reconciliation.definition?.sources ?? []).map(({ name }) =>
          dropFolder({ tenant: reconciliation.tenant, code: reconciliation.code, source: name }),
        ),
    run: run ? { id: run.runId, number: run.number, stage: run.stage, trigger: run.trigger } : null,
    failure: run?.reason ? { code: run.reason.code, message: run.reason.detail } : null,
  };
}

/** What was asked for, or what the data gave. */
function rulesOf({ definition, proposal }: Reconciliation): MatchingRule[] {
  if (proposal?.rules) return proposal.rules;
  const keys = (definition?.fields ?? []).filter(({ role }) => role === 'KEY');
  return keys.map(({ name }) => ({ field: name, type: 'exact' }));
}
