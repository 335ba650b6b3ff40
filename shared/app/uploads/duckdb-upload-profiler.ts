// Reads a file as the loader would, every column as text: what it counts and rejects here is what a reconciliation of it
// would count and reject for its form, before any type is asked of a value.
import { join } from 'node:path';
import type { Definition, Field } from '../../domain/definition.ts';
import { ok } from '../../domain/result.ts';
import { openEngine } from '../../matching/engine.ts';
import { inspectFile } from '../../matching/input/inspect-file.ts';
import { loadSource } from '../../matching/load/load-source.ts';
import type { RejectedRow } from '../../matching/records.ts';
import { literal } from '../../matching/sql.ts';
import type { UploadProfiler } from './profile-upload.ts';

const errorsShownMax = 100;
const source = 'upload';

export function createUploadProfiler(limits: { memoryMb: number; threads: number }): UploadProfiler {
  return async ({ directory, path, fileName }) => {
    const inspected = await inspectFile(path, { name: fileName });
    if (!inspected.ok) return inspected;
    const engine = await openEngine({ directory: join(directory, 'engine'), allowed: [directory], ...limits });
    try {
      const { columns } = inspected.value;
      const definition = asText(columns, inspected.value.sheet);
      const loaded = await loadSource(engine, { definition, source, file: { path, name: fileName } });
      if (!loaded.ok) return loaded;
      const { rows, rejectsPath } = loaded.value;
      const errors =
        rejectsPath === undefined
          ? []
          : await engine.rows<RejectedRow>(
              `SELECT "line", "column", "value", "reason" FROM read_parquet(${literal(rejectsPath)}) ORDER BY "line" LIMIT ${errorsShownMax}`,
            );
      return ok({
        records: rows.records,
        columns,
        errors: errors.map(({ line, column, value, reason }) => ({ line: Number(line), column, value, reason })),
      });
    } finally {
      engine.close();
    }
  };
}

function isOnlyOne(column: string, index: number, columns: string[]): boolean {
  return columns.indexOf(column) === index && columns.lastIndexOf(column) === index;
}

function asText(columns: string[], sheet: string | undefined): Definition {
  return {
    name: source,
    sources: [{ name: source, anchor: true, ...(sheet !== undefined && { input: { sheet } }) }],
    fields: [
      // Loading asks for a key; which column is one is not known yet.
      { name: 'key', role: 'KEY', type: 'text', mapping: { [source]: { constant: '1' } } },
      // A name that is there twice cannot be mapped; its rows are counted all the same.
      ...columns.filter(isOnlyOne).map(
        (column, index): Field => ({
          name: `column ${index + 1}`,
          role: 'DISPLAY',
          type: 'text',
          mapping: { [source]: { column } },
        }),
      ),
    ],
    passes: [],
  };
}
