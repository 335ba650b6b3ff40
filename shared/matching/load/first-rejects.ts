// The first rejected rows of a file, for a person who wants to see what kind they are. Long values are cut.
import type { RejectedLine } from '../../domain/batch.ts';
import type { Engine } from '../engine.ts';
import { literal } from '../sql.ts';

/** In the order of their lines. `path` is the `rejectsPath` of a loaded source. */
export async function firstRejects(engine: Engine, path: string, rowsMax: number): Promise<RejectedLine[]> {
  const rows = await engine.rows<{ line: string | null; column: string | null; value: string | null; reason: string }>(
    `SELECT CAST(line AS VARCHAR) AS line, "column", left(value, 200) AS value, left(reason, 400) AS reason
     FROM read_parquet(${literal(path)}) ORDER BY CAST(line AS BIGINT) LIMIT ${rowsMax}`,
  );
  return rows.map(({ line, column, value, reason }) => ({
    line: line === null ? null : Number(line),
    column: column || null,
    value,
    reason,
  }));
}

const valueShownMax = 40;

/** `line 2, amount "1e400": number-too-large: more than 38 digits`. */
export function rejectText({ line, column, value, reason }: RejectedLine): string {
  const shown = value !== null && value.length > valueShownMax ? `${value.slice(0, valueShownMax)}…` : value;
  const cell = [column, shown && `"${shown}"`].filter(Boolean).join(' ');
  return `${[line && `line ${line}`, cell].filter(Boolean).join(', ')}: ${reason}`;
}
