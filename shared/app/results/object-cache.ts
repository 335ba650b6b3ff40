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
    await makeRoom(directory, bytesMax);
    const partial = `${path}.${deps.ids.uuid()}`;
    await fetchObject(deps, key, partial);
    await rename(partial, path);
    return path;
  };
  return { directory, fetch };
}

/** Removes the files that were used longest ago, until half of the room is free. */
async function makeRoom(directory: string, bytesMax: number): Promise<void> {
  const names = await readdir(directory);
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const found = await stat(path).catch(() => undefined);
      return { path, bytes: found?.size ?? 0, usedAt: found?.mtimeMs ?? 0 };
    }),
  );
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= bytesMax) return;
  for (const file of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (bytes <= bytesMax / 2) return;
    await rm(file.path, { force: true });
    bytes -= file.bytes;
  }
}
