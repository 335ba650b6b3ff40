// Which keys to compare records by: those that find the most of what training took for matches, for the fewest pairs.
import type { Engine } from '../engine.ts';
import { type Atom, atomsOf } from './blocking-atoms.ts';
import type { Comparison } from './comparisons.ts';
import { type Weights, weightSql } from './model-weights.ts';
import { textFields } from './pair-levels.ts';
import { bit, type Prepared } from './prepare-records.ts';
import { sharedWordsSql, wordRowsPerRecord } from './shared-words.ts';
import { leftsTable, type Trained } from './training.ts';

export type BlockKey = {
  name: string;
  atoms: Atom[];
  /** Pairs that agree in it, estimated. */
  pairs: number;
};

export type Blocks = {
  keys: BlockKey[];
  /** Pairs of shared words kept per record; 0 where there are no texts. */
  words: number;
  /** Share of the matches that training found which the keys find too. */
  recall: number;
};

/** Pairs grow with the records: so many for each record of the larger side, and as many as a second's work in any case. */
const pairsPerRecord = 20;
const pairsLeast = 1_000_000;
export const pairsBudget = ({ leftCount, rightCount }: Prepared): number =>
  Math.max(pairsLeast, pairsPerRecord * Math.max(leftCount, rightCount));

/** What making a key of all records costs, in pairs per record. */
const keyCost = 2;
/** A key that finds less than this share of what there is besides the others is not worth its pairs. */
const gainLeast = 0.0003;
const keysMax = 16;
/** A match that takes more comparisons than this is left to be missed. */
const pairsPerMatchMax = 5_000;
const sampleMax = 25_000;
/** Pairs of which training is this sure, in bits, are what keys have to find. */
const sureLeast = 3.3;
/** Pairs of shared words that are kept per record. */
export const wordsPerRecord = 10;
/** The pairs of shared words, of the records that training looked at. */
const wordsTable = 'link_found_by_words';

/** `link_trained` holds the pairs that training looked at. */
export async function chooseBlocks(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  weights: Weights,
  trained: Trained,
): Promise<Blocks> {
  const texts = textFields(comparisons);
  const words = texts.length > 0 ? wordsPerRecord : 0;
  const atoms = comparisons.filter(({ field }) => field.kind !== 'text').flatMap(({ field }) => atomsOf(field));
  if (words > 0) {
    const some = {
      lefts: leftsTable,
      single: prepared.single,
      perRecord: words,
      rowsMax: trained.lefts * wordRowsPerRecord,
    };
    await engine.run(
      `CREATE OR REPLACE TABLE ${wordsTable} AS ${texts.map((field) => sharedWordsSql(field, some)).join(' UNION ')}`,
    );
  }
  const { masks, found, total } = await sureMatches(engine, prepared, comparisons, weights, atoms, words);
  if (words > 0) await engine.run(`DROP TABLE ${wordsTable}`);
  const keys = await measuredKeys(engine, prepared, atoms);
  return { ...chooseKeys(keys, masks, found, total, prepared, prepared.leftCount / trained.lefts), words };
}

type Measured = BlockKey & { mask: bigint };

/** Per set of atoms in common: how many sure matches have it. `found`: are among the pairs of shared words. */
async function sureMatches(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  weights: Weights,
  atoms: Atom[],
  words: number,
): Promise<{ masks: { mask: bigint; n: number }[]; found: number; total: number }> {
  const agree = atoms.map((atom, at) => `coalesce((${atom.of('l')} = ${atom.of('r')})::HUGEINT << ${at}, 0)`);
  const shared = words > 0 ? `(p.l, p.r) IN (SELECT (l, r) FROM ${wordsTable})` : 'false';
  const rows = await engine.rows<{ mask: string; shared: boolean; n: string }>(`
    SELECT (${agree.join(' + ') || '0'})::HUGEINT AS mask, ${shared} AS shared, count(*) AS n FROM (
      SELECT l, r FROM (SELECT l, r, ${weightSql(comparisons, weights)} AS w FROM link_trained) WHERE w >= ${sureLeast * bit}
        ${prepared.single ? '' : 'QUALIFY row_number() OVER (PARTITION BY l ORDER BY w DESC, r) = 1'}) p
    JOIN ${prepared.left} l ON l.id = p.l JOIN ${prepared.right} r ON r.id = p.r GROUP BY ALL ORDER BY ALL`);
  const counted = rows.map(({ mask, shared, n }) => ({ mask: BigInt(mask), shared, n: Number(n) }));
  const count = (some: { n: number }[]) => some.reduce((sum, { n }) => sum + n, 0);
  return {
    masks: counted.filter((one) => !one.shared),
    found: count(counted.filter((one) => one.shared)),
    total: count(counted),
  };
}

/** Every atom alone, and every two of different fields, with the pairs that agree in it, from a sample of either side. */
async function measuredKeys(engine: Engine, prepared: Prepared, atoms: Atom[]): Promise<Measured[]> {
  const { leftCount, rightCount, single } = prepared;
  const sampled = { left: Math.min(sampleMax, leftCount), right: Math.min(sampleMax, rightCount) };
  const columns = atoms.map((atom, at) => `hash(${atom.of('s')}) AS a${at}, (${atom.of('s')}) IS NOT NULL AS h${at}`);
  for (const side of ['left', 'right'] as const)
    await engine.run(`CREATE OR REPLACE TABLE link_sample_${side} AS SELECT ${columns.join(', ')} FROM
      (SELECT * FROM ${prepared[side]} ORDER BY hash(id, '${single ? 'left' : side}'), id LIMIT ${sampled[side]}) s`);
  const scale = ((leftCount / sampled.left) * (rightCount / sampled.right)) / (single ? 2 : 1);
  const candidates = [
    ...atoms.map((_, at) => [at]),
    ...atoms.flatMap((one, at) =>
      atoms.flatMap((other, place) => (place > at && other.field.index !== one.field.index ? [[at, place]] : [])),
    ),
  ];
  const side = (name: string, key: number[]) =>
    `(SELECT ${key.length === 1 ? `a${key[0]}` : `hash(${key.map((at) => `a${at}`).join(', ')})`} AS key, count(*) AS n FROM link_sample_${name} WHERE ${key.map((at) => `h${at}`).join(' AND ')} GROUP BY key)`;
  const self = single ? sampled.left : 0;
  const keys: Measured[] = [];
  // One by one: all of them in one statement would take memory for each.
  for (const key of candidates) {
    const [found] = await engine.rows<{ n: string }>(
      `SELECT coalesce(sum(a.n * b.n), 0)::BIGINT AS n FROM ${side('left', key)} a JOIN ${side('right', key)} b USING (key)`,
    );
    keys.push({
      name: key.map((at) => atoms[at]!.name).join(' and '),
      atoms: key.map((at) => atoms[at]!),
      pairs: Math.max(0, Number(found!.n) - self) * scale,
      mask: key.reduce((mask, at) => mask | (1n << BigInt(at)), 0n),
    });
  }
  for (const name of ['left', 'right']) await engine.run(`DROP TABLE link_sample_${name}`);
  return keys;
}

/**
 * The weighted set cover by greed (Chvátal, 1979): again and again the key with the most matches found anew per pair, as
 * long as the pairs last and the gain is worth it.
 */
export function chooseKeys(
  keys: Measured[],
  masks: { mask: bigint; n: number }[],
  found: number,
  total: number,
  prepared: Prepared,
  perSample: number,
): Pick<Blocks, 'keys' | 'recall'> {
  const records = prepared.leftCount + (prepared.single ? 0 : prepared.rightCount);
  let left = masks;
  let covered = found;
  let budget = pairsBudget(prepared);
  const chosen: Measured[] = [];
  while (chosen.length < keysMax) {
    let best: { key: Measured; gain: number; worth: number } | undefined;
    for (const key of keys) {
      const gain = left.reduce((sum, { mask, n }) => ((mask & key.mask) === key.mask ? sum + n : sum), 0);
      if (key.pairs > budget || key.pairs > gain * perSample * pairsPerMatchMax) continue;
      const worth = gain / (key.pairs + keyCost * records);
      if (gain >= gainLeast * total && gain > 0 && (!best || worth > best.worth)) best = { key, gain, worth };
    }
    if (!best) break;
    const { key } = best;
    chosen.push(key);
    covered += best.gain;
    budget -= key.pairs;
    left = left.filter(({ mask }) => (mask & key.mask) !== key.mask);
  }
  return { keys: chosen.map(({ mask: _mask, ...key }) => key), recall: total === 0 ? 1 : covered / total };
}
