// Requests per minute and caller, in fixed windows counted outside the process. Every reply says where its caller stands.
import type { RateClass } from '../contracts/route.ts';
import type { RateCounter } from '../ports/rate-counter.ts';

/** Requests per window; `probe` has no count of its own and is never refused. */
export type RateLimits = Record<Exclude<RateClass, 'probe'>, number>;

/** The documented figures of the recon surface. */
export const documentedLimits: RateLimits = { auth: 10, general: 100, upload: 20 };
/** Of a surface whose document names no limit: so many that only a program in a loop meets them. */
export const generousLimits: RateLimits = { auth: 60, general: 3_000, upload: 300 };
export const rateWindowMs = 60_000;

export type RateStanding = { allowed: boolean; headers: Record<string, string> };

export async function countRequest(
  counter: RateCounter,
  limits: RateLimits,
  rateClass: RateClass,
  caller: string,
  now: number,
): Promise<RateStanding> {
  const limit = rateClass === 'probe' ? limits.general : limits[rateClass];
  const window = { now, windowMs: rateWindowMs };
  const { count, resetAt } =
    rateClass === 'probe'
      ? { count: 0, resetAt: windowEnd(now, rateWindowMs) }
      : await counter.add(`${rateClass}#${caller}`, window, 1);
  const allowed = count <= limit;
  return {
    allowed,
    headers: {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - count)),
      'x-ratelimit-reset': String(Math.ceil(resetAt / 1000)),
      ...(!allowed && { 'retry-after': String(Math.max(1, Math.ceil((resetAt - now) / 1000))) }),
    },
  };
}

export function windowEnd(now: number, windowMs: number): number {
  return (Math.floor(now / windowMs) + 1) * windowMs;
}
