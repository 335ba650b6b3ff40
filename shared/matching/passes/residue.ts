// What is left for the passes after the exact key: the records of each side that have no match yet, and the tables that
// what a pass finds goes into. A record leaves the residue when it is matched; one whose match would be a guess stays,
// but no later pass may take it.
import type { Engine } from '../engine.ts';
import { anchorRecords, type Leg, type MatchPlan, type PlannedPass, state } from '../match/match-plan.ts';
import type { Side } from '../match/value-column.ts';
import { rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';

const row = identifier(rowColumn);

/** Candidates of an undecided record that a person is shown, and records of one of them. */
export const shownMax = 5;

/** What every pass fills of `pairs` and `candidates`; evidence and probabilities are a fuzzy pass's. */
export const pairColumns = 'key, left_row, right_row, state, pass, confidence';
export const candidateColumns = 'side, "row", pass, rank, kind, others, records, cost, failed, set_number';

/** `found` is what the exact pass left: key, left_row, right_row, state. */
export async function openResidue(engine: Engine, leg: Leg, found: string): Promise<void> {
  const { rest, pairs, members, candidates } = leg.tables;
  for (const [side, other] of [
    ['left', 'right'],
    ['right', 'left'],
  ] as const) {
    await engine.run(`CREATE OR REPLACE TABLE ${rest[side]} AS
      SELECT ${side}_row AS "row", key, state FROM ${found} WHERE ${side}_row IS NOT NULL AND ${other}_row IS NULL`);
  }
  await engine.run(`CREATE OR REPLACE TABLE ${pairs} (key VARCHAR, left_row BIGINT, right_row BIGINT, state UTINYINT,
    pass UTINYINT, confidence DOUBLE, evidence VARCHAR)`);
  await engine.run(
    `CREATE OR REPLACE TABLE ${members} (side VARCHAR, "row" BIGINT, key VARCHAR, pass UTINYINT, group_id VARCHAR,
    confidence DOUBLE)`,
  );
  await engine.run(`CREATE OR REPLACE TABLE ${candidates} (side VARCHAR, "row" BIGINT, pass UTINYINT, rank INTEGER,
    kind VARCHAR, others BIGINT[], records BIGINT, cost BIGINT, failed VARCHAR[], set_number INTEGER,
    probability DOUBLE, evidence VARCHAR)`);
}

/**
 * Relation of the records that a pass may take: `$row`, `$key` and the fields. `where` is over it. Records that are
 * missing, duplicate or exhausted so far; of an ambiguous one somebody has to decide.
 */
export function takeable(leg: Leg, side: Side, where: string[]): string {
  const records = side === 'left' ? anchorRecords : leg.tables.records;
  return `(SELECT t.key AS "$key", s.* FROM ${leg.tables.rest[side]} t JOIN ${records} s ON s.${row} = t."row"
    WHERE t.state <> ${state.ambiguous}${where.map((condition) => ` AND ${condition}`).join('')})`;
}

/** After a pass: takes out what it matched, and marks what it could not decide. `held` is side, "row", state. */
export async function closePass(engine: Engine, leg: Leg, planned: PlannedPass, held: string): Promise<void> {
  for (const side of ['left', 'right'] as const) {
    const rest = leg.tables.rest[side];
    await engine.run(`DELETE FROM ${rest} WHERE "row" IN (
      SELECT ${side}_row FROM ${leg.tables.pairs} WHERE pass = ${planned.number}
      UNION ALL SELECT "row" FROM ${leg.tables.members} WHERE pass = ${planned.number} AND side = ${literal(side)})`);
    await engine.run(
      `UPDATE ${rest} SET state = h.state FROM ${held} h WHERE h.side = ${literal(side)} AND h."row" = ${rest}."row"`,
    );
  }
}

/**
 * After all passes: what was only shown is no candidate any more where another pass took it, and no record of a suggested set
 * of which another pass took one. A near miss is shown where there is nothing better, and the last pass's alone.
 */
export async function dropTaken(engine: Engine, plan: MatchPlan, leg: Leg): Promise<void> {
  const { candidates, rest } = leg.tables;
  const takenOf = (side: Side) => `side = ${literal(side)} AND "row" NOT IN (SELECT "row" FROM ${rest[side]})`;
  if (plan.later.some(({ pass }) => pass.kind === 'grouped' && pass.accept === 'suggest'))
    await engine.run(`DELETE FROM ${candidates} WHERE (pass, set_number) IN (SELECT (pass, set_number) FROM ${candidates}
      WHERE set_number IS NOT NULL AND (${takenOf('left')} OR ${takenOf('right')}))`);
  const numbers = plan.later
    .filter(({ pass }) => pass.kind === 'tolerance' || pass.kind === 'fuzzy')
    .map(({ number }) => number);
  if (numbers.length === 0) return;
  for (const [side, other] of [
    ['left', 'right'],
    ['right', 'left'],
  ] as const)
    await engine.run(`DELETE FROM ${candidates} WHERE side = ${literal(side)} AND pass IN (${numbers.join(', ')})
      AND others[1] NOT IN (SELECT "row" FROM ${rest[other]})`);
  if (plan.later.some(({ pass }) => pass.kind === 'fuzzy'))
    await engine.run(`DELETE FROM ${candidates} WHERE kind = 'nearest' AND (side, "row", pass) NOT IN (SELECT (side, "row", last) FROM (
      SELECT side, "row", max(pass) AS last FROM ${candidates} GROUP BY ALL HAVING bool_and(kind = 'nearest')))`);
}
