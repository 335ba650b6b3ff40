// Routes that probes and tools call, without token and envelope; and the policies that are in force.
import { z } from 'zod';
import { route } from '../route.ts';
import { dataOf, timestamp } from './envelope.ts';

const health = z.object({ status: z.literal('healthy'), timestamp, version: z.string() });
const probe = { method: 'GET', tag: 'System', auth: 'none', rate: 'probe', status: 200 } as const;

export const systemRoutes = {
  health: route({ ...probe, path: '/health', summary: 'Health', result: health, errors: [] }),
  live: route({ ...probe, path: '/health/live', summary: 'The process answers', result: health, errors: [] }),
  ready: route({
    ...probe,
    path: '/health/ready',
    summary: 'The services that requests need answer too',
    result: health,
    errors: [],
  }),
  securityConfig: route({
    method: 'GET',
    path: '/api/security/config',
    tag: 'System',
    auth: 'bearer',
    summary: 'The password and session policies in force',
    result: dataOf(
      z.object({
        password_policy: z.object({ min_length: z.int(), max_length: z.int(), requires: z.array(z.string()) }),
        session_policy: z.object({
          access_token_seconds: z.int(),
          session_days: z.int(),
          refresh_tokens: z.literal('single use'),
        }),
        sign_in_policy: z.object({
          failures_per_address_max: z.int(),
          failures_per_account_max: z.int(),
          window_seconds: z.int(),
        }),
        self_registration: z.boolean(),
      }),
    ),
    status: 200,
    errors: [],
  }),
  openApi: route({
    ...probe,
    path: '/api/openapi.json',
    extension: true,
    rate: 'general',
    summary: 'This description',
    result: z.record(z.string(), z.unknown()),
    errors: [],
  }),
};
