// A batch in the words of the surface.
import { batchNumber, type UploadedBatch } from '../../../shared/app/definitions/source-batches.ts';
import type { Batch } from '../../../shared/domain/batch.ts';

export function presentLoaded({ reconciliation, batch, sameAs }: UploadedBatch) {
  const { status, rows, checksum = '', completedAt, receivedAt, rejects = [] } = batch;
  if (status !== 'COMPLETE' && status !== 'HELD' && status !== 'WITHDRAWN')
    throw new Error(`a batch that is ${status} is not loaded`);
  return {
    id: batchNumber(reconciliation, batch),
    label: labelOf(batch),
    status,
    // What is held has not been read yet.
    recordCount: rows?.records ?? 0,
    checksum,
    ingestedAt: completedAt ?? receivedAt,
    rejectedCount: rows?.rejected ?? 0,
    rejects,
    sameAs: sameAs ? batchNumber(reconciliation, sameAs) : null,
  };
}

export function presentPendingBatch({ reconciliation, batch }: UploadedBatch, status: 'RECEIVED' | 'PROCESSING') {
  return { id: batchNumber(reconciliation, batch), label: labelOf(batch), status };
}

export function presentListedBatch({ reconciliation, batch, sameAs }: UploadedBatch) {
  const { status, rows, checksum, receivedAt, completedAt, reason } = batch;
  return {
    id: batchNumber(reconciliation, batch),
    label: labelOf(batch),
    status,
    recordCount: rows?.records ?? null,
    rejectedCount: rows?.rejected ?? null,
    checksum: checksum ?? null,
    sameAs: sameAs ? batchNumber(reconciliation, sameAs) : null,
    receivedAt,
    ingestedAt: completedAt ?? null,
    failure: reason ? { code: reason.code, message: reason.detail } : null,
  };
}

function labelOf({ label, fileName }: Batch): string {
  return label ?? fileName;
}
