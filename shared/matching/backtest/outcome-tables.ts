// What one definition made of the data, as two narrow tables: its matches by row number, and the records it left open.
// Reads result files only; carries no keys and no values, so that a million matches are a few megabytes.
import { type Definition, legsOf, passName } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import type { Matched } from '../match/matched.ts';
import { identifier, literal } from '../sql.ts';

export type OutcomeTables = {
  /**
   * `leg` (1-based, in the order of `legs`), left_row, right_row, `pass` (place in the definition, from 0; null when the
   * results do not say), `agrees` (false: a MISMATCH), group_id. One row per pair and per member of a group.
   */
  matches: string;
  /** `source` (0 the anchor, else the leg), "row", `type` of the break that the record is in. */
  open: string;
};

/** `legs` are the names by number: one order for both definitions of a comparison. Passing `name` again replaces. */
export async function outcomeTables(
  engine: Engine,
  name: string,
  request: { definition: Definition; legs: string[]; matched: Pick<Matched, 'matchesPath' | 'breaksPath'> },
): Promise<OutcomeTables> {
  const { definition, legs, matched } = request;
  const [matchesFile, breaksFile] = [matched.matchesPath, matched.breaksPath].map(
    (path) => `read_parquet(${literal(path)})`,
  );
  const tables = { matches: `backtest_${name}_matches`, open: `backtest_${name}_open` };
  const several = legsOf(definition).length > 1;
  const grouped = definition.passes.some((pass) => pass.kind === 'grouped');
  const names = definition.passes.map((pass, index) => passName(pass, index));
  const passOf = (column: string) =>
    `CASE ${column} ${names.map((pass, index) => `WHEN ${literal(pass)} THEN ${index}`).join(' ')} END::UTINYINT`;
  const legOf = (column: string) =>
    `CASE ${column} ${legs.map((leg, index) => `WHEN ${literal(leg)} THEN ${index + 1}`).join(' ')} END::UTINYINT`;
  const mismatches = several
    ? // The file names the pass of the first leg that differs only.
      `SELECT ${legOf('one.source')} AS leg, left_row, one."row" AS right_row,
         ${names.length === 1 ? '0' : `CASE WHEN place = 1 THEN ${passOf('pass')} END`} AS pass
       FROM (SELECT left_row, ${names.length === 1 ? '' : 'pass,'} unnest(mismatched) AS one, generate_subscripts(mismatched, 1) AS place FROM (
         SELECT *, list_filter(${legsJson}, lambda one: one.outcome = 'mismatched') AS mismatched FROM ${breaksFile}))`
    : `SELECT 1 AS leg, left_row, right_row, ${names.length === 1 && definition.passes[0]!.kind === 'exact-key' ? '0' : passOf('pass')} AS pass
       FROM ${breaksFile} WHERE break_type = 'MISMATCH'`;
  await engine.run(`CREATE OR REPLACE TABLE ${tables.matches} AS
    SELECT ${several ? legOf('source') : '1::UTINYINT'} AS leg, left_row, right_row, ${passOf('pass')} AS pass, true AS agrees,
      ${grouped ? 'group_id' : 'NULL'}::VARCHAR AS group_id FROM ${matchesFile}
    UNION ALL SELECT leg::UTINYINT, left_row, right_row, pass::UTINYINT, false, NULL FROM (${mismatches})`);
  const ofLegs = several
    ? `SELECT ${legOf('one.source')} AS source, one."row" AS "row", ${typeOfState('one.outcome')} AS type
       FROM (SELECT unnest(${legsJson}) AS one FROM ${breaksFile}) WHERE one."row" IS NOT NULL AND one.outcome <> 'matched'`
    : `SELECT 1, right_row, break_type FROM ${breaksFile} WHERE right_row IS NOT NULL`;
  await engine.run(`CREATE OR REPLACE TABLE ${tables.open} AS
    SELECT 0::UTINYINT AS source, left_row AS "row", break_type AS type FROM ${breaksFile} WHERE left_row IS NOT NULL
    UNION ALL ${ofLegs}`);
  return tables;
}

const legsJson = `from_json(legs, '[{"source":"VARCHAR","row":"BIGINT","outcome":"VARCHAR"}]')`;

/** The type of a break from the outcome of one leg's record in it. */
function typeOfState(column: string): string {
  const types = { mismatched: 'MISMATCH', exhausted: 'SEARCH_EXHAUSTED' };
  const cases = Object.entries(types).map(([state, type]) => `WHEN ${literal(state)} THEN ${literal(type)}`);
  return `CASE ${column} ${cases.join(' ')} ELSE upper(${column}) END`;
}

export async function dropTables(engine: Engine, tables: string[]): Promise<void> {
  for (const table of tables) await engine.run(`DROP TABLE IF EXISTS ${identifier(table)}`);
}
