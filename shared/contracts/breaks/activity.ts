// The activity feed.
import { z } from 'zod';
import { route } from '../route.ts';
import { timestamp } from './envelope.ts';

const change = z.object({ before: z.unknown().optional(), after: z.unknown().optional() });

const activity = z.object({
  id: z.int(),
  eventType: z.string().describe('RECONCILIATION_RUN, BREAK_STATUS_CHANGE, INGESTION_FAILED, SOURCE_LATE and others'),
  details: z.string(),
  recordedAt: timestamp,
  actorDn: z
    .string()
    .describe('Who did it, by their full name in the directory; SYSTEM where nobody did (an extension)'),
  difference: z
    .record(z.string(), change)
    .nullable()
    .describe('What a change of a definition changed, by path; for administrators (an extension)'),
});

export const activityRoutes = {
  listActivity: route({
    method: 'GET',
    path: '/api/activity',
    tag: 'Activity',
    auth: 'bearer',
    status: 200,
    summary: 'The 50 newest entries that the caller may see, newest first',
    description:
      'Entries of the reconciliations that the caller sees; for administrators all. 403 for whom no group of theirs lets see any.',
    result: z.array(activity),
    errors: ['FORBIDDEN'],
  }),
};
