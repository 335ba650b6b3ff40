// What is unusual, as every surface shows it; what it is about has the names of the surface.
import { z } from 'zod';

const decimal = z.string().nullable();
const name = z.string().optional();

/** What every surface calls by the same name. */
export const anomalySubject = { source: name, field: name, currency: name, value: name };

/** `of`: what the surface calls a thing in which a difference or an amount may be unusual. */
export function anomalyOf<Subject extends z.ZodRawShape>(of: string, subject: Subject) {
  return z.object({
    kind: z
      .enum(['volume', 'rejected', 'matched', 'breaks', 'open-amount', 'difference', 'amount', 'counterparty'])
      .describe(
        `Of a run: rows of a source, share of them rejected or matched, breaks of a type, what is open; of a ${of}: a difference, an amount; of both: a value such as a counterparty`,
      ),
    subject: z.object(subject),
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
}

/** `runs`: which runs there were to compare with. */
export function unusualOf<Found extends z.ZodType>(anomaly: Found, runs: string) {
  return {
    runs: z.int().describe(`${runs} that were there to compare with, at most 60`),
    learning: z.boolean().describe('They are fewer than 8: nothing is flagged yet'),
    found: z.array(anomaly).describe('Of the run itself; the furthest 50, the furthest first'),
    more: z.int().describe('Beyond these'),
  };
}
