// How records moved between outcomes from one definition to the other: a record agrees, is in a break of some type, or is
// none (rejected or filtered out). Of records, because a break of the one need not be a break of the other.
import type { Engine } from '../engine.ts';
import { literal } from '../sql.ts';
import type { OutcomeTables } from './outcome-tables.ts';

/** `from` and `to`: MATCHED, the type of a break, or NO_RECORD. */
export type RecordMove = { source: string; from: string; to: string; records: number };

/** Only records whose outcome differs; `order` are the names of the sources, the anchor first. */
export async function movedRecords(
  engine: Engine,
  order: string[],
  old: OutcomeTables,
  next: OutcomeTables,
): Promise<RecordMove[]> {
  const names = order.map((name, index) => `WHEN ${index} THEN ${literal(name)}`).join(' ');
  // A record without a break is in a match, or it is no record of that definition.
  const other = ({ matches }: OutcomeTables) => `CASE
    WHEN source = 0 AND "row" IN (SELECT left_row FROM ${matches} WHERE agrees) THEN 'MATCHED'
    WHEN source > 0 AND (source, "row") IN (SELECT (leg, right_row) FROM ${matches} WHERE agrees) THEN 'MATCHED'
    ELSE 'NO_RECORD' END`;
  const rows = await engine.rows<{ source: string; from: string; to: string; records: string }>(
    `SELECT CASE source ${names} END AS source, coalesce("from", ${other(old)}) AS "from", coalesce("to", ${other(next)}) AS "to",
       count(*) AS records
     FROM (SELECT source, "row", o.type AS "from", n.type AS "to" FROM ${old.open} o FULL JOIN ${next.open} n USING (source, "row")
       WHERE o.type IS DISTINCT FROM n.type)
     GROUP BY ALL ORDER BY 1, 2, 3`,
  );
  return rows.map((row) => ({ ...row, records: Number(row.records) }));
}
