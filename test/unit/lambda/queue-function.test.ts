// A queue function: what it takes for work, what it hands back, and what becomes of a message of no known form.
import { readFileSync } from 'node:fs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { createQueueFunction } from '../../../shared/lambda/queue-function.ts';
import { readQueueMessages } from '../../../shared/lambda/queue-messages.ts';
import type { WorkMessage } from '../../../shared/ports/work-queue.ts';

const sample = JSON.parse(
  readFileSync(new URL('../../../events/ingest/object-created.json', import.meta.url), 'utf8'),
) as SQSEvent;

const task: WorkMessage = {
  kind: 'task',
  tenant: 'acme',
  reconciliationId: 'rec',
  runId: 'run',
  stage: 'match',
  index: 3,
  generation: 1,
};

function notification(key: string, changes: Record<string, unknown> = {}): string {
  const s3 = { bucket: { name: 'tieout-local' }, object: { key, size: 5, versionId: 'v1' } };
  return JSON.stringify({ Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3, ...changes }] });
}

describe('readQueueMessages', () => {
  test.each([
    ['a plain key', 'drop/a/b/c/d.csv', 'drop/a/b/c/d.csv'],
    ['spaces and a plus', 'drop/a/b/c/x+y%2Bz.csv', 'drop/a/b/c/x y+z.csv'],
    ['letters beyond ASCII', 'drop/a/b/c/%C3%A9t%C3%A9.csv', 'drop/a/b/c/été.csv'],
    ['a percent sign', 'drop/a/b/c/100%2525.csv', 'drop/a/b/c/100%25.csv'],
    ['a path that climbs', 'drop/a/../b/%2E%2E/c', 'drop/a/../b/../c'],
  ])('decodes %s', (_, written, key) => {
    expect(readQueueMessages(notification(written), 'tieout-local')).toEqual({
      messages: [{ kind: 'object-received', key, versionId: 'v1', bytes: 5 }],
    });
  });

  test.each([
    ["S3's test event", JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'tieout-local' })],
    ['a removal', notification('drop/a/b/c/d', { eventName: 'ObjectRemoved:Delete' })],
  ])('has nothing to do for %s', (_, body) => {
    expect(readQueueMessages(body, 'tieout-local')).toEqual({ messages: [] });
  });

  test('takes work of ours as it is', () => {
    expect(readQueueMessages(JSON.stringify(task), 'tieout-local')).toEqual({ messages: [task] });
  });

  test.each([
    ['no JSON', '{', 'not JSON'],
    ['null', 'null', 'neither'],
    ['an unknown kind', '{"kind":"other"}', 'neither'],
    ['an unknown field', JSON.stringify({ ...task, priority: 1 }), 'neither'],
    ['an index beyond a stage', JSON.stringify({ ...task, index: 1_000 }), 'index'],
    [
      'another bucket',
      notification('drop/a/b/c/d', { s3: { bucket: { name: 'x' }, object: { key: 'k' } } }),
      'bucket x',
    ],
    ['a key that is not encoded', notification('drop/%E9'), 'not encoded'],
    ['no records', '{"Records":[]}', 'neither'],
  ])('refuses %s', (_, body, reason) => {
    expect(readQueueMessages(body, 'tieout-local')).toEqual({ refused: expect.stringContaining(reason) });
  });
});

describe('createQueueFunction', () => {
  const record = (messageId: string, body: string, receives = 1): SQSRecord => ({
    ...(sample.Records[0] as SQSRecord),
    messageId,
    body,
    attributes: { ...(sample.Records[0] as SQSRecord).attributes, ApproximateReceiveCount: String(receives) },
  });
  const open = (work: (message: WorkMessage) => Promise<void>, refuse = false) => {
    const lines: unknown[] = [];
    const faults: unknown[] = [];
    const retries: [string, number][] = [];
    const refused: [string, string][] = [];
    const run = createQueueFunction({
      bucket: 'tieout-local',
      work,
      retryAfter: async ({ messageId }, seconds) => {
        retries.push([messageId, seconds]);
      },
      ...(refuse && {
        refuse: async ({ messageId }: SQSRecord, reason: string) => {
          refused.push([messageId, reason]);
        },
      }),
      log: { line: (fields) => lines.push(fields), fault: (error) => faults.push(error) },
    });
    return { run, lines, faults, retries, refused };
  };

  test('does the work of the sample event and writes one line', async () => {
    const done: WorkMessage[] = [];
    const { run, lines } = open(async (message) => {
      done.push(message);
    });
    expect(await run(sample)).toEqual({ batchItemFailures: [] });
    expect(done).toEqual([
      {
        kind: 'object-received',
        key: 'drop/demo/card-settlement/bank/été 2026 + fees.csv',
        versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
        bytes: 1024,
      },
    ]);
    expect(lines).toHaveLength(1);
  });

  test('hands back only what failed, to come again later each time', async () => {
    const { run, retries, faults } = open(async (message) => {
      if (message.kind === 'task') throw new Error('S3 is away');
    });
    const ok = notification('drop/a/b/c/d.csv');
    const records = [record('1', JSON.stringify(task)), record('2', ok), record('3', JSON.stringify(task), 4)];
    expect(await run({ Records: records })).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }, { itemIdentifier: '3' }],
    });
    expect(retries).toEqual([
      ['1', 5],
      ['3', 40],
    ]);
    expect(faults).toHaveLength(2);
  });

  test('a message of no known form goes the way to the dead letters at once', async () => {
    const { run, retries } = open(async () => {
      throw new Error('no work was to be done');
    });
    expect(await run({ Records: [record('1', 'hello')] })).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(retries).toEqual([['1', 0]]);
  });

  test('who deals with dead letters keeps it', async () => {
    const { run, refused, retries } = open(async () => {}, true);
    expect(await run({ Records: [record('1', 'hello')] })).toEqual({ batchItemFailures: [] });
    expect(refused).toEqual([['1', 'the body is not JSON']]);
    expect(retries).toEqual([]);
  });

  test('a message whose retry cannot be set still comes again', async () => {
    const run = createQueueFunction({
      bucket: 'tieout-local',
      work: async () => {
        throw new Error('S3 is away');
      },
      retryAfter: async () => {
        throw new Error('SQS is away');
      },
      log: { line: () => {}, fault: () => {} },
    });
    expect(await run({ Records: [record('1', JSON.stringify(task))] })).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    });
  });
});
