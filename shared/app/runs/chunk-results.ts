// The results of a stage that matched, as its winning attempts recorded them.
import type { Run } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import { readJson } from './json-objects.ts';
import type { ChunkResult } from './match-chunk.ts';

export async function chunkResults(deps: Deps, run: Run, stage: 'match' | 'residue'): Promise<ChunkResult[]> {
  const tasks = await deps.tasks.tasks(run, run.doneIn[stage]!, stage);
  const chunks: ChunkResult[] = [];
  for (const task of tasks) {
    const { resultKey } = task.result as { resultKey: string };
    chunks.push(await readJson<ChunkResult>(deps, resultKey));
  }
  return chunks;
}
