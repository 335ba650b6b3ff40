// A directory for one piece of work, gone when the work is.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from './deps.ts';

export async function inScratch<T>(
  deps: Pick<Deps, 'ids' | 'settings'>,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = join(deps.settings.scratchDirectory, deps.ids.uuid());
  await mkdir(directory, { recursive: true });
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
