// The one pass over a file: text in, typed values out, each value proven or kept as bad with its text. Writes an
// uncompressed Parquet in the order of the file, so that the row number is Parquet's own. Its column `bad` is a JSON
// list of the texts of unreadable leaves, in the order of plans and leaves, and is null in sound rows. An empty text is the
// first leaf of a required field without a value.
import type { Definition, RowFilter, Source } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import type { Reader } from '../input/prepare-file.ts';
import { keySeparator } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import type { FieldPlan } from './field-plan.ts';
import type { Arithmetic } from './map-columns.ts';
import { normaliseSql } from './normalise.ts';
import { digitsMax } from './number-reading.ts';
import { castSql, decimalOf, sqlTypeOf, trimmed, valueSql } from './value-sql.ts';

/** DuckDB's complaint about the content of a CSV, as opposed to a full disk or memory. */
export class CsvFaultError extends Error {}

export type Extract = {
  path: string;
  /** Whether the Parquet holds `row` and `line`; else its own row number counts. */
  numbered: boolean;
  /** Whether it holds `line`. */
  lined: boolean;
  filtered: boolean;
  fields: { name: string; plan: FieldPlan; sqlType: string }[];
};

/** FROM clause over a prepared file: columns `c0`, `c1`, … in the order of the file's, and `row`, `line` when known. */
export function fromSql(reader: Reader, columns: string[]): string {
  if (reader.kind === 'parquet') {
    const casts = columns.map((column, index) => `CAST(${identifier(column)} AS VARCHAR) AS c${index}`);
    return `(SELECT file_row_number + 1 AS row, file_row_number + 1 AS line, ${casts.join(', ')} FROM read_parquet(${literal(reader.path)}, file_row_number = true))`;
  }
  const csv = (path: string, names: [string, string][], options: string) =>
    `read_csv(${literal(path)}, auto_detect = false, nullstr = '', columns = {${names.map(([name, type]) => `${name}: '${type}'`).join(', ')}}, ${options})`;
  if (reader.kind === 'clean') {
    const names: [string, string][] = [
      ['row', 'BIGINT'],
      ['line', 'BIGINT'],
    ];
    for (const index of reader.indexes) names.push([`c${index}`, 'VARCHAR']);
    // Quotes are doubled in it, so a row may be twice as long as the limit of the scanner.
    return csv(
      reader.clean.path,
      names,
      `header = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', max_line_size = 8000000, buffer_size = 32000000`,
    );
  }
  const { delimiter, quote } = reader.dialect;
  // Left to itself DuckDB takes the first line end that it meets, within quotes too.
  const lineEnd = { '\n': '\\n', '\r\n': '\\r\\n', '\r': '\\r' }[reader.lineEnd];
  const options = `header = ${reader.header}, delim = ${literal(delimiter)}, quote = ${literal(quote)}, escape = ${literal(quote)}, new_line = '${lineEnd}'`;
  return csv(
    reader.path,
    columns.map((_, index) => [`c${index}`, 'VARCHAR']),
    options,
  );
}

export async function extractRecords(
  engine: Engine,
  request: {
    definition: Definition;
    source: Source;
    reader: Reader;
    columns: string[];
    plans: FieldPlan[];
    columnSql: (column: string) => string;
    path: string;
  },
): Promise<Extract> {
  const { source, reader, columns, plans, path } = request;
  const numbered = reader.kind !== 'csv';
  const filters = source.filters ?? [];
  const carried = numbered ? ['row', 'line'] : [];
  const [texts, values, outputs] = [[...carried], [...carried], [...carried]];
  const casts: string[] = [];
  const unreadable: string[] = [];
  const severalKeys = plans.filter((plan) => plan.field.role === 'KEY').length > 1;
  for (const [index, plan] of plans.entries()) {
    const result = arithmeticSql(plan.mapping.arithmetic, plan, index);
    outputs.push(`${result} AS f${index}`);
    for (const [leaf, { sql }] of plan.mapping.leaves.entries()) {
      const [text, value] = [`t${index}_${leaf}`, `v${index}_${leaf}`];
      texts.push(`${sql} AS ${text}`);
      const isText = plan.reading.type === 'text';
      const cast = castSql(plan.reading, text);
      const named = `n${index}_${leaf}`;
      if (cast) casts.push(`${cast} AS ${named}`);
      const valued = isText ? normaliseSql(plan.field, text) : valueSql(plan.reading, text, cast && named);
      values.push(text, `${valued} AS ${value}`);
      // Conditions within CASE, one in the other: written twice or as a bare AND, DuckDB computes all of it for all rows.
      let bad = 'CAST(NULL AS VARCHAR)';
      if (!isText) {
        const overflow = plan.mapping.arithmetic.kind === 'leaf' ? '' : ` OR (${result}) IS NULL`;
        bad = `CASE WHEN ${text} IS NOT NULL AND (${value} IS NULL${overflow}) THEN CASE WHEN ${trimmed(text)} <> '' THEN ${text} END END`;
      } else if (plan.field.role === 'KEY' && severalKeys) {
        bad = `CASE WHEN contains(${value}, ${literal(keySeparator)}) THEN ${text} END`;
      }
      if (plan.field.required && leaf === 0) bad = `coalesce(${bad}, CASE WHEN ${emptySql(plan, index)} THEN '' END)`;
      outputs.push(`${bad} AS b${index}_${leaf}`);
      unreadable.push(`b${index}_${leaf}`);
    }
  }
  if (filters.length > 0) {
    texts.push(
      `NOT (${filters.map((filter) => `(${filterSql(filter, request.columnSql)})`).join(' AND ')}) AS excluded`,
    );
    values.push('excluded');
    outputs.push('excluded');
  }
  const kept = [...carried, ...plans.map((_, index) => `f${index}`), ...(filters.length > 0 ? ['excluded'] : [])];
  const anyBad = unreadable.map((name) => `${name} IS NOT NULL`).join(' OR ');
  const guard = filters.length > 0 ? 'NOT excluded AND ' : '';
  const bad = `CASE WHEN ${guard}(${anyBad}) THEN CAST(to_json([${unreadable.join(', ')}]) AS VARCHAR) END AS bad`;
  const from = fromSql(reader, columns);
  const written = `(SELECT *${casts.map((cast) => `, ${cast}`).join('')} FROM (SELECT ${texts.join(', ')} FROM ${from}))`;
  const select = `SELECT ${kept.join(', ')}, ${bad} FROM (SELECT ${outputs.join(', ')} FROM (SELECT ${values.join(', ')} FROM ${written}))`;
  try {
    await engine.run(
      `COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION uncompressed, PRESERVE_ORDER true, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 10, WRITE_BLOOM_FILTER false)`,
    );
  } catch (error) {
    const message = String((error as Error).message);
    if (reader.kind === 'csv' && /CSV Error|CSV Parser|unicode|UTF-?8/i.test(message)) throw new CsvFaultError(message);
    throw error;
  }
  const fields = plans.map((plan) => ({ name: plan.field.name, plan, sqlType: outputTypeOf(plan) }));
  return { path, numbered, lined: numbered, filtered: filters.length > 0, fields };
}

type Dimensions = { whole: number; scale: number };

/** Digits that the result can have, from those that the leaves have. */
function dimensions(arithmetic: Arithmetic, leaf: Dimensions): Dimensions {
  switch (arithmetic.kind) {
    case 'leaf':
      return leaf;
    case 'negate':
      return dimensions(arithmetic.of, leaf);
    case 'difference': {
      const [plus, minus] = [dimensions(arithmetic.plus, leaf), dimensions(arithmetic.minus, leaf)];
      return { whole: Math.max(plus.whole, minus.whole) + 1, scale: Math.max(plus.scale, minus.scale) };
    }
    case 'scale': {
      const of = dimensions(arithmetic.of, leaf);
      const [whole = '', fraction = ''] = arithmetic.by.replace(/^[-+]/, '').split('.');
      return { whole: of.whole + whole.length, scale: of.scale + fraction.length };
    }
  }
}

function outputDecimal(plan: FieldPlan): { width: number; scale: number } {
  if (plan.reading.type !== 'integer' && plan.reading.type !== 'decimal') throw new Error('not a number');
  const { scale } = decimalOf(plan.reading.number, plan.reading.type === 'integer');
  const result = dimensions(plan.mapping.arithmetic, { whole: plan.reading.number.wholeDigits, scale });
  return decimalOf({ ...plan.reading.number, wholeDigits: result.whole, scale: result.scale }, false);
}

export function outputTypeOf(plan: FieldPlan): string {
  if (plan.mapping.arithmetic.kind === 'leaf') return sqlTypeOf(plan.reading);
  const { width, scale } = outputDecimal(plan);
  return `DECIMAL(${width},${scale})`;
}

/** Arithmetic that would pass 38 digits gives NULL, and so a rejected row. */
function arithmeticSql(arithmetic: Arithmetic, plan: FieldPlan, index: number): string {
  if (arithmetic.kind === 'leaf') return `v${index}_${arithmetic.leaf}`;
  const wide = `DECIMAL(${digitsMax},${outputDecimal(plan).scale})`;
  const compile = (part: Arithmetic): string => {
    switch (part.kind) {
      case 'leaf':
        return `CAST(v${index}_${part.leaf} AS ${wide})`;
      case 'negate':
        return `(-${compile(part.of)})`;
      case 'difference': {
        const [plus, minus] = [compile(part.plus), compile(part.minus)];
        return `CASE WHEN ${plus} IS NULL AND ${minus} IS NULL THEN NULL ELSE coalesce(${plus}, 0) - coalesce(${minus}, 0) END`;
      }
      case 'scale': {
        // Multiplied as whole units and moved back: DuckDB would add the scales of the two.
        const [whole = '', fraction = ''] = part.by.split('.');
        const moved = `CAST(${BigInt(`${whole}${fraction}`)} AS HUGEINT)`;
        const units = `CAST(replace(CAST(${compile(part.of)} AS VARCHAR), '.', '') AS HUGEINT)`;
        // TRY around this very product: DuckDB computes what occurs twice outside of an outer TRY.
        return scaledSql(`TRY(${units} * ${moved})`, outputDecimal(plan).scale, fraction.length);
      }
    }
  };
  return `TRY(CAST(${compile(arithmetic)} AS ${outputTypeOf(plan)}))`;
}

/** Units of `scale` decimals, taken `down` decimals further, as a decimal of `scale`: the digits cut off are zeros. */
function scaledSql(units: string, scale: number, down: number): string {
  const shifted = `(${units} // CAST(1${'0'.repeat(down)} AS HUGEINT))`;
  // lpad cuts what is longer.
  const bare = `CAST(abs(${shifted}) AS VARCHAR)`;
  const digits = `lpad(${bare}, CAST(greatest(length(${bare}), ${scale + 1}) AS INTEGER), '0')`;
  const text =
    scale === 0 ? digits : `(left(${digits}, length(${digits}) - ${scale}) || '.' || right(${digits}, ${scale}))`;
  return `CAST((CASE WHEN ${shifted} < 0 THEN '-' ELSE '' END || ${text}) AS DECIMAL(${digitsMax},${scale}))`;
}

function filterSql(filter: RowFilter, columnSql: (column: string) => string): string {
  const text = `coalesce(${columnSql(filter.column)}, '')`;
  if ('in' in filter) return filter.in.length === 0 ? 'false' : `${text} IN (${filter.in.map(literal).join(', ')})`;
  if ('notIn' in filter)
    return filter.notIn.length === 0 ? 'true' : `${text} NOT IN (${filter.notIn.map(literal).join(', ')})`;
  if ('matches' in filter) return `regexp_matches(${text}, ${literal(filter.matches)})`;
  return `(trim(${text}) = '') = ${filter.empty}`;
}

/** Whether no leaf of the plan has a value: blanks are none, whatever the type. */
function emptySql({ mapping }: FieldPlan, index: number): string {
  const leaves = mapping.leaves.map((_, leaf) => `coalesce(${trimmed(`v${index}_${leaf}::VARCHAR`)}, '') = ''`);
  return leaves.join(' AND ');
}

/** The relation of records.ts over an extract: rejected and excluded rows are left out when there are any. */
export function relationSql(extract: Extract, sound: { rejected: number }): string {
  const row = extract.numbered ? 'row' : 'file_row_number + 1';
  const fields = extract.fields.map(({ name }, index) => `f${index} AS ${identifier(name)}`);
  const conditions = [...(sound.rejected > 0 ? ['bad IS NULL'] : []), ...(extract.filtered ? ['NOT excluded'] : [])];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  const from = `read_parquet(${literal(extract.path)}, file_row_number = true)`;
  return `(SELECT ${row} AS "$row", ${keySql(extract)} AS "$key", ${fields.join(', ')} FROM ${from}${where})`;
}

/** The key is made of the key fields as they are read, not stored twice. */
function keySql(extract: Pick<Extract, 'fields'>): string {
  const parts = extract.fields.flatMap(({ plan, sqlType }, index) => {
    if (plan.field.role !== 'KEY') return [];
    if (sqlType === 'VARCHAR') return [`f${index}`];
    const text = `CAST(f${index} AS VARCHAR)`;
    // 1.50 and 1.5 are the same key.
    return [sqlType.startsWith('DECIMAL') && !sqlType.endsWith(',0)') ? `rtrim(rtrim(${text}, '0'), '.')` : text];
  });
  if (parts.length === 0) return 'CAST(NULL AS VARCHAR)';
  if (parts.length === 1) return parts[0]!;
  const empty = parts.map((part) => `${part} IS NULL`).join(' AND ');
  const joined = parts.map((part) => `coalesce(${part}, '')`).join(` || ${literal(keySeparator)} || `);
  return `CASE WHEN ${empty} THEN NULL ELSE ${joined} END`;
}
