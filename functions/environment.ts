// What functions read from their environment (infra/README.md). A variable that is absent or absurd fails the start.
import type { QueueUrls } from '../shared/adapters/sqs/work-queue.ts';
import type { RateLimits } from '../shared/http/rate-limit.ts';

const { env } = process;

export function required(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`the environment has no ${name}`);
  return value;
}

/** Queue → URL. */
export function queueUrls(): QueueUrls {
  return {
    received: required('RECEIVED_QUEUE_URL'),
    plan: required('PLAN_QUEUE_URL'),
    match: required('MATCH_QUEUE_URL'),
    settle: required('SETTLE_QUEUE_URL'),
    notify: required('NOTIFY_QUEUE_URL'),
  };
}

/** Requests per minute; the usual figures of the surface unless the deployment chooses others. */
export function rateLimitsOf(usual: RateLimits): RateLimits {
  return {
    auth: limitOf('RATE_LIMIT_AUTH', usual.auth),
    general: limitOf('RATE_LIMIT_GENERAL', usual.general),
    upload: limitOf('RATE_LIMIT_UPLOAD', usual.upload),
  };
}

function limitOf(name: string, usual: number): number {
  const value = env[name];
  if (value === undefined || value === '') return usual;
  if (!/^\d{1,9}$/.test(value)) throw new Error(`${name} must be a number of requests per minute`);
  return Number(value);
}
