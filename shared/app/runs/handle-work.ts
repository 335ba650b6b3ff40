// Takes one work message. Resolves when the message is done with; throws when it has to come again.
import type { WorkMessage } from '../../ports/work-queue.ts';
import { ingestBatch } from '../batches/ingest-batch.ts';
import { receiveObject } from '../batches/receive-object.ts';
import type { Deps } from '../deps.ts';
import { advance } from './advance.ts';
import { runTask } from './run-task.ts';

export type PipelineMessage = Exclude<WorkMessage, { kind: 'profile-upload' | 'send-mail' }>;

export async function handleWork(deps: Deps, message: PipelineMessage): Promise<void> {
  switch (message.kind) {
    case 'object-received':
      return receiveObject(deps, message);
    case 'ingest-batch':
      await ingestBatch(deps, message);
      return;
    case 'task':
      return runTask(deps, message, message.generation);
    case 'advance':
      return advance(deps, message, message.generation);
  }
}
