// Writes the records of a loaded source as the Parquet file that batches are kept in.
import { rowsPerBatchMax } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';

/** A zstd Parquet of the layout in records.ts, with `$row` as the reference of the row in this batch. */
export async function writeRecords(
  engine: Engine,
  loaded: LoadedSource,
  target: { path: string; batchNumber: number },
): Promise<void> {
  const row = identifier(rowColumn);
  const offset = BigInt(target.batchNumber) * BigInt(rowsPerBatchMax);
  await engine.run(
    `COPY (SELECT * REPLACE (CAST(${row} + ${offset} AS BIGINT) AS ${row}) FROM ${loaded.relation})
     TO ${literal(target.path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}
