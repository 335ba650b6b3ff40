// The directory that results go to. Earlier results of this program are replaced; every other file in it stays.
// The summary goes first and comes last, so that a directory with a summary holds whole results, whatever was killed.
import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Which files are a command's own: what it replaces. `summary` says that the others are whole. */
export type ResultFiles = { summary: string; results: RegExp };

const matchFiles: ResultFiles = {
  summary: 'summary.json',
  results: /^(?:(?:matches|breaks|rejects)\.(?:csv|json|parquet|xlsx)|definition\.json)$/,
};

const workPrefix = '.tieout-';

export type ResultDirectory = {
  path: string;
  /** Scratch on the same disk, so that a finished file is moved, not copied. */
  work: string;
  /** Moves the finished files here and writes the summary last. */
  publish(files: { from: string; name: string }[], summary: string): void;
  discard(): void;
};

/** Throws a UsageError when the directory cannot be made or written to. */
export function openResultDirectory(given: string, own: ResultFiles = matchFiles): ResultDirectory {
  const path = resolve(given);
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new UsageError(`--out ${given}: a file is in the way; name a directory`);
    throw new UsageError(`--out ${given}: cannot be written to (${code}); name another directory`);
  }
  if (!statSync(path).isDirectory()) throw new UsageError(`--out ${given}: a file is in the way; name a directory`);
  rmSync(join(path, own.summary), { force: true });
  removeAbandoned(path);
  const work = join(path, `${workPrefix}${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  return {
    path,
    work,
    publish(files, summary) {
      for (const name of readdirSync(path)) if (own.results.test(name)) rmSync(join(path, name));
      for (const file of files) renameSync(file.from, join(path, file.name));
      writeFileSync(join(work, own.summary), summary);
      renameSync(join(work, own.summary), join(path, own.summary));
    },
    discard: () => rmSync(work, { recursive: true, force: true }),
  };
}

/** Scratch of runs that were killed: it can be as large as their input. */
function removeAbandoned(path: string): void {
  for (const name of readdirSync(path)) {
    const pid = Number(name.startsWith(workPrefix) ? name.slice(workPrefix.length) : 'none');
    if (Number.isInteger(pid) && pid > 0 && !isRunning(pid)) rmSync(join(path, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
