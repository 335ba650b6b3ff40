// Has a source had its batch in time? Where it has not, one entry and one mail to each who wants to know, once per due time.
import type { Batch } from '../../domain/batch.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import type { DueEvent } from '../../domain/schedule-wake.ts';
import type { Deps } from '../deps.ts';
import type { NotifyDeps } from '../notifications/keep-mails.ts';
import { notifyLate } from '../notifications/notices.ts';

export async function lookForArrival(
  deps: NotifyDeps & Pick<Deps, 'batches' | 'activity'>,
  reconciliation: Reconciliation,
  event: Extract<DueEvent, { kind: 'arrival' }>,
): Promise<void> {
  const { tenant, reconciliationId, status } = reconciliation;
  if (status !== 'PUBLISHED' || (await hasArrived(deps, reconciliation, event))) return;
  const { source, due, until } = event;
  const cause = `source-late/${reconciliationId}/${source}/${due}`;
  const expected = new Date(due).toISOString().slice(0, 16);
  await deps.activity.record({
    tenant,
    reconciliationId,
    eventType: 'SOURCE_LATE',
    details: `Source ${source} is late: no batch was received by ${expected}Z, nor in the ${(until - due) / 60_000} minutes after`,
    actorDn: 'SYSTEM',
    cause,
  });
  await notifyLate(deps, reconciliation, { source, due, cause });
}

/** What failed to load has not arrived; what waits for a person has. */
async function hasArrived(
  deps: Pick<Deps, 'batches'>,
  reconciliation: Reconciliation,
  { source, since, until }: Extract<DueEvent, { kind: 'arrival' }>,
): Promise<boolean> {
  let cursor: string | undefined;
  do {
    const page = await deps.batches.list(reconciliation, cursor);
    for (const batch of page.items) {
      const at = Date.parse(batch.receivedAt);
      if (batch.source === source && counts(batch) && at > since && at <= until) return true;
      // Newest first, by number; a clock that is a little off between two functions must not end the search too early.
      if (at < since - clockSkewMs) return false;
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return false;
}
const clockSkewMs = 3_600_000;

function counts({ status }: Batch): boolean {
  return status !== 'FAILED' && status !== 'WITHDRAWN';
}
