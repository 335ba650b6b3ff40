// Routes of what persons say of single matches, and of what fuzzy passes learn from it.
import { z } from 'zod';
import { route } from '../route.ts';
import { dataOf, idParams, messageOf, pageQuery, pagination, timestamp } from './envelope.ts';

const verdict = z.enum(['approved', 'rejected']);
const params = idParams.extend({
  result_id: z.string().min(1).max(1_000).describe('As results have it; of a group that of any of its members'),
});
const given = z.object({
  verdict,
  reviewed_by: z.uuid(),
  reviewed_at: timestamp,
  reason: z.string().nullable(),
});
const review = given.extend({
  result_id: z.string(),
  group_id: z.string().nullable(),
  pass: z.string(),
  confidence_score: z.number().describe('When it was reviewed'),
  run_id: z.uuid().describe('The run whose match was reviewed'),
  earlier: z.array(given).describe('Verdicts that this one replaced, at most 20, the newest last'),
});

const learnedPass = z.object({
  pass: z.string(),
  shift: z.number().describe('Bits added to what every pair weighs'),
  factors: z.array(z.object({ field: z.string(), factor: z.number() })).describe('Of what a field says for or against'),
  equivalences: z.array(z.array(z.string())).describe('Spellings that approved matches have shown to be one'),
  approvals: z.int(),
  rejections: z.int(),
});
const version = z.object({
  version: z.int(),
  kind: z.enum(['lesson', 'reset']),
  made_at: timestamp,
  made_by: z.uuid().nullable().describe('Who made it forget; a lesson is made by the run that needs it'),
  passes: z.array(learnedPass).describe('Empty: passes go by the records alone'),
});

const common = { tag: 'Reviews', auth: 'bearer', status: 200 } as const;
const reviewErrors = ['NOT_FOUND', 'RESULTS_NOT_READY', 'CONCURRENT_CHANGE'] as const;

export const reviewRoutes = {
  approveResult: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/results/{result_id}/approve',
    summary: 'Approve a match',
    description:
      'Of the latest run; also takes the rejection of a match back that is not made any more. Breaks are not approved. What somebody has approved stays theirs.',
    params,
    result: messageOf('Result approved'),
    errors: reviewErrors,
  }),
  rejectResult: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/results/{result_id}/reject',
    summary: 'Reject a match',
    description:
      'Of the latest run. From the next run on its records are open, and do not match each other. Starts no run. A match that persons put together is not rejected: its decision is reversed.',
    params,
    body: z.strictObject({ reason: z.string().trim().min(1).max(1_000) }),
    result: messageOf('Result rejected'),
    errors: [...reviewErrors, 'NOTHING_TO_UNDO'],
  }),
  listReviews: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs/{id}/reviews',
    extension: true,
    summary: 'Every verdict on a match of the job, the newest first',
    params: idParams,
    query: z.object({ ...pageQuery, verdict: verdict.optional() }),
    result: dataOf(z.object({ reviews: z.array(review), pagination })),
    errors: ['NOT_FOUND'],
  }),
  getLearning: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs/{id}/learning',
    extension: true,
    summary: 'What the fuzzy passes of the job have learned from reviews',
    params: idParams,
    result: dataOf(
      z.object({
        current: version.nullable().describe('What the next run goes by, unless there are new verdicts'),
        history: z.array(version).describe('The newest first, at most 100'),
      }),
    ),
    errors: ['NOT_FOUND'],
  }),
  resetLearning: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/learning/reset',
    extension: true,
    idempotent: true,
    summary: 'Forget every verdict until now, for learning',
    description: 'The next run goes by the records alone. Rejected matches stay rejected.',
    params: idParams,
    result: dataOf(version),
    errors: ['NOT_FOUND'],
  }),
};
