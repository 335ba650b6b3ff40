// A message has been given up by its queue. What it was for fails with the reason, so that nobody waits for it.
import { fail } from '../../domain/result.ts';
import { isActive } from '../../domain/run.ts';
import type { BatchRef } from '../../ports/batch-store.ts';
import { type NoteBatchDeps, noteBatchEnd } from '../activity/note-batch-end.ts';
import { noteRunEnd } from '../activity/note-run-end.ts';
import { failed } from '../batches/ingest-batch.ts';
import { expectedBatch, putAside } from '../batches/receive-object.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';
import { type EndDeps, endRun } from './end-run.ts';
import type { PipelineMessage } from './handle-work.ts';

export type FailDeps = EndDeps & NoteBatchDeps & Pick<Deps, 'tasks' | 'objects' | 'settings'>;

const givenUp = fail('ATTEMPTS_EXHAUSTED', 'The queue gave up a message of this work after its last attempt');

export async function failWork(deps: FailDeps, message: PipelineMessage): Promise<void> {
  switch (message.kind) {
    case 'object-received': {
      const expected = await expectedBatch(deps, message);
      if (!expected.ok) {
        if (message.key.startsWith('drop/')) await putAside(deps, message, expected);
        return;
      }
      await deps.batches.receive(expected.value);
      return failBatch(deps, expected.value);
    }
    case 'ingest-batch':
      return failBatch(deps, message);
    case 'task': {
      // A copy of a message whose work was done by another fails nothing.
      const run = await deps.runs.get(message);
      if (run && !isActive(run)) return noteRunEnd(deps, run);
      if (!run || run.generation !== message.generation || run.stage !== message.stage) return;
      const tasks = await deps.tasks.tasks(message, message.generation, message.stage);
      if (tasks.find((task) => task.index === message.index)?.status === 'DONE') return;
      await endRun(deps, message, { status: 'FAILED', reason: givenUp, generation: message.generation });
      return;
    }
    case 'advance':
      await endRun(deps, message, { status: 'FAILED', reason: givenUp, generation: message.generation });
      return;
  }
}

async function failBatch(deps: NoteBatchDeps & Pick<Deps, 'batches'>, ref: BatchRef): Promise<void> {
  await untilWritten(async () => {
    const batch = await deps.batches.get(ref);
    if (batch?.status !== 'RECEIVED' && batch?.status !== 'PROCESSING') return true;
    return (await deps.batches.save(failed(batch, givenUp))) || undefined;
  });
  const batch = await deps.batches.get(ref);
  if (batch) await noteBatchEnd(deps, batch);
}
