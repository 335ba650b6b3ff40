// A file that a person uploaded into a project.
export type Upload = {
  tenant: string;
  uploadId: string;
  projectId: string;
  fileName: string;
  contentType: string;
  bytes: number;
  /** EXPECTED: a presigned form was handed out and nothing has arrived. */
  status: 'EXPECTED' | 'UPLOADED' | 'PROCESSING' | 'PROCESSED' | 'FAILED';
  objectKey: string;
  uploadedBy: string;
  uploadedAt: string;
  processingStartedAt?: string;
  profile?: {
    records: number;
    columns: string[];
    errors: { line: number; column: string; value: string; reason: string }[];
  };
  reason?: { code: string; detail: string };
  version: number;
};
