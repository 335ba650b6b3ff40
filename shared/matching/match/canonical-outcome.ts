// One outcome as canonical NDJSON: what two runs over the same records must agree on, byte for byte.
// By record content: no row numbers, no ids, no times, no paths; sorted. DuckDB sorts and writes, so memory is bounded.
import type { Definition } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';

export type CanonicalRequest = {
  definition: Definition;
  /** As given to `matchSources`; of all chunks when the results are. */
  sources: LoadedSource[];
  /** Of every chunk. */
  matchesPaths: string[];
  breaksPaths: string[];
  /** Where the NDJSON is written; inside the engine's directory. */
  outputPath: string;
};

/** Writes the NDJSON and gives its SHA-256 in hex. */
export async function canonicalOutcome(
  _engine: Engine,
  _request: CanonicalRequest,
): Promise<{ sha256: string; lines: number }> {
  throw new Error('being written');
}
