// Prepares and plans runs, and moves them from stage to stage.
import { createQueueWorker } from '../queue-worker.ts';

export const handler = createQueueWorker('plan');
