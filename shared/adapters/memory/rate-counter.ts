// Counters in memory: the twin of the table's.
import type { RateCounter } from '../../ports/rate-counter.ts';

export function createMemoryRateCounter(): RateCounter {
  const counts = new Map<string, number>();
  const windowOf = ({ now, windowMs }: { now: number; windowMs: number }) => Math.floor(now / windowMs);
  return {
    async add(key, window, amount) {
      const name = `${key}#${windowOf(window)}`;
      const count = (counts.get(name) ?? 0) + amount;
      counts.set(name, count);
      return { count, resetAt: (windowOf(window) + 1) * window.windowMs };
    },
  };
}
