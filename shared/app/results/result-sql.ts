// The results of a run as SQL: matches with the records of both sides fetched by their row references, and breaks as they
// were written. Fields are text here, exact to the digit; `typed` gives numbers and dates for exports.
import { anchorOf, type Definition, exactPassName, legsOf } from '../../domain/definition.ts';
import { rowsPerBatchMax, splitRowReference } from '../../domain/outcome.ts';
import type { LoadedField } from '../../domain/record.ts';
import { valueColumn } from '../../matching/match/value-column.ts';
import { rowColumn } from '../../matching/records.ts';
import { identifier, literal } from '../../matching/sql.ts';
import type { Place, ResultFilter } from '../../ports/result-query.ts';
import { boundedCandidates } from '../breaks/bounded-candidates.ts';
import { unequalFields } from './unequal-fields.ts';

/** What persons said of matches: source, left_row and right_row (null for a group), group_id, verdict and who, when and why. */
export const reviewsTable = 'result_reviews';

export type ResultFiles = {
  definition: Definition;
  /** Whether `result_reviews` is there. */
  reviewed?: boolean;
  matches: string[];
  breaks: string;
  /** Of the breaks that are unusual; absent where none is. */
  anomalies?: string;
  /** Per source, the anchor first: its fields, and the Parquet files of its records where they were asked for. */
  records: {
    source: string;
    fields: LoadedField[];
    paths: string[];
    /** Of which the file is known; carried records are of others. */
    batches: { number: number; fileName: string }[];
  }[];
};

/**
 * matched, mismatched, … per row. A pair of the exact key is certain, whether or not its fields agree; how sure another
 * pass was of a pair that differs is not kept; no pair, no confidence.
 */
const outcomeOfBreak = `CASE break_type WHEN 'MISMATCH' THEN 'mismatched' WHEN 'SEARCH_EXHAUSTED' THEN 'exhausted' ELSE lower(break_type) END`;

export function matchesFrom(files: ResultFiles): string {
  const [leg] = legsOf(files.definition);
  const source = legsOf(files.definition).length > 1 ? 'source' : `${literal(leg?.name ?? '')} AS source`;
  return `(SELECT 'matched' AS outcome, key, ${source}, left_row, right_row, pass, confidence, group_id, evidence
    FROM ${withColumns(files.matches, { group_id: 'VARCHAR', evidence: 'VARCHAR' })})`;
}

/** The same with `status`, and what persons said of a match: `reviewed_by`, `reviewed_at`, `review_reason`. */
export function reviewedMatchesFrom(files: ResultFiles, { approvedFrom }: ResultFilter): string {
  const sure = approvedFrom === undefined ? 'false' : `confidence >= ${Number(approvedFrom)}::DOUBLE`;
  const otherwise = `CASE WHEN ${sure} THEN 'approved' ELSE 'pending' END`;
  const said = ['reviewed_by', 'reviewed_at', 'review_reason'];
  if (!files.reviewed) {
    const nobody = said.map((name) => `NULL::VARCHAR AS ${name}`).join(', ');
    return `(SELECT *, ${otherwise} AS status, ${nobody} FROM ${matchesFrom(files)})`;
  }
  // A pair of an earlier run may be two members of a group in this one: what was said of it was not said of the group.
  const of = (name: string) => `CASE WHEN m.group_id IS NULL THEN p.${name} ELSE g.${name} END`;
  return `(SELECT m.*, coalesce(${of('verdict')}, ${otherwise}) AS status, ${said.map((name) => `${of(name)} AS ${name}`).join(', ')}
    FROM ${matchesFrom(files)} m
    LEFT JOIN ${reviewsTable} p ON p.left_row = m.left_row AND p.right_row = m.right_row
    LEFT JOIN ${reviewsTable} g ON g.group_id = m.group_id AND g.source = m.source)`;
}

export function breaksFrom(files: ResultFiles): string {
  const exact = exactPassName(files.definition);
  const known = exact === undefined ? 'NULL::VARCHAR' : literal(exact);
  // A definition of one pass does not say in each row which it was.
  const pass = files.definition.passes.length > 1 ? 'pass' : `coalesce(pass, ${known})`;
  return `(SELECT *, 'pending' AS status, CASE WHEN outcome <> 'mismatched' THEN 0.0::DOUBLE WHEN pass = ${known} THEN 1.0::DOUBLE END AS confidence FROM (
    SELECT * REPLACE (CASE break_type WHEN 'MISMATCH' THEN ${pass} END AS pass), ${outcomeOfBreak} AS outcome, NULL::VARCHAR AS group_id
    FROM ${withColumns([files.breaks], { pass: 'VARCHAR', explanation: 'VARCHAR' })}))`;
}

/** Columns that a definition of less passes does not make are there, and null. */
/** `p`, some breaks, with `anomalies`: JSON list of what is unusual about one, null where nothing is. */
export function anomaliesJoin({ anomalies }: ResultFiles): string {
  const found =
    anomalies === undefined
      ? `(SELECT '' AS identity, '' AS anomalies WHERE false)`
      : `read_parquet(${literal(anomalies)})`;
  return `LEFT JOIN ${found} a ON a.identity = p.identity`;
}

function withColumns(paths: string[], columns: Record<string, string>): string {
  const absent = Object.entries(columns).map(([name, type]) => `NULL::${type} AS ${name}`);
  const read = `SELECT * FROM read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)`;
  return `(${read} UNION ALL BY NAME SELECT ${absent.join(', ')} WHERE false)`;
}

export function filterSql(
  { definition }: Pick<ResultFiles, 'definition'>,
  { outcomes, confidenceMin, status, matchedBy }: ResultFilter,
): string {
  const exact = exactPassName(definition);
  const byKey = exact === undefined ? 'false' : `pass = ${literal(exact)}`;
  const conditions = [
    ...(outcomes ? [outcomes.length > 0 ? `outcome IN (${outcomes.map(literal).join(', ')})` : 'false'] : []),
    ...(confidenceMin === undefined ? [] : [`confidence >= ${Number(confidenceMin)}::DOUBLE`]),
    ...(status === undefined ? [] : [`status = ${literal(status)}`]),
    ...(matchedBy === undefined ? [] : [matchedBy === 'exact-key' ? byKey : `NOT (${byKey})`]),
  ];
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
}

/** Matches come before breaks; within each by the anchor's row, and rows without one last. */
export const resultOrder = 'left_row NULLS LAST, right_row NULLS LAST, source';

/** Records of one source, one column per field that it has, in its own types. */
export function recordsFrom(files: ResultFiles, source: string): string {
  const { fields, paths } = files.records.find((one) => one.source === source)!;
  const columns = fields.map(({ name, sqlType }) => `${identifier(name)}::${sqlType} AS ${identifier(name)}`);
  const columnList = [identifier(rowColumn), ...columns].join(', ');
  return `(${paths.map((path) => `SELECT ${columnList} FROM read_parquet(${literal(path)})`).join(' UNION ALL ')})`;
}

export function fieldsOf(files: ResultFiles, source: string): LoadedField[] {
  return files.records.find((one) => one.source === source)!.fields;
}

/** The type that holds the field's values of these sources; text where they have more than one. */
function typeOf(files: ResultFiles, sources: string[], name: string): string | undefined {
  const types = new Set(
    sources.flatMap((source) =>
      fieldsOf(files, source)
        .filter((field) => field.name === name)
        .map((field) => field.sqlType),
    ),
  );
  return types.size > 1 ? 'VARCHAR' : [...types][0];
}

/**
 * Adds `left_<field>`, `right_<field>` and `unequal` (JSON of the differing values of a pair) to some matches (a relation).
 * A side that a member of a group does not have is null.
 */
export function withRecords(files: ResultFiles, matches: string, typed: boolean): string {
  const anchor = anchorOf(files.definition).name;
  const legs = legsOf(files.definition).map(({ name }) => name);
  const row = identifier(rowColumn);
  const value = (alias: string, source: string, name: string, sources: string[]): string => {
    const has = fieldsOf(files, source).some((field) => field.name === name);
    const type = typed ? (typeOf(files, sources, name) ?? 'VARCHAR') : 'VARCHAR';
    return `(${has ? `${alias}.${identifier(name)}` : 'NULL'})::${type}`;
  };
  const ofLeg = (leg: string): string => {
    const columns = files.definition.fields.flatMap(({ name }) => [
      `${value('l', anchor, name, [anchor])} AS ${identifier(valueColumn('left', name))}`,
      `${value('r', leg, name, legs)} AS ${identifier(valueColumn('right', name))}`,
    ]);
    const unequal = unequalFields(files.definition, leg, fieldsOf(files, anchor), fieldsOf(files, leg));
    return `SELECT m.*, ${columns.join(', ')}, CASE WHEN m.group_id IS NULL THEN ${unequal} ELSE '[]' END AS unequal
      FROM (FROM ${matches} WHERE source = ${literal(leg)}) m
      LEFT JOIN ${recordsFrom(files, anchor)} l ON l.${row} = m.left_row
      LEFT JOIN ${recordsFrom(files, leg)} r ON r.${row} = m.right_row`;
  };
  return `(${legs.map(ofLeg).join(' UNION ALL ')})`;
}

/** The file or batch that a row reference is in, for a person; null for a reference without a batch. */
export function fileSql(files: ResultFiles, row: string): string {
  const names = files.records
    .flatMap(({ batches }) => batches)
    .map(({ number, fileName }) => `WHEN ${number} THEN ${literal(fileName)}`);
  const number = `${row} // ${rowsPerBatchMax}`;
  const otherwise = `CASE WHEN ${number} > 0 THEN 'batch ' || ${number} END`;
  return names.length > 0 ? `CASE ${number} ${names.join(' ')} ELSE ${otherwise} END` : otherwise;
}

/** What a person looks for in place of a row reference. */
export function placeOf(files: ResultFiles, reference: string | null): Place | null {
  if (reference === null) return null;
  const { batchNumber, row } = splitRowReference(Number(reference));
  const batch = files.records.flatMap(({ batches }) => batches).find(({ number }) => number === batchNumber);
  return { row, file: batch?.fileName ?? (batchNumber > 0 ? `batch ${batchNumber}` : null) };
}

/** The same as columns. */
function placeColumns(files: ResultFiles, side: 'left' | 'right'): string {
  const row = `${side}_row`;
  return `${row} % ${rowsPerBatchMax} AS ${row}, ${fileSql(files, row)} AS ${side}_file`;
}

/** JSON list of a break's candidates, in places that a person finds; null where there are none. */
export function candidatesSql(files: ResultFiles): string {
  const place = (row: string) => `{"row": ${row} % ${rowsPerBatchMax}, file: ${fileSql(files, row)}}`;
  return `to_json(${boundedCandidates('explanation', place, true)})::VARCHAR`;
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
  const where = filterSql(files, filter);
  const places = `left_row AS "$left", right_row AS "$right", ${placeColumns(files, 'left')}, ${placeColumns(files, 'right')}`;
  const head = `outcome, key, source, ${places}, pass, confidence, group_id, status`;
  const said = (of: string) =>
    ['reviewed_by', 'reviewed_at', 'review_reason'].map((name) => `${of || name} AS ${name}`).join(', ');
  const order = '"$part", "$left" NULLS LAST, "$right" NULLS LAST, source';
  const candidates = `CASE WHEN explanation <> '[]' THEN '{"candidates":' || explanation || '}' END AS explanation`;
  const why = `CASE WHEN unequal <> '[]' OR evidence IS NOT NULL
    THEN '{"differences":' || unequal || coalesce(',"evidence":' || evidence, '') || '}' END AS explanation`;
  const breaks = `(SELECT * REPLACE (${candidatesSql(files)} AS explanation) FROM ${breaksFrom(files)} ${where})`;
  return `(SELECT row_number() OVER (ORDER BY ${order}) AS "row", * EXCLUDE ("$part", "$left", "$right") FROM (
    SELECT 0 AS "$part", ${head}, ${said('')}, NULL::VARCHAR AS break_type, NULL::VARCHAR AS missing_in, ${values}, []::VARCHAR[] AS fields, '[]' AS differences,
      ${why}
      FROM ${withRecords(files, `(FROM ${reviewedMatchesFrom(files, filter)} ${where})`, true)}
    UNION ALL
    SELECT 1 AS "$part", ${head}, ${said('NULL::VARCHAR')}, break_type, missing_in, ${values}, fields, differences, ${candidates} FROM ${breaks}))`;
}
