// Loads all sources of a definition at once, so that fields without a given type get one type in all of them.
import type { Definition } from '../../domain/definition.ts';
import type { Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';
import type { InputFile, LoadProgress } from './load-source.ts';

/** The anchor first, then the legs in the definition's order. */
export async function loadSources(
  _engine: Engine,
  _request: {
    definition: Definition;
    files: Record<string, InputFile>;
    readings?: Record<string, LoadedSource['readings']>;
    onProgress?: (event: LoadProgress) => void;
  },
): Promise<Result<LoadedSource[]>> {
  throw new Error('not built yet');
}
