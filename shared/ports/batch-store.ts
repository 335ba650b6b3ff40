// Batches and the feed of a reconciliation: what waits to be claimed, the run numbers, whose turn it is to settle.
import type { Batch } from '../domain/batch.ts';
import type { Feed } from '../domain/feed.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { Page } from './page.ts';

export type BatchRef = ReconciliationRef & { batchId: string };

export type BatchStore = {
  /** Records a received object once; a repeat gives the batch as it is, with `created: false`. Assigns `number` and version 1. */
  receive(batch: Omit<Batch, 'number' | 'version'>): Promise<{ batch: Batch; created: boolean }>;
  get(ref: BatchRef): Promise<Batch | undefined>;
  /** Writes version + 1 where the stored version is the given one, with the feed where one is given; false on a conflict. */
  save(batch: Batch, feed?: Feed): Promise<boolean>;
  /** Batches of a source with these bytes, oldest first. */
  byChecksum(ref: ReconciliationRef, source: string, checksum: string): Promise<Batch[]>;
  /** The newest first; with `upTo`, from the batch of that number on. */
  list(ref: ReconciliationRef, cursor?: string, limit?: number, upTo?: number): Promise<Page<Batch>>;
  feed(ref: ReconciliationRef): Promise<Feed>;
  /** RECEIVED or PROCESSING since before `before` (epoch ms): work that was lost. For the sweep. */
  stalled(before: number, limit: number): Promise<Batch[]>;
};
