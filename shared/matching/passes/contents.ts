// The records of a pass, identical ones together: what is the same in every field is interchangeable, and a hundred
// thousand copies of one record are one content with a count.
import type { Engine } from '../engine.ts';
import type { Side } from '../match/value-column.ts';
import type { LoadedSource } from '../records.ts';
import { rowColumn } from '../records.ts';
import { identifier } from '../sql.ts';

const row = identifier(rowColumn);

/** Where a pass gathers the contents of a side. */
export const contentsTable = (side: Side) => `match_contents_${side}`;

/** A column that is computed from those before it, of a name that starts with `$` as no field does. */
export type ComputedColumn = { name: string; value: string };

/**
 * Fills `table` with `$id` (INTEGER from 0, in the order of content), `$n`, `$rows` (BIGINT[], in order), `$key`, the fields
 * of the source, `columns`, which are computed from the fields, and `furtherColumns`, from both. Records are those of
 * `relation`, which has `$row` and `$key`.
 */
export async function gatherContents(
  engine: Engine,
  table: string,
  source: LoadedSource,
  relation: string,
  columns: ComputedColumn[],
  furtherColumns: ComputedColumn[] = [],
): Promise<void> {
  const fields = ['"$key"', ...source.fields.map(({ name }) => identifier(name))];
  const order = fields.map((field) => `${field} NULLS LAST`).join(', ');
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS SELECT *${listed(furtherColumns)} FROM (
    SELECT (row_number() OVER (ORDER BY ${order}) - 1)::INTEGER AS "$id", *${listed(columns)} FROM (
      SELECT ${fields.join(', ')}, count(*)::INTEGER AS "$n", list_sort(list(${row})) AS "$rows" FROM ${relation} GROUP BY ALL))`);
}

/** The relation with columns computed from those that it has. */
export function withColumns(relation: string, columns: ComputedColumn[]): string {
  return `(SELECT *${listed(columns)} FROM ${relation})`;
}

function listed(columns: ComputedColumn[]): string {
  return columns.map(({ name, value }) => `, ${value} AS ${identifier(name)}`).join('');
}
