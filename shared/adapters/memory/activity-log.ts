// Keeps what was recorded in the order in which it came, for tests to look at.
import type { ActivityEntry, ActivityLog } from '../../ports/activity-log.ts';

export function createMemoryActivityLog(): ActivityLog & { entries: ActivityEntry[] } {
  const entries: ActivityEntry[] = [];
  return {
    entries,
    async record(entry) {
      entries.push(structuredClone(entry));
    },
  };
}
