// Counts and exact sums of an extract in one scan.

import { addDecimals, fromScaled } from '../../domain/decimal.ts';
import type { Definition } from '../../domain/definition.ts';
import type { SideSums } from '../../domain/outcome.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { literal } from '../sql.ts';
import type { Extract } from './extract-records.ts';
import { digitsMax } from './number-reading.ts';

export type ExtractSummary = {
  /** Rows in the extract. */
  rows: number;
  records: number;
  bad: number;
  excluded: number;
  /** Some record has a key. */
  keyed: boolean;
  sums: SideSums;
};

export async function summarise(
  engine: Engine,
  definition: Definition,
  extract: Extract,
  key: string,
): Promise<ExtractSummary> {
  const from = `read_parquet(${literal(extract.path)})`;
  const sound = extract.filtered ? 'bad IS NULL AND NOT excluded' : 'bad IS NULL';
  const bad = extract.filtered ? 'bad IS NOT NULL AND NOT excluded' : 'bad IS NOT NULL';
  const currency = extract.fields.findIndex(({ name }) => name === definition.currencyField);
  const amounts = extract.fields.flatMap(({ name, sqlType }, index) =>
    sqlType.startsWith('DECIMAL') ? [{ name, sqlType, column: `f${index}` }] : [],
  );
  const [head] = await engine.rows<{ excluded: string; bad: string }>(
    `SELECT ${extract.filtered ? 'count_if(excluded)' : '0'}::BIGINT AS excluded, count_if(${bad})::BIGINT AS bad FROM ${from}`,
  );
  const clean = Number(head!.bad) === 0 && !extract.filtered;
  const where = clean ? '' : `WHERE ${sound}`;
  const sums = await sumByCurrency(
    engine,
    from,
    where,
    currency < 0 ? "''" : `coalesce(CAST(f${currency} AS VARCHAR), '')`,
    amounts,
  );
  const [keyed] = await engine.rows(
    `SELECT 1 FROM ${from} ${where ? `${where} AND` : 'WHERE'} (${key}) IS NOT NULL LIMIT 1`,
  );
  return {
    rows: sums.rows + Number(head!.bad) + Number(head!.excluded),
    records: sums.rows,
    bad: Number(head!.bad),
    excluded: Number(head!.excluded),
    keyed: keyed !== undefined,
    sums: sums.sums,
  };
}

/**
 * Sums of 18 digits cannot pass 38 over fewer than 10^20 rows. Wider ones are summed as two halves of 19 digits, because
 * a sum of DECIMAL(38) was seen to wrap silently.
 */
export async function sumByCurrency(
  engine: Engine,
  from: string,
  where: string,
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
    `SELECT ${currency} AS currency, count(*) AS n${columns.map((column) => `, ${column}`).join('')} FROM ${from} ${where} GROUP BY ${currency === "''" ? '()' : '1'}`,
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
