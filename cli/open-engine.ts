// The engine as the command line runs it: all cores, most of the memory that the machine or the container allows.
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { type Engine, openEngine } from '../shared/matching/engine.ts';

const bytesPerMb = 1024 * 1024;
/** The rest is for Node, the output and the file cache. */
const shareOfMemory = 0.6;

export function openCommandEngine(directory: string, files: string[]): Promise<Engine> {
  const limit = process.constrainedMemory();
  const memory = limit > 0 && limit < totalmem() ? limit : totalmem();
  return openEngine({
    directory: resolve(directory),
    allowed: files.map((file) => resolve(file)),
    memoryMb: Math.max(256, Math.floor((memory * shareOfMemory) / bytesPerMb)),
    threads: availableParallelism(),
  });
}
