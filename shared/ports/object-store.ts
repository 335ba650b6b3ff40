// Large things that never change. Keys come from domain/object-keys.ts.
export type StoredObject = { key: string; versionId: string; bytes: number };

export type ObjectStore = {
  /** Streams an object (or one version of it) to a file; false when there is no such object. */
  download(key: string, path: string, versionId?: string): Promise<boolean>;
  /** Streams a file up; multipart when large. */
  upload(path: string, key: string, contentType?: string): Promise<StoredObject>;
  put(key: string, body: Uint8Array | string, contentType?: string): Promise<StoredObject>;
  get(key: string): Promise<Uint8Array | undefined>;
  head(key: string): Promise<StoredObject | undefined>;
  copy(from: { key: string; versionId?: string }, to: string): Promise<void>;
  delete(key: string): Promise<void>;
};

/** Links for callers; apart from ObjectStore because only API functions may make them. */
export type ObjectLinks = {
  /** A GET that answers with the given file name, valid for `seconds`. */
  downloadUrl(key: string, fileName: string, seconds: number): Promise<string>;
  /** A POST form that accepts one object of at most `bytesMax`, valid for `seconds`. */
  uploadForm(key: string, bytesMax: number, seconds: number): Promise<{ url: string; fields: Record<string, string> }>;
};
