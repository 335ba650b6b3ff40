// Every pair that a block allows, weighed; what is far from a match is not kept.
import type { Engine } from '../engine.ts';
import { type Atom, keySql } from './blocking-atoms.ts';
import { type Comparison, equalColumn, levelColumn, similarityColumn } from './comparisons.ts';
import { type Weights, weightSql } from './model-weights.ts';
import { levelsSql, textFields } from './pair-levels.ts';
import { bit, type Prepared } from './prepare-records.ts';
import { sharedWordsSql, wordRowsPerRecord } from './shared-words.ts';
import { allPairsMax } from './training.ts';

/** Pairs of one value of a key: more are not compared by it. */
export const blockPairsMax = 1_000_000;
/**
 * Odds of 1 to 128: what is kept besides likely matches are their rivals. A pair for which its values do not speak at all is none of
 * these, however few records are left: being the last two is no likeness.
 */
const weightLeast = -7 * bit;
/** Rivals of a record that are kept. */
const rivalsMax = 20;

/** What records are compared by; `words` is how many pairs of shared words are kept per record. */
export type UsedBlocks = { keys: { name: string; atoms: Atom[] }[]; words: number };

export type Crowded = { key: string; blocks: number; records: number };

export const scoredTable = 'link_scored';

/** Takes out of link_scored what may be no pair, before rivals are counted. */
export type Limit = () => Promise<void>;

/** So many pairs are compared one and all with a model that has no blocks, for it was learned from few records. */
const unblockedMax = 16 * allPairsMax;

/** The same of all pairs, where training has not been now. Throws a RangeError where they are too many. */
export async function scoreAll(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  weights: Weights,
  limit: Limit,
): Promise<void> {
  const count = prepared.pairs;
  if (count > unblockedMax)
    throw new RangeError(
      `the model has no blocks, and ${count} pairs are too many to compare: learn it from these records`,
    );
  const pairs = `(SELECT l.id AS l, r.id AS r FROM ${prepared.left} l JOIN ${prepared.right} r ON ${prepared.single ? 'l.id < r.id' : 'true'}${prepared.within ? ` AND l.${equalColumn} = r.${equalColumn}` : ''})`;
  await keepRivals(engine, scoredSql(comparisons, weights, levelsSql(prepared, comparisons, pairs)), limit);
}

/** Fills link_scored (l, r, weight in millionths of a bit, levels, how alike texts are) with pairs that training has compared one and all. */
export async function scoreTrained(
  engine: Engine,
  comparisons: Comparison[],
  weights: Weights,
  limit: Limit,
): Promise<void> {
  await keepRivals(engine, scoredSql(comparisons, weights, 'link_trained'), limit);
  await engine.run('DROP TABLE link_trained');
}

/** The same with the pairs of the blocks. Gives the blocks that were too large to compare. */
export async function scoreBlocks(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  weights: Weights,
  blocks: UsedBlocks,
  limit: Limit,
): Promise<Crowded[]> {
  const { single } = prepared;
  const crowded = await addKeys(engine, prepared, blocks);
  const right = single ? 'link_keyed_left' : 'link_keyed_right';
  const pairsOf = (at: number) =>
    [
      `link_keyed_left l JOIN ${right} r ON l.k${at} = r.k${at}${single ? ' AND l.id < r.id' : ''}`,
      // Pairs that an earlier key has found.
      ...Array.from({ length: at }, (_, before) => `coalesce(l.k${before} <> r.k${before}, true)`),
    ].reduce((sql, condition, place) =>
      place === 0 ? condition : `${sql} ${place === 1 ? 'WHERE' : 'AND'} ${condition}`,
    );
  const words = textFields(comparisons).map((field) => {
    const pairs = sharedWordsSql(field, {
      lefts: prepared.left,
      single,
      perRecord: blocks.words,
      rowsMax: prepared.leftCount * wordRowsPerRecord,
    });
    return single ? `SELECT least(l, r) AS l, greatest(l, r) AS r FROM (${pairs})` : pairs;
  });
  await engine.run('CREATE OR REPLACE TABLE link_candidates (l INTEGER, r INTEGER)');
  for (const at of blocks.keys.keys())
    await engine.run(`INSERT INTO link_candidates SELECT l.id, r.id FROM ${pairsOf(at)}`);
  if (words.length > 0)
    await engine.run(
      `INSERT INTO link_candidates SELECT l, r FROM (${words.join(' UNION ')}) ANTI JOIN link_candidates USING (l, r)`,
    );
  await keepRivals(engine, scoredSql(comparisons, weights, levelsSql(prepared, comparisons, 'link_candidates')), limit);
  await engine.run('DROP TABLE link_candidates');
  for (const side of single ? ['left'] : ['left', 'right']) await engine.run(`DROP TABLE link_keyed_${side}`);
  return crowded;
}

function scoredSql(comparisons: Comparison[], weights: Weights, levels: string): string {
  const columns = [
    ...comparisons.map(({ field }) => levelColumn(field.index)),
    ...textFields(comparisons).map(({ index }) => similarityColumn(index)),
  ].join(', ');
  return `SELECT * FROM (SELECT l, r, (${weightSql(comparisons, weights)})::INTEGER AS weight, ${columns} FROM ${levels}) WHERE weight >= ${Math.max(weightLeast, weights.base + 1)}`;
}

async function keepRivals(engine: Engine, pairs: string, limit: Limit): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE ${scoredTable} AS ${pairs}`);
  await limit();
  const crowdedBy = (side: 'l' | 'r') =>
    `SELECT ${side} FROM ${scoredTable} GROUP BY ${side} HAVING count(*) > ${rivalsMax}`;
  const rank = (own: string, other: string) => `row_number() OVER (PARTITION BY ${own} ORDER BY weight DESC, ${other})`;
  await engine.run(`CREATE OR REPLACE TABLE link_dropped AS SELECT l, r FROM (
      SELECT l, r, ${rank('l', 'r')} AS of_left, ${rank('r', 'l')} AS of_right FROM ${scoredTable}
      WHERE l IN (${crowdedBy('l')}) OR r IN (${crowdedBy('r')}))
    WHERE of_left > ${rivalsMax} AND of_right > ${rivalsMax}`);
  await engine.run(`DELETE FROM ${scoredTable} WHERE (l, r) IN (SELECT (l, r) FROM link_dropped)`);
  await engine.run('DROP TABLE link_dropped');
}

/** Fills link_keyed_left and _right: the prepared records with a number per key, null where its block is too large. */
async function addKeys(engine: Engine, prepared: Prepared, { keys }: UsedBlocks): Promise<Crowded[]> {
  const sides = prepared.single ? (['left'] as const) : (['left', 'right'] as const);
  const crowded: Crowded[] = [];
  for (const side of sides) {
    const columns = keys.map(({ atoms }, at) => `${keySql(atoms, 's')} AS k${at}`);
    await engine.run(
      `CREATE OR REPLACE TABLE link_keyed_${side} AS SELECT s.id${columns.map((one) => `, ${one}`).join('')} FROM ${prepared[side]} s`,
    );
  }
  for (const at of await perhapsCrowded(engine, prepared.single, keys.length)) {
    const count = (side: string) =>
      `(SELECT k${at} AS key, count(*) AS n FROM link_keyed_${side} WHERE k${at} IS NOT NULL GROUP BY key)`;
    const blocks = prepared.single
      ? `SELECT key, n AS records FROM ${count('left')} WHERE n * (n - 1) / 2 > ${blockPairsMax}`
      : `SELECT key, a.n + b.n AS records FROM ${count('left')} a JOIN ${count('right')} b USING (key) WHERE a.n * b.n > ${blockPairsMax}`;
    await engine.run(`CREATE OR REPLACE TABLE link_crowded AS ${blocks}`);
    const [found] = await engine.rows<{ blocks: string; records: string }>(
      'SELECT count(*) AS blocks, coalesce(sum(records), 0)::BIGINT AS records FROM link_crowded',
    );
    if (Number(found!.blocks) === 0) continue;
    crowded.push({ key: keys[at]!.name, blocks: Number(found!.blocks), records: Number(found!.records) });
    for (const side of sides)
      await engine.run(`UPDATE link_keyed_${side} SET k${at} = NULL WHERE k${at} IN (SELECT key FROM link_crowded)`);
  }
  await engine.run('DROP TABLE IF EXISTS link_crowded');
  return crowded;
}

/**
 * The keys of which a block may be too large: where blocks are thrown together by a few bits of their numbers, and even so none is,
 * there is no need to count them one by one.
 */
async function perhapsCrowded(engine: Engine, single: boolean, keys: number): Promise<number[]> {
  const count = (side: string, at: number) =>
    `(SELECT (k${at} & 65535)::USMALLINT AS few, count(*) AS n FROM link_keyed_${side} WHERE k${at} IS NOT NULL GROUP BY few)`;
  const largest = Array.from({ length: keys }, (_, at) =>
    single
      ? `SELECT ${at} AS key, max(n * (n - 1) / 2) AS pairs FROM ${count('left', at)}`
      : `SELECT ${at} AS key, max(a.n * b.n) AS pairs FROM ${count('left', at)} a JOIN ${count('right', at)} b USING (few)`,
  );
  if (largest.length === 0) return [];
  const found = await engine.rows<{ key: number }>(
    `SELECT key FROM (${largest.join(' UNION ALL ')}) WHERE pairs > ${blockPairsMax} ORDER BY key`,
  );
  return found.map(({ key }) => key);
}
