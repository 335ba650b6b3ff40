// Opens stored records again as a loaded source: one or many Parquet files of batches or chunks.
import type { Definition } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';

/** Counts and sums are computed from the files; decimals of different width are read at the widest. */
export async function readRecords(
  _engine: Engine,
  _request: { definition: Definition; source: string; paths: string[] },
): Promise<LoadedSource> {
  throw new Error('not built yet');
}
