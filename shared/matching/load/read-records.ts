// Opens stored records again as a loaded source: one or many Parquet files of batches or chunks.
import type { Definition, FieldType } from '../../domain/definition.ts';
import type { LoadedField } from '../../domain/record.ts';
import type { Engine } from '../engine.ts';
import { keyColumn, type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { digitsMax } from './number-reading.ts';
import { sumByCurrency } from './summarise.ts';

/**
 * Counts and sums are computed from the files; decimals of different width are read at the widest. Fields are those of
 * the definition that the files have. Throws when `paths` is empty or decimals cannot be held in 38 digits together.
 */
export async function readRecords(
  engine: Engine,
  request: { definition: Definition; source: string; paths: string[] },
): Promise<LoadedSource> {
  const { definition, source, paths } = request;
  if (paths.length === 0) throw new Error(`no records are given for the source ${source}`);
  const types = new Map<string, string[]>();
  const typesByPath = new Map<string, Map<string, string>>();
  for (const path of paths) {
    const rows = await engine.rows<{ column_name: string; column_type: string }>(
      `DESCRIBE SELECT * FROM read_parquet(${literal(path)})`,
    );
    typesByPath.set(path, new Map(rows.map((row) => [row.column_name, row.column_type])));
    for (const { column_name, column_type } of rows) {
      types.set(column_name, [...(types.get(column_name) ?? []), column_type]);
    }
  }
  const fields: LoadedField[] = definition.fields.flatMap((field) => {
    const found = types.get(field.name);
    if (field.mapping[source] === undefined || !found) return [];
    const sqlType = widest(found);
    return [{ name: field.name, sqlType, type: typeOf(sqlType, field.type) }];
  });
  // Files of one layout are one scan, which DuckDB shares out over threads. Of different layouts they must not be: asked
  // to unite DECIMAL(18,2) with DECIMAL(38,0) it was seen to round the cents away.
  const groups = new Map<string, { columns: string; files: string[] }>();
  for (const [path, there] of typesByPath) {
    const casts = fields.map(({ name, sqlType }) => {
      const value = there.has(name) ? identifier(name) : 'NULL';
      return there.get(name) === sqlType ? value : `CAST(${value} AS ${sqlType}) AS ${identifier(name)}`;
    });
    const columns = [identifier(rowColumn), identifier(keyColumn), ...casts].join(', ');
    const layout = JSON.stringify([...there]);
    const group = groups.get(layout) ?? { columns, files: [] };
    group.files.push(literal(path));
    groups.set(layout, group);
  }
  const scans = [...groups.values()].map(
    ({ columns, files }) => `SELECT ${columns} FROM read_parquet([${files.join(', ')}])`,
  );
  const relation = `(${scans.join(' UNION ALL ')})`;
  const amounts = fields.filter(({ sqlType }) => sqlType.startsWith('DECIMAL'));
  const currency = fields.some(({ name }) => name === definition.currencyField)
    ? `coalesce(CAST(${identifier(definition.currencyField!)} AS VARCHAR), '')`
    : "''";
  const { rows, sums } = await sumByCurrency(
    engine,
    relation,
    currency,
    amounts.map(({ name, sqlType }) => ({ name, sqlType, column: identifier(name) })),
  );
  const readings = Object.fromEntries(fields.map(({ name, type }) => [name, { type }]));
  return { source, relation, fields, readings, rows: { read: rows, records: rows, rejected: 0, excluded: 0 }, sums };
}

/** One type that holds the values of all: the widest decimal, a date-time for dates among them, else text. */
function widest(types: string[]): string {
  const distinct = [...new Set(types)];
  if (distinct.length === 1) return distinct[0]!;
  const decimals = distinct.map((type) => /^DECIMAL\((\d+),(\d+)\)$/.exec(type));
  if (decimals.every((match) => match !== null)) {
    const scale = Math.max(...decimals.map((match) => Number(match[2])));
    // A column of width 18 holds 17 digits at most.
    const whole = Math.max(...decimals.map((match) => (match[1] === '18' ? 17 : Number(match[1])) - Number(match[2])));
    if (whole + scale <= 17) return `DECIMAL(18,${scale})`;
    return `DECIMAL(${digitsMax},${scale})`;
  }
  if (distinct.every((type) => type === 'DATE' || type === 'TIMESTAMP')) return 'TIMESTAMP';
  return 'VARCHAR';
}

function typeOf(sqlType: string, given: FieldType | undefined): FieldType {
  if (sqlType === 'BOOLEAN') return 'boolean';
  if (sqlType === 'DATE') return 'date';
  if (sqlType === 'TIMESTAMP') return 'datetime';
  if (sqlType.startsWith('DECIMAL')) return given === 'integer' ? 'integer' : 'decimal';
  return 'text';
}
