// For open records that no pass shows anything for: the open record of the other side that comes nearest, and what it fails by.
// Shows, decides nothing.
import type { TolerancePass } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import { decimalShape } from '../match/exact-decimal.ts';
import { find } from '../match/field-comparison.ts';
import { anchorRecords, type Leg, type MatchPlan, type PlannedPass } from '../match/match-plan.ts';
import type { Side } from '../match/value-column.ts';
import { rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import type { DayNumber } from './calendar-tables.ts';
import { blockOf } from './cells.ts';
import { type CompiledCondition, compileCondition, wholeUnits } from './condition-sql.ts';
import { withColumns } from './contents.ts';
import { candidateColumns } from './residue.ts';

const row = identifier(rowColumn);

/**
 * After the last pass of a leg: adds to its `candidates`, of kind `nearest`, for each open record of either side that has
 * none: missing, left over of its key, a guess by its key, given up. By the amount of the last tolerance pass that compares
 * one, among the other side's open records that hold its equal conditions. Of equally near ones the one that fails by less; then by content, never by row order.
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
  await openSides(engine, plan, leg, conditions, amount);
  for (const side of ['left', 'right'] as const) await addNearest(engine, plan, leg, planned, side, conditions);
  for (const table of ['near_left', 'near_right', 'near_wanted']) await engine.run(`DROP TABLE match_${table}`);
}

function lastWithAmount(plan: MatchPlan, leg: Leg): PlannedPass<TolerancePass> | undefined {
  const comparable = ({ conditions }: TolerancePass) =>
    conditions.some((one) => 'absolute' in one || 'percent' in one) &&
    conditions.every(({ field }) => find(plan.anchor.fields, field) && find(leg.source.fields, field));
  return plan.later
    .flatMap(({ pass, ...planned }) => (pass.kind === 'tolerance' && comparable(pass) ? [{ ...planned, pass }] : []))
    .at(-1);
}

/**
 * Fills `match_near_<side>` with the open records that have an amount and are in a block of both sides. Blocks are
 * numbered: sorting by their texts would take most of the time.
 */
async function openSides(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  conditions: CompiledCondition[],
  amount: string,
): Promise<void> {
  const shapes = [plan.anchor, leg.source].map(({ fields }) => decimalShape(find(fields, amount)!.sqlType)!);
  const scale = Math.max(...shapes.map((shape) => shape.scale));
  const narrow = shapes.every((shape) => shape.whole + scale <= 18);
  const equals = conditions.filter(({ equal }) => equal);
  const present = [amount, ...equals.map(({ field }) => field)].map((name) => `s.${identifier(name)} IS NOT NULL`);
  const opened = (side: Side) => {
    const [source, records] = side === 'left' ? [plan.anchor, anchorRecords] : [leg.source, leg.tables.records];
    const units = wholeUnits(identifier(amount), find(source.fields, amount)!.sqlType, scale);
    const all = `(SELECT t.key AS "$key", s.* FROM ${leg.tables.rest[side]} t
      JOIN ${records} s ON s.${row} = t."row" WHERE ${present.join(' AND ')})`;
    return withColumns(all, [
      { name: '$of', value: blockOf(equals.map(({ equal }) => equal![side])) },
      { name: '$units', value: narrow ? `(${units})::BIGINT` : units },
      ...conditions.flatMap(({ column }) => column ?? []),
    ]);
  };
  const [count] = await engine.rows<Record<Side, string>>(
    `SELECT (SELECT count(*) FROM ${leg.tables.rest.left}) AS "left", (SELECT count(*) FROM ${leg.tables.rest.right}) AS "right"`,
  );
  const fewer = Number(count!.left) < Number(count!.right) ? 'left' : 'right';
  await engine.run(`CREATE OR REPLACE TABLE match_near_blocks AS
    SELECT "$of", row_number() OVER () AS "$block" FROM (SELECT DISTINCT "$of" FROM ${opened(fewer)})`);
  for (const side of ['left', 'right'] as const)
    await engine.run(`CREATE OR REPLACE TABLE match_near_${side} AS
      SELECT * EXCLUDE ("$of") FROM ${opened(side)} JOIN match_near_blocks USING ("$of")`);
  await engine.run('DROP TABLE match_near_blocks');
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
  await wantedAmounts(engine, leg, side);
  const content = ['"$key"', ...fields.map(({ name }) => identifier(name)), row];
  // One record stands for all of its amount, so that the join has no choice.
  const offered = `(SELECT * FROM match_near_${other} WHERE ("$block", "$units") IN (SELECT (block, units) FROM match_near_wanted)
    QUALIFY row_number() OVER (PARTITION BY "$block", "$units" ORDER BY ${content.map((one) => `${one} NULLS LAST`).join(', ')}) = 1)`;
  const [asking, given] = side === 'left' ? ['l', 'r'] : ['r', 'l'];
  const failed = conditions.map(({ field, holds }) => `CASE WHEN NOT ${holds} THEN ${literal(field)} END`);
  const weighed = (where: string) => `SELECT w.asking, ${given}.${row} AS offered, w.towards,
      list_filter([${failed.join(', ')}], lambda one: one IS NOT NULL) AS failed
    FROM match_near_wanted w JOIN match_near_${side} ${asking} ON ${asking}.${row} = w.asking
    JOIN ${offered} ${given} ON ${given}."$block" = w.block AND ${given}."$units" = w.units WHERE ${where}`;
  await engine.run(`INSERT INTO ${candidates} (${candidateColumns})
    SELECT ${literal(side)}, asking, ${number}, 1, 'nearest', [offered], 1, NULL, failed, NULL FROM (
      SELECT asking, offered, failed FROM (${weighed('w.towards IS NULL')})
      UNION ALL SELECT asking, offered, failed FROM (${weighed('w.towards IS NOT NULL')})
      QUALIFY row_number() OVER (PARTITION BY asking ORDER BY len(failed), towards) = 1)`);
}

/**
 * Fills `match_near_wanted` (asking, block, units, towards): for each record that needs one, the nearest amount of the
 * other side in its block. Two of them, told apart by `towards`, where above and below are equally near.
 */
async function wantedAmounts(engine: Engine, leg: Leg, side: Side): Promise<void> {
  const other = side === 'left' ? 'right' : 'left';
  await engine.run(
    `CREATE OR REPLACE TABLE match_near_offered AS SELECT DISTINCT "$block", "$units" FROM match_near_${other}`,
  );
  const asking = `(SELECT ${row} AS asking, "$block" AS block, "$units" AS units FROM match_near_${side}
    WHERE ${row} NOT IN (SELECT "row" FROM ${leg.tables.candidates} WHERE side = ${literal(side)}))`;
  await engine.run(`CREATE OR REPLACE TABLE match_near_both AS
    SELECT a.*, up."$units" AS above, down."$units" AS below FROM ${asking} a
    ASOF LEFT JOIN match_near_offered up ON up."$block" = a.block AND a.units <= up."$units"
    ASOF LEFT JOIN match_near_offered down ON down."$block" = a.block AND a.units >= down."$units"`);
  const even = 'coalesce(above <> below AND above - units = units - below, false)';
  await engine.run(`CREATE OR REPLACE TABLE match_near_wanted AS
    SELECT asking, block, CASE WHEN above IS NULL OR units - below < above - units THEN below ELSE above END AS units, NULL::INTEGER AS towards
    FROM match_near_both WHERE NOT ${even} AND (above IS NOT NULL OR below IS NOT NULL)
    UNION ALL SELECT asking, block, above, 1 FROM match_near_both WHERE ${even}
    UNION ALL SELECT asking, block, below, 2 FROM match_near_both WHERE ${even}`);
  for (const table of ['near_offered', 'near_both']) await engine.run(`DROP TABLE match_${table}`);
}
