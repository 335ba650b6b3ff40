// Writes the records of a loaded source as the Parquet file that batches are kept in.
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';

/** A zstd Parquet of the layout in records.ts, with `$row` as the reference of the row in this batch. */
export async function writeRecords(
  _engine: Engine,
  _loaded: LoadedSource,
  _target: { path: string; batchNumber: number },
): Promise<void> {
  throw new Error('not built yet');
}
