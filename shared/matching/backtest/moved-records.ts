// How records moved between outcomes from one definition to the other: a record agrees, is in a break of some type, or is
// none (rejected or filtered out). Of records, because a break of the one need not be a break of the other.
import type { Engine } from '../engine.ts';
import { literal } from '../sql.ts';
import type { OutcomeTables } from './outcome-tables.ts';

/** `from` and `to`: MATCHED, the type of a break, or NO_RECORD. */
export type RecordMove = { source: string; from: string; to: string; records: number };

/**
 * Only records whose outcome differs; `order` are the names of the sources, the anchor first. `sameRecords`: both
 * definitions have the very same records, so that none of the one can be absent from the other.
 */
export async function movedRecords(
  engine: Engine,
  request: { order: string[]; old: OutcomeTables; next: OutcomeTables; sameRecords: boolean },
): Promise<RecordMove[]> {
  const { order, old, next, sameRecords } = request;
  const names = order.map((name, index) => `WHEN ${index} THEN ${literal(name)}`).join(' ');
  // A record without a break is in a match, or it is no record of that definition.
  const other = ({ matches }: OutcomeTables) => `CASE
    WHEN source = 0 AND "row" IN (SELECT left_row FROM ${matches} WHERE agrees) THEN 'MATCHED'
    WHEN source > 0 AND (source, "row") IN (SELECT (leg, right_row) FROM ${matches} WHERE agrees) THEN 'MATCHED'
    ELSE 'NO_RECORD' END`;
  const moves = [
    `SELECT source, coalesce("from", ${other(old)}) AS "from", coalesce("to", ${other(next)}) AS "to"
     FROM (SELECT source, "row", o.type AS "from", n.type AS "to" FROM ${old.open} o FULL JOIN ${next.open} n USING (source, "row")
       WHERE o.type IS DISTINCT FROM n.type)`,
    ...(sameRecords
      ? []
      : [
          `SELECT source, 'MATCHED', 'NO_RECORD' FROM ${matchedButAbsent(old, next)}`,
          `SELECT source, 'NO_RECORD', 'MATCHED' FROM ${matchedButAbsent(next, old)}`,
        ]),
  ];
  const rows = await engine.rows<{ source: string; from: string; to: string; records: string }>(
    `SELECT CASE source ${names} END AS source, "from", "to", count(*) AS records
     FROM (${moves.join(' UNION ALL ')}) GROUP BY ALL ORDER BY 1, 2, 3`,
  );
  return rows.map((row) => ({ ...row, records: Number(row.records) }));
}

/** Records that agree by the one and have neither match nor break by the other. */
function matchedButAbsent(one: OutcomeTables, other: OutcomeTables): string {
  const agreeing = ({ matches }: OutcomeTables) =>
    `(SELECT DISTINCT 0::UTINYINT AS source, left_row AS "row" FROM ${matches} WHERE agrees AND left_row IS NOT NULL
      UNION ALL SELECT leg, right_row FROM ${matches} WHERE agrees AND right_row IS NOT NULL)`;
  return `(SELECT DISTINCT source, "row" FROM ${agreeing(one)} ANTI JOIN ${agreeing(other)} USING (source, "row")
    ANTI JOIN ${one.open} USING (source, "row") ANTI JOIN ${other.open} USING (source, "row"))`;
}
