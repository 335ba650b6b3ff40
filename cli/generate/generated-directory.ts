// Where generated files go: made in scratch beside, moved in when all are whole.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../usage-error.ts';

const names = ['left.csv', 'right.csv', 'truth.json'];

export type GeneratedDirectory = { work: string; publish(): void; discard(): void };

export function openGeneratedDirectory(given: string): GeneratedDirectory {
  const path = resolve(given);
  const work = join(path, `.tieout-${process.pid}`);
  try {
    mkdirSync(work, { recursive: true });
  } catch (error) {
    throw new UsageError(
      `--out ${given}: cannot be written to (${(error as NodeJS.ErrnoException).code}); name another directory`,
    );
  }
  return {
    work,
    publish() {
      for (const name of names) renameSync(join(work, name), join(path, name));
    },
    discard: () => rmSync(work, { recursive: true, force: true }),
  };
}
