// Routes of what is reconciled and of its runs.
import { z } from 'zod';
import { route } from '../route.ts';
import { runAnomalies } from './anomalies.ts';
import { breakItem, breakStatus } from './breaks.ts';
import { idInPath, idParams, integerText, timestamp } from './envelope.ts';

const counts = z.record(z.string(), z.int());

const runSummary = z.object({
  definitionId: z.int(),
  runId: z.int(),
  runDateTime: timestamp,
  triggerType: z
    .string()
    .describe(
      'As the request named it; else MANUAL_API, SCHEDULED, ARRIVAL (all sources had come) or DECISION (of persons about matches)',
    ),
  triggeredBy: z
    .string()
    .describe('Who is signed in, whatever `initiatedBy` says; `system` for a run that nobody asked for'),
  triggerCorrelationId: z.string().nullable(),
  triggerComments: z.string().nullable(),
  matched: z.int().describe('Pairs and groups that agree'),
  mismatched: z.int().describe('Breaks of the type MISMATCH alone'),
  missing: z.int().describe('Breaks of a record that the other side lacks. All breaks are analytics.totalBreakCount'),
});

const runResult = z.object({
  summary: runSummary,
  analytics: z
    .object({
      breaksByStatus: counts,
      breaksByType: counts,
      breaksByProduct: counts,
      breaksByEntity: counts,
      openBreaksByAgeBucket: counts.describe(
        'OPEN breaks by whole days of 24 hours since their detection: <1d, 1-3d, 4-7d, 8-30d, >30d',
      ),
      filteredBreakCount: z.int(),
      totalBreakCount: z.int(),
      totalMatchedCount: z.int(),
    })
    .describe(
      'Exact counts of the filtered breaks, whatever the page shows. Breaks without a product or entity are counted as (none), those beyond the 1,000 most frequent values as (others)',
    ),
  breaks: z.array(breakItem).describe('By id; values are those that the run saw, statuses those of now'),
  filters: z
    .object({
      products: z.array(z.string()),
      subProducts: z.array(z.string()),
      entities: z.array(z.string()),
      statuses: z.array(breakStatus),
    })
    .describe('What can be asked for, over all breaks of the run; at most 1,000 values of each'),
  nextCursor: z.string().nullable().describe('Extension: the `cursor` of the next page; null on the last'),
  anomalies: runAnomalies.nullable(),
});

const pendingRun = z.object({
  summary: runSummary
    .omit({ matched: true, mismatched: true, missing: true })
    .extend({ status: z.enum(['QUEUED', 'RUNNING', 'COMPLETED']) }),
});

const values = (of: string) =>
  z
    .array(z.string().min(1).max(256))
    .max(200)
    .optional()
    .describe(`Repeatable: breaks of any of these ${of}; (none) for breaks without one`);

const filters = {
  product: values('products'),
  subProduct: values('sub-products'),
  entity: values('entities'),
  status: z.array(breakStatus).max(10).optional().describe('Repeatable. Filters of different names must all hold'),
  anomalous: z
    .enum(['true', 'false'])
    .optional()
    .describe('Extension: only breaks in which something is unusual, or only the others'),
  cursor: z.string().max(20).optional().describe('Extension: `nextCursor` of the page before'),
  limit: integerText(1, 1_000)
    .default(1_000)
    .describe('Extension: breaks in the page; a page of large breaks ends earlier'),
};

/** The client of the document sends null for what it leaves out. */
const text = (charactersMax: number) => z.string().max(charactersMax).nullish();

export const runRoutes = {
  listReconciliations: route({
    method: 'GET',
    path: '/api/reconciliations',
    tag: 'Reconciliations',
    auth: 'bearer',
    status: 200,
    summary: 'The published reconciliations that the caller may see',
    result: z.array(z.object({ id: z.int(), code: z.string(), name: z.string(), description: z.string().nullable() })),
    errors: [],
  }),
  triggerRun: route({
    method: 'POST',
    path: '/api/reconciliations/{id}/run',
    tag: 'Reconciliations',
    auth: 'bearer',
    status: 200,
    summary: 'Start a run and answer with its result',
    description:
      'For makers and checkers of the reconciliation. A run that has not settled within 25 seconds is a 202 whose Location gives the result when it has; the run goes on. A run that fails is a 409 with its reason.',
    params: idParams,
    body: z.strictObject({
      triggerType: z.string().min(1).max(64).default('MANUAL_API'),
      correlationId: text(256),
      comments: text(4_000),
      initiatedBy: text(256).describe('Accepted and ignored: a run is started by who is signed in'),
    }),
    bodyOptional: true,
    result: runResult,
    pending: pendingRun,
    errors: [
      'NOT_FOUND',
      'FORBIDDEN',
      'NOT_PUBLISHED',
      'RUN_ACTIVE',
      'BATCH_MISSING',
      'RUN_FAILED',
      'CONCURRENT_CHANGE',
    ],
  }),
  latestRun: route({
    method: 'GET',
    path: '/api/reconciliations/{id}/runs/latest',
    tag: 'Reconciliations',
    auth: 'bearer',
    status: 200,
    summary: 'The latest completed run',
    params: idParams,
    query: z.object(filters),
    result: runResult,
    errors: ['NOT_FOUND', 'PAGE_TOO_LARGE'],
  }),
  historicalRun: route({
    method: 'GET',
    path: '/api/reconciliations/runs/{runId}',
    tag: 'Reconciliations',
    auth: 'bearer',
    status: 200,
    summary: 'Any run',
    description:
      'The values that the run saw, with the statuses of now. A run that is under way is a 202, one that failed a 409.',
    params: z.object({ runId: idInPath }),
    query: z.object(filters),
    result: runResult,
    pending: pendingRun,
    errors: ['NOT_FOUND', 'RUN_FAILED', 'RESULTS_NOT_READY', 'PAGE_TOO_LARGE'],
  }),
};
