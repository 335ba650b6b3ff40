// Splits a loaded source into chunks by key, so that each chunk can be matched alone with the same outcome.
// Never uses DuckDB's `hash()`, which differs between engine versions; md5 does not.
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';

/** Writes one records Parquet per chunk and gives their paths, chunk 0 first; every chunk has a file, empty or not. */
export async function partitionSource(
  _engine: Engine,
  _request: { source: LoadedSource; chunks: number; directory: string },
): Promise<string[]> {
  throw new Error('being written');
}
