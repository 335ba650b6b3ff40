// A run's breaks as SQL: the values that it saw ⋈ its ledger ⋈ the newest ledger ⋈ what persons have touched. `viewed` holds what
// filters and counts look at; values are joined to it for the breaks that are shown.
import type { BreakStatus } from '../../domain/break.ts';
import { ageBuckets, dayMs } from '../../domain/break-age.ts';
import { valueBytesMax } from '../../domain/break-changes.ts';
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
  /** Of the breaks that are unusual; absent where none is. */
  anomalies?: string;
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

type Touched = { breakId: string; status: BreakStatus }[];

/** `only`: SQL condition on the run's ledger, for some of its breaks. */
export function viewedSql(files: ViewFiles, touched: Touched, only = 'true'): string {
  const { ledger, newest } = files;
  const { kind, product, subProduct, entity } = seenSql(files);
  const present = ledger === newest ? `'open'` : 'n.state';
  const joinNewest =
    ledger === newest
      ? ''
      : `LEFT JOIN (SELECT break_id, state FROM ${read(newest)} WHERE state = 'open') n ON n.break_id = l.break_id`;
  return `SELECT l.break_id::BIGINT AS id, b.identity, l.opened_at, ${kind} AS kind,
      ${product} AS product, ${subProduct} AS sub_product, ${entity} AS entity,
      CASE WHEN ${present} IS NULL THEN 'CLOSED' ELSE coalesce(t.status, 'OPEN') END AS status,
      ${present} IS NULL AS gone, ${present} IS NOT NULL AND t.break_id IS NOT NULL AS touched, a.anomalies IS NOT NULL AS anomalous
    FROM ${openSql(files, only)} ${anomaliesJoin(files)}
    ${joinNewest} LEFT JOIN (${touchedSql(touched)}) t ON t.break_id = l.break_id`;
}

/** The run's breaks `b`, each with its row `l` of the run's ledger. */
function openSql({ breaks, ledger }: ViewFiles, only: string): string {
  return `${read(breaks)} b JOIN (FROM ${read(ledger)} l WHERE state = 'open' AND ${only}) l ON l.identity = b.identity`;
}

/** What was unusual about a row `b`, as `a.anomalies` (JSON list); null where nothing was. */
function anomaliesJoin({ anomalies }: ViewFiles): string {
  const found = anomalies === undefined ? `(SELECT '' AS identity, '' AS anomalies WHERE false)` : read(anomalies);
  return `LEFT JOIN ${found} a ON a.identity = b.identity`;
}

/** Of a row `b`: what breaks are filtered and counted by, as the run saw it. */
function seenSql({ definition, dimensions }: ViewFiles) {
  const dimension = (field: string | undefined): string => {
    const known = definition.fields.some(({ name }) => name === field);
    if (field === undefined || !known) return 'NULL::VARCHAR';
    const text = (side: Side) => `b.${identifier(valueColumn(side, field))}::VARCHAR`;
    return `nullif(left(coalesce(${text('left')}, ${text('right')}), ${nameCharactersMax}), '')`;
  };
  const anchor = literal(anchorOf(definition).name);
  return {
    kind: `CASE b.break_type WHEN 'MISSING' THEN CASE b.missing_in WHEN ${anchor} THEN 'MISSING_IN_SOURCE_A' ELSE 'MISSING_IN_SOURCE_B' END
        ELSE b.break_type END`,
    product: dimension(dimensions.product),
    subProduct: dimension(dimensions.subProduct),
    entity: dimension(dimensions.entity),
  };
}

/** How many breaks the run saw, before any of them is read. */
export function breakCountSql({ breaks }: ViewFiles): string {
  return `SELECT count(*) AS breaks FROM ${read(breaks)}`;
}

/** JSON list of the ids that are no longer in the data, or that another break has followed. */
export function goneSql({ ledger, newest }: ViewFiles): string {
  const open = (path: string): string => `(SELECT break_id FROM ${read(path)} WHERE state = 'open')`;
  return `SELECT to_json(list(break_id))::VARCHAR AS gone FROM ${open(ledger)} ANTI JOIN ${open(newest)} USING (break_id)`;
}

/** One text, because a list of values is parsed word by word. */
function touchedSql(touched: Touched): string {
  const rows = literal(JSON.stringify(touched.map(({ breakId, status }) => ({ break_id: breakId, status }))));
  return `SELECT unnest(from_json(${rows}, '[{"break_id":"VARCHAR","status":"VARCHAR"}]'), recursive := true)`;
}

export function filterSql({ product, subProduct, entity, status, anomalous }: BreakFilter): string {
  const among = (column: string, values: string[] | undefined): string[] =>
    values === undefined || values.length === 0 ? [] : [amongSql(column, values)];
  const named = (column: string): string => `coalesce(${column}, ${literal(noValue)})`;
  const conditions = [
    ...among(named('product'), product),
    ...among(named('sub_product'), subProduct),
    ...among(named('entity'), entity),
    ...among('status', status),
    ...(anomalous === undefined ? [] : [anomalous ? 'anomalous' : 'NOT anomalous']),
  ];
  return conditions.length > 0 ? conditions.join(' AND ') : 'true';
}

/** No value holds NUL, and SQL text cannot. */
function amongSql(column: string, values: string[]): string {
  const possible = values.filter((value) => !value.includes('\0'));
  return possible.length === 0 ? 'false' : `${column} IN (${possible.map(literal).join(', ')})`;
}

/**
 * Rows of name, value, how many breaks of the filter have it, and whether it is among the most frequent of all breaks, which a
 * person chooses from. Exact, and bounded: the values beyond the first `namesMax` are counted together. `total` is of all breaks.
 */
export function countsSql(where: string, now: number): string {
  const named = (column: string): string => `coalesce(${column}, ${literal(noValue)}) AS ${column}`;
  const columns = ['status', 'kind', 'product', 'sub_product', 'entity', 'age'];
  const names = ['status', 'type', 'product', 'subProduct', 'entity', 'age'];
  // Each set groups by one column, and its number has every bit set but that column's.
  const name = names.map(
    (one, index) => `WHEN ${2 ** columns.length - 1 - 2 ** (columns.length - 1 - index)} THEN '${one}'`,
  );
  return `WITH counted AS (
      SELECT CASE grouping(${columns.join(', ')}) ${name.join(' ')} END AS name, coalesce(${columns.join(', ')}) AS value,
        count(*) AS total, count(*) FILTER (WHERE passes) AS breaks
      FROM (SELECT status, kind, ${['product', 'sub_product', 'entity'].map(named).join(', ')},
        CASE status WHEN 'OPEN' THEN ${ageSql(now)} END AS age, ${where} AS passes FROM viewed)
      GROUP BY GROUPING SETS (${columns.map((column) => `(${column})`).join(', ')})),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY name ORDER BY breaks DESC, value) AS rank,
      row_number() OVER (PARTITION BY name ORDER BY total DESC, value) AS frequency FROM counted WHERE value IS NOT NULL)
    SELECT name, value, if(rank <= ${namesMax}, breaks, 0) AS breaks, frequency <= ${namesMax} AS selectable
      FROM ranked WHERE rank <= ${namesMax} OR frequency <= ${namesMax}
    UNION ALL SELECT name, ${literal(otherValues)}, sum(breaks), false FROM ranked WHERE rank > ${namesMax} GROUP BY name
    UNION ALL SELECT 'total', '', coalesce(sum(total), 0), false FROM counted WHERE name = 'status'
    ORDER BY name, value`;
}

/** Those that any break has, as rows of name, value and breaks. */
export function analyticsSql(where: string, now: number): string {
  return `SELECT name, value, breaks FROM (${countsSql(where, now)}) WHERE breaks > 0 OR name = 'total'`;
}

export function ageSql(now: number): string {
  if (!Number.isSafeInteger(now)) throw new Error(`${now} is no time`);
  const days = `(${now} - opened_at) // ${dayMs}`;
  const cases = ageBuckets.map(({ label, daysBelow }) =>
    daysBelow === Number.POSITIVE_INFINITY
      ? `ELSE ${literal(label)}`
      : `WHEN ${days} < ${daysBelow} THEN ${literal(label)}`,
  );
  return `CASE ${cases.join(' ')} END`;
}

/**
 * Some rows of `viewed` (a relation) with what the run saw of them, as one JSON list in the order of their ids: a thousand rows
 * cost less as one text than cell by cell. `whole`: everything that is known of a break, else what a page shows, with long texts cut.
 */
export function shownSql(files: ViewFiles, shown: string, whole: boolean): string {
  const { definition, breaks, ledger } = files;
  const more = {
    type: 'b.break_type',
    missingIn: 'b.missing_in',
    key: 'b.key',
    occurrence: 'b.occurrence',
    source: 'b.source',
    leftRow: 'b.left_row',
    rightRow: 'b.right_row',
    differences: 'b.differences::JSON',
    contentHash: 'l.content_hash',
  };
  const one = {
    breakId: 'v.id::VARCHAR',
    observed: structOf({ ...sidesSql(definition, whole), ...(whole && more) }),
    kind: 'v.kind',
    product: 'v.product',
    subProduct: 'v.sub_product',
    entity: 'v.entity',
    openedAt: 'v.opened_at',
    status: 'v.status',
    gone: 'v.gone',
    touched: 'v.touched',
    anomalous: 'v.anomalous',
  };
  return `SELECT to_json(list(${structOf(one)} ORDER BY v.id))::VARCHAR AS shown
    FROM (${shown}) v JOIN ${read(breaks)} b ON b.identity = v.identity ${anomaliesJoin(files)}
    ${whole ? `JOIN ${read(ledger)} l ON l.identity = v.identity` : ''}`;
}

/**
 * All breaks as the run saw them, without a state, as one JSON list in the order of their ids. What a page shows of a break is JSON
 * within it, as a text, so that it is read of those alone that are shown.
 */
export function settledSql(files: ViewFiles): string {
  const one = {
    breakId: 'l.break_id::BIGINT::VARCHAR',
    observed: `to_json(${structOf(sidesSql(files.definition, false))})::VARCHAR`,
    ...seenSql(files),
    openedAt: 'l.opened_at',
    anomalous: 'a.anomalies IS NOT NULL',
  };
  return `SELECT to_json(list(${structOf(one)} ORDER BY l.break_id::BIGINT))::VARCHAR AS settled
    FROM ${openSql(files, 'true')} ${anomaliesJoin(files)}`;
}

function sidesSql(definition: Definition, whole: boolean) {
  const cut = (text: string): string => (whole ? text : `left(${text}, ${valueBytesMax})`);
  const side = (name: Side): string => {
    const values = definition.fields.map(
      ({ name: field }) => `${literal(field)}: ${cut(`b.${identifier(valueColumn(name, field))}::VARCHAR`)}`,
    );
    return `CASE WHEN b.${name}_row IS NOT NULL THEN {${values.join(', ')}} END`;
  };
  const anomalies = `coalesce(a.anomalies, '[]')::JSON`;
  return { identity: 'b.identity', left: side('left'), right: side('right'), anomalies };
}

function structOf(fields: Record<string, string>): string {
  return `{${Object.entries(fields)
    .map(([name, value]) => `${literal(name)}: ${value}`)
    .join(', ')}}`;
}

/** All of `viewed` with the values of both sides as columns in their types. */
export function typedValuesSql({ breaks }: ViewFiles): string {
  return `SELECT v.* EXCLUDE (identity), b.* EXCLUDE (identity, break_type)
    FROM viewed v JOIN ${read(breaks)} b ON b.identity = v.identity ORDER BY v.id`;
}
