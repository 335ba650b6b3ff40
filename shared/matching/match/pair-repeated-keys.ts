// Pairs the records of keys that repeat: identical records first, then by fewest differing fields, then by least
// difference. Leftovers are DUPLICATE; where a choice would be a guess, AMBIGUOUS. Bounded work for any one key.
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';
import { keyColumn, rowColumn } from '../records.ts';
import { identifier } from '../sql.ts';
import { assignOpenGroups } from './assign-open-groups.ts';
import { repeatedKeys } from './join-leg.ts';
import { contentOrder, type Leg, type MatchPlan, state } from './match-plan.ts';

/**
 * Different contents of one key, anchor × leg, that are compared with each other once identical records are paired:
 * 50 against 50. Of a key with more, what is left is AMBIGUOUS: that many near records under one key do not tell
 * which belongs to which, and comparing all of 10⁵ with all of 10⁵ would never end.
 */
export const candidatesPerKeyMax = 2_500;

const key = identifier(keyColumn);
const row = identifier(rowColumn);

/**
 * Fills the leg's `resolved` with every record of `repeatedKeys`, in a pair or alone. Gives what was not compared and why, a
 * sentence for a person without a count: chunks may say it, and it is said once.
 */
export async function pairRepeatedKeys(engine: Engine, plan: MatchPlan, leg: Leg): Promise<string[]> {
  await engine.run(
    `CREATE OR REPLACE TABLE match_keys AS SELECT key, (row_number() OVER ())::INTEGER AS key_number FROM ${repeatedKeys}`,
  );
  for (const [side, source] of [
    ['left', plan.anchor],
    ['right', leg.source],
  ] as const) {
    const fields = source.fields.map((field) => `, s.${identifier(field.name)}`).join('');
    await engine.run(`CREATE OR REPLACE TABLE ${leg.tables.repeats[side]} AS
      SELECT k.key_number, s.${row}${fields} FROM ${source.relation} s JOIN match_keys k ON s.${key} = k.key`);
    await engine.run(rankedSql(side, source, leg));
    const contents = leg.comparisons.map((_, index) => `, any_value(content_${index}) AS content_${index}`).join('');
    await engine.run(`CREATE OR REPLACE TABLE match_groups_${side} AS
      SELECT key_number, group_number${contents}, count(*) AS records FROM match_ranked_${side} GROUP BY key_number, group_number`);
  }
  await engine.run(`CREATE OR REPLACE TABLE match_assigned (key_number INTEGER, left_group INTEGER, right_group INTEGER,
    left_from INTEGER, right_from INTEGER, records INTEGER, differs BOOLEAN)`);
  await engine.run(`CREATE OR REPLACE TABLE match_tied (key_number INTEGER, side VARCHAR, group_number INTEGER)`);
  await assignIdentical(engine, leg);
  const crowded = await assignClosest(engine, leg);
  await engine.run(resolvedSql(leg));
  for (const table of [
    'keys',
    'ranked_left',
    'ranked_right',
    'groups_left',
    'groups_right',
    'open_left',
    'open_right',
    'assigned',
    'tied',
  ]) {
    await engine.run(`DROP TABLE match_${table}`);
  }
  await engine.run(`DROP TABLE ${repeatedKeys}`);
  return crowded
    ? [
        `records of one key that differ were not compared where more than ${candidatesPerKeyMax} pairs of them are possible: they are ambiguous`,
      ]
    : [];
}

/** Records with their group (equal in all compared fields) and their place in it (by all other fields). */
function rankedSql(side: 'left' | 'right', source: LoadedSource, leg: Leg): string {
  const contents = leg.comparisons.map((one, index) => ({
    column: `content_${index}`,
    value: one.content[side](`s.${identifier(one.name)}`),
  }));
  const columns = contents.map(({ column }) => column);
  const fields = source.fields.map((field) => `, s.${identifier(field.name)}`).join('');
  return `CREATE OR REPLACE TABLE match_ranked_${side} AS
    SELECT key_number, "row", ${columns.map((column) => `${column}, `).join('')}
      (dense_rank() OVER (PARTITION BY key_number${columns.length > 0 ? ` ORDER BY ${columns.join(', ')}` : ' ORDER BY NULL'}))::INTEGER AS group_number,
      (row_number() OVER (PARTITION BY ${['key_number', ...columns].join(', ')} ORDER BY ${[...contentOrder(source, 's'), 's."row"'].join(', ')}))::INTEGER AS place
    FROM (SELECT s.key_number, s.${row} AS "row"${fields}${contents.map(({ column, value }) => `, ${value} AS ${column}`).join('')}
      FROM ${leg.tables.repeats[side]} s) s`;
}

async function assignIdentical(engine: Engine, leg: Leg): Promise<void> {
  const equal = leg.comparisons
    .map((_, index) => ` AND l.content_${index} IS NOT DISTINCT FROM r.content_${index}`)
    .join('');
  await engine.run(`INSERT INTO match_assigned
    SELECT l.key_number, l.group_number, r.group_number, 0, 0, least(l.records, r.records), false
    FROM match_groups_left l JOIN match_groups_right r ON l.key_number = r.key_number${equal}`);
}

/** True where a key has too many to be compared. */
async function assignClosest(engine: Engine, leg: Leg): Promise<boolean> {
  for (const side of ['left', 'right'] as const) {
    await engine.run(`CREATE OR REPLACE TABLE match_open_${side} AS
      SELECT g.*, coalesce(a.records, 0)::INTEGER AS used FROM match_groups_${side} g
      LEFT JOIN match_assigned a ON a.key_number = g.key_number AND a.${side}_group = g.group_number
      WHERE g.records > coalesce(a.records, 0)`);
  }
  await engine.run(`CREATE OR REPLACE TABLE match_contested AS
    SELECT l.key_number, l.groups * r.groups > ${candidatesPerKeyMax} AS too_many
    FROM (SELECT key_number, count(*) AS groups FROM match_open_left GROUP BY ALL) l
    JOIN (SELECT key_number, count(*) AS groups FROM match_open_right GROUP BY ALL) r USING (key_number)`);
  for (const side of ['left', 'right'] as const) {
    await engine.run(`INSERT INTO match_tied SELECT key_number, '${side}', group_number
      FROM match_open_${side} JOIN match_contested USING (key_number) WHERE too_many`);
  }
  await assignOpenGroups(engine, candidatesSql(leg));
  const [crowded] = await engine.rows('SELECT 1 FROM match_contested WHERE too_many LIMIT 1');
  await engine.run('DROP TABLE match_contested');
  return crowded !== undefined;
}

/** key_number, left_group, right_group, whether they differ, and the cost of the pair as a rank within the key; by key. */
function candidatesSql(leg: Leg): string {
  const differing = leg.comparisons.map((one, index) => `(${one.contentsDiffer(...sides(index))})::INTEGER`);
  const times = leg.comparisons.flatMap(({ distance }, index) =>
    distance?.kind === 'time' ? [distance.micros(...sides(index))] : [],
  );
  return `SELECT key_number, left_group, right_group, (differing > 0)::INTEGER AS differs,
      (dense_rank() OVER (PARTITION BY key_number ORDER BY differing, number_distance, time_distance))::INTEGER AS cost
    FROM (SELECT key_number, l.group_number AS left_group, r.group_number AS right_group,
        ${total(differing)} AS differing, ${numberDistance(leg)} AS number_distance, ${total(times)} AS time_distance
      FROM match_contested JOIN match_open_left l USING (key_number) JOIN match_open_right r USING (key_number) WHERE NOT too_many)
    ORDER BY key_number`;
}

function sides(index: number): [left: string, right: string] {
  return [`l.content_${index}`, `r.content_${index}`];
}

function total(terms: string[]): string {
  return terms.length > 0 ? terms.join(' + ') : '0';
}

/** The sum over all numbers, in the finest unit of any of them; in BIGNUM only where a DECIMAL might not hold it. */
function numberDistance(leg: Leg): string {
  const numbers = leg.comparisons.flatMap(({ distance }, index) =>
    distance?.kind === 'number' ? [{ distance, index }] : [],
  );
  const scale = Math.max(0, ...numbers.map(({ distance }) => distance.scale));
  const whole = Math.max(0, ...numbers.map(({ distance }) => distance.whole));
  // Twice the largest value for a difference, and as many times that as there are fields.
  const digits = whole + scale + `${2 * numbers.length}`.length;
  if (digits <= 38) return total(numbers.map(({ distance, index }) => distance.narrow(...sides(index), scale)));
  const wide = numbers.map(({ distance, index }) => {
    const zeros = '0'.repeat(scale - distance.scale);
    const value = distance.wide(...sides(index));
    return zeros ? `((${value})::VARCHAR || '${zeros}')::BIGNUM` : value;
  });
  return wide.join(' + ');
}

function resolvedSql(leg: Leg): string {
  const alone = (side: 'left' | 'right') => `
    SELECT key_number, ${side === 'left' ? 's."row", NULL' : 'NULL, s."row"'},
      CASE WHEN t.group_number IS NULL THEN ${state.duplicate} ELSE ${state.ambiguous} END
    FROM match_ranked_${side} s
    LEFT JOIN (SELECT DISTINCT key_number, group_number FROM match_tied WHERE side = '${side}') t USING (key_number, group_number)
    WHERE s."row" NOT IN (SELECT ${side}_row FROM pairs)`;
  return `CREATE OR REPLACE TABLE ${leg.tables.resolved} AS
    WITH places AS (
      SELECT key_number, left_group, right_group, left_from + unnest(range(records)) + 1 AS left_place, right_from - left_from AS shift, differs
      FROM match_assigned),
    pairs AS MATERIALIZED (
      SELECT p.key_number, l."row" AS left_row, r."row" AS right_row,
        CASE WHEN p.differs THEN ${state.mismatched} ELSE ${state.matched} END AS state
      FROM places p
      JOIN match_ranked_left l ON l.key_number = p.key_number AND l.group_number = p.left_group AND l.place = p.left_place
      JOIN match_ranked_right r ON r.key_number = p.key_number AND r.group_number = p.right_group AND r.place = p.left_place + p.shift)
    SELECT k.key, o.left_row, o.right_row, o.state::UTINYINT AS state
    FROM (FROM pairs UNION ALL ${alone('left')} UNION ALL ${alone('right')}) o JOIN match_keys k USING (key_number)`;
}
