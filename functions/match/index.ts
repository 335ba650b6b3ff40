// Partitions and matches: the tasks of a run that are done in parallel.
import { createQueueWorker } from '../queue-worker.ts';

export const handler = createQueueWorker('match');
