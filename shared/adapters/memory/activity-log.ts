// Twin of the DynamoDB activity log.
import type { ActivityEntry, ActivityLog, NumberedActivity, RecordedActivity } from '../../ports/activity-log.ts';
import type { Clock } from '../../ports/clock.ts';
import { createMemoryClock } from './clock.ts';
import { createMemoryState, type MemoryState } from './state.ts';

/** `entries` is for tests that look at what was recorded: all tenants, oldest first. */
export type MemoryActivityLog = ActivityLog & { readonly entries: RecordedActivity[] };

/** Stores of the same state write entries beside their changes. */
export function createMemoryActivityLog(
  state: MemoryState = createMemoryState(),
  clock: Clock = createMemoryClock(),
): MemoryActivityLog {
  const given = new Map<string, number>();
  const numbered = (entry: ActivityEntry): NumberedActivity => {
    const id = (given.get(entry.tenant) ?? 0) + 1;
    given.set(entry.tenant, id);
    return { ...structuredClone(entry), id, recordedAt: new Date(clock.now()).toISOString() };
  };
  const isRecorded = ({ tenant, cause }: ActivityEntry): boolean =>
    cause !== undefined && state.activity.some((one) => one.cause === cause && one.tenant === tenant);
  const recorded = ({ cause: _, ...entry }: NumberedActivity): RecordedActivity => entry;
  return {
    get entries() {
      return state.activity.map(recorded);
    },
    number: async (...entries) => entries.map(numbered),
    async record(...entries) {
      for (const entry of entries) if (!isRecorded(entry)) state.activity.push(numbered(entry));
    },
    async newest(tenant, reconciliationId, limit, before = Number.POSITIVE_INFINITY) {
      const own = state.activity.filter((entry) => entry.tenant === tenant && entry.id < before);
      const wanted = own.filter(
        (entry) => reconciliationId === undefined || entry.reconciliationId === reconciliationId,
      );
      const newest = wanted.toSorted((a, b) => b.id - a.id).slice(0, limit);
      return structuredClone(newest.map(recorded));
    },
  };
}
