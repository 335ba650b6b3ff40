// Says what a file is by its content: format, encoding, delimiter, header, columns and its first rows.
import type { InputFormat } from '../../domain/definition.ts';
import type { Result } from '../../domain/result.ts';

export type InspectedFile = {
  format: 'csv' | 'json' | 'ndjson' | 'parquet' | 'xlsx';
  compression: 'none' | 'gzip';
  /** Of text formats. */
  encoding?: NonNullable<InputFormat['encoding']>;
  /** Of CSV. */
  delimiter?: string;
  quote?: string;
  header?: boolean;
  /** Physical lines before the header or, without one, the first row. */
  preambleLines?: number;
  /** Of workbooks: the names of all sheets, and the one that was read. */
  sheets?: string[];
  sheet?: string;
  columns: string[];
  /** The first rows as text, in the order of `columns`; null where a cell is empty. */
  rows: (string | null)[][];
  /** Size of the file as it was sent. */
  bytes: number;
};

export async function inspectFile(
  _path: string,
  _options?: { name?: string; input?: InputFormat },
): Promise<Result<InspectedFile>> {
  throw new Error('not built yet');
}
