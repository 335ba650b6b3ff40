// Settles runs: compares with what was known before and writes the breaks.
import { createQueueWorker } from '../queue-worker.ts';

export const handler = createQueueWorker('settle');
