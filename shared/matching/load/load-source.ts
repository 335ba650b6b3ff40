// Loads one file of one source: every row becomes a typed record, or is rejected or excluded and counted as such.
import type { Definition } from '../../domain/definition.ts';
import { FailureError, fail, ok, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import type { InputFile } from '../input/prepare-file.ts';
import type { LoadedSource } from '../records.ts';
import { beginLoad, extractAll, finishLoad, type LoadProgress } from './source-load.ts';

/** `readings` are those of earlier batches, and law: a column of 02/01 dates cannot flip. */
export async function loadSource(
  engine: Engine,
  request: {
    definition: Definition;
    source: string;
    file: InputFile;
    readings?: LoadedSource['readings'];
    onProgress?: (event: LoadProgress) => void;
  },
): Promise<Result<LoadedSource>> {
  const { definition, file, readings = {}, onProgress = () => {} } = request;
  const source = definition.sources.find((one) => one.name === request.source);
  if (!source) return fail('DEFINITION_INVALID', `the definition has no source "${request.source}"`);
  return asResult(async () => {
    const load = await beginLoad(engine, { definition, source, file, readings, onProgress });
    await extractAll(load);
    return finishLoad(load);
  });
}

/** Turns the one kind of error that is expected back into a Result. */
export async function asResult<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
}
