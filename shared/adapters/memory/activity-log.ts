// Twin of the DynamoDB activity log.
import type { ActivityLog, RecordedActivity } from '../../ports/activity-log.ts';
import type { Clock } from '../../ports/clock.ts';
import { createMemoryClock } from './clock.ts';
import { keyOf } from './state.ts';

/** `entries` is for tests that look at what was recorded: all tenants, oldest first. */
export type MemoryActivityLog = ActivityLog & { entries: RecordedActivity[] };

export function createMemoryActivityLog(clock: Clock = createMemoryClock()): MemoryActivityLog {
  const entries: RecordedActivity[] = [];
  const causes = new Set<string>();
  return {
    entries,
    async record(...given) {
      for (const { cause, ...entry } of given) {
        if (cause !== undefined && causes.has(keyOf(entry.tenant, cause))) continue;
        if (cause !== undefined) causes.add(keyOf(entry.tenant, cause));
        const id = 1 + entries.filter(({ tenant }) => tenant === entry.tenant).length;
        entries.push({ ...structuredClone(entry), id, recordedAt: new Date(clock.now()).toISOString() });
      }
    },
    async newest(tenant, reconciliationId, limit) {
      const own = entries.filter((entry) => entry.tenant === tenant);
      const wanted = own.filter(
        (entry) => reconciliationId === undefined || entry.reconciliationId === reconciliationId,
      );
      return structuredClone(wanted.toReversed().slice(0, limit));
    },
  };
}
