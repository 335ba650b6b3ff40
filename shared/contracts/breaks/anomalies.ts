// What is unusual about a run or a break, as replies show it. All of it is beyond the document of the surface.
import { z } from 'zod';

const decimal = z.string().nullable();

export const anomaly = z.object({
  kind: z
    .enum(['volume', 'rejected', 'matched', 'breaks', 'open-amount', 'difference', 'amount', 'counterparty'])
    .describe(
      'Of a run: rows of a source, share of them rejected or matched, breaks of a type, what is open; of a break: a difference, an amount; of both: a value such as a counterparty',
    ),
  subject: z.object({
    source: z.string().optional(),
    breakType: z.string().optional(),
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

export const runAnomalies = z
  .object({
    runs: z.int().describe('Settled runs that were there to compare with, at most 60'),
    learning: z.boolean().describe('They are fewer than 8: nothing is flagged yet'),
    found: z.array(anomaly).describe('Of the run itself; the furthest 50, the furthest first'),
    more: z.int().describe('Beyond these'),
    breaks: z.int().describe('Breaks of the run in which something is unusual; `anomalous=true` shows them'),
  })
  .describe(
    'Extension: what is unusual beside the settled runs before it; null for a run of before this was looked for',
  );
