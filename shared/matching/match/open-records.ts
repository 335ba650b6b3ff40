// The records that the exact pass did not settle, with all fields: what later passes, slots and breaks read. From the
// columns that the join carried where it did, else by one more look at the sources.
import type { Engine } from '../engine.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { anchorRecords, type Leg, type MatchPlan, state } from './match-plan.ts';
import type { Side } from './value-column.ts';

const row = identifier(rowColumn);

/** Fills the records of anchor and legs in what the exact pass left. */
export async function openRecords(engine: Engine, plan: MatchPlan): Promise<void> {
  const [only] = plan.legs;
  if (plan.values) {
    await takeRecords(engine, anchorRecords, plan.anchor, only!, 'left', plan.values.left);
    await takeRecords(engine, only!.tables.records, only!.source, only!, 'right', plan.values.right);
    return;
  }
  // Slots of several legs read more than what the exact pass left, and fetch it themselves.
  if (plan.legs.length > 1 && plan.later.length === 0) return;
  const lefts = plan.legs.map((leg) => `SELECT left_row FROM ${leftByExact(leg)}`);
  await fetchRecords(engine, anchorRecords, plan.anchor, lefts.join(' UNION ALL '));
  for (const leg of plan.legs)
    await fetchRecords(engine, leg.tables.records, leg.source, `SELECT right_row FROM ${leftByExact(leg)}`);
}

/** Fills the legs' `open`, which the records are taken from. */
export async function openTables(engine: Engine, plan: MatchPlan): Promise<void> {
  for (const { tables } of plan.legs)
    await engine.run(`CREATE OR REPLACE TABLE ${tables.open} AS FROM ${tables.joined} WHERE state <> ${state.matched}`);
}

/** What the exact pass left of a leg, or may have: rows that are not, or not surely, plain agreement. */
export function leftByExact(leg: Leg): string {
  const columns = 'key, left_row, right_row, state';
  return `(SELECT ${columns} FROM ${leg.tables.open} UNION ALL SELECT ${columns} FROM ${leg.tables.resolved})`;
}

/** The same after all passes, with the pass of pairs and groups. */
export function leftByAll(plan: MatchPlan, leg: Leg): string {
  return plan.later.length > 0 ? leg.tables.outcome : `(SELECT *, NULL::UTINYINT AS pass FROM ${leftByExact(leg)})`;
}

/** Fills the table with the records that `rows` (a query of one column) names. */
export async function fetchRecords(engine: Engine, table: string, source: LoadedSource, rows: string): Promise<void> {
  const columns = [row, ...source.fields.map((field) => identifier(field.name))].join(', ');
  await engine.run(
    `CREATE OR REPLACE TABLE ${table} AS SELECT ${columns} FROM ${source.relation} WHERE ${row} IN (${rows})`,
  );
}

/** The records of a leg's open rows from the columns that the join carried; those of keys that repeat are fetched. */
async function takeRecords(
  engine: Engine,
  table: string,
  source: LoadedSource,
  leg: Leg,
  side: Side,
  columns: Map<string, string>,
): Promise<void> {
  const values = source.fields.map(({ name }) => `, ${columns.get(name)!} AS ${identifier(name)}`).join('');
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS SELECT ${side}_row AS ${row}${values} FROM ${leg.tables.open}
    WHERE ${side}_row IS NOT NULL`);
  const fields = [row, ...source.fields.map(({ name }) => identifier(name))].join(', ');
  const { resolved, repeats } = leg.tables;
  const [further] = await engine.rows(`SELECT 1 FROM ${resolved} LIMIT 1`);
  if (!further) return;
  const [paired] = await engine.rows(`SELECT 1 FROM duckdb_tables() WHERE table_name = ${literal(repeats[side])}`);
  if (paired) await engine.run(`INSERT INTO ${table} SELECT ${fields} FROM ${repeats[side]}`);
  // What other chunks or persons decided came without its records.
  const lacking = `SELECT ${side}_row AS lacking FROM ${resolved} WHERE ${side}_row IS NOT NULL
    AND ${side}_row NOT IN (SELECT ${row} FROM ${table})`;
  const [some] = await engine.rows(`${lacking} LIMIT 1`);
  if (some)
    await engine.run(`INSERT INTO ${table} SELECT ${fields} FROM ${source.relation} WHERE ${row} IN (${lacking})`);
}
