// The records of a pass, identical ones together: what is the same in every field is interchangeable, and a hundred
// thousand copies of one record are one content with a count.
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';
import { rowColumn } from '../records.ts';
import { identifier } from '../sql.ts';

const row = identifier(rowColumn);

/**
 * Fills `table` with id (INTEGER from 0), n, rows (BIGINT[], in order), `$key`, the fields of the source, and `columns`,
 * each computed from the fields. Records are those of `relation`, which has `$row` and `$key`.
 */
export async function gatherContents(
  engine: Engine,
  table: string,
  source: LoadedSource,
  relation: string,
  columns: { name: string; value: string }[],
): Promise<void> {
  const fields = ['"$key"', ...source.fields.map(({ name }) => identifier(name))];
  const computed = columns.map(({ name, value }) => `, ${value} AS ${name}`).join('');
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS
    SELECT (row_number() OVER () - 1)::INTEGER AS id, *${computed} FROM (
      SELECT ${fields.join(', ')}, count(*)::INTEGER AS n, list(${row} ORDER BY ${row}) AS rows FROM ${relation} GROUP BY ALL)`);
}
