// The results of a run as SQL: matches with both records fetched by their row references, and breaks as they were written.
// Every column but the row references is text here, exact to the digit; `typed` gives numbers and dates for exports.
import { anchorOf, type Definition, legsOf, passName } from '../../domain/definition.ts';
import { rowsPerBatchMax } from '../../domain/outcome.ts';
import type { LoadedField } from '../../domain/record.ts';
import { valueColumn } from '../../matching/match/value-column.ts';
import { rowColumn } from '../../matching/records.ts';
import { identifier, literal } from '../../matching/sql.ts';
import type { ResultFilter } from '../../ports/result-query.ts';

export type ResultFiles = {
  definition: Definition;
  matches: string[];
  breaks: string;
  /** Per source, the anchor first: its fields, and the Parquet files of its records. */
  records: {
    source: string;
    fields: LoadedField[];
    paths: string[];
    /** Of which the file is known; carried records are of others. */
    batches: { number: number; fileName: string }[];
  }[];
};

/** matched, mismatched, … per row; a pair of the exact key is certain, whether or not its fields agree; no pair, no confidence. */
const outcomeOfBreak = `CASE break_type WHEN 'MISMATCH' THEN 'mismatched' ELSE lower(break_type) END`;
const confidenceOfBreak = `CASE break_type WHEN 'MISMATCH' THEN 1.0::DOUBLE ELSE 0.0::DOUBLE END`;

export function matchesFrom(files: ResultFiles): string {
  const [leg] = legsOf(files.definition);
  const paths = files.matches.map(literal).join(', ');
  const source = legsOf(files.definition).length > 1 ? 'source' : `${literal(leg?.name ?? '')} AS source`;
  return `(SELECT 'matched' AS outcome, key, ${source}, left_row, right_row, pass, confidence FROM read_parquet([${paths}], union_by_name = true))`;
}

export function breaksFrom(files: ResultFiles): string {
  const { passes } = files.definition;
  const [pass] = passes;
  // With several passes the file would have to say which; it has one row per pair of the only one.
  const name = pass && passes.length === 1 ? literal(passName(pass, 0)) : 'NULL';
  return `(SELECT ${outcomeOfBreak} AS outcome, CASE break_type WHEN 'MISMATCH' THEN ${name} END AS pass,
    ${confidenceOfBreak} AS confidence, * FROM read_parquet(${literal(files.breaks)}))`;
}

export function filterSql({ outcomes, confidenceMin }: ResultFilter): string {
  const conditions = [
    ...(outcomes ? [outcomes.length > 0 ? `outcome IN (${outcomes.map(literal).join(', ')})` : 'false'] : []),
    ...(confidenceMin === undefined ? [] : [`confidence >= ${Number(confidenceMin)}`]),
  ];
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
}

/** Matches come before breaks; within each by the anchor's row, and rows without one last. */
export const resultOrder = 'left_row NULLS LAST, right_row NULLS LAST';

/** Records of one side, one column per field of the definition; null where the source does not map it. */
function recordsFrom(files: ResultFiles, sources: string[], typed: boolean): string {
  const ofSources = files.records.filter(({ source }) => sources.includes(source));
  const selects = ofSources.flatMap(({ source, fields, paths }) =>
    paths.map((path) => {
      const columns = files.definition.fields.map(({ name }) => {
        const has = fields.some((field) => field.name === name);
        const type = typed ? (typeOf(files, sources, name) ?? 'VARCHAR') : 'VARCHAR';
        return `${has ? identifier(name) : 'NULL'}::${type} AS ${identifier(name)}`;
      });
      const columnList = [`${literal(source)} AS "$source"`, identifier(rowColumn), ...columns].join(', ');
      return `SELECT ${columnList} FROM read_parquet(${literal(path)})`;
    }),
  );
  return `(${selects.join(' UNION ALL ')})`;
}

/** The type that holds the field's values of these sources; text where they have more than one. */
function typeOf(files: ResultFiles, sources: string[], name: string): string | undefined {
  const types = new Set(
    files.records
      .filter(({ source }) => sources.includes(source))
      .flatMap(({ fields }) => fields.filter((field) => field.name === name).map((field) => field.sqlType)),
  );
  return types.size > 1 ? 'VARCHAR' : [...types][0];
}

/** Adds `left_<field>` and `right_<field>` to some matches (a relation). */
export function withRecords(files: ResultFiles, matches: string, typed: boolean): string {
  const anchor = [anchorOf(files.definition).name];
  const legs = legsOf(files.definition).map(({ name }) => name);
  const columns = files.definition.fields.flatMap(({ name }) => [
    `l.${identifier(name)} AS ${identifier(valueColumn('left', name))}`,
    `r.${identifier(name)} AS ${identifier(valueColumn('right', name))}`,
  ]);
  const row = identifier(rowColumn);
  return `(SELECT m.*, ${columns.join(', ')} FROM ${matches} m
    JOIN ${recordsFrom(files, anchor, typed)} l ON l.${row} = m.left_row
    JOIN ${recordsFrom(files, legs, typed)} r ON r.${row} = m.right_row AND r."$source" = m.source)`;
}

/** What a person looks for in place of a row reference: the data row, counted from 1, and the file or batch it is in. */
function placeSql(files: ResultFiles, side: 'left' | 'right'): string {
  const row = `${side}_row`;
  const names = files.records
    .flatMap(({ batches }) => batches)
    .map(({ number, fileName }) => `WHEN ${number} THEN ${literal(fileName)}`);
  const number = `${row} // ${rowsPerBatchMax}`;
  const otherwise = `CASE WHEN ${number} > 0 THEN 'batch ' || ${number} END`;
  const file = names.length > 0 ? `CASE ${number} ${names.join(' ')} ELSE ${otherwise} END` : otherwise;
  return `${row} % ${rowsPerBatchMax} AS ${row}, ${file} AS ${side}_file`;
}

/** Every row of the filter, typed, for a file: matches and breaks under one set of columns. */
export function exportFrom(files: ResultFiles, filter: ResultFilter): string {
  const anchor = [anchorOf(files.definition).name];
  const legs = legsOf(files.definition).map(({ name }) => name);
  const fieldColumns = files.definition.fields.flatMap(({ name }) => [
    { name: valueColumn('left', name), type: typeOf(files, anchor, name) ?? 'VARCHAR' },
    { name: valueColumn('right', name), type: typeOf(files, legs, name) ?? 'VARCHAR' },
  ]);
  const values = fieldColumns.map(({ name, type }) => `${identifier(name)}::${type} AS ${identifier(name)}`).join(', ');
  const where = filterSql(filter);
  const places = `left_row AS "$left", right_row AS "$right", ${placeSql(files, 'left')}, ${placeSql(files, 'right')}`;
  const head = `outcome, key, source, ${places}, pass, confidence`;
  const order = '"$part", "$left" NULLS LAST, "$right" NULLS LAST';
  return `(SELECT row_number() OVER (ORDER BY ${order}) AS "row", * EXCLUDE ("$part", "$left", "$right") FROM (
    SELECT 0 AS "$part", ${head}, NULL::VARCHAR AS break_type, NULL::VARCHAR AS missing_in, ${values}, []::VARCHAR[] AS fields, '[]' AS differences
      FROM ${withRecords(files, `(FROM ${matchesFrom(files)} ${where})`, true)}
    UNION ALL
    SELECT 1 AS "$part", ${head}, break_type, missing_in, ${values}, fields, differences FROM ${breaksFrom(files)} ${where}))`;
}
