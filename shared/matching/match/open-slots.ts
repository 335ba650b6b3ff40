// Collects what did not agree into slots: an anchor record with its partner in each leg, or records that only legs have.
// A slot becomes one break. Slots of a key are numbered by content, so that the numbers hold from run to run.
import type { Engine } from '../engine.ts';
import { rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { anchorRecords, contentOrder, contentText, type Leg, type MatchPlan, slotsTable, state } from './match-plan.ts';
import { fetchRecords, leftByAll } from './open-records.ts';

const row = identifier(rowColumn);

/**
 * Fills `slotsTable` (key, occurrence, identity, left_row, state, and right_row_N, state_N, pass_N per leg). Slots of keys
 * that repeat, and what later passes matched, are all there, the agreeing ones too.
 */
export async function openSlots(engine: Engine, plan: MatchPlan): Promise<void> {
  const single = plan.legs.length === 1;
  if (single) await engine.run(`CREATE OR REPLACE VIEW match_unnumbered AS ${singleLegSlots(plan, plan.legs[0]!)}`);
  else await slotsOfLegs(engine, plan);
  await engine.run(`CREATE OR REPLACE TABLE ${slotsTable} AS ${await numberedSlots(engine, plan)}`);
  await engine.run(`DROP ${single ? 'VIEW' : 'TABLE'} match_unnumbered`);
  await engine.run('DROP TABLE match_crowded');
}

function singleLegSlots(plan: MatchPlan, leg: Leg): string {
  return `SELECT key, left_row, right_row AS right_row_1, state AS state_1, pass AS pass_1, state FROM ${leftByAll(plan, leg)}`;
}

async function slotsOfLegs(engine: Engine, plan: MatchPlan): Promise<void> {
  const all = plan.legs.map((leg) => `SELECT left_row FROM ${leftByAll(plan, leg)} WHERE left_row IS NOT NULL`);
  await engine.run(`CREATE OR REPLACE TABLE match_anchor_rows AS ${all.join(' UNION ')}`);
  await fetchRecords(engine, anchorRecords, plan.anchor, 'FROM match_anchor_rows');
  for (const leg of plan.legs) {
    const columns = 'key, left_row, right_row, state';
    await engine.run(`CREATE OR REPLACE TABLE match_leg_${leg.number} AS
      SELECT ${columns}, NULL::UTINYINT AS pass FROM ${leg.tables.joined}
      WHERE state = ${state.matched} AND left_row IN (FROM match_anchor_rows)
      UNION ALL SELECT ${columns}, pass FROM ${leftByAll(plan, leg)}`);
    await fetchRecords(engine, leg.tables.records, leg.source, `SELECT right_row FROM match_leg_${leg.number}`);
  }
  const columns = plan.legs.map((leg) => `right_row_${leg.number}, state_${leg.number}, NULL`).join(', ');
  const withAnchor = plan.legs.map(
    (leg) =>
      `t${leg.number}.right_row AS right_row_${leg.number}, t${leg.number}.state AS state_${leg.number}, t${leg.number}.pass AS pass_${leg.number}`,
  );
  const joins = plan.legs.map(
    (leg) => `JOIN match_leg_${leg.number} t${leg.number} ON t${leg.number}.left_row = a.left_row`,
  );
  // Records that only legs have are put side by side: the first of each leg, the second of each, in the order of content.
  const zipped = plan.legs.map(
    (leg) => `SELECT ${leg.number} AS leg, t.key, t.state, t.right_row,
        row_number() OVER (PARTITION BY t.key, t.state ORDER BY ${[...contentOrder(leg.source, 's'), 't.right_row'].join(', ')}) AS place
      FROM match_leg_${leg.number} t JOIN ${leg.tables.records} s ON s.${row} = t.right_row WHERE t.left_row IS NULL`,
  );
  const picked = plan.legs.map(
    (leg) =>
      `max(right_row) FILTER (leg = ${leg.number}) AS right_row_${leg.number}, max(state) FILTER (leg = ${leg.number}) AS state_${leg.number}`,
  );
  await engine.run(`CREATE OR REPLACE TABLE match_unnumbered AS
    SELECT t1.key, a.left_row, ${withAnchor.join(', ')}, greatest(${plan.legs.map((leg) => `t${leg.number}.state`).join(', ')}) AS state
    FROM match_anchor_rows a ${joins.join(' ')}
    UNION ALL
    SELECT key, NULL, ${columns}, state FROM (
      SELECT key, state, place, ${picked.join(', ')} FROM (${zipped.join(' UNION ALL ')})
      GROUP BY key, state, place, CASE WHEN key IS NULL THEN leg END)`);
  await engine.run('DROP TABLE match_anchor_rows');
  for (const leg of plan.legs) await engine.run(`DROP TABLE match_leg_${leg.number}`);
}

/**
 * Identity: md5 of occurrence and key. Of a record without key: of its source, its content, and its number among
 * records of the same content. Only keys with more than one slot are sorted; all others have occurrence 1.
 */
async function numberedSlots(engine: Engine, plan: MatchPlan): Promise<string> {
  await engine.run(`CREATE OR REPLACE TABLE match_crowded AS
    SELECT key FROM match_unnumbered WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1`);
  const [counts] = await engine.rows<{ crowded: string; keyless: string }>(
    `SELECT (SELECT count(*) FROM match_crowded) AS crowded, (SELECT count(*) FROM match_unnumbered WHERE key IS NULL) AS keyless`,
  );
  const identity = `md5('key:' || occurrence || ':' || key)`;
  const parts: string[] = [];
  const crowded = counts!.crowded !== '0';
  parts.push(`SELECT *, ${identity} AS identity FROM (SELECT *, 1::INTEGER AS occurrence FROM match_unnumbered
    WHERE key IS NOT NULL ${crowded ? 'AND key NOT IN (FROM match_crowded)' : ''})`);
  const sources = [
    { alias: 'l', source: plan.anchor, table: anchorRecords, column: 'left_row' },
    ...plan.legs.map((leg) => ({
      alias: `r${leg.number}`,
      source: leg.source,
      table: leg.tables.records,
      column: `right_row_${leg.number}`,
    })),
  ];
  const joins = sources
    .map(({ alias, table, column }) => `LEFT JOIN ${table} ${alias} ON ${alias}.${row} = u.${column}`)
    .join(' ');
  if (crowded) {
    const order = [
      'u.left_row IS NULL',
      ...sources.flatMap(({ alias, source }) => contentOrder(source, alias)),
      ...sources.map(({ column }) => `u.${column}`),
    ];
    parts.push(`SELECT *, ${identity} AS identity FROM (
      SELECT u.*, (row_number() OVER (PARTITION BY u.key ORDER BY ${order.join(', ')}))::INTEGER AS occurrence
      FROM match_unnumbered u ${joins} WHERE u.key IN (FROM match_crowded))`);
  }
  if (counts!.keyless !== '0') {
    const content = sources.map(
      ({ alias, source, column }) =>
        `WHEN u.${column} IS NOT NULL THEN ${literal(`${source.source}:`)} || ${contentText(plan.definition, source, alias)}`,
    );
    parts.push(`SELECT * EXCLUDE (content), md5('record:' || occurrence || ':' || content) AS identity FROM (
      SELECT *, (row_number() OVER (PARTITION BY content ORDER BY ${sources.map(({ column }) => column).join(', ')}))::INTEGER AS occurrence FROM (
        SELECT u.*, CASE ${content.join(' ')} END AS content FROM match_unnumbered u ${joins} WHERE u.key IS NULL))`);
  }
  return parts.map((part) => `(${part})`).join(' UNION ALL BY NAME ');
}
