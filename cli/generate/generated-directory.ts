// Where generated files go: made in scratch beside, moved in when all are whole.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openOutputDirectory } from '../output-directory.ts';

const names = ['left.csv', 'right.csv', 'truth.json'];

export type GeneratedDirectory = { work: string; publish(): void; discard(): void };

export function openGeneratedDirectory(given: string): GeneratedDirectory {
  const path = openOutputDirectory(given);
  const work = join(path, `.tieout-${process.pid}`);
  mkdirSync(work, { recursive: true });
  return {
    work,
    publish() {
      for (const name of names) renameSync(join(work, name), join(path, name));
    },
    discard: () => rmSync(work, { recursive: true, force: true }),
  };
}
