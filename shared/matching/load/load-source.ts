// Loads one file of one source: every row becomes a typed record, or is rejected or excluded and counted as such.
import type { Definition } from '../../domain/definition.ts';
import type { Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';

/** A file to load; `name` is what it is called by the people who sent it, when that differs from its path. */
export type InputFile = { path: string; name?: string };

export type LoadProgress = { source: string; step: string; rows?: number };

export async function loadSource(
  _engine: Engine,
  _request: {
    definition: Definition;
    source: string;
    file: InputFile;
    readings?: LoadedSource['readings'];
    onProgress?: (event: LoadProgress) => void;
  },
): Promise<Result<LoadedSource>> {
  throw new Error('not built yet');
}
