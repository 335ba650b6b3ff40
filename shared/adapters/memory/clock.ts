// A clock that a test moves, and ids that follow from it and a count: the same seed gives the same ids.
import type { Clock, Ids } from '../../ports/clock.ts';

export type MemoryClock = Clock & { advance(ms: number): void };

export function createMemoryClock(start = Date.UTC(2026, 0, 5, 9)): MemoryClock {
  let now = start;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

/** UUIDv7 by form: time from the clock, then a count instead of chance. */
export function createMemoryIds(clock: Clock): Ids {
  let count = 0;
  return {
    uuid() {
      count += 1;
      const time = clock.now().toString(16).padStart(12, '0');
      const tail = count.toString(16).padStart(12, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
    },
    secret() {
      count += 1;
      return String(count).padStart(43, 'x');
    },
  };
}
