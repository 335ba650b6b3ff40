// The handler of a function that does pipeline work, whichever its queue.
import { createRedelivery } from '../shared/adapters/sqs/redelivery.ts';
import type { Deps } from '../shared/app/deps.ts';
import { createDuckdbEngine } from '../shared/app/duckdb-engine.ts';
import { handleWork } from '../shared/app/runs/handle-work.ts';
import { createInvocationLog } from '../shared/lambda/invocation-log.ts';
import { createQueueFunction, type QueueFunction } from '../shared/lambda/queue-function.ts';
import type { WorkMessage } from '../shared/ports/work-queue.ts';
import { composePipeline, engineLimits } from './compose-pipeline.ts';

/** `profile`: what a `profile-upload` message asks for; only the function that gets such messages has it. */
export function createQueueWorker(
  name: string,
  profile?: (deps: Deps, message: Extract<WorkMessage, { kind: 'profile-upload' }>) => Promise<void>,
): QueueFunction {
  const deps: Deps = { ...composePipeline(), engine: createDuckdbEngine(engineLimits()) };
  return createQueueFunction({
    bucket: deps.settings.bucket,
    async work(message) {
      if (message.kind === 'send-mail') throw new Error(`${name} sends no mail`);
      if (message.kind !== 'profile-upload') return handleWork(deps, message);
      if (!profile) throw new Error(`${name} does not profile uploads`);
      await profile(deps, message);
    },
    retryAfter: createRedelivery(),
    log: createInvocationLog(name),
  });
}
