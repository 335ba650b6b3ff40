// Splits some records of one source by key, one file per chunk, so that each chunk can be matched alone.
import { join } from 'node:path';
import type { PartitionInput } from '../../domain/advance.ts';
import { scratchPrefix } from '../../domain/object-keys.ts';
import { ok } from '../../domain/result.ts';
import type { RunInputs } from '../../domain/run.ts';
import { fetchObject } from '../fetch-object.ts';
import { readJson } from './json-objects.ts';
import type { TaskWork } from './run-task.ts';

export type PartitionResult = { source: string; prefix: string };

export const partitionPart: TaskWork = async (deps, run, task, directory) => {
  const { source, from, to } = task.input as PartitionInput;
  const inputs = await readJson<RunInputs>(deps, run.inputsKey!);
  const { parts } = inputs.sources.find((one) => one.source === source)!;
  const paths: string[] = [];
  for (const [index, part] of parts.slice(from, to).entries()) {
    const path = join(directory, `part-${index}.parquet`);
    paths.push(await fetchObject(deps, part.key, path));
  }
  const prefix = scratchPrefix(task, task.attempt, task.generation);
  const chunks = await deps.engine.partition({
    directory,
    definition: run.definition!,
    records: { source, paths },
    chunks: run.chunks!,
  });
  for (const [chunk, path] of chunks.entries()) await deps.objects.upload(path, chunkKey(prefix, chunk));
  return ok({ source, prefix } satisfies PartitionResult);
};

export function chunkKey(prefix: string, chunk: number): string {
  return `${prefix}/chunk-${chunk}.parquet`;
}
