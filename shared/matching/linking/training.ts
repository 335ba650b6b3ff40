// What a model is estimated from: some records of the left with all of the right that they have anything telling in common
// with, and pairs taken at random. What is taken depends on the records' numbers alone, so every run takes the same.
import type { Engine } from '../engine.ts';
import { countAgreements, countPresent } from './agreements.ts';
import { type Atom, atomsOf, keySql, withinAtom } from './blocking-atoms.ts';
import { type Comparison, equalColumn, levelColumn, levelCount } from './comparisons.ts';
import { type Agreements, dependentFields } from './dependent-fields.ts';
import {
  type Estimation,
  estimate,
  type Model,
  type Patterns,
  priorOdds,
  withoutEstimation,
} from './expectation-maximisation.ts';
import { informationOf, weightSql } from './model-weights.ts';
import { countPatterns, levelsSql, textFields } from './pair-levels.ts';
import { groupsWithin, type Prepared, pairsOf } from './prepare-records.ts';
import { mostMatches } from './prior-odds.ts';
import { sharedWordsSql, wordRowsPerRecord } from './shared-words.ts';

/** Up to this many pairs are compared one and all: a second's work. */
export const allPairsMax = 1_048_576;
/** Records of the left, and pairs at random: enough that shares of a thousandth are known to a tenth of themselves. */
const leftsMax = 4_000;
const randomMax = 131_072;
/** Of a record of one relation, on average and at most: what agrees oftener than so many does so by chance. */
const partnersMax = 4;
/** Candidates per record that the estimation looks at: the best few are rivals, the others no match. */
const rivalsMax = 20;
/** Sets of so many fields can be gone through; keys of further ones are then not counted on. */
const fieldsMax = 14;
/** Pairs that a record of the left may have by one key, on average: more are mere chance. */
const perLeftMax = 30;

/**
 * Of one relation nothing says that there are matches at all. Where what the estimation took for them differs in most of its values, it
 * has found records that are related, articles of one author or goods of one maker, and no duplicates.
 */
const alikeLeast = 0.6;

/** The records of the left that were looked at, where not every pair was. */
export const leftsTable = 'link_lefts';

export type Trained = {
  /** Not converged: what matches are taken to be like without the data. */
  model: Model;
  /** Not converged because what was found are no matches: records of one relation that have something in common. */
  related: boolean;
  random: Patterns;
  /** Records of the left that were looked at; all of them where every pair was. */
  lefts: number;
  /** Every pair has been compared: link_trained holds them. */
  whole: boolean;
  /** Share of the matches that agree in none of the keys, by the model. */
  unseen: number;
};

/** Fills link_trained (l, r, levels, rarities): the pairs that were looked at. */
export async function train(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  exclusive: boolean,
): Promise<Trained> {
  const { leftCount, rightCount, single } = prepared;
  const all = prepared.pairs;
  const whole = all <= allPairsMax;
  const lefts = whole ? leftCount : Math.min(leftCount, leftsMax);
  if (!whole)
    await engine.run(
      `CREATE OR REPLACE TABLE ${leftsTable} AS SELECT * FROM ${prepared.left} ORDER BY hash(id), id LIMIT ${lefts}`,
    );
  const relations = { left: whole ? prepared.left : leftsTable, right: prepared.right };
  const groups = prepared.within && (await groupsWithin(engine, relations.left, relations.right));
  const looked = { ...relations, all: groups ? pairsOf(groups) : lefts * rightCount };
  const pairs = whole ? all : looked.all - (single ? lefts : 0);
  const agreements = await countAgreements(engine, looked, comparisons);
  const keys = whole ? [] : tellingKeys(agreements, comparisons, lefts, prepared.within);
  await gatherPairs(engine, prepared, comparisons, keys, whole ? undefined : lefts);
  await engine.run(`CREATE OR REPLACE TABLE link_trained AS FROM ${levelsSql(prepared, comparisons, 'link_some')}`);
  if (!whole) await engine.run(`CREATE OR REPLACE TABLE link_random AS ${randomSql(prepared, lefts, looked.all)}`);
  const random = await countPatterns(
    engine,
    comparisons,
    whole ? 'link_trained' : levelsSql(prepared, comparisons, 'link_random'),
  );
  const levelCounts = comparisons.map(levelCount);
  await keepRivals(engine, weightSql(comparisons, informationOf(levelCounts, random)), whole);
  const candidates = await countPatterns(engine, comparisons, 'link_rivals');
  const { exclusive: rivals, drawn } = await readRivals(engine, comparisons, exclusive);
  const compared = await countPatterns(engine, comparisons, 'link_trained');
  // Of one relation a record may have several partners, and is its own.
  const most = groups ? mostMatches(groups) : Math.min(lefts, rightCount);
  const matchesMax = exclusive ? most : (partnersMax + 1) * lefts;
  const given = {
    dependsOn: dependentFields(agreements, compared, matchesMax),
    levelCounts,
    candidates,
    lefts,
    rights: rightCount,
    pairs,
    ...(groups && { groups }),
    ...(!whole && { counted: await countPresent(engine, looked, comparisons, agreements.one, prepared) }),
    random,
    drawn,
    ...(rivals && { exclusive: rivals }),
  };
  const estimated = estimate(given);
  const related = !exclusive && estimated.converged && shareAlike(comparisons, estimated) < alikeLeast;
  const model = estimated.converged && !related ? estimated : withoutEstimation(given);
  // Of the records that were looked at so many have a partner; of all, as large a share.
  if (!whole && exclusive) {
    const ofAll = groups && { groups: await groupsWithin(engine, prepared.left, prepared.right) };
    model.odds = priorOdds(
      { exclusive, lefts: leftCount, rights: rightCount, pairs: all, ...ofAll },
      (model.matches * leftCount) / lefts,
    );
  }
  for (const table of ['some', 'rivals', ...(whole ? [] : ['random'])]) await engine.run(`DROP TABLE link_${table}`);
  return { model, related, random, lefts, whole, unseen: whole ? 0 : shareUnseen(comparisons, model, keys) };
}

/** Share of the values of matches that are equal or nearly so; of each field as much as that is rare among other pairs. */
function shareAlike(comparisons: Comparison[], { m, u }: Model): number {
  let [alike, all] = [0, 0];
  for (const [at, { field }] of comparisons.entries()) {
    const nearly = (shares: number[]) =>
      shares.slice(0, field.kind === 'text' ? 3 : 2).reduce((sum, one) => sum + one, 0);
    const telling = -Math.log2(nearly(u[at]!));
    alike += telling * nearly(m[at]!);
    all += telling;
  }
  return all === 0 ? 1 : alike / all;
}

/** Fills link_some (l, r): all pairs, or those of link_lefts, so many records, that are equal in a key or share rare words. */
async function gatherPairs(
  engine: Engine,
  { left, right, single, within }: Prepared,
  comparisons: Comparison[],
  keys: Atom[][],
  lefts: number | undefined,
): Promise<void> {
  if (lefts === undefined) {
    await engine.run(`CREATE OR REPLACE TABLE link_some AS
      SELECT l.id AS l, r.id AS r FROM ${left} l JOIN ${right} r ON ${single ? 'l.id < r.id' : 'true'}${within ? ` AND l.${equalColumn} = r.${equalColumn}` : ''}`);
    return;
  }
  const equal = keys.map(
    (key) =>
      `SELECT l.id AS l, r.id AS r FROM ${leftsTable} l JOIN ${right} r ON ${keySql(key, 'l')} = ${keySql(key, 'r')}`,
  );
  const words = textFields(comparisons).map((field) =>
    sharedWordsSql(field, { lefts: leftsTable, single, perRecord: rivalsMax, rowsMax: lefts * wordRowsPerRecord }),
  );
  const none = `SELECT id AS l, id AS r FROM ${leftsTable} WHERE false`;
  await engine.run(`CREATE OR REPLACE TABLE link_some AS
    SELECT DISTINCT l, r FROM (${[none, ...equal, ...words].join(' UNION ALL ')})${single ? ' WHERE l <> r' : ''}`);
}

/** Fills link_rivals from link_trained: of each record the pairs with the most information, and which of them are random ones. */
async function keepRivals(engine: Engine, information: string, whole: boolean): Promise<void> {
  const rank = (own: string, other: string) => `row_number() OVER (PARTITION BY ${own} ORDER BY w DESC, ${other})`;
  const drawn = whole ? 'true' : '(l, r) IN (SELECT (l, r) FROM link_random)';
  await engine.run(`CREATE OR REPLACE TABLE link_rivals AS SELECT *, ${drawn} AS drawn FROM (
      SELECT *, ${rank('l', 'r')} AS of_left, ${rank('r', 'l')} AS of_right FROM (SELECT *, ${information} AS w FROM link_trained))
    WHERE of_left <= ${rivalsMax} OR of_right <= ${rivalsMax}`);
}

/** Patterns are numbered in the order in which `countPatterns` gives them, lefts from 0. */
async function readRivals(
  engine: Engine,
  comparisons: Comparison[],
  exclusive: boolean,
): Promise<Pick<Estimation, 'exclusive' | 'drawn'>> {
  const columns = comparisons.map(({ field }) => levelColumn(field.index)).join(', ');
  if (!exclusive) {
    const counts = await engine.rows<{ n: number }>(
      `SELECT count(*) FILTER (drawn)::INTEGER AS n FROM link_rivals GROUP BY ${columns} ORDER BY ${columns}`,
    );
    return { drawn: counts.map(({ n }) => n) };
  }
  const reader = await engine.connection.runAndReadAll(`SELECT (dense_rank() OVER (ORDER BY l) - 1)::INTEGER AS l, r,
    (dense_rank() OVER (ORDER BY ${columns}) - 1)::INTEGER AS pattern, drawn::INTEGER FROM link_rivals ORDER BY l, r`);
  const [left = [], right = [], pattern = [], drawn = []] = reader.getColumns() as number[][];
  return {
    exclusive: { left: Int32Array.from(left), right: Int32Array.from(right), pattern: Int32Array.from(pattern) },
    drawn,
  };
}

/** Pairs of the records that are looked at with any of the right, by two hashes of a counter; of `all` that are possible, where few are. */
function randomSql({ right, rightCount, single, within }: Prepared, lefts: number, all: number): string {
  if (within) {
    const counted = `(SELECT ${equalColumn}, count(*) AS n FROM ${right} GROUP BY 1)`;
    const firsts = `(SELECT id AS l, ${equalColumn}, sum(n) OVER (ORDER BY id) - n AS first FROM ${leftsTable} JOIN ${counted} USING (${equalColumn}))`;
    const placed = `(SELECT id AS r, ${equalColumn}, row_number() OVER (PARTITION BY ${equalColumn} ORDER BY id) - 1 AS place FROM ${right})`;
    return `SELECT DISTINCT l, r FROM (SELECT (hash(n, 1) % ${all})::BIGINT AS pick FROM range(${randomMax}) t(n))
      ASOF JOIN ${firsts} f ON pick >= f.first JOIN ${placed} p ON p.${equalColumn} = f.${equalColumn} AND p.place = pick - f.first${single ? ' WHERE l <> r' : ''}`;
  }
  return `SELECT DISTINCT l, r FROM (SELECT (hash(n, 1) % ${lefts})::INTEGER AS place, (hash(n, 2) % ${rightCount})::INTEGER AS r FROM range(${randomMax}) t(n))
    JOIN (SELECT id AS l, row_number() OVER (ORDER BY id) - 1 AS place FROM ${leftsTable}) USING (place)${single ? ' WHERE l <> r' : ''}`;
}

/**
 * Values of one field, or of two together, that few enough records share. Two only where neither is telling alone. Nothing else is
 * needed where few pairs are possible.
 */
function tellingKeys(
  { all, one, both }: Agreements,
  comparisons: Comparison[],
  lefts: number,
  within: Prepared['within'],
): Atom[][] {
  const most = lefts * perLeftMax;
  if (within && all <= most) return [[withinAtom(within.name)]];
  const values = comparisons.map(({ field }) => atomsOf(field)[0]!);
  const known = [...values.keys()].filter((at) => comparisons[at]!.field.kind !== 'text');
  const common = known.filter((at) => one[at]! > most);
  const alone = known.filter((at) => one[at]! <= most).map((at) => [values[at]!]);
  const together = common.flatMap((at) =>
    common.filter((other) => other > at && both[at]![other]! <= most).map((other) => [values[at]!, values[other]!]),
  );
  return [...alone, ...together];
}

/**
 * The share of matches that agree in no key, fields being independent; over all sets of fields that may be equal. A text is
 * taken to be found by its words, and nothing is unseen where all possible pairs are looked at.
 */
function shareUnseen(comparisons: Comparison[], model: Model, keys: Atom[][]): number {
  if (comparisons.some(({ field }) => field.kind === 'text')) return 0;
  if (keys.some((key) => key.every(({ field }) => field.index < 0))) return 0;
  const fields = [...new Set(keys.flat().map(({ field }) => field.index))].slice(0, fieldsMax);
  const place = new Map(fields.map((index, at) => [index, at]));
  const known = keys.filter((key) => key.every(({ field }) => place.has(field.index)));
  const masks = known.map((key) => key.reduce((mask, { field }) => mask | (1 << place.get(field.index)!), 0));
  let unseen = 0;
  for (let equal = 0; equal < 1 << fields.length; equal += 1) {
    if (masks.some((mask) => (equal & mask) === mask)) continue;
    let share = 1;
    for (const [at, index] of fields.entries()) {
      const of = comparisons.findIndex(({ field }) => field.index === index);
      const agree = model.m[of]![0]!;
      share *= equal & (1 << at) ? agree : 1 - agree;
    }
    unseen += share;
  }
  return unseen;
}
