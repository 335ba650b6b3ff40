// Pairs the records of keys that repeat: identical records first, then by fewest differing fields, then by least
// difference. Leftovers are DUPLICATE; where a choice would be a guess, AMBIGUOUS. Bounded work for any one key.
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';
import { keyColumn, rowColumn } from '../records.ts';
import { identifier } from '../sql.ts';
import { assignGroups, type Candidate } from './assign-groups.ts';
import { repeatedKeys } from './join-leg.ts';
import { contentOrder, type Leg, type MatchPlan, state } from './match-plan.ts';

/**
 * Different contents of one key, anchor × leg, that are compared with each other once identical records are paired:
 * 100 against 100. Of a key with more, what is left is AMBIGUOUS: that many near records under one key do not tell
 * which belongs to which, and comparing all of 10⁵ with all of 10⁵ would never end.
 */
export const candidatesPerKeyMax = 10_000;

const key = identifier(keyColumn);
const row = identifier(rowColumn);

/** Fills the leg's `resolved` with every record of `repeatedKeys`, in a pair or alone. */
export async function pairRepeatedKeys(engine: Engine, plan: MatchPlan, leg: Leg): Promise<void> {
  await engine.run(
    `CREATE OR REPLACE TABLE match_keys AS SELECT key, (row_number() OVER ())::BIGINT AS key_number FROM ${repeatedKeys}`,
  );
  await engine.run(rankedSql('left', plan.anchor, leg));
  await engine.run(rankedSql('right', leg.source, leg));
  for (const side of ['left', 'right'] as const) {
    const contents = leg.comparisons.map((_, index) => `, any_value(content_${index}) AS content_${index}`).join('');
    await engine.run(`CREATE OR REPLACE TABLE match_groups_${side} AS
      SELECT key_number, group_number${contents}, count(*) AS records FROM match_ranked_${side} GROUP BY key_number, group_number`);
  }
  await engine.run(`CREATE OR REPLACE TABLE match_assigned (key_number BIGINT, left_group INTEGER, right_group INTEGER,
    left_from INTEGER, right_from INTEGER, records INTEGER, differs BOOLEAN)`);
  await engine.run(`CREATE OR REPLACE TABLE match_tied (key_number BIGINT, side VARCHAR, group_number INTEGER)`);
  await assignIdentical(engine, leg);
  await assignClosest(engine, leg);
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
    FROM (SELECT k.key_number, s.${row} AS "row"${fields}${contents.map(({ column, value }) => `, ${value} AS ${column}`).join('')}
      FROM ${source.relation} s JOIN match_keys k ON s.${key} = k.key) s`;
}

async function assignIdentical(engine: Engine, leg: Leg): Promise<void> {
  const equal = leg.comparisons
    .map((_, index) => ` AND l.content_${index} IS NOT DISTINCT FROM r.content_${index}`)
    .join('');
  await engine.run(`INSERT INTO match_assigned
    SELECT l.key_number, l.group_number, r.group_number, 0, 0, least(l.records, r.records), false
    FROM match_groups_left l JOIN match_groups_right r ON l.key_number = r.key_number${equal}`);
}

async function assignClosest(engine: Engine, leg: Leg): Promise<void> {
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
  const found = await assignInMemory(engine, candidatesSql(leg));
  await appendAssigned(engine, found);
  await engine.run('DROP TABLE match_contested');
}

/** key_number, left and right group with what is free and used of each, cost as a rank within the key; by key. */
function candidatesSql(leg: Leg): string {
  const sides = (index: number) => [`l.content_${index}`, `r.content_${index}`] as const;
  const differing = leg.comparisons.map((one, index) => `(${one.contentsDiffer(...sides(index))})::INTEGER`);
  const numbers = leg.comparisons.flatMap((one, index) =>
    one.distance?.kind === 'number' ? [{ distance: one.distance, index }] : [],
  );
  const scale = Math.max(0, ...numbers.map(({ distance }) => distance.scale));
  // Amounts add up in the finest unit of any of them; times add up in microseconds; the two are not added together.
  const numeric = numbers.map(({ distance, index }) => {
    const zeros = '0'.repeat(scale - distance.scale);
    const value = distance.of(...sides(index));
    return zeros ? `((${value})::VARCHAR || '${zeros}')::BIGNUM` : `(${value})`;
  });
  const times = leg.comparisons.flatMap((one, index) =>
    one.distance?.kind === 'time' ? [`(${one.distance.of(...sides(index))})`] : [],
  );
  const total = (terms: string[], zero: string) => (terms.length > 0 ? terms.join(' + ') : zero);
  return `SELECT key_number, left_group, right_group, left_free, right_free, left_used, right_used, differing > 0 AS differs,
      (dense_rank() OVER (PARTITION BY key_number ORDER BY differing, number_distance, time_distance))::INTEGER AS cost
    FROM (SELECT key_number, l.group_number AS left_group, r.group_number AS right_group, l.used AS left_used, r.used AS right_used,
        (l.records - l.used)::INTEGER AS left_free, (r.records - r.used)::INTEGER AS right_free,
        ${total(differing, '0')} AS differing, ${total(numeric, "'0'::BIGNUM")} AS number_distance, ${total(times, "'0'::BIGNUM")} AS time_distance
      FROM match_contested JOIN match_open_left l USING (key_number) JOIN match_open_right r USING (key_number) WHERE NOT too_many)
    ORDER BY key_number`;
}

type Found = {
  assigned: {
    key: bigint;
    left: number;
    right: number;
    leftFrom: number;
    rightFrom: number;
    count: number;
    differs: boolean;
  }[];
  tied: { key: bigint; side: 'left' | 'right'; group: number }[];
};
type OpenKey = {
  key: bigint;
  candidates: Candidate[];
  /** Of each candidate, by `left:right`. */
  differs: Map<string, boolean>;
  /** How many places of a group are taken; the next record paired is the one after. */
  used: { left: Map<number, number>; right: Map<number, number> };
};
type CandidateRow = [
  key: bigint,
  left: number,
  right: number,
  leftFree: number,
  rightFree: number,
  leftUsed: number,
  rightUsed: number,
  differs: boolean,
  cost: number,
];

/** One key at a time: at most `candidatesPerKeyMax` candidates are in memory. */
async function assignInMemory(engine: Engine, sql: string): Promise<Found> {
  const found: Found = { assigned: [], tied: [] };
  let current: OpenKey | undefined;
  const finish = () => {
    if (!current) return;
    const { key: keyNumber, candidates, differs, used } = current;
    const { pairs, tied } = assignGroups(candidates);
    for (const { left, right, count } of pairs) {
      const [leftFrom, rightFrom] = [used.left.get(left)!, used.right.get(right)!];
      found.assigned.push({
        key: keyNumber,
        left,
        right,
        leftFrom,
        rightFrom,
        count,
        differs: differs.get(`${left}:${right}`)!,
      });
      used.left.set(left, leftFrom + count);
      used.right.set(right, rightFrom + count);
    }
    for (const side of ['left', 'right'] as const) {
      for (const group of tied[side]) found.tied.push({ key: keyNumber, side, group });
    }
  };
  const result = await engine.connection.stream(sql);
  for await (const rows of result.yieldRowsJs()) {
    for (const row of rows as unknown as CandidateRow[]) {
      const [keyNumber, left, right, leftCount, rightCount, leftUsed, rightUsed, differs, cost] = row;
      if (current?.key !== keyNumber) {
        finish();
        current = { key: keyNumber, candidates: [], differs: new Map(), used: { left: new Map(), right: new Map() } };
      }
      current.used.left.set(left, leftUsed);
      current.used.right.set(right, rightUsed);
      current.candidates.push({ left, right, cost, leftCount, rightCount });
      current.differs.set(`${left}:${right}`, differs);
    }
  }
  finish();
  return found;
}

async function appendAssigned(engine: Engine, { assigned, tied }: Found): Promise<void> {
  const pairs = await engine.connection.createAppender('match_assigned');
  for (const one of assigned) {
    pairs.appendBigInt(one.key);
    for (const value of [one.left, one.right, one.leftFrom, one.rightFrom, one.count]) pairs.appendInteger(value);
    pairs.appendBoolean(one.differs);
    pairs.endRow();
  }
  pairs.closeSync();
  const groups = await engine.connection.createAppender('match_tied');
  for (const one of tied) {
    groups.appendBigInt(one.key);
    groups.appendVarchar(one.side);
    groups.appendInteger(one.group);
    groups.endRow();
  }
  groups.closeSync();
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
