// Two sets of matches over the same rows: which are in both, which only in one, which share records. A match is the set
// of its records, so neither the order of rows nor the id of a group tells two matches apart.
import type { Engine } from '../engine.ts';

/** Of a match of the first set, seen from the second. */
export const verdicts = ['kept', 'now_mismatched', 'now_matched', 'rematched', 'lost'] as const;
/** Of a match of the second set, seen from the first: `rematched` has taken records of a match that is no more. */
export const verdictsOfNew = ['kept', 'now_mismatched', 'now_matched', 'rematched', 'gained'] as const;

export type Verdict = (typeof verdicts)[number] | (typeof verdictsOfNew)[number];

export type Tally = { pass: number | null; agrees: boolean; verdict: Verdict; matches: number };

export type Comparison = {
  /**
   * Rows of the matches of the first set that were not plainly kept: id (of the match), leg, left_row, right_row, pass, agrees,
   * group_id, verdict, other_pass (of a match with the same records in the second set).
   */
  first: string;
  second: string;
  /** Records of the second set's matches that are not pairs of the first too: id, leg, side (0 left), "row", pass, agrees. */
  secondMembers: string;
  tallies: { first: Tally[]; second: Tally[] };
  /** Matches that are kept, by the pass of each set. */
  keptBy: { from: number | null; to: number | null; matches: number }[];
  tables: string[];
};

/** `first` and `second` are tables as `outcomeTables` makes them. Working tables start with `name`; the caller drops `tables`. */
export async function compareMatches(
  engine: Engine,
  name: string,
  request: { first: string; second: string },
): Promise<Comparison> {
  const table = (part: string) => `backtest_${name}_${part}`;
  const pairs = table('pairs');
  // One narrow row per pair of either set: nearly all are in both, and are settled here.
  await engine.run(`CREATE OR REPLACE TABLE ${pairs} AS
    SELECT leg, left_row, right_row, a.pass AS first_pass, b.pass AS second_pass, a.agrees AS first_agrees, b.agrees AS second_agrees
    FROM (FROM ${request.first} WHERE group_id IS NULL) a FULL JOIN (FROM ${request.second} WHERE group_id IS NULL) b
    USING (leg, left_row, right_row)`);
  for (const [side, other] of [
    ['first', 'second'],
    ['second', 'first'],
  ] as const)
    await openRows(engine, table, pairs, request[side], side, other);
  await engine.run(`CREATE OR REPLACE TABLE ${table('links')} AS
    SELECT a.id AS first_id, b.id AS second_id, count(*) AS shared
    FROM ${table('first_members')} a JOIN ${table('second_members')} b USING (leg, side, "row") GROUP BY ALL`);
  const size = (side: string) => `(SELECT id, count(*) AS records FROM ${table(`${side}_members`)} GROUP BY id)`;
  await engine.run(`CREATE OR REPLACE TABLE ${table('same')} AS SELECT first_id, second_id
    FROM ${table('links')} l JOIN ${size('first')} a ON a.id = first_id JOIN ${size('second')} b ON b.id = second_id
    WHERE shared = a.records AND shared = b.records`);
  await judge(engine, table, pairs, 'first', 'second', 'lost');
  await judge(engine, table, pairs, 'second', 'first', 'gained');
  const parts = ['pairs', 'links', 'same', 'first', 'second'];
  return {
    first: table('first'),
    second: table('second'),
    secondMembers: table('second_members'),
    tallies: {
      first: await talliesOf(engine, table, pairs, 'first'),
      second: await talliesOf(engine, table, pairs, 'second'),
    },
    keptBy: await keptBy(engine, table, pairs),
    tables: [...parts, ...['first', 'second'].flatMap((side) => [`${side}_rows`, `${side}_members`])].map(table),
  };
}

type Table = (part: string) => string;
type Which = 'first' | 'second';

/** The rows of matches that are not one and the same pair in both sets, and their records. */
async function openRows(
  engine: Engine,
  table: Table,
  pairs: string,
  from: string,
  side: Which,
  other: Which,
): Promise<void> {
  const rows = table(`${side}_rows`);
  await engine.run(`CREATE OR REPLACE TABLE ${rows} AS
    SELECT rowid AS id, leg, left_row, right_row, ${side}_pass AS pass, ${side}_agrees AS agrees, NULL::VARCHAR AS group_id
    FROM ${pairs} WHERE ${side}_agrees IS NOT NULL AND ${other}_agrees IS NULL
    UNION ALL SELECT g.id, m.leg, left_row, right_row, pass, agrees, m.group_id FROM ${from} m JOIN (
      SELECT leg, group_id, -row_number() OVER () AS id FROM (SELECT DISTINCT leg, group_id FROM ${from} WHERE group_id IS NOT NULL)
    ) g ON g.leg = m.leg AND g.group_id = m.group_id`);
  await engine.run(`CREATE OR REPLACE TABLE ${table(`${side}_members`)} AS
    SELECT DISTINCT id, leg, 0::UTINYINT AS side, left_row AS "row", pass, agrees FROM ${rows} WHERE left_row IS NOT NULL
    UNION ALL SELECT DISTINCT id, leg, 1::UTINYINT, right_row, pass, agrees FROM ${rows} WHERE right_row IS NOT NULL`);
}

async function judge(
  engine: Engine,
  table: Table,
  pairs: string,
  side: Which,
  other: Which,
  alone: 'lost' | 'gained',
): Promise<void> {
  const agreement = (one: string, two: string) => {
    const [first, second] = side === 'first' ? [one, two] : [two, one];
    return `CASE WHEN ${first} = ${second} THEN 'kept' WHEN ${second} THEN 'now_matched' ELSE 'now_mismatched' END`;
  };
  const columns = 'r.id, r.leg, r.left_row, r.right_row, r.pass, r.agrees, r.group_id';
  await engine.run(`CREATE OR REPLACE TABLE ${table(side)} AS
    SELECT rowid AS id, leg, left_row, right_row, ${side}_pass AS pass, ${side}_agrees AS agrees, NULL::VARCHAR AS group_id,
      ${agreement(`${side}_agrees`, `${other}_agrees`)} AS verdict, ${other}_pass AS other_pass
    FROM ${pairs} WHERE first_agrees <> second_agrees
    UNION ALL SELECT ${columns}, CASE WHEN s.${side}_id IS NOT NULL THEN ${agreement('r.agrees', 'o.agrees')}
      WHEN r.id IN (SELECT ${side}_id FROM ${table('links')}) THEN 'rematched' ELSE '${alone}' END, o.pass
    FROM ${table(`${side}_rows`)} r LEFT JOIN ${table('same')} s ON s.${side}_id = r.id
    LEFT JOIN (SELECT id, any_value(pass) AS pass, bool_and(agrees) AS agrees FROM ${table(`${other}_rows`)}
      WHERE id IN (SELECT ${other}_id FROM ${table('same')}) GROUP BY id) o ON o.id = s.${other}_id`);
}

async function talliesOf(engine: Engine, table: Table, pairs: string, side: Which): Promise<Tally[]> {
  const rows = await engine.rows<{ pass: number | null; agrees: boolean; verdict: Verdict; matches: string }>(
    `SELECT pass, agrees, verdict, sum(matches)::BIGINT AS matches FROM (
       SELECT ${side}_pass AS pass, ${side}_agrees AS agrees, 'kept' AS verdict, count(*) AS matches FROM ${pairs}
       WHERE first_agrees = second_agrees GROUP BY ALL
       UNION ALL SELECT pass, agrees, verdict, count(DISTINCT id) FROM ${table(side)} GROUP BY ALL)
     GROUP BY ALL ORDER BY pass, agrees, verdict`,
  );
  return rows.map((row) => ({ ...row, matches: Number(row.matches) }));
}

async function keptBy(engine: Engine, table: Table, pairs: string): Promise<Comparison['keptBy']> {
  const rows = await engine.rows<{ from: number | null; to: number | null; matches: string }>(
    `SELECT "from", "to", sum(matches)::BIGINT AS matches FROM (
       SELECT first_pass AS "from", second_pass AS "to", count(*) AS matches FROM ${pairs} WHERE first_agrees = second_agrees GROUP BY ALL
       UNION ALL SELECT pass, other_pass, count(DISTINCT id) FROM ${table('first')} WHERE verdict = 'kept' GROUP BY ALL)
     GROUP BY ALL ORDER BY 1, 2`,
  );
  return rows.map((row) => ({ ...row, matches: Number(row.matches) }));
}
