// Two sets of matches: what is kept, lost, gained and changed, for pairs and groups, whatever the order of the rows.
import { expect, test } from 'vitest';
import { compareMatches, type Tally } from '../../../../shared/matching/backtest/compare-matches.ts';
import type { Engine } from '../../../../shared/matching/engine.ts';
import { literal } from '../../../../shared/matching/sql.ts';
import { withEngine } from '../match/records-from-rows.ts';

/** leg 1 unless given; a group where there is an id. */
type Match = {
  leg?: number;
  left: number | null;
  right: number | null;
  pass?: number;
  differs?: boolean;
  group?: string;
};

async function fill(engine: Engine, table: string, matches: Match[]): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE ${table} (leg UTINYINT, left_row BIGINT, right_row BIGINT, pass UTINYINT,
    agrees BOOLEAN, group_id VARCHAR)`);
  for (const { leg = 1, left, right, pass = 0, differs = false, group } of matches)
    await engine.run(
      `INSERT INTO ${table} VALUES (${leg}, ${left}, ${right}, ${pass}, ${!differs}, ${group === undefined ? 'NULL' : literal(group)})`,
    );
}

async function compared(old: Match[], next: Match[]) {
  return withEngine(async (engine) => {
    await fill(engine, 'old_matches', old);
    await fill(engine, 'new_matches', next);
    const comparison = await compareMatches(engine, 'test', { first: 'old_matches', second: 'new_matches' });
    const rows = (table: string) =>
      engine.rows(`SELECT leg, left_row, right_row, group_id, verdict, other_pass FROM ${table} ORDER BY ALL`);
    return {
      old: counts(comparison.tallies.first),
      next: counts(comparison.tallies.second),
      keptBy: comparison.keptBy,
      tallies: comparison.tallies,
      rows: { first: await rows(comparison.first), second: await rows(comparison.second) },
    };
  });
}

function counts(tallies: Tally[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { verdict, matches } of tallies) sum[verdict] = (sum[verdict] ?? 0) + matches;
  return sum;
}

const group = (id: string, left: number, rights: number[], more: Partial<Match> = {}): Match[] =>
  rights.map((right) => ({ left, right, group: id, ...more }));

const cases: {
  name: string;
  old: Match[];
  next: Match[];
  first: Record<string, number>;
  second: Record<string, number>;
}[] = [
  { name: 'nothing at all', old: [], next: [], first: {}, second: {} },
  {
    name: 'the same pair',
    old: [{ left: 1, right: 1 }],
    next: [{ left: 1, right: 1 }],
    first: { kept: 1 },
    second: { kept: 1 },
  },
  { name: 'a pair in OLD alone', old: [{ left: 1, right: 1 }], next: [], first: { lost: 1 }, second: {} },
  { name: 'a pair in NEW alone', old: [], next: [{ left: 1, right: 1 }], first: {}, second: { gained: 1 } },
  {
    name: 'partners changed',
    old: [
      { left: 1, right: 1 },
      { left: 2, right: 2 },
    ],
    next: [
      { left: 1, right: 2 },
      { left: 2, right: 1 },
    ],
    first: { rematched: 2 },
    second: { rematched: 2 },
  },
  {
    name: 'one record of a pair went elsewhere',
    old: [{ left: 1, right: 1 }],
    next: [{ left: 1, right: 9 }],
    first: { rematched: 1 },
    second: { rematched: 1 },
  },
  {
    name: 'the pair differs now',
    old: [{ left: 1, right: 1 }],
    next: [{ left: 1, right: 1, differs: true }],
    first: { now_mismatched: 1 },
    second: { now_mismatched: 1 },
  },
  {
    name: 'the pair agrees now',
    old: [{ left: 1, right: 1, differs: true }],
    next: [{ left: 1, right: 1 }],
    first: { now_matched: 1 },
    second: { now_matched: 1 },
  },
  {
    name: 'the same rows in different legs are different matches',
    old: [{ leg: 1, left: 1, right: 1 }],
    next: [{ leg: 2, left: 1, right: 1 }],
    first: { lost: 1 },
    second: { gained: 1 },
  },
  {
    name: 'a left and a right row of one number are different records',
    old: [{ left: 1, right: 2 }],
    next: [{ left: 2, right: 1 }],
    first: { lost: 1 },
    second: { gained: 1 },
  },
  {
    name: 'a group under another id',
    old: group('a', 1, [1, 2, 3]),
    next: group('z', 1, [3, 1, 2]),
    first: { kept: 1 },
    second: { kept: 1 },
  },
  {
    name: 'a group with one record less, and with one more',
    old: [...group('a', 1, [1, 2, 3]), ...group('b', 2, [4, 5])],
    next: [...group('a', 1, [1, 2]), ...group('b', 2, [4, 5, 6])],
    first: { rematched: 2 },
    second: { rematched: 2 },
  },
  {
    name: 'a group that fell into pairs',
    old: group('a', 1, [1, 2]),
    next: [{ left: 1, right: 1 }],
    first: { rematched: 1 },
    second: { rematched: 1 },
  },
  {
    name: 'a group of one and one is the pair',
    old: group('a', 1, [1]),
    next: [{ left: 1, right: 1 }],
    first: { kept: 1 },
    second: { kept: 1 },
  },
  {
    name: 'a group of many to many, in rows with a null side',
    old: [
      { left: 1, right: null, group: 'm' },
      { left: 2, right: null, group: 'm' },
      { left: null, right: 7, group: 'm' },
      { left: null, right: 8, group: 'm' },
    ],
    next: [
      { left: null, right: 8, group: 'q' },
      { left: 2, right: null, group: 'q' },
      { left: null, right: 7, group: 'q' },
      { left: 1, right: null, group: 'q' },
    ],
    first: { kept: 1 },
    second: { kept: 1 },
  },
  {
    name: 'netting on one side, lost and gained',
    old: [
      { left: 1, right: null, group: 'n' },
      { left: 2, right: null, group: 'n' },
    ],
    next: [
      { left: null, right: 1, group: 'n' },
      { left: null, right: 2, group: 'n' },
    ],
    first: { lost: 1 },
    second: { gained: 1 },
  },
];

test.each(cases)('$name', async ({ old, next, first, second }) => {
  const found = await compared(old, next);
  expect(found.old).toEqual(first);
  expect(found.next).toEqual(second);
});

test('a match kept by another pass says by which', async () => {
  const found = await compared(
    [{ left: 1, right: 1 }, { left: 2, right: 2 }, ...group('a', 3, [3, 4], { pass: 1 })],
    [{ left: 1, right: 1 }, { left: 2, right: 2, pass: 1 }, ...group('a', 3, [3, 4], { pass: 2 })],
  );
  expect(found.keptBy).toEqual([
    { from: 0, to: 0, matches: 1 },
    { from: 0, to: 1, matches: 1 },
    { from: 1, to: 2, matches: 1 },
  ]);
});

test('counts are per pass and add up to the matches of each set', async () => {
  const found = await compared(
    [
      { left: 1, right: 1 },
      { left: 2, right: 2, differs: true },
      { left: 3, right: 3, pass: 1 },
      ...group('a', 4, [4, 5], { pass: 1 }),
    ],
    [
      { left: 1, right: 1 },
      { left: 2, right: 3, pass: 1 },
      { left: 9, right: 9, pass: 1 },
    ],
  );
  expect(found.tallies.first).toEqual([
    { pass: 0, agrees: false, verdict: 'rematched', matches: 1 },
    { pass: 0, agrees: true, verdict: 'kept', matches: 1 },
    { pass: 1, agrees: true, verdict: 'lost', matches: 1 },
    { pass: 1, agrees: true, verdict: 'rematched', matches: 1 },
  ]);
  expect(found.tallies.second).toEqual([
    { pass: 0, agrees: true, verdict: 'kept', matches: 1 },
    { pass: 1, agrees: true, verdict: 'gained', matches: 1 },
    { pass: 1, agrees: true, verdict: 'rematched', matches: 1 },
  ]);
});

test('the order of the rows and the ids of groups change nothing', async () => {
  const old = cases.flatMap((one, index) => one.old.map((match) => moved(match, index)));
  const next = cases.flatMap((one, index) => one.next.map((match) => moved(match, index)));
  const expected = await compared(old, next);
  expect(expected.old).toMatchObject({ kept: 4, now_matched: 1, now_mismatched: 1 });
  for (let round = 1; round <= 5; round += 1) {
    const found = await compared(shuffled(old, round), shuffled(next, round + 100));
    expect(found).toEqual(expected);
  }
});

/** The cases side by side: each has row numbers and group ids of its own. */
function moved(match: Match, index: number): Match {
  const by = (row: number | null) => (row === null ? null : row + index * 100);
  const { group: id, ...rest } = match;
  return { ...rest, left: by(match.left), right: by(match.right), ...(id !== undefined && { group: `${id}${index}` }) };
}

function shuffled<Value>(values: Value[], seed: number): Value[] {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state;
  };
  return values
    .map((value) => ({ value, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
