// The stack of a function that takes work from a queue: reads each message, does it, and hands back those that failed, so
// that one failure repeats one message. It writes one line for each message.
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { WorkMessage } from '../ports/work-queue.ts';
import type { InvocationLog } from './invocation-log.ts';
import { readQueueMessages } from './queue-messages.ts';

export type QueueFunction = (event: SQSEvent) => Promise<SQSBatchResponse>;

type Parts = {
  bucket: string;
  /** Resolves when the message is done with, throws for it to come again. */
  work: (message: WorkMessage) => Promise<void>;
  /** Makes a failed message visible again after so long, instead of after the queue's full time. */
  retryAfter: (record: SQSRecord, seconds: number) => Promise<void>;
  /** For a message of no known form. Where it is absent the message comes again at once until it is dead. */
  refuse?: (record: SQSRecord, reason: string) => Promise<void>;
  log: InvocationLog;
  now?: () => number;
};

export function createQueueFunction(parts: Parts): QueueFunction {
  const now = parts.now ?? Date.now;

  /** True when the message is done with. */
  async function take(record: SQSRecord): Promise<boolean> {
    const startedAt = now();
    const receives = Number(record.attributes.ApproximateReceiveCount);
    const read = readQueueMessages(record.body, parts.bucket);
    const line = { messageId: record.messageId, receives, ...('messages' in read && { work: read.messages }) };
    try {
      if ('refused' in read) {
        parts.log.fault(new Error(read.refused), line);
        if (!parts.refuse) return await again(record, 0);
        await parts.refuse(record, read.refused);
        return true;
      }
      for (const message of read.messages) await parts.work(message);
      parts.log.line({ ...line, durationMs: now() - startedAt });
      return true;
    } catch (error) {
      parts.log.fault(error, { ...line, durationMs: now() - startedAt });
      return again(record, retrySecondsFor(receives));
    }
  }

  async function again(record: SQSRecord, seconds: number): Promise<false> {
    try {
      await parts.retryAfter(record, seconds);
    } catch (error) {
      // Then the queue's own time has to pass.
      parts.log.fault(error, { messageId: record.messageId });
    }
    return false;
  }

  return async (event) => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const record of event.Records) {
      if (!(await take(record))) batchItemFailures.push({ itemIdentifier: record.messageId });
    }
    return { batchItemFailures };
  };
}

/** 5, 10, 20, 40 s: five deliveries outlast a short outage and are over before a person looks. */
function retrySecondsFor(receives: number): number {
  return Math.min(900, 5 * 2 ** (Math.max(1, receives) - 1));
}
