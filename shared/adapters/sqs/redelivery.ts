// Sets when a message that failed is delivered again.
import { ChangeMessageVisibilityCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { dependency } from '../dependency-fault.ts';
import { createSqsClient } from './work-queue.ts';

export type Redelivery = (message: { eventSourceARN: string; receiptHandle: string }, seconds: number) => Promise<void>;

export function createRedelivery(client: SQSClient = createSqsClient()): Redelivery {
  const urls = new Map<string, string | undefined>();
  return async ({ eventSourceARN, receiptHandle }, seconds) => {
    const QueueName = eventSourceARN.split(':').at(-1);
    await dependency('SQS', async () => {
      if (!urls.has(eventSourceARN)) {
        urls.set(eventSourceARN, (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl);
      }
      const QueueUrl = urls.get(eventSourceARN);
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }),
      );
    });
  };
}
