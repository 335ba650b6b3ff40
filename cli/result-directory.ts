// The directory that results go to. Earlier results of this program are replaced; every other file in it stays.
// The summary goes first and comes last, so that a directory with a summary holds whole results, whatever was killed.
import { mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openOutputDirectory } from './output-directory.ts';
import { UsageError } from './usage-error.ts';

/** Which files are a command's own: what it replaces. `summary` says that the others are whole. */
export type ResultFiles = { summary: string; results: RegExp };

const matchFiles: ResultFiles = {
  summary: 'summary.json',
  results: /^(?:(?:matches|breaks|rejects|duplicates|pairs)\.(?:csv|json|parquet|xlsx)|definition\.json)$/,
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

/** Throws a UsageError when the directory cannot be made or written to, or when results would replace one of `inputs`. */
export function openResultDirectory(given: string, inputs: string[], own: ResultFiles = matchFiles): ResultDirectory {
  const path = openOutputDirectory(given);
  for (const input of inputs.map(realPath))
    if (input && dirname(input) === realPath(path) && own.results.test(basename(input)))
      throw new UsageError(`--out ${given}: results would replace ${basename(input)}, which is read; name another`);
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
    // An engine that is still writing may make a file between two looks.
    discard: () => rmSync(work, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Undefined for what is not there: that is said when it is opened. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
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
