// Follows what workers have taken over, for a request that can wait a while for its end.
import type { Clock } from '../ports/clock.ts';

export type WaitDeps = { clock: Pick<Clock, 'now'>; pause(ms: number): Promise<void> };

const pauseMsMin = 50;
const pauseMsMax = 500;

/** The last that was read: after `waitMs` it may still be under way. `read` gives undefined where it finds nothing. */
export async function whileUnderWay<T>(
  deps: WaitDeps,
  begun: T,
  waitMs: number,
  isUnderWay: (current: T) => boolean,
  read: () => Promise<T | undefined>,
): Promise<T> {
  const giveUpAt = deps.clock.now() + waitMs;
  let current = begun;
  for (let pauseMs = pauseMsMin; isUnderWay(current); pauseMs = Math.min(2 * pauseMs, pauseMsMax)) {
    if (deps.clock.now() + pauseMs > giveUpAt) break;
    await deps.pause(pauseMs);
    current = (await read()) ?? current;
  }
  return current;
}
