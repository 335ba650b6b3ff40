// The directory that --out names: made with those above it, and proven to take files. Makes nothing else.
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Its absolute path. Throws a UsageError when it cannot be made or written to. */
export function openOutputDirectory(given: string): string {
  if (given === '') throw new UsageError('--out : give the name of a directory');
  const path = resolve(given);
  const inTheWay = () => new UsageError(`--out ${given}: a file is in the way; name a directory`);
  try {
    make(path);
    if (!statSync(path).isDirectory()) throw inTheWay();
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw inTheWay();
    throw new UsageError(`--out ${given}: cannot be written to (${code}); name another directory`);
  }
  return path;
}

/** One by one: Node's `recursive` tries for ever where a parent is there and takes no directories, as in /proc. */
function make(path: string): void {
  if (existsSync(path)) return;
  make(dirname(path));
  mkdirSync(path);
}
