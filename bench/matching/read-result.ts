// Reads what a run of `tieout match` left in its directory: the matches as Parquet, the counts as it printed them.
import { join } from 'node:path';
import { openEngine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';
import type { MatchLine } from './score.ts';

type Side = { rows: number; matched: number; ambiguous: number; exhausted: number };
export type Printed = { left: Side; right: Side };

/** Of all passes, or without those of one: a million lines of the exact pass are not worth a look each. */
export async function readMatches(out: string, scratch: string, without?: string): Promise<MatchLine[]> {
  const engine = await openEngine({ directory: scratch, allowed: [out], memoryMb: 1024, threads: 1 });
  try {
    const matches = `read_parquet(${literal(join(out, 'matches.parquet'))})`;
    const columns = await engine.rows<{ column_name: string }>(`DESCRIBE FROM ${matches}`);
    // A definition without grouped passes may leave the column out.
    const group = columns.some((column) => column.column_name === 'group_id') ? 'group_id::VARCHAR' : 'NULL::VARCHAR';
    const where = without === undefined ? '' : `WHERE pass <> ${literal(without)}`;
    const rows = await engine.rows<{ l: string | null; r: string | null; pass: string; g: string | null }>(
      `SELECT left_row::BIGINT AS l, right_row::BIGINT AS r, pass, ${group} AS g FROM ${matches} ${where}`,
    );
    const number = (text: string | null) => (text === null ? null : Number(text));
    return rows.map(({ l, r, pass, g }) => ({ leftRow: number(l), rightRow: number(r), pass, groupId: g }));
  } finally {
    engine.close();
  }
}
