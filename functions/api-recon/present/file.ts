// Files and data sources in recon's words.
import type { DataSource } from '../../../shared/domain/data-source.ts';
import type { Upload } from '../../../shared/domain/upload.ts';

const statusWords = {
  EXPECTED: 'expected',
  UPLOADED: 'uploaded',
  PROCESSING: 'processing',
  PROCESSED: 'processed',
  FAILED: 'failed',
} as const satisfies Record<Upload['status'], string>;

export function presentFile(upload: Upload) {
  return {
    id: upload.uploadId,
    file_name: upload.fileName,
    file_size: upload.bytes,
    file_type: upload.contentType,
    project_id: upload.projectId,
    uploaded_by: upload.uploadedBy,
    uploaded_at: upload.uploadedAt,
    status: statusWords[upload.status],
  };
}

export function presentFileDetail(upload: Upload) {
  const { profile, reason, processingStartedAt } = upload;
  return {
    ...presentFile(upload),
    ...(processingStartedAt !== undefined && { processing_started_at: processingStartedAt }),
    ...(profile && {
      processing_result: { records_count: profile.records, columns: profile.columns, errors: profile.errors },
    }),
    ...(reason && { failure: { code: reason.code, message: reason.detail } }),
  };
}

/** Columns that nobody has named are those that processing found. */
export function presentDataSource(source: DataSource, upload?: Upload) {
  return {
    id: source.dataSourceId,
    name: source.name,
    source_type: source.sourceType,
    project_id: source.projectId,
    file_id: source.uploadId ?? null,
    schema: {
      columns: source.columns.length > 0 ? source.columns : (upload?.profile?.columns ?? []),
      primary_key: source.primaryKey ?? null,
    },
    created_at: source.createdAt,
  };
}
