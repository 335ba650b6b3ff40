// Rejected rows with file, line, column, value and reason, as Parquet. Lines of a CSV are found by scanning it once more,
// beside a stream of the rejected row numbers: no memory grows with the rows.

import { type CleanRows, LineSink } from '../input/clean-csv.ts';
import { scanFile } from '../input/csv-scanner.ts';
import { literal } from '../sql.ts';
import type { Extract } from './extract-records.ts';
import type { FieldPlan } from './field-plan.ts';
import type { SourceLoad } from './source-load.ts';
import { numberPattern, trimmed } from './value-sql.ts';

export async function writeRejects(
  load: SourceLoad,
  extract: Extract,
  structural: CleanRows | undefined,
): Promise<string> {
  const path = `${load.prefix}.rejects.parquet`;
  const selects: string[] = [];
  const file = literal(load.prepared.name.replaceAll('\0', ''));
  if (structural && structural.rejected > 0) {
    selects.push(
      `SELECT ${file} AS file, line, "column", value, reason FROM read_csv(${literal(structural.rejectsPath)}, auto_detect = false, header = false,
        delim = ',', quote = '"', escape = '"', new_line = '\\n', max_line_size = 8000000, buffer_size = 32000000,
        columns = {line: 'BIGINT', "column": 'VARCHAR', value: 'VARCHAR', reason: 'VARCHAR'}, nullstr = '\u0001')`,
    );
  }
  const row = extract.numbered ? 'row' : 'file_row_number + 1';
  const guard = extract.filtered ? 'AND NOT excluded' : '';
  const bad = `(SELECT ${row} AS row, ${extract.lined ? 'line' : 'NULL AS line'}, bad FROM read_parquet(${literal(extract.path)}, file_row_number = true) WHERE bad IS NOT NULL ${guard})`;
  const lines = extract.lined ? undefined : await locate(load, `SELECT row FROM ${bad} ORDER BY row`);
  const joined = lines
    ? `(SELECT l.line, b.bad FROM ${bad} b JOIN read_csv(${literal(lines)}, auto_detect = false, header = false, columns = {row: 'BIGINT', line: 'BIGINT'}) l USING (row))`
    : bad;
  const { column, value, reason } = explainSql(load);
  selects.push(
    `SELECT ${file} AS file, CAST(line AS BIGINT) AS line, ${column} AS "column", ${value} AS value, ${reason} AS reason FROM ${joined}`,
  );
  await load.engine.run(
    `COPY (SELECT * FROM (${selects.join(' UNION ALL ')}) ORDER BY line) TO ${literal(path)} (FORMAT parquet, PRESERVE_ORDER true)`,
  );
  return path;
}

/** Writes row and line of each row that the query names, in ascending order of rows. */
async function locate(load: SourceLoad, query: string): Promise<string> {
  const { reader, columns } = load.prepared;
  if (reader.kind !== 'csv') throw new Error('only a CSV is located');
  const path = `${load.prefix}.lines.csv`;
  const sink = new LineSink(path, 'latin1');
  const result = await load.engine.connection.stream(query);
  let wanted: readonly unknown[] = [];
  let at = 0;
  const next = async (): Promise<number | undefined> => {
    while (at >= wanted.length) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return undefined;
      wanted = chunk.getColumnValues(0);
      at = 0;
    }
    return Number(wanted[at++]);
  };
  let row = await next();
  const scan = { dialect: reader.dialect, skipLines: reader.linesBeforeRows, cellsExpected: columns.length };
  for await (const record of scanFile(reader.path, scan)) {
    if (row === undefined) break;
    if (record.row !== row) continue;
    const wait = sink.write(`${row},${record.line}\n`);
    if (wait) await wait;
    row = await next();
  }
  await sink.close();
  if (row !== undefined) throw new Error(`row ${row} was read by the engine and not found by the scanner`);
  return path;
}

/** Column, value and reason of the first bad leaf of a row. */
function explainSql(load: SourceLoad): { column: string; value: string; reason: string } {
  const [columns, values, reasons]: [string[], string[], string[]] = [[], [], []];
  let position = 0;
  for (const plan of load.plans) {
    for (const leaf of plan.mapping.leaves) {
      const text = `(bad->>${position++})`;
      const when = `WHEN ${text} IS NOT NULL THEN`;
      columns.push(`${when} ${literal(leaf.columns.join(' + ') || plan.field.name)}`);
      values.push(`${when} CASE WHEN length(${text}) > 1000 THEN left(${text}, 1000) || '…' ELSE ${text} END`);
      reasons.push(`${when} ${reasonSql(plan, text)}`);
    }
  }
  const pick = (cases: string[]) => `CASE ${cases.join(' ')} END`;
  return { column: pick(columns), value: pick(values), reason: pick(reasons) };
}

function reasonSql(plan: FieldPlan, text: string): string {
  const reason = unreadableSql(plan, text);
  return plan.field.required
    ? `CASE WHEN ${text} = '' THEN 'missing: the field must have a value' ELSE ${reason} END`
    : reason;
}

function unreadableSql(plan: FieldPlan, text: string): string {
  const { reading } = plan;
  const clean = trimmed(text);
  switch (reading.type) {
    case 'text':
      return literal('bad-character: a part of a key holds the separator U+001F');
    case 'boolean':
      return literal('not-a-boolean: neither true nor false');
    case 'date':
    case 'datetime':
      return literal(
        `not-a-${reading.type}: no ${reading.type === 'date' ? 'date' : 'date-time'} of the form ${reading.format === 'iso' ? 'YYYY-MM-DD' : reading.format}`,
      );
    default: {
      const { number } = reading;
      const readable = `regexp_full_match(${text}, ${literal(numberPattern(number))})`;
      const scientific = `regexp_full_match(${clean}, '[-+]?[0-9]*[.,]?[0-9]+[eE][-+]?[0-9]+')`;
      const exponent = `coalesce(try_cast(regexp_extract(${clean}, '[eE][+]?([0-9]+)$', 1) AS BIGINT), 0)`;
      const marks = `the decimal mark ${number.decimalMark}${number.groupMark ? ` and the group mark ${number.groupMark}` : ''}`;
      const fraction = `regexp_matches(${text}, ${literal(`[${number.decimalMark}][0-9]*[1-9]`)})`;
      const whole =
        reading.type === 'integer' ? `WHEN ${readable} AND ${fraction} THEN 'not-an-integer: it has decimals'` : '';
      return `CASE ${whole} WHEN ${readable} THEN 'number-too-large: more than 38 digits, computed or beside the other values of the column'
        WHEN ${scientific} AND ${exponent} > 38 THEN 'number-too-large: more than 38 digits'
        WHEN ${scientific} THEN 'not-a-number: written with an exponent, which is not how exact amounts are written'
        ELSE ${literal(`not-a-number: no number with ${marks}`)} END`;
    }
  }
}
