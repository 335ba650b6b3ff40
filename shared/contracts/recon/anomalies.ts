// What is unusual about a job's run or one of its results, beside the runs before.
import { z } from 'zod';
import { anomalyOf, anomalySubject, unusualOf } from '../anomaly.ts';

const { source, ...named } = anomalySubject;

export const anomaly = anomalyOf('result', { source, break_type: z.string().optional(), ...named });

export const jobAnomalies = z
  .object({
    ...unusualOf(anomaly, 'Runs'),
    results: z.int().describe('Breaks in which something is unusual; their results have `anomalies`'),
  })
  .describe('What is unusual about the run beside those before it; null while it was not looked for');
