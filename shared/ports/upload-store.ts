// Files that people uploaded, before and after a reconciliation uses them.
import type { Upload } from '../domain/upload.ts';
import type { Page } from './page.ts';

export type UploadStore = {
  create(upload: Upload): Promise<boolean>;
  get(tenant: string, uploadId: string): Promise<Upload | undefined>;
  /** Where the stored version is the given one; false on a conflict. */
  update(upload: Upload): Promise<boolean>;
  delete(tenant: string, uploadId: string): Promise<void>;
  list(tenant: string, projectId: string, cursor?: string, limit?: number): Promise<Page<Upload>>;
};
