// Loads all sources of a definition at once, so that fields without a given type get one type in all of them.
import { agreedType } from '../../domain/agreed-type.ts';
import { anchorOf, type Definition, type FieldType, legsOf } from '../../domain/definition.ts';
import { FailureError, fail, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import type { InputFile } from '../input/prepare-file.ts';
import type { LoadedSource } from '../records.ts';
import { asResult } from './load-source.ts';
import {
  beginLoad,
  decidedTypes,
  extractAll,
  finishLoad,
  forceType,
  type LoadProgress,
  type SourceLoad,
} from './source-load.ts';

/** The anchor first, then the legs in the definition's order. */
export async function loadSources(
  engine: Engine,
  request: {
    definition: Definition;
    files: Record<string, InputFile>;
    readings?: Record<string, LoadedSource['readings']>;
    onProgress?: (event: LoadProgress) => void;
  },
): Promise<Result<LoadedSource[]>> {
  const { definition, files, readings = {}, onProgress = () => {} } = request;
  return asResult(async () => {
    const loads: SourceLoad[] = [];
    const connections: Engine[] = [];
    try {
      for (const source of [anchorOf(definition), ...legsOf(definition)]) {
        const file = files[source.name];
        if (!file)
          throw new FailureError(
            fail('BATCH_MISSING', `no file was given for the source "${source.name}"`, { source: source.name }),
          );
        const connection = await engine.fork();
        connections.push(connection);
        const held = readings[source.name] ?? {};
        loads.push(await beginLoad(connection, { definition, source, file, readings: held, onProgress }));
      }
      // Agreement on the guess saves reading a file twice; what all values say may need another round.
      await agree(loads);
      await ofEach(loads, extractAll);
      while (await agree(loads)) await ofEach(loads, extractAll);
      return await ofEach(loads, finishLoad);
    } finally {
      for (const connection of connections) connection.close();
    }
  });
}

/** All at once, each on its own connection: where one waits for its file, another computes. Throws the first's fault. */
async function ofEach<T>(loads: SourceLoad[], work: (load: SourceLoad) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled(loads.map(work));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Forces one type on each field whose sources differ; whether anything changed. A forced field is not asked again. */
async function agree(loads: SourceLoad[]): Promise<boolean> {
  let changed = false;
  const fields = new Set(loads.flatMap((load) => [...decidedTypes(load).keys()]));
  for (const field of fields) {
    const types = new Set<FieldType>();
    for (const load of loads) {
      const plan = load.plans.find((one) => one.field.name === field);
      if (plan && !plan.undecided) types.add(plan.reading.type);
    }
    const common = agreedType(types);
    if (!common) continue;
    for (const load of loads) {
      const plan = load.plans.find((one) => one.field.name === field);
      if (!plan || plan.reading.type === common) continue;
      await forceType(load, field, common);
      changed = true;
    }
  }
  return changed;
}
