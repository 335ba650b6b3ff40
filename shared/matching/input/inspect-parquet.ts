// Columns and first rows of a Parquet file, as text.
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { identifier, literal } from '../sql.ts';

export async function inspectParquet(
  engine: Pick<Engine, 'rows'>,
  path: string,
  name: string,
): Promise<{ columns: string[]; sample: (string | null)[][] }> {
  const from = `read_parquet(${literal(path)})`;
  try {
    const described = await engine.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${from}`);
    const columns = described.map((row) => row.column_name);
    const cast = columns.map((column, index) => `CAST(${identifier(column)} AS VARCHAR) AS c${index}`);
    const rows = await engine.rows<Record<string, string | null>>(`SELECT ${cast.join(', ')} FROM ${from} LIMIT 1000`);
    return { columns, sample: rows.map((row) => columns.map((_, index) => row[`c${index}`] ?? null)) };
  } catch (error) {
    throw new FailureError(fail('FILE_UNREADABLE', `${name} is not a whole Parquet file: ${firstLine(error)}`));
  }
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split('\n')[0]!;
}
