// Writes result rows (matches, breaks, rejects) from Parquet as a file that people and programs read.
// It changes no value: decimals keep every digit in each format; what a format cannot hold is said at its branch.
import type { Engine } from '../engine.ts';
import { identifier, literal } from '../sql.ts';

export const exportFormats = ['csv', 'json', 'parquet', 'xlsx'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export type ExportRequest = {
  /** Parquet files of one layout, or a SELECT in parentheses. */
  from: string[] | { relation: string };
  format: ExportFormat;
  /** Overwritten if it exists; inside the engine's directories. */
  outputPath: string;
  /** Columns to sort by; rows come in no particular order without. */
  orderBy?: string[];
  /**
   * CSV only: text that a spreadsheet would take for a formula gets an apostrophe before it. Numbers stay as they are.
   * For files that people download; XLSX cells are typed and cannot start a formula.
   */
  defuseFormulas?: boolean;
};

export type ResultColumn = { name: string; type: string };

/** Gives the number of rows written. Throws what DuckDB or the file system throws. */
export async function exportRows(engine: Engine, request: ExportRequest): Promise<number> {
  const relation = Array.isArray(request.from)
    ? `(FROM read_parquet([${request.from.map(literal).join(', ')}]))`
    : request.from.relation;
  const columns = await engine.rows<{ column_name: string; column_type: string }>(`DESCRIBE FROM ${relation}`);
  const select = selectFor(
    request,
    columns.map((column) => ({ name: column.column_name, type: column.column_type })),
  );
  const order = request.orderBy?.length
    ? ` ORDER BY ${request.orderBy.map((name) => `${identifier(name)} NULLS FIRST`).join(', ')}`
    : '';
  // The order is by the stored values, so that it is the same whatever the format makes of them.
  const query = `SELECT ${select} FROM (FROM ${relation}${order})`;
  if (request.format === 'xlsx') {
    const { writeWorkbook } = await import('./write-workbook.ts');
    return writeWorkbook(engine, [{ title: 'Sheet1', rows: { queries: [query] } }], request.outputPath);
  }
  const options = {
    csv: 'FORMAT csv, HEADER true',
    json: 'FORMAT json, ARRAY true',
    parquet: 'FORMAT parquet, COMPRESSION zstd',
  };
  const [written] = await engine.rows<{ Count: string }>(
    `COPY (${query}) TO ${literal(request.outputPath)} (${options[request.format]})`,
  );
  return Number(written?.Count ?? 0);
}

function selectFor(request: ExportRequest, columns: ResultColumn[]): string {
  return columns.map((column) => `${expressionFor(request, column)} AS ${identifier(column.name)}`).join(', ');
}

/** Columns that hold JSON as text. */
const jsonColumns = new Set(['differences', 'legs', 'explanation', 'evidence']);

function expressionFor({ format, defuseFormulas }: ExportRequest, { name, type }: ResultColumn): string {
  const column = identifier(name);
  if (format === 'parquet') return column;
  if (format === 'json') {
    // A JSON number is read as a binary float by most programs; a decimal is money, so it is a string.
    if (type.startsWith('DECIMAL')) return `${column}::VARCHAR`;
    return jsonColumns.has(name) ? `${column}::JSON` : column;
  }
  if (type === 'VARCHAR[]') return `list_aggregate(${column}, 'string_agg', '; ')`;
  if (type !== 'VARCHAR') return column;
  // A key of several fields is joined by a control character that neither spreadsheets nor people can read.
  const text = name === 'key' ? `replace(${column}, '\u001f', ' | ')` : column;
  if (format !== 'csv' || !defuseFormulas) return text;
  return `CASE WHEN regexp_matches(${text}, '^[=+@\\t\\r\\n-]') AND NOT regexp_full_match(${text}, '[+-]?(\\d+([.,]\\d*)?|[.,]\\d+)([eE][+-]?\\d+)?') THEN '''' || ${text} ELSE ${text} END`;
}
