// Routes that probes and tools call without a token. None of them is in the document of the surface.
import { z } from 'zod';
import { route } from '../route.ts';
import { timestamp } from './envelope.ts';

const health = z.object({ status: z.literal('healthy'), timestamp, version: z.string() });
const probe = { method: 'GET', tag: 'System', auth: 'none', rate: 'probe', status: 200, extension: true } as const;

export const systemRoutes = {
  health: route({ ...probe, path: '/health', summary: 'The process answers', result: health, errors: [] }),
  ready: route({
    ...probe,
    path: '/health/ready',
    summary: 'The services that requests need answer too',
    result: health,
    errors: [],
  }),
  openApi: route({
    ...probe,
    path: '/api/openapi.json',
    rate: 'general',
    summary: 'This description',
    result: z.record(z.string(), z.unknown()),
    errors: [],
  }),
};
