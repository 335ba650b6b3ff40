// A run in the words of the surface. Counts are the engine's; nothing is counted here but what a summary already holds.
import type { GraphReconciliation } from '../../../shared/app/run-view/visible-definition.ts';
import { runIdOf } from '../../../shared/app/run-view/visible-run.ts';
import type { Run } from '../../../shared/domain/run.ts';

/** Of runs that nobody has named. */
const triggerTypes: Record<Run['trigger'], string> = {
  api: 'MANUAL_API',
  schedule: 'SCHEDULED_CRON',
  arrival: 'ARRIVAL',
  decision: 'DECISION',
};

type Shown = { reconciliation: GraphReconciliation; run: Run };

function presentRequest({ reconciliation, run }: Shown) {
  return {
    definitionId: reconciliation.graph.number,
    runId: runIdOf(reconciliation, run),
    runDateTime: run.startedAt ?? run.queuedAt,
    triggerType: run.request?.triggerType ?? triggerTypes[run.trigger],
    triggeredBy: run.actor,
    triggerCorrelationId: run.request?.correlationId ?? null,
    triggerComments: run.request?.comments ?? null,
  };
}

/** COMPLETED: it has settled, and its result took longer to read than the request could wait. */
export function presentPending(shown: Shown, status: 'QUEUED' | 'RUNNING' | 'COMPLETED') {
  return { summary: { ...presentRequest(shown), status } };
}

export function presentSummary(shown: Shown) {
  const { breaks } = shown.run.summary ?? {};
  return {
    ...presentRequest(shown),
    matched: matchedOf(shown.run),
    mismatched: breaks?.MISMATCH ?? 0,
    missing: breaks?.MISSING ?? 0,
  };
}

/** Pairs and groups count once each. */
export function matchedOf({ summary }: Run): number {
  const { pairs = [], passes = [] } = summary ?? {};
  const counts = [...pairs.map(({ matched }) => matched), ...passes.map(({ groups }) => groups)];
  return counts.reduce((total, count) => total + count, 0);
}
