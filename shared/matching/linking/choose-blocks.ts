// Which keys to compare records by: those that find the most of what training took for matches, for the fewest pairs.
import type { Engine } from '../engine.ts';
import { countEqual } from './agreements.ts';
import { type Atom, atomsOf, withinAtom } from './blocking-atoms.ts';
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
  /** Share of the matches like those that training found which the keys find too, as far as can be told. */
  recall: number;
};

/** Pairs grow with the records: so many for each record of the larger side, and as many as a second's work in any case. */
const pairsPerRecord = 40;
const pairsLeast = 1_000_000;
export const pairsBudget = ({ leftCount, rightCount }: Prepared): number =>
  Math.max(pairsLeast, pairsPerRecord * Math.max(leftCount, rightCount));

/** What making a key of all records costs, in pairs per record. */
const keyCost = 0.3;
/** A key that finds less than this share of what there is besides the others is not worth its pairs. */
const gainLeast = 0.00015;
/** Bits of a number in SQL. */
const atomsMax = 120;
const keysMax = 20;
/** A match that takes more comparisons than this is left to be missed. */
const pairsPerMatchMax = 5_000;
const sampleMax = 15_000;
/** Pairs of which training is this sure, in bits, are what keys have to find. */
const sureLeast = 3.3;
const recombinedMax = 8_000;
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
  const { within } = prepared;
  const atoms = [
    ...(within ? [withinAtom(within.name)] : []),
    ...comparisons.filter(({ field }) => field.kind !== 'text').flatMap(({ field }) => atomsOf(field)),
  ].slice(0, atomsMax);
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
  const sure = await sureMatches(engine, prepared, comparisons, weights, atoms, words);
  if (words > 0) await engine.run(`DROP TABLE ${wordsTable}`);
  const keys = await measuredKeys(engine, prepared, atoms);
  const matches = [
    ...sure,
    ...recombine(sure, masksOfFields(atoms, [...(within ? [-1] : []), ...comparisons.map(({ field }) => field.index)])),
  ];
  // Of all the records there are so many for each of these.
  const total = matches.reduce((sum, { n }) => sum + n, 0);
  const perSample = total === 0 ? 0 : (trained.model.matches * (prepared.leftCount / trained.lefts)) / total;
  // Keys that are chosen by what they find in one half find less of the other: that is what is to be expected of them.
  const [seen, unseen] = [0, 1].map((half) => matches.filter((one) => one.half === half)) as [Match[], Match[]];
  const recall = shareFound(chooseKeys(keys, seen, prepared, perSample * 2), unseen);
  const chosen = chooseKeys(keys, matches, prepared, perSample);
  return { keys: chosen.map(({ mask: _mask, ...key }) => key), words, recall };
}

/** The same for keys that are given: what they find of the matches that training found. */
export async function measureBlocks(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  weights: Weights,
  keys: Atom[][],
): Promise<Blocks> {
  const atoms = [...new Set(keys.flat())].slice(0, atomsMax);
  const sure = await sureMatches(engine, prepared, comparisons, weights, atoms, 0);
  const measured = keys.map((key) => ({
    name: key.map(({ name }) => name).join(' and '),
    atoms: key,
    pairs: 0,
    mask: key.reduce((mask, atom) => mask | (1n << BigInt(atoms.indexOf(atom))), 0n),
  }));
  const matches = [
    ...sure,
    ...recombine(sure, masksOfFields(atoms, [...new Set(atoms.map(({ field }) => field.index))])),
  ];
  return { keys: measured.map(({ mask: _mask, ...key }) => key), words: 0, recall: shareFound(measured, matches) };
}

/** The bits of the atoms of each field. */
function masksOfFields(atoms: Atom[], fields: number[]): bigint[] {
  return fields.map((index) =>
    atoms.reduce((mask, atom, at) => (atom.field.index === index ? mask | (1n << BigInt(at)) : mask), 0n),
  );
}

export type MeasuredKey = BlockKey & {
  /** The bits of its atoms. */
  mask: bigint;
};

/** So many sure matches have these atoms in common; `found`: they are among the pairs of shared words. */
export type Match = { mask: bigint; found: boolean; half: number; n: number };

async function sureMatches(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  weights: Weights,
  atoms: Atom[],
  words: number,
): Promise<Match[]> {
  const agree = atoms.map((atom, at) => `coalesce((${atom.of('l')} = ${atom.of('r')})::HUGEINT << ${at}, 0)`);
  const found = words > 0 ? `(p.l, p.r) IN (SELECT (l, r) FROM ${wordsTable})` : 'false';
  const rows = await engine.rows<{ mask: string; found: boolean; half: number; n: number }>(`
    SELECT (${agree.join(' + ') || '0'})::HUGEINT AS mask, ${found} AS found, (hash(p.l) % 2)::INTEGER AS half, count(*)::INTEGER AS n FROM (
      SELECT l, r FROM (SELECT l, r, ${weightSql(comparisons, weights)} AS w FROM link_trained) WHERE w >= ${sureLeast * bit}
        ${prepared.single ? '' : 'QUALIFY row_number() OVER (PARTITION BY l ORDER BY w DESC, r) = 1'}) p
    JOIN ${prepared.left} l ON l.id = p.l JOIN ${prepared.right} r ON r.id = p.r GROUP BY ALL ORDER BY ALL`);
  return rows.map((row) => ({ ...row, mask: BigInt(row.mask) }));
}

/**
 * Matches as they would be if each field's agreement came from another sure one: those that agree in little are not among
 * the sure ones, though there are as many of them as independent fields make, and keys have to find them too.
 */
export function recombine(sure: Match[], ofFields: bigint[]): Match[] {
  const each = sure.flatMap((match) => new Array<Match>(match.n).fill(match));
  if (each.length === 0) return [];
  let state = 1;
  // The generator of Numerical Recipes (Press et al., 1992, §7.1): its upper bits are what is used.
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return each[Math.floor((state / 2 ** 32) * each.length)]!;
  };
  const counted = new Map<string, Match>();
  for (let at = 0; at < recombinedMax; at += 1) {
    const mask = ofFields.reduce((sum, of) => sum | (draw().mask & of), 0n);
    const [found, half] = [draw().found, at % 2];
    const name = `${mask} ${found} ${half}`;
    const known = counted.get(name);
    if (known) known.n += 1;
    else counted.set(name, { mask, found, half, n: 1 });
  }
  return [...counted.values()];
}

/** Every atom alone, and every two of different fields, with the pairs that agree in it, from a sample of either side. */
async function measuredKeys(engine: Engine, prepared: Prepared, atoms: Atom[]): Promise<MeasuredKey[]> {
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
  const counts = await countEqual(
    engine,
    candidates.map((key) => ({ left: side('left', key), right: side('right', key) })),
  );
  const keys = candidates.map((key, place) => ({
    name: key.map((at) => atoms[at]!.name).join(' and '),
    atoms: key.map((at) => atoms[at]!),
    pairs: Math.max(0, counts[place]! - self) * scale,
    mask: key.reduce((mask, at) => mask | (1n << BigInt(at)), 0n),
  }));
  for (const name of ['left', 'right']) await engine.run(`DROP TABLE link_sample_${name}`);
  return keys;
}

/**
 * The weighted set cover by greed (Chvátal, 1979): again and again the key with the most matches found anew per pair, as
 * long as the pairs last and the gain is worth it. `perSample` is how many matches each stands for.
 */
export function chooseKeys(
  keys: MeasuredKey[],
  matches: Match[],
  prepared: Prepared,
  perSample: number,
): MeasuredKey[] {
  const records = prepared.leftCount + (prepared.single ? 0 : prepared.rightCount);
  const total = matches.reduce((sum, { n }) => sum + n, 0);
  const finds = keys.map(({ mask }) => [...matches.keys()].filter((at) => (matches[at]!.mask & mask) === mask));
  const left = matches.map(({ found, n }) => (found ? 0 : n));
  let budget = pairsBudget(prepared);
  const chosen: MeasuredKey[] = [];
  while (chosen.length < keysMax) {
    let best: { at: number; worth: number } | undefined;
    for (const [at, { pairs }] of keys.entries()) {
      const gain = finds[at]!.reduce((sum, match) => sum + left[match]!, 0);
      if (gain === 0 || gain < gainLeast * total) continue;
      if (pairs > budget || pairs > gain * perSample * pairsPerMatchMax) continue;
      const worth = gain / (pairs + keyCost * records);
      if (!best || worth > best.worth) best = { at, worth };
    }
    if (!best) break;
    chosen.push(keys[best.at]!);
    budget -= keys[best.at]!.pairs;
    for (const match of finds[best.at]!) left[match] = 0;
  }
  return chosen;
}

/** Of the matches, those that are equal in one of the keys or found already; all where there are none. */
export function shareFound(keys: MeasuredKey[], matches: Match[]): number {
  const count = (some: Match[]) => some.reduce((sum, { n }) => sum + n, 0);
  const total = count(matches);
  const has = ({ mask, found }: Match) => found || keys.some((key) => (mask & key.mask) === key.mask);
  return total === 0 ? 1 : count(matches.filter(has)) / total;
}
