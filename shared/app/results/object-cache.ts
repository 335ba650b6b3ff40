// Objects that never change, kept on the local disk between requests under a bound. A file is there whole or not at all.
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../deps.ts';
import { fetchObject } from '../fetch-object.ts';

export type ObjectCache = {
  directory: string;
  /** Path of the object's content. Throws where there is no such object: it is named by what recorded it. */
  fetch(key: string): Promise<string>;
};

export function createObjectCache(
  deps: Pick<Deps, 'objects' | 'ids'>,
  directory: string,
  bytesMax: number,
): ObjectCache {
  /** Bytes of all files: the directory is looked through once, and again when it is full. */
  let held = Promise.resolve(Number.POSITIVE_INFINITY);

  async function makeRoom(): Promise<void> {
    const made = held.then((bytes) => (bytes > bytesMax ? removeOldest(directory, bytesMax) : bytes));
    held = made.catch(() => Number.POSITIVE_INFINITY);
    await made;
  }

  const fetch = async (key: string): Promise<string> => {
    const path = join(directory, createHash('sha256').update(key).digest('hex'));
    const now = new Date();
    try {
      await utimes(path, now, now);
      return path;
    } catch {
      // Not there yet.
    }
    await mkdir(directory, { recursive: true });
    await makeRoom();
    const partial = `${path}.${deps.ids.uuid()}`;
    try {
      await fetchObject(deps, key, partial);
      const { size } = await stat(partial);
      await rename(partial, path);
      held = held.then((bytes) => bytes + size);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    return path;
  };
  return { directory, fetch };
}

/** Where the files are over the bound: removes those that were used longest ago, until half of the room is free. Gives what is left. */
async function removeOldest(directory: string, bytesMax: number): Promise<number> {
  const names = await readdir(directory);
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const found = await stat(path).catch(() => undefined);
      return { path, bytes: found?.size ?? 0, usedAt: found?.mtimeMs ?? 0 };
    }),
  );
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= bytesMax) return bytes;
  for (const file of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (bytes <= bytesMax / 2) break;
    await rm(file.path, { force: true });
    bytes -= file.bytes;
  }
  return bytes;
}
