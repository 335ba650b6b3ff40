// The passes after the exact key, in their order, each on what those before it left. Makes of all of them the one
// outcome of every record that the exact pass did not settle.
import type { PassYield } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import type { SearchMemory } from '../grouping/search-memory.ts';
import { find } from '../match/field-comparison.ts';
import { anchorRecords, type Leg, type MatchPlan, type PlannedPass, state } from '../match/match-plan.ts';
import { calendarTables, type DateColumn, type DayNumber } from './calendar-tables.ts';
import { manualPass } from './decisions.ts';
import { fuzzyPass } from './fuzzy-pass.ts';
import { groupedPass } from './grouped-pass.ts';
import { nearestCandidates } from './nearest.ts';
import { dropTaken, openResidue } from './residue.ts';
import { tolerancePass } from './tolerance-pass.ts';

/**
 * `found` is what the exact pass left of a leg: key, left_row, right_row, state. The records of all of it are in
 * `anchorRecords` and the leg's `records`. Fills the leg's `outcome`, and gives the yield of each later pass by its number.
 */
export async function laterPasses(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  { found, memory, onPass }: { found: string; memory: SearchMemory; onPass: (name: string) => void },
): Promise<Map<number, PassYield>> {
  await openResidue(engine, leg, found);
  const passes = plan.later.map(({ pass }) => pass);
  const { dayNumber, tables } = await calendarTables(engine, plan.definition, passes, dateColumns(plan, leg));
  const yields = new Map<number, PassYield>();
  for (const planned of plan.later) {
    onPass(planned.name);
    yields.set(planned.number, await runPass(engine, plan, leg, planned, { dayNumber, memory }));
  }
  await dropTaken(engine, plan, leg);
  await nearestCandidates(engine, plan, leg, dayNumber);
  for (const table of tables) await engine.run(`DROP TABLE ${table}`);
  const { outcome, pairs, members, rest } = leg.tables;
  const exact = plan.exact?.number ?? 0;
  await engine.run(`CREATE OR REPLACE TABLE ${outcome} AS
    SELECT key, left_row, right_row, state, ${exact}::UTINYINT AS pass FROM ${found} WHERE left_row IS NOT NULL AND right_row IS NOT NULL
    UNION ALL SELECT key, left_row, right_row, state, pass FROM ${pairs}
    UNION ALL SELECT key, CASE WHEN side = 'left' THEN "row" END, CASE WHEN side = 'right' THEN "row" END, ${state.matched}, pass FROM ${members}
    UNION ALL SELECT key, "row", NULL, state, NULL FROM ${rest.left}
    UNION ALL SELECT key, NULL, "row", state, NULL FROM ${rest.right}`);
  return yields;
}

async function runPass(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  planned: PlannedPass,
  { dayNumber, memory }: { dayNumber: DayNumber; memory: SearchMemory },
): Promise<PassYield> {
  const { pass } = planned;
  if (pass.kind === 'manual') return manualPass(engine, leg, { ...planned, pass });
  if (pass.kind === 'tolerance') return tolerancePass(engine, plan, leg, { ...planned, pass }, dayNumber);
  if (pass.kind === 'grouped') return groupedPass(engine, plan, leg, { ...planned, pass }, { dayNumber, memory });
  if (pass.kind === 'fuzzy') return fuzzyPass(engine, plan, leg, { ...planned, pass });
  throw new Error(`there is no pass of kind ${pass.kind} after the exact key`);
}

/** The dates that a calendar has to know. */
function dateColumns(plan: MatchPlan, leg: Leg): DateColumn[] {
  return [
    { source: plan.anchor, relation: anchorRecords },
    { source: leg.source, relation: leg.tables.records },
  ].flatMap(({ source, relation }) =>
    plan.definition.fields.flatMap(({ name }) => {
      const type = find(source.fields, name)?.sqlType;
      return type === 'DATE' || type === 'TIMESTAMP' ? [{ relation, column: name }] : [];
    }),
  );
}
