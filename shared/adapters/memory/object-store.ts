// Twin of the versioned bucket: a delete hides the newest version, older versions stay readable by their id.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { ObjectLinks, ObjectStore, StoredObject } from '../../ports/object-store.ts';

type Version = { versionId: string; body: Uint8Array; deleted: boolean };

/** `keys` is for tests that look at what is there; nothing in the product lists objects. */
export type MemoryObjectStore = ObjectStore & ObjectLinks & { keys(prefix?: string): string[] };

export function createMemoryObjectStore(): MemoryObjectStore {
  const objects = new Map<string, Version[]>();
  let counter = 0;
  const find = (key: string, versionId?: string): Version | undefined => {
    const versions = objects.get(key);
    const version = versionId === undefined ? versions?.at(-1) : versions?.find((one) => one.versionId === versionId);
    return version?.deleted ? undefined : version;
  };
  const add = (key: string, body: Uint8Array, deleted = false): StoredObject => {
    counter += 1;
    const versionId = createHash('sha256').update(`${counter}`).digest('hex').slice(0, 32);
    objects.set(key, [...(objects.get(key) ?? []), { versionId, body: Uint8Array.from(body), deleted }]);
    return { key, versionId, bytes: body.length };
  };
  return {
    async download(key, path, versionId) {
      const version = find(key, versionId);
      if (!version) return false;
      await writeFile(path, version.body);
      return true;
    },
    async upload(path, key) {
      return add(key, await readFile(path));
    },
    async put(key, body) {
      return add(key, typeof body === 'string' ? new TextEncoder().encode(body) : body);
    },
    async get(key) {
      const version = find(key);
      return version && Uint8Array.from(version.body);
    },
    async head(key) {
      const version = find(key);
      return version && { key, versionId: version.versionId, bytes: version.body.length };
    },
    async copy(from, to) {
      const version = find(from.key, from.versionId);
      if (!version) throw new Error(`there is no object ${from.key}`);
      add(to, version.body);
    },
    async delete(key) {
      if (find(key)) add(key, new Uint8Array(), true);
    },
    async downloadUrl(key, fileName, seconds) {
      return `memory:///${encodeURIComponent(key)}?name=${encodeURIComponent(fileName)}&seconds=${seconds}`;
    },
    async uploadForm(key, bytesMax, seconds) {
      return { url: 'memory:///', fields: { key, bytesMax: String(bytesMax), seconds: String(seconds) } };
    },
    keys(prefix = '') {
      return [...objects.keys()].filter((key) => key.startsWith(prefix) && find(key)).sort();
    },
  };
}
