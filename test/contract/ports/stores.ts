// What a port suite is given: every port over one fresh database, and the clock that it reads.

import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createActivityLog } from '../../../shared/adapters/dynamodb/activity-log.ts';
import { createBatchStore } from '../../../shared/adapters/dynamodb/batch-store.ts';
import { createBreakStore } from '../../../shared/adapters/dynamodb/break-store.ts';
import { createBulkStore } from '../../../shared/adapters/dynamodb/bulk-store.ts';
import { createDecisionStore } from '../../../shared/adapters/dynamodb/decision-store.ts';
import { createMailOutbox } from '../../../shared/adapters/dynamodb/mail-outbox.ts';
import { createNumberStore } from '../../../shared/adapters/dynamodb/number-store.ts';
import { createReconciliationStore } from '../../../shared/adapters/dynamodb/reconciliation-store.ts';
import { createReviewStore } from '../../../shared/adapters/dynamodb/review-store.ts';
import { createRunStore } from '../../../shared/adapters/dynamodb/run-store.ts';
import { createScheduleStore } from '../../../shared/adapters/dynamodb/schedule-store.ts';
import { openTable } from '../../../shared/adapters/dynamodb/table.ts';
import { createTaskStore } from '../../../shared/adapters/dynamodb/task-store.ts';
import { createUploadStore } from '../../../shared/adapters/dynamodb/upload-store.ts';
import { createMemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import { createMemoryBatchStore } from '../../../shared/adapters/memory/batch-store.ts';
import { createMemoryBreakStore } from '../../../shared/adapters/memory/break-store.ts';
import { createMemoryBulkStore } from '../../../shared/adapters/memory/bulk-store.ts';
import { createMemoryClock, createMemoryIds, type MemoryClock } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryDecisionStore } from '../../../shared/adapters/memory/decision-store.ts';
import { createMemoryMailOutbox } from '../../../shared/adapters/memory/mail-outbox.ts';
import { createMemoryNumberStore } from '../../../shared/adapters/memory/number-store.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryReviewStore } from '../../../shared/adapters/memory/review-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemoryScheduleStore } from '../../../shared/adapters/memory/schedule-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { createMemoryTaskStore } from '../../../shared/adapters/memory/task-store.ts';
import { createMemoryUploadStore } from '../../../shared/adapters/memory/upload-store.ts';
import { createMemoryWorkQueue } from '../../../shared/adapters/memory/work-queue.ts';
import { createObjectLinks } from '../../../shared/adapters/s3/object-links.ts';
import { createObjectStore } from '../../../shared/adapters/s3/object-store.ts';
import { createWorkQueue, type QueueUrls } from '../../../shared/adapters/sqs/work-queue.ts';
import { createIds } from '../../../shared/adapters/system/ids.ts';
import type { ActivityLog } from '../../../shared/ports/activity-log.ts';
import type { BatchStore } from '../../../shared/ports/batch-store.ts';
import type { BreakStore } from '../../../shared/ports/break-store.ts';
import type { BulkStore } from '../../../shared/ports/bulk-store.ts';
import type { Ids } from '../../../shared/ports/clock.ts';
import type { DecisionStore } from '../../../shared/ports/decision-store.ts';
import type { MailOutbox } from '../../../shared/ports/mail-outbox.ts';
import type { NumberStore } from '../../../shared/ports/number-store.ts';
import type { ObjectLinks, ObjectStore } from '../../../shared/ports/object-store.ts';
import type { ReconciliationStore } from '../../../shared/ports/reconciliation-store.ts';
import type { ReviewStore } from '../../../shared/ports/review-store.ts';
import type { RunStore } from '../../../shared/ports/run-store.ts';
import type { ScheduleStore } from '../../../shared/ports/schedule-store.ts';
import type { TaskStore } from '../../../shared/ports/task-store.ts';
import type { UploadStore } from '../../../shared/ports/upload-store.ts';
import type { WorkMessage, WorkQueue } from '../../../shared/ports/work-queue.ts';
import { createTable } from './create-table.ts';

export type Stores = {
  reconciliations: ReconciliationStore;
  batches: BatchStore;
  runs: RunStore;
  tasks: TaskStore;
  breaks: BreakStore;
  bulks: BulkStore;
  decisions: DecisionStore;
  reviews: ReviewStore;
  activity: ActivityLog;
  outbox: MailOutbox;
  schedules: ScheduleStore;
  uploads: UploadStore;
  numbers: NumberStore;
  clock: MemoryClock;
};

export type Objects = { objects: ObjectStore; links: ObjectLinks; reachable: boolean };

/** `received` takes all messages that have arrived. */
export type Queue = { queue: WorkQueue; received(): Promise<WorkMessage[]> };

export type Implementation = {
  openStores(): Promise<Stores>;
  openObjects(): Promise<Objects>;
  openQueue(): Promise<Queue>;
  openIds(clock: MemoryClock): Ids;
};

export const memory: Implementation = {
  async openStores() {
    const state = createMemoryState();
    const clock = createMemoryClock();
    return {
      reconciliations: createMemoryReconciliationStore(state),
      batches: createMemoryBatchStore(state, clock),
      runs: createMemoryRunStore(state),
      tasks: createMemoryTaskStore(state),
      breaks: createMemoryBreakStore(state),
      bulks: createMemoryBulkStore(state),
      decisions: createMemoryDecisionStore(state),
      reviews: createMemoryReviewStore(state),
      activity: createMemoryActivityLog(state, clock),
      outbox: createMemoryMailOutbox(),
      schedules: createMemoryScheduleStore(state),
      uploads: createMemoryUploadStore(state),
      numbers: createMemoryNumberStore(),
      clock,
    };
  },
  async openObjects() {
    const objects = createMemoryObjectStore();
    return { objects, links: objects, reachable: false };
  },
  async openQueue() {
    const queue = createMemoryWorkQueue();
    return { queue, received: async () => queue.waiting.splice(0).map(({ message }) => message) };
  },
  openIds: createMemoryIds,
};

export function emulator(endpoint: string): Implementation {
  const connection = {
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return {
    async openStores() {
      const client = new DynamoDBClient(connection);
      const name = `tieout-${randomUUID()}`;
      await createTable(name, client);
      const table = openTable(name, client);
      const clock = createMemoryClock();
      return {
        reconciliations: createReconciliationStore(table),
        batches: createBatchStore(table, clock),
        runs: createRunStore(table),
        tasks: createTaskStore(table),
        breaks: createBreakStore(table),
        bulks: createBulkStore(table),
        decisions: createDecisionStore(table),
        reviews: createReviewStore(table),
        uploads: createUploadStore(table),
        numbers: createNumberStore(table),
        activity: createActivityLog(table, createNumberStore(table), clock),
        outbox: createMailOutbox(table),
        schedules: createScheduleStore(table),
        clock,
      };
    },
    async openObjects() {
      const client = new S3Client({ ...connection, forcePathStyle: true });
      const Bucket = `tieout-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket }));
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
      return { objects: createObjectStore(Bucket, client), links: createObjectLinks(Bucket, client), reachable: true };
    },
    async openQueue() {
      const client = new SQSClient({ ...connection, useQueueUrlAsEndpoint: false });
      const create = async (): Promise<string> => {
        const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: `tieout-${randomUUID()}` }));
        return QueueUrl as string;
      };
      const urls: QueueUrls = {
        received: await create(),
        plan: await create(),
        match: await create(),
        settle: await create(),
        notify: await create(),
      };
      return {
        queue: createWorkQueue(urls, client),
        async received() {
          const messages: WorkMessage[] = [];
          for (const QueueUrl of Object.values(urls)) {
            for (;;) {
              const answer = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
              if (!answer.Messages?.length) break;
              messages.push(...answer.Messages.map(({ Body }) => JSON.parse(Body as string) as WorkMessage));
            }
          }
          return messages;
        },
      };
    },
    openIds: createIds,
  };
}
