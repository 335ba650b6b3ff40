// What is unusual about a job's run or one of its results, beside the runs before.
import { z } from 'zod';

const decimal = z.string().nullable();

export const anomaly = z.object({
  kind: z
    .enum(['volume', 'rejected', 'matched', 'breaks', 'open-amount', 'difference', 'amount', 'counterparty'])
    .describe(
      'Of a run: rows of a source, share of them rejected or matched, breaks of a type, what is open; of a result: a difference, an amount; of both: a value such as a counterparty',
    ),
  subject: z.object({
    source: z.string().optional(),
    break_type: z.string().optional(),
    field: z.string().optional(),
    currency: z.string().optional(),
    value: z.string().optional(),
  }),
  value: z.string().describe('Exact: a count, a share of 1, an amount or a number of days, without a sign'),
  usual: z
    .object({ median: decimal, spread: decimal, low: decimal, high: decimal, runs: z.int() })
    .describe(
      'Of the runs before: the median, the median absolute deviation from it, what is usual at least and at most, and how many runs that was seen in',
    ),
  score: z
    .number()
    .nullable()
    .describe('Modified z-score; null for a value that was seldom or never seen, which has none'),
  explanation: z.string().describe('For a person'),
});

export const jobAnomalies = z
  .object({
    runs: z.int().describe('Runs that were there to compare with, at most 60'),
    learning: z.boolean().describe('They are fewer than 8: nothing is flagged yet'),
    found: z.array(anomaly).describe('Of the run itself; the furthest 50, the furthest first'),
    more: z.int().describe('Beyond these'),
    results: z.int().describe('Breaks in which something is unusual; their results have `anomalies`'),
  })
  .describe('What is unusual about the run beside those before it; null while it was not looked for');
