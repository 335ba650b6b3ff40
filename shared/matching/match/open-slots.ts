// Collects what did not agree into slots: an anchor record with its partner in each leg, or records that only legs have.
// A slot becomes one break. Slots of a key are numbered by content, so that the numbers hold from run to run.
import type { Engine } from '../engine.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { anchorRecords, contentOrder, contentText, type Leg, type MatchPlan, slotsTable, state } from './match-plan.ts';
import type { Side } from './value-column.ts';

const row = identifier(rowColumn);

/**
 * Fills `slotsTable` (key, occurrence, identity, left_row, state, and right_row_N, state_N per leg), and the
 * records of anchor and legs that are in a slot. Slots of keys that repeat are all there, the agreeing ones too.
 */
export async function openSlots(engine: Engine, plan: MatchPlan): Promise<void> {
  const [only] = plan.legs;
  for (const { tables } of plan.legs)
    await engine.run(`CREATE OR REPLACE TABLE ${tables.open} AS FROM ${tables.joined} WHERE state <> ${state.matched}`);
  if (plan.legs.length === 1) await engine.run(`CREATE OR REPLACE TABLE match_unnumbered AS ${singleLegSlots(only!)}`);
  else await slotsOfLegs(engine, plan);
  if (plan.values) {
    await takeRecords(engine, anchorRecords, plan.anchor, only!, 'left', plan.values.left);
    await takeRecords(engine, only!.tables.records, only!.source, only!, 'right', plan.values.right);
  } else {
    await fetchRecords(engine, anchorRecords, plan.anchor, 'SELECT left_row FROM match_unnumbered');
    // With several legs the zipping had to read theirs already.
    if (plan.legs.length === 1)
      await fetchRecords(engine, only!.tables.records, only!.source, 'SELECT right_row_1 FROM match_unnumbered');
  }
  await engine.run(`CREATE OR REPLACE TABLE ${slotsTable} AS ${await numberedSlots(engine, plan)}`);
  await engine.run('DROP TABLE match_unnumbered');
}

/** Rows of a leg's outcome that are not, or may not be, plain agreement. */
function openOf(leg: Leg): string {
  const columns = 'key, left_row, right_row, state';
  return `(SELECT ${columns} FROM ${leg.tables.open} UNION ALL SELECT ${columns} FROM ${leg.tables.resolved})`;
}

function singleLegSlots(leg: Leg): string {
  return `SELECT key, left_row, right_row AS right_row_1, state AS state_1, state FROM ${openOf(leg)}`;
}

async function slotsOfLegs(engine: Engine, plan: MatchPlan): Promise<void> {
  const all = plan.legs.map((leg) => `SELECT left_row FROM ${openOf(leg)} WHERE left_row IS NOT NULL`);
  await engine.run(`CREATE OR REPLACE TABLE match_anchor_rows AS ${all.join(' UNION ')}`);
  for (const leg of plan.legs) {
    const columns = 'key, left_row, right_row, state';
    await engine.run(`CREATE OR REPLACE TABLE match_leg_${leg.number} AS
      SELECT ${columns} FROM ${leg.tables.joined} WHERE left_row IN (FROM match_anchor_rows) OR left_row IS NULL
      UNION ALL SELECT ${columns} FROM ${leg.tables.resolved}`);
    await fetchRecords(engine, leg.tables.records, leg.source, `SELECT right_row FROM match_leg_${leg.number}`);
  }
  const columns = plan.legs.map((leg) => `right_row_${leg.number}, state_${leg.number}`).join(', ');
  const withAnchor = plan.legs.map(
    (leg) => `t${leg.number}.right_row AS right_row_${leg.number}, t${leg.number}.state AS state_${leg.number}`,
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

async function fetchRecords(engine: Engine, table: string, source: LoadedSource, rows: string): Promise<void> {
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
  const [repeating] = await engine.rows(`SELECT 1 FROM ${leg.tables.resolved} LIMIT 1`);
  if (!repeating) return;
  await engine.run(`INSERT INTO ${table} SELECT ${fields} FROM ${source.relation}
    WHERE ${row} IN (SELECT ${side}_row FROM ${leg.tables.resolved})`);
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
