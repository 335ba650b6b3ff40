// What use cases are given: every port, and the sizes that a deployment chooses. Built once per cold start in a
// function's index.ts; a use case asks for the ports it needs by `Pick<Deps, …>`.
import { breakPartsPerWriteMax } from '../domain/break.ts';
import type { ActivityLog } from '../ports/activity-log.ts';
import type { BatchStore } from '../ports/batch-store.ts';
import type { BreakStore } from '../ports/break-store.ts';
import type { BulkStore } from '../ports/bulk-store.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { MailOutbox } from '../ports/mail-outbox.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { ReconciliationStore } from '../ports/reconciliation-store.ts';
import type { ReviewStore } from '../ports/review-store.ts';
import type { RunStore } from '../ports/run-store.ts';
import type { ScheduleStore } from '../ports/schedule-store.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { UploadStore } from '../ports/upload-store.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { PipelineEngine } from './pipeline-engine.ts';

export type Deps = {
  reconciliations: ReconciliationStore;
  uploads: UploadStore;
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
  objects: ObjectStore;
  queue: WorkQueue;
  clock: Clock;
  ids: Ids;
  engine: PipelineEngine;
  settings: PipelineSettings;
};

export type PipelineSettings = {
  /** Part of a batch's identity. */
  bucket: string;
  /** Each piece of work makes a directory of its own in here and removes it. */
  scratchDirectory: string;
  /** Rows of all sources that one match task takes; more are split into chunks. */
  rowsPerChunk: number;
  /** Bytes of the files as they were received that one match task takes. */
  bytesPerChunk: number;
  /** Splits every run into this many chunks, for tests and the bench. */
  chunksForced?: number;
  /** New breaks of one run that become items; the others stay in Parquet until somebody acts on them. */
  breakItemsMax: number;
  /** Transactions of break items under way at once. */
  breakWritesAtOnce: number;
  /** Break items in one transaction, `breakPartsPerWriteMax` at most. */
  breaksPerWrite: number;
};

/**
 * 4 million rows of both sides take about 0.9 GB and 3 s of one worker (docs/engine), well inside a function's limits. Why so few
 * break items: docs/decisions/0014-few-break-items.md.
 */
export const pipelineDefaults = {
  rowsPerChunk: 4_000_000,
  bytesPerChunk: 512 * 1024 * 1024,
  breakItemsMax: 10_000,
  breakWritesAtOnce: 8,
  breaksPerWrite: breakPartsPerWriteMax,
} as const;
