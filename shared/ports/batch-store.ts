// Batches and the feed of a reconciliation: what waits to be claimed, the run numbers, whose turn it is to settle.
import type { Batch } from '../domain/batch.ts';
import type { Feed } from '../domain/feed.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { Page } from './page.ts';

export type BatchRef = ReconciliationRef & { batchId: string };

export type BatchStore = {
  /** Records a received object once; a repeat gives the batch as it is, with `created: false`. Assigns `number`. */
  receive(batch: Omit<Batch, 'number'>): Promise<{ batch: Batch; created: boolean }>;
  get(ref: BatchRef): Promise<Batch | undefined>;
  /** Writes the batch where its status still is `from`, together with the feed where its version is unchanged; false on a conflict. */
  save(batch: Batch, from: Batch['status'], feed?: Feed): Promise<boolean>;
  /** Batches of a source with these bytes, oldest first. */
  byChecksum(ref: ReconciliationRef, source: string, checksum: string): Promise<Batch[]>;
  list(ref: ReconciliationRef, cursor?: string, limit?: number): Promise<Page<Batch>>;
  feed(ref: ReconciliationRef): Promise<Feed>;
  /** RECEIVED or PROCESSING since before `before` (epoch ms): work that was lost. For the sweep. */
  stalled(before: number, limit: number): Promise<Batch[]>;
};
