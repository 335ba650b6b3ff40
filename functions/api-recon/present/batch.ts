// Batches in recon's words.
import type { Batch, BatchStatus } from '../../../shared/domain/batch.ts';

const statusWords = {
  RECEIVED: 'received',
  PROCESSING: 'processing',
  COMPLETE: 'complete',
  HELD: 'held',
  FAILED: 'failed',
  WITHDRAWN: 'withdrawn',
} as const satisfies Record<BatchStatus, string>;

export function presentBatch(batch: Batch) {
  return {
    id: batch.batchId,
    number: batch.number,
    source: batch.source,
    file_name: batch.fileName,
    file_size: batch.object.bytes,
    status: statusWords[batch.status],
    checksum: batch.checksum ?? null,
    same_as: batch.sameAs ?? null,
    rows: batch.rows ?? null,
    rejects: batch.rejects ?? [],
    claimed_by: batch.claimedBy ?? null,
    failure: batch.reason ? { code: batch.reason.code, message: batch.reason.detail } : null,
    received_at: batch.receivedAt,
    completed_at: batch.completedAt ?? null,
  };
}
