// What is unusual about a run or a break, as replies show it. All of it is beyond the document of the surface.
import { z } from 'zod';
import { anomalyOf, anomalySubject, unusualOf } from '../anomaly.ts';

const { source, ...named } = anomalySubject;

export const anomaly = anomalyOf('break', { source, breakType: z.string().optional(), ...named });

export const runAnomalies = z
  .object({
    ...unusualOf(anomaly, 'Settled runs'),
    breaks: z.int().describe('Breaks of the run in which something is unusual; `anomalous=true` shows them'),
  })
  .describe(
    'Extension: what is unusual beside the settled runs before it; null for a run of before this was looked for',
  );
