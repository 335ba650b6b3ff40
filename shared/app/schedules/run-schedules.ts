// Each minute: does what has come due by the clock. What is due is decided in one write of the reconciliation, then done,
// then crossed out: whoever dies is followed by another who does the same, and each thing is done once however often.
import type { Reconciliation, ReconciliationRef } from '../../domain/reconciliation.ts';
import { type DueEvent, decided, withoutEvents } from '../../domain/schedule-wake.ts';
import type { Deps } from '../deps.ts';
import type { NotifyDeps } from '../notifications/keep-mails.ts';
import type { CreateRunDeps } from '../runs/create-run.ts';
import { untilWritten } from '../until-written.ts';
import { lookForArrival } from './look-for-arrival.ts';
import { noteMissedRuns, startScheduledRun } from './start-scheduled-run.ts';

export type ScheduleDeps = CreateRunDeps & NotifyDeps & Pick<Deps, 'reconciliations' | 'schedules' | 'activity'>;

/** Of all tenants; the next minute takes those that are left. */
const perSweepMax = 500;

/** Throws after all were looked at when one could not be done: what is left is found again. */
export async function runSchedules(deps: ScheduleDeps): Promise<number> {
  const due = await deps.schedules.due(deps.clock.now(), perSweepMax);
  const faults: unknown[] = [];
  for (const ref of due) {
    try {
      await wakeUp(deps, ref);
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} of ${due.length} schedules failed`);
  return due.length;
}

async function wakeUp(deps: ScheduleDeps, ref: ReconciliationRef): Promise<void> {
  const reconciliation = await decide(deps, ref);
  if (!reconciliation) return;
  const events = reconciliation.wake?.events ?? [];
  for (const event of events) await happen(deps, reconciliation, event);
  if (events.length > 0) await crossOut(deps, ref, events);
}

/** As it is stored once what is due has been decided; undefined when its time has not come, or nothing is due. */
async function decide(deps: ScheduleDeps, ref: ReconciliationRef): Promise<Reconciliation | undefined> {
  const { found } = await untilWritten<{ found: Reconciliation | undefined }>(async () => {
    const stored = await deps.reconciliations.get(ref);
    const now = deps.clock.now();
    if (stored?.wake?.at === undefined || stored.wake.at > now) return { found: undefined };
    const next = { ...stored, wake: decided(stored.wake, now) };
    return (await deps.reconciliations.update(next)) ? { found: next } : undefined;
  });
  return found;
}

async function happen(deps: ScheduleDeps, reconciliation: Reconciliation, event: DueEvent): Promise<void> {
  switch (event.kind) {
    case 'run':
      return startScheduledRun(deps, reconciliation, event);
    case 'missed':
      return noteMissedRuns(deps, reconciliation, event);
    case 'arrival':
      return lookForArrival(deps, reconciliation, event);
  }
}

async function crossOut(deps: ScheduleDeps, ref: ReconciliationRef, events: DueEvent[]): Promise<void> {
  await untilWritten(async () => {
    const stored = await deps.reconciliations.get(ref);
    if (!stored?.wake) return true;
    return (await deps.reconciliations.update({ ...stored, wake: withoutEvents(stored.wake, events) })) || undefined;
  });
}
