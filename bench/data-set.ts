// Generated data with known truth, made once by the command line's own generator and used again while it is the same.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Truth } from '../cli/generate/generate-files.ts';
import { benchDirectory, root } from './paths.ts';

export type DataSet = { name: string; rows: number; duplicates: string };
export type MadeData = DataSet & { left: string; right: string; truth: Truth };

const seed = '7';

export function makeData(set: DataSet): MadeData {
  const directory = join(benchDirectory, 'data', `${set.rows}-${set.duplicates.replace('%', '')}`);
  const generator = createHash('sha256')
    .update(readFileSync(join(root, 'cli/generate/generate-files.ts')))
    .digest('hex');
  const marker = join(directory, 'generator.txt');
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== generator) {
    mkdirSync(directory, { recursive: true });
    console.log(`generating ${set.name}`);
    execFileSync(process.execPath, [
      join(root, 'dist/tieout.mjs'),
      'generate',
      ...['--rows', String(set.rows), '--seed', seed, '--duplicates', set.duplicates, '--out', directory],
    ]);
    writeFileSync(marker, generator);
  }
  return {
    ...set,
    left: join(directory, 'left.csv'),
    right: join(directory, 'right.csv'),
    truth: JSON.parse(readFileSync(join(directory, 'truth.json'), 'utf8')) as Truth,
  };
}
