// Work as SQS messages: each kind goes to the queue of the function that does it.
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { WorkMessage, WorkQueue } from '../../ports/work-queue.ts';
import { dependency, dependencyFault } from '../dependency-fault.ts';

export type QueueUrls = Record<'received' | 'plan' | 'match' | 'settle' | 'notify', string>;

/** A queue's URL names a host that an emulator does not answer on; the endpoint of the client is the one to use. */
export function createSqsClient(): SQSClient {
  return new SQSClient({ useQueueUrlAsEndpoint: false });
}

export function createWorkQueue(urls: QueueUrls, client: SQSClient = createSqsClient()): WorkQueue {
  const sendBatch = async (url: string, messages: WorkMessage[], delaySeconds: number): Promise<void> => {
    let entries = messages.map((message, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(message),
      DelaySeconds: delaySeconds,
    }));
    for (let attempt = 1; ; attempt += 1) {
      const { Failed = [] } = await dependency('SQS', () =>
        client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries })),
      );
      if (Failed.length === 0) return;
      const cause = new Error(
        `${Failed.length} of ${entries.length} refused: ${Failed[0]?.Code} ${Failed[0]?.Message}`,
      );
      if (attempt === attemptsMax || Failed.some(({ SenderFault }) => SenderFault)) {
        throw dependencyFault('SQS', cause);
      }
      await sleep(Math.random() * 50 * 2 ** attempt);
      entries = entries.filter(({ Id }) => Failed.some((failed) => failed.Id === Id));
    }
  };
  return {
    async send(messages, delaySeconds = 0) {
      const byUrl = Map.groupBy(messages, (message) => urls[queueOf(message)]);
      const batches = [...byUrl].flatMap(([url, all]) =>
        Array.from({ length: Math.ceil(all.length / batchMax) }, (_, index) => ({
          url,
          messages: all.slice(index * batchMax, (index + 1) * batchMax),
        })),
      );
      const delay = Math.min(Math.ceil(delaySeconds), delaySecondsMax);
      const worker = async (): Promise<void> => {
        for (let batch = batches.shift(); batch; batch = batches.shift()) {
          await sendBatch(batch.url, batch.messages, delay);
        }
      };
      await Promise.all(Array.from({ length: sendersMax }, worker));
    },
  };
}
/** Limits of SQS. */
const batchMax = 10;
const delaySecondsMax = 900;
const sendersMax = 8;
const attemptsMax = 6;

export function queueOf(message: WorkMessage): keyof QueueUrls {
  if (message.kind === 'advance') return 'plan';
  if (message.kind === 'send-mail') return 'notify';
  if (message.kind !== 'task') return 'received';
  if (message.stage === 'partition' || message.stage === 'match' || message.stage === 'residue') return 'match';
  return message.stage === 'settle' ? 'settle' : 'plan';
}
