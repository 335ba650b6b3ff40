// Splits a loaded source into chunks by key, so that each chunk can be matched alone with the same outcome.
// Never uses DuckDB's `hash()`, which differs between engine versions; md5 does not.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { keyColumn, type LoadedSource } from '../records.ts';
import { identifier, literal } from '../sql.ts';

/** DuckDB closes a partition's file and begins another when more than this many are open at once. */
const openFilesMax = 100;

/**
 * Writes one records Parquet per chunk and gives their paths, chunk 0 first; every chunk has a file, empty or not.
 * A record without key goes by its content: it pairs with nothing, but equal ones must be counted in one place.
 */
export async function partitionSource(
  engine: Engine,
  request: { source: LoadedSource; chunks: number; directory: string },
): Promise<string[]> {
  const { source, chunks, directory } = request;
  mkdirSync(directory, { recursive: true });
  const paths = Array.from({ length: chunks }, (_, chunk) =>
    join(directory, `chunk-${String(chunk).padStart(4, '0')}.parquet`),
  );
  const parts = join(directory, 'parts');
  for (let from = 0; from < chunks; from += openFilesMax) {
    rmSync(parts, { recursive: true, force: true });
    const to = Math.min(chunks, from + openFilesMax);
    const numbered = `SELECT *, (${chunkOf(source)} % ${chunks})::INTEGER AS "$chunk" FROM ${source.relation}`;
    await engine.run(`COPY (FROM (${numbered}) WHERE "$chunk" >= ${from} AND "$chunk" < ${to}) TO ${literal(parts)}
      (FORMAT parquet, COMPRESSION snappy, PARTITION_BY ("$chunk"))`);
    const written = partDirectories(parts);
    for (let chunk = from; chunk < to; chunk += 1) {
      await gather(engine, source, written.get(chunk), paths[chunk]!);
    }
  }
  rmSync(parts, { recursive: true, force: true });
  return paths;
}

function chunkOf(source: LoadedSource): string {
  const key = identifier(keyColumn);
  const values = source.fields.map((field) => `${identifier(field.name)}::VARCHAR`);
  const content = values.length > 0 ? `to_json([${values.join(', ')}])::VARCHAR` : "''";
  return `md5_number_lower(coalesce(${key}, ${content}))`;
}

/** Chunk → its directory, `<column>=<chunk>`; DuckDB escapes the column's name in it. */
function partDirectories(parts: string): Map<number, string> {
  const names = existsSync(parts) ? readdirSync(parts) : [];
  return new Map(names.map((name) => [Number(name.slice(name.lastIndexOf('=') + 1)), join(parts, name)]));
}

/** One file per chunk: renamed where DuckDB wrote one, put together where it wrote several, empty where it wrote none. */
async function gather(engine: Engine, source: LoadedSource, part: string | undefined, path: string): Promise<void> {
  const files = part ? readdirSync(part).map((file) => join(part, file)) : [];
  if (files.length === 1) return renameSync(files[0]!, path);
  const rows =
    files.length === 0
      ? `FROM ${source.relation} LIMIT 0`
      : `FROM read_parquet([${files.map(literal).join(', ')}], hive_partitioning = false)`;
  await engine.run(`COPY (${rows}) TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`);
}
