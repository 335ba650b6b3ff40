// Starts the run of a due time. Its id follows from the due time, so that the same one never starts two; a run that could
// not be started, or came too late, leaves a note that says why.
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok } from '../../domain/result.ts';
import type { DueEvent } from '../../domain/schedule-wake.ts';
import type { Deps } from '../deps.ts';
import { derivedId } from '../derived-id.ts';
import { type CreateRunDeps, createRun } from '../runs/create-run.ts';

type Due<Kind extends DueEvent['kind']> = Extract<DueEvent, { kind: Kind }>;

export async function startScheduledRun(
  deps: CreateRunDeps & Pick<Deps, 'activity'>,
  reconciliation: Reconciliation,
  { due }: Due<'run'>,
): Promise<void> {
  const { tenant, reconciliationId, status } = reconciliation;
  // Retired between the decision and now: nobody waits for it.
  if (status !== 'PUBLISHED') return;
  const runId = derivedId(tenant, reconciliationId, 'schedule', String(due));
  const started = () => deps.runs.get({ tenant, reconciliationId, runId });
  const created = await createRun(deps, {
    reconciliation,
    runId,
    trigger: 'schedule',
    actor: 'system',
    allow: async () => ((await started()) ? fail('RUN_ACTIVE', 'The run of this time was started') : ok({})),
  });
  if (created.ok || (await started())) return;
  await deps.activity.record({
    tenant,
    reconciliationId,
    eventType: 'SCHEDULED_RUN_SKIPPED',
    details: `The run that was due at ${instant(due)} did not start: ${created.detail}`,
    actorDn: 'SYSTEM',
    cause: `run-not-started/${reconciliationId}/${due}`,
  });
}

export async function noteMissedRuns(
  deps: Pick<Deps, 'activity'>,
  { tenant, reconciliationId }: Reconciliation,
  { from, to }: Due<'missed'>,
): Promise<void> {
  await deps.activity.record({
    tenant,
    reconciliationId,
    eventType: 'SCHEDULED_RUN_SKIPPED',
    details:
      from === to
        ? `The run that was due at ${instant(from)} was missed and skipped`
        : `The runs that were due from ${instant(from)} to ${instant(to)} were missed and skipped`,
    actorDn: 'SYSTEM',
    cause: `runs-missed/${reconciliationId}/${from}/${to}`,
  });
}

/** To the second: due times have no more. */
function instant(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
