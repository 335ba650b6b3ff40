// The meeting point of loading and matching: what a loaded source looks like on disk and how it is read.
// Loading (./load) produces it, matching (./match) consumes it, batches in the object store are stored in it.
import type { FieldType, Reading } from '../domain/definition.ts';
import type { SideSums } from '../domain/outcome.ts';
import type { LoadedField, LoadedRows } from '../domain/record.ts';

/**
 * Columns of a records Parquet file, in this order:
 * - `$row` BIGINT: reference of the record (`rowReference` in domain/outcome.ts); 1-based data row of its file in the CLI.
 * - `$key` VARCHAR: the KEY fields after normalisation, joined by U+001F; null when all of them are null.
 * - one column per field of the definition that is mapped for this source, under its canonical name and `sqlType`.
 * Records that were rejected or excluded are not in it.
 */
export const rowColumn = '$row';
export const keyColumn = '$key';
export const keySeparator = '\u001f';

export type LoadedSource = {
  source: string;
  /** A SQL relation (a SELECT in parentheses) with exactly the columns above; order of rows is not promised. */
  relation: string;
  fields: LoadedField[];
  /** Types and readings that were in force, given or decided: stored by the pipeline, applied to later batches. */
  readings: Record<string, { type: FieldType } & Reading>;
  /** Data rows in the file. */
  rows: LoadedRows;
  /** Exact sums of each decimal and integer field over the records, per currency: the left side of conservation. */
  sums: SideSums;
  /** Parquet of RejectedRow columns: file, line, column, value, reason. Absent when nothing was rejected. */
  rejectsPath?: string;
};

/** One rejected row; `line` is the physical line in the file, 1-based, where it begins. */
export type RejectedRow = {
  file: string;
  line: number;
  column: string;
  value: string;
  /** A sentence. Starts with a stable code: `not-a-number: …`, `too-many-cells: …`. */
  reason: string;
};
