// One side of a reconciliation as people name it: an uploaded file with what they say of its columns. Every upload is a data
// source of the same id from the start; others may be made of the same file.
import type { Upload } from './upload.ts';

export type DataSource = {
  tenant: string;
  dataSourceId: string;
  projectId: string;
  name: string;
  sourceType: string;
  /** Absent: it names a source whose file has not come. */
  uploadId?: string;
  columns: string[];
  primaryKey?: string;
  createdAt: string;
  version: number;
};

const typeByExtension: Record<string, string> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  json: 'json',
  ndjson: 'json',
  jsonl: 'json',
  parquet: 'parquet',
  xlsx: 'excel',
};

/** What a file's name says it is; `.gz` is looked through, and a name without a known ending is taken for csv. */
export function sourceTypeOf(fileName: string): string {
  const extension = fileName.toLowerCase().replace(/\.gz$/, '').split('.').at(-1)!;
  return Object.hasOwn(typeByExtension, extension) ? typeByExtension[extension]! : 'csv';
}

export function dataSourceOfUpload(upload: Upload): DataSource {
  return {
    tenant: upload.tenant,
    dataSourceId: upload.uploadId,
    projectId: upload.projectId,
    name: upload.fileName,
    sourceType: sourceTypeOf(upload.fileName),
    uploadId: upload.uploadId,
    columns: [],
    createdAt: upload.uploadedAt,
    version: 1,
  };
}
