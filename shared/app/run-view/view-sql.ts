// A run's breaks as SQL: the values that it saw ⋈ its ledger ⋈ the newest ledger ⋈ what persons have touched. `viewed` holds what
// filters and counts look at; values are joined to it for the breaks that are shown.
import type { BreakStatus } from '../../domain/break.ts';
import { ageBuckets, dayMs } from '../../domain/break-age.ts';
import { anchorOf, type Definition } from '../../domain/definition.ts';
import type { Dimensions } from '../../domain/run.ts';
import { type Side, valueColumn } from '../../matching/match/value-column.ts';
import { identifier, literal } from '../../matching/sql.ts';
import type { BreakFilter } from '../../ports/run-view.ts';

export type ViewFiles = {
  definition: Definition;
  dimensions: Dimensions;
  breaks: string;
  /** Of the run: which break each identity was. */
  ledger: string;
  /** Of the newest settled run: what is still there. The same file when that is this run. */
  newest: string;
};

/** Where a break has no value of a dimension; it can be asked for by this name. */
export const noValue = '(none)';
/** The breaks of all values beyond the first `namesMax`. */
export const otherValues = '(others)';
/** A map of counts, and a list to choose from, in a reply of bounded size. */
export const namesMax = 1_000;
/** Five lists of a thousand of them, and the breaks beside, fit into a reply. */
const nameCharactersMax = 100;

const read = (path: string): string => `read_parquet(${literal(path)})`;

/** `only`: SQL condition on the run's ledger, for some of its breaks. */
export function viewedSql({ definition, dimensions, breaks, ledger, newest }: ViewFiles, only = 'true'): string {
  const anchor = literal(anchorOf(definition).name);
  const dimension = (field: string | undefined): string => {
    const known = definition.fields.some(({ name }) => name === field);
    if (field === undefined || !known) return 'NULL::VARCHAR';
    const text = (side: Side) => `b.${identifier(valueColumn(side, field))}::VARCHAR`;
    return `nullif(left(coalesce(${text('left')}, ${text('right')}), ${nameCharactersMax}), '')`;
  };
  const present = ledger === newest ? `'open'` : 'n.state';
  const joinNewest =
    ledger === newest
      ? ''
      : `LEFT JOIN (SELECT break_id, state FROM ${read(newest)} WHERE state = 'open') n ON n.break_id = l.break_id`;
  return `SELECT l.break_id::BIGINT AS id, b.identity, l.content_hash, l.opened_at,
      CASE b.break_type WHEN 'MISSING' THEN CASE b.missing_in WHEN ${anchor} THEN 'MISSING_IN_SOURCE_A' ELSE 'MISSING_IN_SOURCE_B' END
        ELSE b.break_type END AS kind,
      ${dimension(dimensions.product)} AS product, ${dimension(dimensions.subProduct)} AS sub_product, ${dimension(dimensions.entity)} AS entity,
      CASE WHEN ${present} IS NULL THEN 'CLOSED' ELSE coalesce(t.status, 'OPEN') END AS status,
      ${present} IS NULL AS gone, ${present} IS NOT NULL AND t.id IS NOT NULL AS touched
    FROM ${read(breaks)} b JOIN (FROM ${read(ledger)} l WHERE state = 'open' AND ${only}) l ON l.identity = b.identity
    ${joinNewest} LEFT JOIN touched t ON t.id = l.break_id::BIGINT`;
}

export function filterSql({ product, subProduct, entity, status }: BreakFilter): string {
  const among = (column: string, values: string[] | undefined): string[] =>
    values === undefined || values.length === 0 ? [] : [amongSql(column, values)];
  const named = (column: string): string => `coalesce(${column}, ${literal(noValue)})`;
  const conditions = [
    ...among(named('product'), product),
    ...among(named('sub_product'), subProduct),
    ...among(named('entity'), entity),
    ...among('status', status),
  ];
  return conditions.length > 0 ? conditions.join(' AND ') : 'true';
}

/** No value holds NUL, and SQL text cannot. */
function amongSql(column: string, values: string[]): string {
  const possible = values.filter((value) => !value.includes('\0'));
  return possible.length === 0 ? 'false' : `${column} IN (${possible.map(literal).join(', ')})`;
}

/** Rows of name, value and count: exact, and at most `namesMax` values of each name but for the others. */
export function analyticsSql(where: string, now: number): string {
  if (!Number.isSafeInteger(now)) throw new Error(`${now} is no time`);
  const counts = (name: string, value: string, of: string): string =>
    `SELECT ${literal(name)} AS name, ${value} AS value, count(*) AS breaks FROM viewed WHERE ${of} GROUP BY ALL`;
  const named = (column: string): string => `coalesce(${column}, ${literal(noValue)})`;
  const all = [
    counts('status', 'status', where),
    counts('type', 'kind', where),
    counts('product', named('product'), where),
    counts('entity', named('entity'), where),
    counts('age', ageSql(now), `${where} AND status = 'OPEN'`),
    `SELECT 'total' AS name, '' AS value, count(*) AS breaks FROM viewed`,
  ];
  return `SELECT name, if(rank > ${namesMax}, ${literal(otherValues)}, value) AS value, sum(breaks) AS breaks FROM (
    SELECT *, row_number() OVER (PARTITION BY name ORDER BY breaks DESC, value) AS rank FROM (${all.join(' UNION ALL ')}))
    GROUP BY ALL ORDER BY name, value`;
}

/** The bucket of what was opened at `opened_at`. */
export function ageSql(now: number): string {
  const days = `(${now} - opened_at) // ${dayMs}`;
  const cases = ageBuckets.map(({ label, daysBelow }) =>
    daysBelow === Number.POSITIVE_INFINITY
      ? `ELSE ${literal(label)}`
      : `WHEN ${days} < ${daysBelow} THEN ${literal(label)}`,
  );
  return `CASE ${cases.join(' ')} END`;
}

/** Rows of name and value, of all breaks; the most frequent where there are more than a person chooses from. */
export function selectableSql({ product, subProduct, entity }: Dimensions): string {
  const values = (name: string, column: string, field: string | undefined): string =>
    `(SELECT ${literal(name)} AS name, coalesce(${column}, ${literal(noValue)}) AS value, count(*) AS breaks FROM viewed
      WHERE ${field !== undefined} GROUP BY ALL ORDER BY breaks DESC, value LIMIT ${namesMax})`;
  const all = [
    values('products', 'product', product),
    values('subProducts', 'sub_product', subProduct),
    values('entities', 'entity', entity),
  ];
  return `SELECT name, value FROM (${all.join(' UNION ALL ')}) ORDER BY name, value`;
}

/** Some rows of `viewed` (a relation) with the values of both sides as JSON text. */
export function withValuesSql({ definition, breaks }: ViewFiles, shown: string, charactersMax?: number): string {
  const cut = (text: string): string => (charactersMax === undefined ? text : `left(${text}, ${charactersMax})`);
  const side = (name: Side): string => {
    const values = definition.fields.map(
      ({ name: field }) => `${literal(field)}: ${cut(`b.${identifier(valueColumn(name, field))}::VARCHAR`)}`,
    );
    return `CASE WHEN b.${name}_row IS NOT NULL THEN to_json({${values.join(', ')}})::VARCHAR END AS ${name}_values`;
  };
  return `SELECT v.*, b.break_type, b.missing_in, b.key, b.occurrence, b.source, b.left_row, b.right_row, ${side('left')}, ${side('right')}, b.differences
    FROM (${shown}) v JOIN ${read(breaks)} b ON b.identity = v.identity ORDER BY v.id`;
}

/** All of `viewed` with the values of both sides as columns in their types. */
export function typedValuesSql({ breaks }: ViewFiles): string {
  return `SELECT v.* EXCLUDE (identity, content_hash), b.* EXCLUDE (identity, break_type)
    FROM viewed v JOIN ${read(breaks)} b ON b.identity = v.identity ORDER BY v.id`;
}

export type ViewedRow = {
  id: string;
  identity: string;
  content_hash: string;
  opened_at: string;
  kind: string;
  product: string | null;
  sub_product: string | null;
  entity: string | null;
  status: BreakStatus;
  gone: boolean;
  touched: boolean;
  break_type: string;
  missing_in: string | null;
  key: string | null;
  occurrence: number;
  source: string;
  left_row: string | null;
  right_row: string | null;
  left_values: string | null;
  right_values: string | null;
  differences: string;
};
