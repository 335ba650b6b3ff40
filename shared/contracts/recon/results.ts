// Routes of what a job's latest run found: progress, results, statistics, the export, and a project's sums.
import { z } from 'zod';
import { route } from '../route.ts';
import { anomaly, jobAnomalies } from './anomalies.ts';
import { dataOf, idParams, messageOf, pageQuery, pagination, timestamp } from './envelope.ts';
import { jobStatus } from './jobs.ts';

const values = z.record(z.string(), z.string().nullable());
export const resultStatus = z.enum(['pending', 'approved', 'rejected']);
export const matchType = z.enum(['exact', 'fuzzy', 'unmatched']);

const difference = z.object({
  field: z.string(),
  source_value: z.string().nullable(),
  target_value: z.string().nullable(),
  difference: z.string().nullable(),
});

const place = { row: z.int().describe('Data row, counted from 1'), file: z.string().nullable() };

const evidence = z
  .object({
    prior: z.number().describe('log₂ of the odds of a pair before its values are looked at'),
    fields: z.array(
      z.object({
        field: z.string(),
        as: z.string().describe('How its values are compared: name, text, code, number, date'),
        level: z.string().describe('How near they are, in words'),
        similarity: z.number().nullable().describe('0 to 1; null where a value is absent'),
        weight: z.number().describe('Bits for the pair, or against it'),
      }),
    ),
    weight: z.number().describe('The prior and all weights of fields'),
    alone: z.number().describe('Probability of the pair by its weight, as if it had no rivals'),
    probability: z.number().describe('With its rivals'),
  })
  .nullable();

const candidate = z.object({
  source: z.string().describe('Whose records they are'),
  pass: z.string().nullable(),
  kind: z
    .string()
    .describe(
      '`tied`: fits as well as others; `suggested`: found by a pass that only suggests; `nearest`: fits in part',
    ),
  rows: z.array(z.object(place)).describe('The first 10'),
  records: z.int().describe('How many records the candidate has'),
  key: z.string().nullable(),
  cost: z.int().nullable().describe("Millionths of a condition's limit: less is nearer"),
  failed: z.array(z.string()).describe('Fields by which it is no match'),
  probability: z.number().nullable().describe('Of a fuzzy pass'),
  evidence: evidence.describe('Of a fuzzy pass: why it comes near, and why it is no match'),
});

const explanation = z.object({
  pass: z.string().nullable().describe('The pass that found the pair or group'),
  differences: z
    .array(difference)
    .describe('Of a pair: each field whose two values are not the same, also where they agree within a tolerance'),
  group: z
    .object({
      source_records: z.int(),
      target_records: z.int(),
      amount: z
        .object({
          field: z.string(),
          source_sum: z.string().nullable(),
          target_sum: z.string().nullable(),
          difference: z.string().nullable(),
        })
        .nullable()
        .describe('What the whole group adds up to; null where a person put it together'),
    })
    .nullable(),
  evidence: evidence.describe('Of a pair that a fuzzy pass found'),
  candidates: z.array(candidate).describe('Of a break without a pair: at most 5, the best first'),
});

const result = z.object({
  id: z.string(),
  source_record: values.nullable(),
  target_record: values.nullable(),
  source_row: place.row.nullable(),
  source_file: place.file,
  target_row: place.row.nullable(),
  target_file: place.file,
  match_type: matchType.describe(
    '`exact`: found by the key; `fuzzy`: by another pass; `unmatched` for every break, also where both records exist and differ',
  ),
  confidence_score: z.number(),
  status: resultStatus.describe(
    'What a person said of the match; else `approved` where auto_approve is on and it is sure enough',
  ),
  reviewed_by: z.uuid().nullable().describe('Null where no person has reviewed it'),
  reviewed_at: timestamp.nullable(),
  review_reason: z.string().nullable(),
  break_type: z
    .string()
    .nullable()
    .describe('MISMATCH, MISSING, DUPLICATE, SEARCH_EXHAUSTED or AMBIGUOUS; null for a match'),
  differences: z.array(difference).describe('Of a break: the fields that fail'),
  pass: z.string().nullable(),
  group_id: z.string().nullable().describe('The same for all members of a group, each of which is a result'),
  explanation,
  anomalies: z
    .array(anomaly)
    .describe(
      'Of a break: what was unusual about it, beside the runs before, when it was first seen or its values last changed; at most 5, the furthest first',
    ),
});

const summary = z.object({
  total_records: z.int(),
  matched_records: z.int().describe('Pairs and groups, each once'),
  unmatched_records: z.int(),
  exact_matches: z.int().describe('Found by the key'),
  fuzzy_matches: z.int().describe('Found by other passes, or put together by a person'),
  average_confidence: z.number().describe('Of the matches, six digits; 0 when there are none'),
});

const sums = z.record(z.string(), z.record(z.string(), z.string()));
const side = z.object({
  source: z.string(),
  rows: z.int(),
  matched: z.int(),
  mismatched: z.int(),
  missing: z.int().describe('Rows of this side without a partner on the other'),
  duplicate: z.int(),
  ambiguous: z.int(),
  exhausted: z.int(),
  rejected: z.int(),
  excluded: z.int(),
  sums: z.record(z.string(), sums).describe('Outcome → field → currency → exact sum'),
});

const passYield = z.object({
  pass: z.string(),
  pairs: z.int().describe('Records paired one to one, agreeing or not'),
  agreeing: z.int().describe('Of these, the pairs that agree'),
  groups: z.int().describe('Accepted sets of several records'),
  suggested: z.int().describe('Pairs and sets that are shown as candidates only'),
  ambiguous: z.int().describe('Records whose match would be a guess'),
  exhausted: z.int().describe('Records that the search gave up on at its bound'),
  notes: z
    .array(z.string())
    .describe(
      'What was left aside or not looked at, and why: decisions whose records are not there, blocks that are too large',
    ),
});

const verdicts = { approved: z.int(), rejected: z.int() };
const shadow = z
  .object({
    auto_approve: z.boolean(),
    confidence_threshold: z.number(),
    matches: z.int().describe('Of the latest run: pairs and groups, each once'),
    would_approve: z.int().describe('Of these, as sure as the threshold: what auto_approve approves, or would'),
    reviewed: z
      .object({ ...verdicts, precision: z.number().nullable().describe('Approved of judged; null where none was') })
      .describe('What persons said of matches that were as sure as the threshold when they were reviewed, in any run'),
    beyond: z.object(verdicts).describe('What they said of less sure ones: what auto_approve would have left to them'),
  })
  .describe('What auto_approve does, or would have done, held against what persons said');

const common = { method: 'GET', tag: 'Results', auth: 'bearer', status: 200 } as const;

export const resultRoutes = {
  jobProgress: route({
    ...common,
    path: '/api/reconciliation/jobs/{id}/progress',
    summary: 'How far the latest run is',
    params: idParams,
    result: dataOf(
      z.object({
        job_id: z.uuid(),
        run_id: z.uuid().nullable(),
        status: jobStatus,
        progress: z.int(),
        stage: z.string().nullable(),
        tasks_done: z.int(),
        tasks_total: z.int(),
        queued_at: timestamp.nullable(),
        started_at: timestamp.nullable(),
        completed_at: timestamp.nullable(),
        elapsed_ms: z.int(),
        estimated_completion: timestamp.nullable(),
      }),
    ),
    errors: ['NOT_FOUND'],
  }),
  jobStatistics: route({
    ...common,
    path: '/api/reconciliation/jobs/{id}/statistics',
    summary: 'Counts and sums of the latest run, per side',
    params: idParams,
    result: dataOf(
      z.object({
        job_id: z.uuid(),
        run_id: z.uuid().nullable(),
        status: jobStatus,
        summary,
        match_rate: z.number().describe('Matched of total, 0 to 1'),
        breaks_by_type: z.array(z.object({ type: z.string(), count: z.int() })),
        sides: z.array(side),
        passes: z.array(passYield).describe('In the order of the passes; `manual` is what persons put together'),
        shadow,
        learning_version: z.int().nullable().describe('Of what was learned from reviews: the one that the run went by'),
        anomalies: jobAnomalies.nullable(),
        processing_time_ms: z.int().nullable(),
      }),
    ),
    errors: ['NOT_FOUND'],
  }),
  jobResults: route({
    ...common,
    path: '/api/reconciliation/jobs/{id}/results',
    summary: 'Matches and breaks of the latest run',
    description: 'Matches first. While the run has no results yet the list is empty and `job_status` says why.',
    params: idParams,
    query: z.object({
      ...pageQuery,
      match_type: matchType.optional(),
      confidence_min: z.coerce.number<number>().min(0).max(1).optional(),
      status: resultStatus.optional(),
    }),
    result: dataOf(
      z.object({ results: z.array(result), summary, pagination, job_status: jobStatus, run_id: z.uuid().nullable() }),
    ),
    errors: ['NOT_FOUND', 'PAGE_TOO_LARGE'],
  }),
  exportResults: route({
    ...common,
    path: '/api/reconciliation/jobs/{id}/export',
    rate: 'upload',
    summary: 'Download all results',
    description:
      'A file of up to 4 MiB comes at once; a larger one is a 307 to a link of 15 minutes. With redirect=false the answer is always that link. One that takes longer than a request may is a 202: ask again. A workbook has at most 40,000,000 cells.',
    params: idParams,
    query: z.object({
      format: z.enum(['csv', 'excel', 'json']).default('csv'),
      status: z.enum(['approved', 'pending', 'rejected', 'matched', 'unmatched']).optional(),
      redirect: z.enum(['true', 'false']).default('true'),
    }),
    result: {
      download: ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'application/json'],
      pending: messageOf('The export is being made'),
      link: dataOf(z.object({ url: z.string(), expires_at: timestamp, file_name: z.string(), file_size: z.int() })),
    },
    errors: ['NOT_FOUND', 'RESULTS_NOT_READY', 'WORKBOOK_TOO_LARGE'],
  }),
  projectSummary: route({
    ...common,
    path: '/api/reconciliation/summary/{project_id}',
    summary: 'Sums over the jobs of a project',
    params: z.object({ project_id: z.uuid() }),
    result: dataOf(
      z.object({
        project_id: z.uuid(),
        total_jobs: z.int(),
        completed_jobs: z.int(),
        failed_jobs: z.int(),
        jobs_by_status: z.array(z.object({ status: jobStatus, count: z.int() })),
        total_records: z.int(),
        matched_records: z.int(),
        unmatched_records: z.int(),
        match_rate: z.number(),
        last_activity: timestamp.nullable(),
      }),
    ),
    errors: ['NOT_FOUND'],
  }),
};
