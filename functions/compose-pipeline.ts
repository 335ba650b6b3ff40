// Builds what the pipeline's functions are given, from the environment that infra/README.md lists. Once per cold start.
import { createActivityLog } from '../shared/adapters/dynamodb/activity-log.ts';
import { createBatchStore } from '../shared/adapters/dynamodb/batch-store.ts';
import { createBreakStore } from '../shared/adapters/dynamodb/break-store.ts';
import { createBulkStore } from '../shared/adapters/dynamodb/bulk-store.ts';
import { createDecisionStore } from '../shared/adapters/dynamodb/decision-store.ts';
import { createMailOutbox } from '../shared/adapters/dynamodb/mail-outbox.ts';
import { createNumberStore } from '../shared/adapters/dynamodb/number-store.ts';
import { createReconciliationStore } from '../shared/adapters/dynamodb/reconciliation-store.ts';
import { createReviewStore } from '../shared/adapters/dynamodb/review-store.ts';
import { createRunStore } from '../shared/adapters/dynamodb/run-store.ts';
import { createScheduleStore } from '../shared/adapters/dynamodb/schedule-store.ts';
import { openTable } from '../shared/adapters/dynamodb/table.ts';
import { createTaskStore } from '../shared/adapters/dynamodb/task-store.ts';
import { createUploadStore } from '../shared/adapters/dynamodb/upload-store.ts';
import { createS3Client } from '../shared/adapters/s3/client.ts';
import { createObjectStore } from '../shared/adapters/s3/object-store.ts';
import { createWorkQueue } from '../shared/adapters/sqs/work-queue.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { createIds } from '../shared/adapters/system/ids.ts';
import { type Deps, pipelineDefaults } from '../shared/app/deps.ts';
import { queueUrls, required } from './environment.ts';

/** Everything but the engine, which only some functions have. */
export function composePipeline(): Omit<Deps, 'engine'> {
  const table = openTable(required('TABLE_NAME'));
  const bucket = required('BUCKET_NAME');
  return {
    reconciliations: createReconciliationStore(table),
    uploads: createUploadStore(table),
    batches: createBatchStore(table, systemClock),
    runs: createRunStore(table),
    tasks: createTaskStore(table),
    breaks: createBreakStore(table),
    bulks: createBulkStore(table),
    decisions: createDecisionStore(table),
    reviews: createReviewStore(table),
    activity: createActivityLog(table, createNumberStore(table), systemClock),
    outbox: createMailOutbox(table),
    schedules: createScheduleStore(table),
    objects: createObjectStore(bucket, createS3Client()),
    queue: createWorkQueue(queueUrls()),
    clock: systemClock,
    ids: createIds(systemClock),
    settings: { ...pipelineDefaults, bucket, scratchDirectory: '/tmp', ...forcedChunks() },
  };
}

/** Limits for DuckDB; the function's memory also holds Node and what is outside its limit. */
export function engineLimits(): { memoryMb: number; threads: number } {
  return { memoryMb: Number(required('ENGINE_MEMORY_MB')), threads: Number(required('ENGINE_THREADS')) };
}

function forcedChunks(): { chunksForced?: number } {
  const { CHUNKS_FORCED } = process.env;
  return CHUNKS_FORCED ? { chunksForced: Number(CHUNKS_FORCED) } : {};
}
