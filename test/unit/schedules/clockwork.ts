// A published definition with a clock, over memory twins: what comes due is looked at when a test says so.
import { createMemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import { createMemoryBatchStore } from '../../../shared/adapters/memory/batch-store.ts';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryMailOutbox } from '../../../shared/adapters/memory/mail-outbox.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemoryScheduleStore } from '../../../shared/adapters/memory/schedule-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { createMemoryWorkQueue } from '../../../shared/adapters/memory/work-queue.ts';
import { armSchedule } from '../../../shared/app/schedules/arm-schedule.ts';
import { runSchedules, type ScheduleDeps } from '../../../shared/app/schedules/run-schedules.ts';
import type { Batch } from '../../../shared/domain/batch.ts';
import { afterArrival } from '../../../shared/domain/feed-changes.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { graph } from '../../fixtures/graph.ts';

export const ref = { tenant: 'acme', reconciliationId: 'rec-1' };

export function definition(changes: Partial<Reconciliation> = {}): Reconciliation {
  return {
    ...ref,
    code: 'custody_gl',
    name: 'Custody vs GL',
    description: '',
    ownerId: 'admin.user',
    status: 'PUBLISHED',
    definition: {
      name: 'Custody vs GL',
      sources: [{ name: 'CUSTODY_FEED', anchor: true }, { name: 'GL_LEDGER' }],
      fields: [{ name: 'tradeId', role: 'KEY', mapping: { CUSTODY_FEED: 'trade_id', GL_LEDGER: 'trade_id' } }],
      passes: [{ kind: 'exact-key' }],
    },
    graph: graph(),
    version: 1,
    createdAt: '2026-01-05T09:00:00.000Z',
    updatedAt: '2026-01-05T09:00:00.000Z',
    ...changes,
  };
}

export type Clockwork = Awaited<ReturnType<typeof openClockwork>>;

/** The clock begins at `start`; the definition is published then. */
export async function openClockwork(start: string, changes: Partial<Reconciliation> = {}) {
  const state = createMemoryState();
  const clock = createMemoryClock(Date.parse(start));
  const activity = createMemoryActivityLog(state, clock);
  const outbox = createMemoryMailOutbox();
  const deps: ScheduleDeps & { batches: ReturnType<typeof createMemoryBatchStore> } = {
    reconciliations: createMemoryReconciliationStore(state),
    batches: createMemoryBatchStore(state, clock),
    runs: createMemoryRunStore(state),
    schedules: createMemoryScheduleStore(state),
    activity,
    outbox,
    queue: createMemoryWorkQueue(),
    clock,
    ids: createMemoryIds(clock),
  };
  await deps.reconciliations.create(armSchedule(deps, definition(changes)));
  let received = 0;

  return {
    deps,
    activity,
    outbox,
    async stored(): Promise<Reconciliation> {
      return (await deps.reconciliations.get(ref))!;
    },
    /** As a use case writes a definition. */
    async change(next: (stored: Reconciliation) => Reconciliation): Promise<void> {
      const stored = (await deps.reconciliations.get(ref))!;
      if (!(await deps.reconciliations.update(armSchedule(deps, next(stored))))) throw new Error('not written');
    },
    /** A batch of a source is there from now on. */
    async receive(name: string, status: Batch['status'] = 'COMPLETE'): Promise<void> {
      received += 1;
      const { batch } = await deps.batches.receive({
        ...ref,
        batchId: `batch-${received}`,
        source: name,
        object: { key: `drop/acme/custody_gl/${name}/${received}.csv`, versionId: 'v', bytes: 1 },
        fileName: `${received}.csv`,
        status: 'RECEIVED',
        receivedAt: new Date(clock.now()).toISOString(),
      });
      const feed = await deps.batches.feed(ref);
      const arrived = status === 'COMPLETE' ? afterArrival(feed, batch, 'snapshot') : feed;
      if (!(await deps.batches.save({ ...batch, status }, arrived))) throw new Error('not written');
    },
    /** Looks at the clock each minute up to this time, as the sweep does. */
    async until(time: string): Promise<void> {
      while (clock.now() < Date.parse(time)) {
        clock.advance(Math.min(60_000, Date.parse(time) - clock.now()));
        await runSchedules(deps);
      }
    },
    /** Nobody looks. */
    outage(time: string): void {
      clock.advance(Date.parse(time) - clock.now());
    },
    sweep: () => runSchedules(deps),
    async runs(): Promise<Run[]> {
      return (await deps.runs.list(ref, undefined, 10_000)).items.toReversed();
    },
    details: () => activity.entries.map(({ eventType, details }) => `${eventType}: ${details}`),
  };
}
