// Twin of the DynamoDB upload store.
import type { UploadStore } from '../../ports/upload-store.ts';
import { keyOf, type MemoryState, pageOf } from './state.ts';

export function createMemoryUploadStore(state: MemoryState): UploadStore {
  return {
    async create(upload) {
      const key = keyOf(upload.tenant, upload.uploadId);
      if (state.uploads.has(key)) return false;
      state.uploads.set(key, structuredClone(upload));
      return true;
    },
    async get(tenant, uploadId) {
      return structuredClone(state.uploads.get(keyOf(tenant, uploadId)));
    },
    async update(upload) {
      const key = keyOf(upload.tenant, upload.uploadId);
      if (state.uploads.get(key)?.version !== upload.version) return false;
      state.uploads.set(key, { ...structuredClone(upload), version: upload.version + 1 });
      return true;
    },
    async delete(tenant, uploadId) {
      state.uploads.delete(keyOf(tenant, uploadId));
    },
    async list(tenant, projectId, cursor, limit = 100) {
      const uploads = [...state.uploads.values()]
        .filter((upload) => upload.tenant === tenant && upload.projectId === projectId)
        .sort((a, b) => (a.uploadId < b.uploadId ? -1 : 1));
      return pageOf(uploads, (upload) => upload.uploadId, cursor, limit);
    },
  };
}
