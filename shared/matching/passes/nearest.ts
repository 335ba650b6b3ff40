// For records that no pass found anything for: the open record of the other side that comes nearest, and what it fails by.
// Shows, decides nothing.
import type { TolerancePass } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import { decimalShape } from '../match/exact-decimal.ts';
import { find } from '../match/field-comparison.ts';
import { anchorRecords, type Leg, type MatchPlan, type PlannedPass, state } from '../match/match-plan.ts';
import type { Side } from '../match/value-column.ts';
import { rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import type { DayNumber } from './calendar-tables.ts';
import { blockOf } from './cells.ts';
import { type CompiledCondition, compileCondition, wholeUnits } from './condition-sql.ts';

const row = identifier(rowColumn);

/**
 * After the last pass of a leg: adds to its `candidates`, of kind `nearest`, for each record of either side that is still
 * missing and has none. By the amount of the last tolerance pass that compares one, among the other side's open records
 * that hold its equal conditions. Of equally near ones the one that fails by less; then by content, never by row order.
 */
export async function nearestCandidates(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  dayNumber: DayNumber,
): Promise<void> {
  const planned = lastWithAmount(plan, leg);
  if (!planned) return;
  const sources = { left: plan.anchor, right: leg.source };
  const conditions = planned.pass.conditions.map((one) =>
    compileCondition(one, plan.definition.fields, sources, dayNumber),
  );
  const amount = planned.pass.conditions.find((one) => 'absolute' in one || 'percent' in one)!.field;
  for (const side of ['left', 'right'] as const) await openSide(engine, plan, leg, side, conditions, amount);
  for (const side of ['left', 'right'] as const) await addNearest(engine, plan, leg, planned, side, conditions);
  for (const table of ['near_left', 'near_right']) await engine.run(`DROP TABLE match_${table}`);
}

function lastWithAmount(plan: MatchPlan, leg: Leg): PlannedPass<TolerancePass> | undefined {
  const comparable = ({ conditions }: TolerancePass) =>
    conditions.some((one) => 'absolute' in one || 'percent' in one) &&
    conditions.every(({ field }) => find(plan.anchor.fields, field) && find(leg.source.fields, field));
  return plan.later
    .flatMap(({ pass, ...planned }) => (pass.kind === 'tolerance' && comparable(pass) ? [{ ...planned, pass }] : []))
    .at(-1);
}

/** Fills `match_near_<side>` with the open records that have an amount and are in a block. */
async function openSide(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  side: Side,
  conditions: CompiledCondition[],
  amount: string,
): Promise<void> {
  const [source, records] = side === 'left' ? [plan.anchor, anchorRecords] : [leg.source, leg.tables.records];
  const types = [plan.anchor, leg.source].map(({ fields }) => find(fields, amount)!.sqlType);
  const scale = Math.max(...types.map((type) => decimalShape(type)!.scale));
  const equals = conditions.filter(({ equal }) => equal);
  const present = [amount, ...equals.map(({ field }) => field)].map((name) => `${identifier(name)} IS NOT NULL`);
  const columns = [
    { name: '$block', value: blockOf(equals.map(({ equal }) => equal![side])) },
    { name: '$units', value: wholeUnits(identifier(amount), find(source.fields, amount)!.sqlType, scale) },
    ...conditions.flatMap(({ column }) => column ?? []),
  ].map(({ name, value }) => `${value} AS ${identifier(name)}`);
  await engine.run(`CREATE OR REPLACE TABLE match_near_${side} AS SELECT *, ${columns.join(', ')} FROM (
    SELECT t.key AS "$key", t.state AS "$state", s.* FROM ${leg.tables.rest[side]} t JOIN ${records} s ON s.${row} = t."row")
    WHERE ${present.join(' AND ')}`);
}

async function addNearest(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  { number }: PlannedPass,
  side: Side,
  conditions: CompiledCondition[],
): Promise<void> {
  const other = side === 'left' ? 'right' : 'left';
  const { candidates } = leg.tables;
  const { fields } = other === 'left' ? plan.anchor : leg.source;
  const content = ['"$key"', ...fields.map(({ name }) => identifier(name)), row];
  const failed = conditions.map(({ field, holds }) => `CASE WHEN NOT ${holds} THEN ${literal(field)} END`);
  // One record stands for all of its amount, so that the join has no choice.
  const offered = `(SELECT ${row}, "$block", "$units" FROM match_near_${other}
    QUALIFY row_number() OVER (PARTITION BY "$block", "$units" ORDER BY ${content.map((one) => `${one} NULLS LAST`).join(', ')}) = 1)`;
  const asking = `(SELECT ${row}, "$block", "$units" FROM match_near_${side} WHERE "$state" = ${state.missing}
    AND ${row} NOT IN (SELECT "row" FROM ${candidates} WHERE side = ${literal(side)}))`;
  const towards = (
    sign: '<=' | '>=',
  ) => `SELECT a.${row} AS asking, o.${row} AS offered, abs(a."$units" - o."$units") AS distance, '${sign}' AS towards
    FROM ${asking} a ASOF JOIN ${offered} o ON a."$block" = o."$block" AND a."$units" ${sign} o."$units"`;
  await engine.run(`INSERT INTO ${candidates}
    SELECT ${literal(side)}, asking, ${number}, 1, 'nearest', [offered], NULL, failed FROM (
      SELECT n.*, list_filter([${failed.join(', ')}], lambda one: one IS NOT NULL) AS failed
      FROM (${towards('>=')} UNION ALL ${towards('<=')}) n
      JOIN match_near_left l ON l.${row} = n.${side === 'left' ? 'asking' : 'offered'}
      JOIN match_near_right r ON r.${row} = n.${side === 'left' ? 'offered' : 'asking'})
    QUALIFY row_number() OVER (PARTITION BY asking ORDER BY distance, len(failed), towards) = 1`);
}
