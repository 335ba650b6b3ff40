// The suite of WorkQueue.
import { expect, test } from 'vitest';
import type { WorkMessage } from '../../../shared/ports/work-queue.ts';
import { ref } from './samples.ts';
import type { Queue } from './stores.ts';

export function workQueueSuite(open: () => Promise<Queue>): void {
  test('delivers every kind of message as it was sent', async () => {
    const { queue, received } = await open();
    const run = { ...ref, runId: 'run-1' };
    const messages: WorkMessage[] = [
      { kind: 'object-received', key: 'drop/a/b/c/été + .csv', versionId: 'v', bytes: 3 },
      { kind: 'ingest-batch', ...ref, batchId: 'b' },
      { kind: 'profile-upload', tenant: 'acme', uploadId: 'u' },
      { kind: 'send-mail', tenant: 'acme', mailId: 'm' },
      ...(['prepare', 'plan', 'partition', 'match', 'settle'] as const).map(
        (stage): WorkMessage => ({ kind: 'task', ...run, stage, index: 0, generation: 1 }),
      ),
      { kind: 'advance', ...run, stage: 'match', generation: 1 },
    ];
    await queue.send(messages);
    expect((await received()).map((message) => JSON.stringify(message)).toSorted()).toEqual(
      messages.map((message) => JSON.stringify(message)).toSorted(),
    );
  });

  test('sends more than a batch holds', async () => {
    const { queue, received } = await open();
    const messages = Array.from(
      { length: 123 },
      (_, index): WorkMessage => ({ kind: 'task', ...ref, runId: 'r', stage: 'match', index, generation: 1 }),
    );
    await queue.send(messages);
    const indexes = (await received()).map((message) => (message.kind === 'task' ? message.index : -1));
    expect(indexes.toSorted((a, b) => a - b)).toEqual(messages.map((_, index) => index));
    await queue.send([]);
    expect(await received()).toEqual([]);
  });
}
