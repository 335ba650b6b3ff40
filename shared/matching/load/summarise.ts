// Counts and exact sums of an extract in one scan.

import { addDecimals, fromScaled } from '../../domain/decimal.ts';
import type { Definition } from '../../domain/definition.ts';
import type { SideSums } from '../../domain/outcome.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { identifier, literal } from '../sql.ts';
import { type Extract, relationSql } from './extract-records.ts';
import { digitsMax } from './number-reading.ts';

/** Rows of an extract by what became of them. */
export type Glance = { rows: number; bad: number; excluded: number };

export type ExtractSummary = {
  records: number;
  /** Some record has a key. */
  keyed: boolean;
  sums: SideSums;
};

export async function glanceAt(engine: Engine, extract: Extract): Promise<Glance> {
  const bad = extract.filtered ? 'count(*) FILTER (bad IS NOT NULL AND NOT excluded)' : 'count(bad)';
  const excluded = extract.filtered ? 'count_if(excluded)::BIGINT' : '0::BIGINT';
  const [row] = await engine.rows<Record<keyof Glance, string>>(
    `SELECT count(*) AS rows, ${bad} AS bad, ${excluded} AS excluded FROM read_parquet(${literal(extract.path)})`,
  );
  return { rows: Number(row!.rows), bad: Number(row!.bad), excluded: Number(row!.excluded) };
}

export async function summarise(
  engine: Engine,
  definition: Definition,
  extract: Extract,
  glance: Glance,
): Promise<ExtractSummary> {
  const relation = relationSql(extract, { rejected: glance.bad });
  const amounts = extract.fields.flatMap(({ name, sqlType }) =>
    sqlType.startsWith('DECIMAL') ? [{ name, sqlType, column: identifier(name) }] : [],
  );
  const known = extract.fields.some(({ name }) => name === definition.currencyField);
  const currency = known ? `coalesce(CAST(${identifier(definition.currencyField!)} AS VARCHAR), '')` : "''";
  const { rows, sums } = await sumByCurrency(engine, relation, currency, amounts);
  const [keyed] = await engine.rows(`SELECT 1 FROM ${relation} WHERE "$key" IS NOT NULL LIMIT 1`);
  return { records: rows, keyed: keyed !== undefined, sums };
}

/**
 * Sums of 18 digits cannot pass 38 over fewer than 10^20 rows. Wider ones are summed as two halves of 19 digits, because
 * a sum of DECIMAL(38) was seen to wrap silently.
 */
export async function sumByCurrency(
  engine: Engine,
  from: string,
  currency: string,
  amounts: { name: string; sqlType: string; column: string }[],
): Promise<{ rows: number; sums: SideSums }> {
  const half = `CAST(1${'0'.repeat(19)} AS HUGEINT)`;
  const columns = amounts.map(({ sqlType, column }, index) => {
    if (!sqlType.startsWith('DECIMAL(38')) return `sum(${column}) AS s${index}`;
    const units = `CAST(replace(CAST(${column} AS VARCHAR), '.', '') AS HUGEINT)`;
    return `sum(${units} // ${half}) AS h${index}, sum(${units} % ${half}) AS l${index}`;
  });
  const rows = await engine.rows<Record<string, string | null>>(
    `SELECT ${currency} AS currency, count(*) AS n${columns.map((column) => `, ${column}`).join('')} FROM ${from} GROUP BY ${currency === "''" ? '()' : '1'}`,
  );
  let total = 0;
  const sums: SideSums = {};
  for (const { name } of amounts) sums[name] = {};
  for (const row of rows) {
    total += Number(row.n);
    for (const [index, { name, sqlType }] of amounts.entries()) {
      const scale = Number(/,(\d+)\)/.exec(sqlType)?.[1] ?? 0);
      let sum = row[`s${index}`] ?? fromScaled(0n, scale);
      if (sqlType.startsWith('DECIMAL(38')) {
        sum = fromScaled(BigInt(row[`h${index}`] ?? 0) * 10n ** 19n + BigInt(row[`l${index}`] ?? 0), scale);
      }
      if (sum.replace(/[-.]/g, '').replace(/^0+/, '').length > digitsMax) {
        throw new FailureError(
          fail('SUM_TOO_LARGE', `the sum of ${name} has more than ${digitsMax} digits`, { field: name }),
        );
      }
      if (Number(row.n) > 0) sums[name]![row.currency ?? ''] = addDecimals(sum, '0');
    }
  }
  return { rows: total, sums };
}
