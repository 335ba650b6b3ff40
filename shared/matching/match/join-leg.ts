// Joins one leg with the anchor on the key: one row per pair, or per record without a partner. Keys that repeat on
// both or either side of a meeting are taken out and left to `pair-repeated-keys.ts`.
import type { Engine } from '../engine.ts';
import { keyColumn, rowColumn } from '../records.ts';
import { identifier } from '../sql.ts';
import { type Carried, currencyOf, type Leg, type MatchPlan, state } from './match-plan.ts';
import type { Side } from './value-column.ts';

const key = identifier(keyColumn);
const row = identifier(rowColumn);

export const repeatedKeys = 'match_repeated_keys';

/** Fills the leg's `joined` and gives whether `repeatedKeys` holds any key. Every key in it has a record on both sides. */
export async function joinLeg(engine: Engine, plan: MatchPlan, leg: Leg): Promise<boolean> {
  const [left, right] = [plan.anchor.rows.records, leg.source.rows.records];
  // Without repeats no join is longer than both sides together, so this many rows tell that a key explodes.
  const rowsMax = 2 * (left + right) + 1_000;
  await engine.run(joinSql(plan, leg, '', `LIMIT ${rowsMax}`));
  const [found] = await engine.rows<{ rows: string; left: string; right: string }>(
    `SELECT count(*) AS "rows", count(left_row) AS "left", count(right_row) AS "right" FROM ${leg.tables.joined}`,
  );
  if (Number(found!.rows) >= rowsMax) {
    await engine.run(`CREATE OR REPLACE TABLE ${repeatedKeys} AS ${repeatedBeforeJoin(plan, leg)}`);
    await engine.run(joinSql(plan, leg, `WHERE ${key} IS NULL OR ${key} NOT IN (FROM ${repeatedKeys})`, ''));
    return true;
  }
  // Each record once means that no key of a pair repeats; only then is the grouping by key worth its time.
  if (Number(found!.left) === left && Number(found!.right) === right) return false;
  await engine.run(
    `CREATE OR REPLACE TABLE ${repeatedKeys} AS
     SELECT key FROM ${leg.tables.joined} WHERE left_row IS NOT NULL AND right_row IS NOT NULL GROUP BY key HAVING count(*) > 1`,
  );
  await engine.run(`DELETE FROM ${leg.tables.joined} WHERE key IN (FROM ${repeatedKeys})`);
  return true;
}

/** Fills the leg's `joined` with every record alone, for a definition without a pass by key. No key is ever met. */
export async function joinNothing(engine: Engine, plan: MatchPlan, leg: Leg, limit = ''): Promise<boolean> {
  await engine.run(joinSql(plan, leg, '', limit, `l.${row} = -r.${row}`));
  return false;
}

function joinSql(plan: MatchPlan, leg: Leg, where: string, limit: string, on = `l.${key} = r.${key}`): string {
  const differences = leg.comparisons.map((one) => {
    const name = identifier(one.name);
    return one.differs(`l.${name}`, `r.${name}`);
  });
  const carried = [
    ...(leg.number === 1 ? carriedSql(plan.anchorCarried, 'l', currencyOf(plan, plan.anchor, 'l')) : []),
    ...carriedSql(leg.carried, 'r', currencyOf(plan, leg.source, 'r')),
  ];
  const values = plan.values ? [...valuesSql(plan.values.left, 'left'), ...valuesSql(plan.values.right, 'right')] : [];
  const inner = values.map(({ column, of }) => `${of} AS ${column}`);
  const joined = `SELECT coalesce(l.${key}, r.${key}) AS key, l.${row} AS left_row, r.${row} AS right_row,
      (CASE WHEN l.${row} IS NULL OR r.${row} IS NULL THEN ${state.missing}
        ${differences.length > 0 ? `WHEN ${differences.join(' OR ')} THEN ${state.mismatched}` : ''}
        ELSE ${state.matched} END)::UTINYINT AS state${[...carried, ...inner].map((column) => `, ${column}`).join('')}
    FROM (FROM ${plan.anchor.relation} ${where}) l FULL JOIN (FROM ${leg.source.relation} ${where}) r ON ${on} ${limit}`;
  if (values.length === 0) return `CREATE OR REPLACE TABLE ${leg.tables.joined} AS ${joined}`;
  const open = values.map(({ column }) => `CASE WHEN state <> ${state.matched} THEN ${column} END AS ${column}`);
  return `CREATE OR REPLACE TABLE ${leg.tables.joined} AS SELECT * REPLACE (${open.join(', ')}) FROM (${joined})`;
}

/** The columns that are for values alone: key and amounts are there anyway. */
function valuesSql(columns: Map<string, string>, side: Side): { column: string; of: string }[] {
  return [...columns]
    .filter(([, column]) => column.startsWith(`${side}_value_`))
    .map(([name, column]) => ({ column, of: `${side === 'left' ? 'l' : 'r'}.${identifier(name)}` }));
}

function carriedSql(carried: Carried, alias: 'l' | 'r', currency: string): string[] {
  const side = alias === 'l' ? 'left_' : 'right_';
  return [
    ...(carried.currency.startsWith(side) && currency !== "''" ? [`${currency} AS ${carried.currency}`] : []),
    ...carried.numbers
      .filter(({ column }) => column.startsWith(side))
      .map(({ field, column }) => `${alias}.${identifier(field.name)} AS ${column}`),
  ];
}

function repeatedBeforeJoin(plan: MatchPlan, leg: Leg): string {
  const counted = (relation: string) =>
    `(SELECT ${key} AS key, count(*) AS records FROM ${relation} WHERE ${key} IS NOT NULL GROUP BY ALL)`;
  return `SELECT key FROM ${counted(plan.anchor.relation)} l JOIN ${counted(leg.source.relation)} r USING (key)
    WHERE l.records > 1 OR r.records > 1`;
}
