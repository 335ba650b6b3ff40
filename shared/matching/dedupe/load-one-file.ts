// Loads one file by itself: every column that is in its header once becomes a field, of the type that its values have. What can
// be read in two ways stays text, for nothing is compared with another file.
import type { Definition, Field, InputFormat } from '../../domain/definition.ts';
import { ok, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { inspectFile } from '../input/inspect-file.ts';
import { loadSource } from '../load/load-source.ts';
import type { LoadProgress } from '../load/source-load.ts';
import { canonicalNames } from '../propose/propose-definition.ts';
import type { LoadedSource } from '../records.ts';

export const fileSource = 'file';

/** Column of the file and the field that it is. */
export type FileColumn = { column: string; field: string };

export type OneFile = {
  definition: Definition;
  columns: FileColumn[];
  /** Columns that are in the header more than once: none of them is a field. */
  repeated: string[];
};

/** `taken` are names that no field may have. The definition matches nothing: it says how the file is read. */
export async function describeFile(
  path: string,
  input: InputFormat | undefined,
  taken: string[],
): Promise<Result<OneFile>> {
  const inspected = await inspectFile(path, input ? { input } : {});
  if (!inspected.ok) return inspected;
  const header = inspected.value.columns;
  const isOnce = (column: string) => header.indexOf(column) === header.lastIndexOf(column);
  const once = header.filter(isOnce);
  const names = canonicalNames([...taken, ...once]).slice(taken.length);
  const columns = once.map((column, index) => ({ column, field: names[index]! }));
  return ok({
    definition: {
      name: 'one file',
      sources: [{ name: fileSource, anchor: true, ...(input && { input }) }],
      fields: columns.map(({ column, field }): Field => {
        return { name: field, role: 'COMPARE', mapping: { [fileSource]: { column } } };
      }),
      passes: [],
    },
    columns,
    repeated: [...new Set(header.filter((column) => !isOnce(column)))],
  });
}

export type LoadedFile = { source: LoadedSource; notes: string[] };

export async function loadOneFile(
  engine: Engine,
  request: { definition: Definition; path: string; onProgress?: (event: LoadProgress) => void },
): Promise<Result<LoadedFile>> {
  const { path, onProgress } = request;
  const definition = structuredClone(request.definition);
  const notes: string[] = [];
  for (;;) {
    const loaded = await loadSource(engine, {
      definition,
      source: fileSource,
      file: { path },
      ...(onProgress && { onProgress }),
    });
    if (loaded.ok) return ok({ source: loaded.value, notes });
    const field = definition.fields.find(({ name }) => name === loaded.fields?.field);
    if (loaded.code !== 'READING_AMBIGUOUS' || !field || field.type === 'text') return loaded;
    field.type = 'text';
    const readings = (loaded.fields?.readings as string[] | undefined)?.join(' or with ');
    notes.push(`${field.name} can be read with ${readings}, and no value tells which: it is compared as text`);
  }
}
