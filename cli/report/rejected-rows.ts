// The rows that could not be read, of one source or several: as one table, and the first of each for the summary.
import type { RejectedLine } from '../../shared/domain/batch.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { firstRejects } from '../../shared/matching/load/first-rejects.ts';
import type { LoadedSource } from '../../shared/matching/records.ts';
import { literal } from '../../shared/matching/sql.ts';

export type FirstReject = RejectedLine & { source: string };

/** The first rows of each source that were rejected, so that nobody has to open a file to see why. */
export async function readFirstRejects(engine: Engine, loaded: LoadedSource[], limit: number): Promise<FirstReject[]> {
  const found: FirstReject[] = [];
  for (const { source, rejectsPath } of loaded)
    if (rejectsPath !== undefined)
      for (const reject of await firstRejects(engine, rejectsPath, limit)) found.push({ source, ...reject });
  return found;
}

/** The rejects of all sources as one table; with its columns, but no row, when nothing was rejected. */
export function rejectsRelation(loaded: LoadedSource[]): string {
  const columns = 'file, line, "column", value, reason';
  const none = `SELECT ''::VARCHAR AS source, ''::VARCHAR AS file, 0::BIGINT AS line, ''::VARCHAR AS "column", ''::VARCHAR AS value, ''::VARCHAR AS reason WHERE false`;
  const some = loaded
    .filter((source) => source.rejectsPath !== undefined)
    .map(
      (source) =>
        `SELECT ${literal(source.source)} AS source, ${columns} FROM read_parquet(${literal(source.rejectsPath!)})`,
    );
  return `(${[none, ...some].join(' UNION ALL ')})`;
}
