// What persons decided about matches, applied before any pass: records that belong together are taken out first, and what
// was undone does not come back: of an undone match no record meets one of its other side again. Its members are kept, never
// its pairs: a group has as many of those as its sides multiplied.
import { emptyYield, type PassYield } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import { type Leg, type ManualPass, type MatchPlan, type PlannedPass, state } from '../match/match-plan.ts';
import type { MatchDecisions } from '../match/matched.ts';
import { keyColumn, type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { closePass } from './residue.ts';

const [row, key] = [identifier(rowColumn), identifier(keyColumn)];
const together = 'match_together';
const sides = ['left', 'right'] as const;

/** Fills `match_together` (id, source, side, "row") and the legs' `apart` (match, side, "row"). */
export async function openDecisions(engine: Engine, plan: MatchPlan, decisions: MatchDecisions): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE ${together} (id VARCHAR, source VARCHAR, side VARCHAR, "row" BIGINT)`);
  const appender = await engine.connection.createAppender(together);
  for (const decision of decisions.together)
    for (const side of sides)
      for (const reference of decision[side]) {
        for (const text of [decision.id, decision.source, side]) appender.appendVarchar(text);
        appender.appendBigInt(BigInt(reference));
        appender.endRow();
      }
  appender.closeSync();
  for (const leg of plan.legs) {
    const { apart } = leg.tables;
    await engine.run(`CREATE OR REPLACE TABLE ${apart} (match VARCHAR, side VARCHAR, "row" BIGINT)`);
    if (!decisions.apartPath) continue;
    for (const side of sides)
      await engine.run(`INSERT INTO ${apart} SELECT DISTINCT match, '${side}', ${side}_row FROM read_parquet(${literal(decisions.apartPath)})
        WHERE source = ${literal(leg.source.source)} AND ${side}_row IS NOT NULL`);
  }
}

/** Plan and leg without the records that somebody put together: the exact pass must not give them to others. */
export async function withoutTogether(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
): Promise<{ plan: MatchPlan; leg: Leg }> {
  const without = async (source: LoadedSource, side: 'left' | 'right'): Promise<LoadedSource> => {
    const relation = `(FROM ${source.relation} WHERE ${row} NOT IN (${rowsOf(leg, side)}))`;
    const [count] = await engine.rows<{ n: string }>(
      `SELECT count(*) AS n FROM ${source.relation} WHERE ${row} IN (${rowsOf(leg, side)})`,
    );
    const records = source.rows.records - Number(count!.n);
    return { ...source, relation, rows: { ...source.rows, records } };
  };
  return {
    plan: { ...plan, anchor: await without(plan.anchor, 'left') },
    leg: { ...leg, source: await without(leg.source, 'right') },
  };
}

/** After the exact pass of a leg: its records that were put together, and the pairs that were undone, are open. */
export async function openDecided(engine: Engine, plan: MatchPlan, leg: Leg): Promise<void> {
  const { joined, resolved, apart } = leg.tables;
  for (const [side, source] of [
    ['left', plan.anchor],
    ['right', leg.source],
  ] as const)
    await engine.run(`INSERT INTO ${resolved} (key, ${side}_row, state) SELECT ${key}, ${row}, ${state.missing}
      FROM ${source.relation} WHERE ${row} IN (${rowsOf(leg, side)})`);
  for (const table of [joined, resolved]) {
    const undone = `(left_row, right_row) IN (SELECT (t.left_row, t.right_row) FROM ${table} t
      JOIN ${apart} l ON l.side = 'left' AND l."row" = t.left_row
      JOIN ${apart} r ON r.side = 'right' AND r."row" = t.right_row AND r.match = l.match)`;
    await engine.run(
      `CREATE OR REPLACE TABLE match_split AS SELECT key, left_row, right_row FROM ${table} WHERE ${undone}`,
    );
    await engine.run(`DELETE FROM ${table} WHERE ${undone}`);
    for (const side of sides)
      await engine.run(
        `INSERT INTO ${resolved} (key, ${side}_row, state) SELECT key, ${side}_row, ${state.missing} FROM match_split`,
      );
  }
  await engine.run('DROP TABLE match_split');
}

/** Matches what was put together, where all of it is in this run. */
export async function manualPass(engine: Engine, leg: Leg, planned: PlannedPass<ManualPass>): Promise<PassYield> {
  const found = emptyYield(planned.name);
  const { rest, members } = leg.tables;
  await engine.run(`CREATE OR REPLACE TABLE match_manual AS
    SELECT t.id, t.side, t."row", r.key, r."row" IS NOT NULL AS here FROM ${together} t LEFT JOIN (
      SELECT 'left' AS side, "row", key FROM ${rest.left} UNION ALL SELECT 'right', "row", key FROM ${rest.right}) r
    ON r.side = t.side AND r."row" = t."row" WHERE t.source = ${literal(leg.source.source)}`);
  const whole = `SELECT id FROM match_manual GROUP BY id HAVING bool_and(here)`;
  await engine.run(`INSERT INTO ${members} (side, "row", key, pass, group_id, confidence)
    SELECT side, "row", key, ${planned.number}, id, 1 FROM match_manual WHERE id IN (${whole})`);
  const [count] = await engine.rows<{ all: string; whole: string }>(
    `SELECT count(DISTINCT id) AS "all", (SELECT count(*) FROM (${whole})) AS whole FROM match_manual`,
  );
  await engine.run('DROP TABLE match_manual');
  await closePass(engine, leg, planned, nothingHeld);
  found.groups = Number(count!.whole);
  const aside = Number(count!.all) - found.groups;
  if (aside > 0)
    found.notes.push(
      `${aside} manual ${aside === 1 ? 'match was' : 'matches were'} left aside: not all of their records are in this run`,
    );
  return found;
}

const nothingHeld = `(SELECT NULL::VARCHAR AS side, NULL::BIGINT AS "row", NULL::UTINYINT AS state LIMIT 0)`;

function rowsOf(leg: Leg, side: 'left' | 'right'): string {
  return `SELECT "row" FROM ${together} WHERE side = '${side}' AND source = ${literal(leg.source.source)}`;
}
