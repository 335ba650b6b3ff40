// One partner at most for every record: how likely each pair is among its rivals, the best of all pairings, and what of it
// is decided.
import { type Offer, pairOptimally } from '../assignment/pair-optimally.ts';
import type { Engine } from '../engine.ts';
import { createExclusion } from './exclusion.ts';
import { probabilitySql } from './model-weights.ts';
import { bit } from './prepare-records.ts';
import { scoredTable } from './score-pairs.ts';

export const weighedTable = 'link_weighed';
export const pairedTable = 'link_paired';

/** Weights in pairings are thousandths of a bit: sums over ten thousand pairs are still exact. */
const costUnit = bit / 1000;
/** Less likely pairs are nobody's partner. */
const likelyLeast = 0.01;

/**
 * Fills link_weighed from link_scored: l, r, weight, probability, chosen (in the best pairing), left_partnered and right_partnered
 * (how likely the record has any partner), tied (pairings without it are as good). Gives the records that could not be paired in time.
 */
export async function weighRivals(engine: Engine, tieMarginBits: number): Promise<{ exhausted: number }> {
  const alone = (['l', 'r'] as const)
    .map((side) => `${side} IN (SELECT ${side} FROM ${scoredTable} GROUP BY ${side} HAVING count(*) = 1)`)
    .join(' AND ');
  await engine.run(`CREATE OR REPLACE TABLE ${weighedTable} AS SELECT l, r, weight, probability, weight > 0 AS chosen,
      probability AS left_partnered, probability AS right_partnered, false AS tied
    FROM (SELECT l, r, weight, ${probabilitySql('weight')} AS probability FROM ${scoredTable} WHERE ${alone}) WHERE probability >= ${likelyLeast}`);
  const reader = await engine.connection.runAndReadAll(`SELECT l, r, weight FROM ${scoredTable} ANTI JOIN
    (SELECT l, r FROM ${scoredTable} WHERE ${alone}) USING (l, r) ORDER BY l, r`);
  const [lefts = [], rights = [], weights = []] = reader.getColumns() as number[][];
  const [left, right] = [number(lefts), number(rights)];
  const exclusion = createExclusion(
    { left: left.of, right: right.of, pattern: Int32Array.from(weights.keys()) },
    left.count,
    right.count,
  );
  const probabilities = exclusion
    .probabilities(Float64Array.from(weights, (weight) => 2 ** (weight / bit)))
    .map((one) => Math.round(one * 1e6));
  const chosen = choose(left, right, weights, probabilities, Math.round((tieMarginBits * bit) / costUnit));
  const partnered = { left: new Float64Array(left.count), right: new Float64Array(right.count) };
  for (const [at, probability] of probabilities.entries()) {
    partnered.left[left.of[at]!]! += probability;
    partnered.right[right.of[at]!]! += probability;
  }
  const appender = await engine.connection.createAppender(weighedTable);
  for (const [at, probability] of probabilities.entries()) {
    if (probability < likelyLeast * 1e6) continue;
    const [one, other] = [left.of[at]!, right.of[at]!];
    for (const value of [lefts[at]!, rights[at]!, weights[at]!]) appender.appendInteger(value);
    appender.appendDouble(probability / 1e6);
    appender.appendBoolean(chosen.pairs.has(at));
    appender.appendDouble(partnered.left[one]! / 1e6);
    appender.appendDouble(partnered.right[other]! / 1e6);
    appender.appendBoolean(chosen.tied.left.has(one) && chosen.tied.right.has(other));
    appender.endRow();
  }
  appender.closeSync();
  return { exhausted: chosen.exhausted };
}

/**
 * Fills link_paired (l, r, weight, probability, state) from link_weighed. `linked`: chosen, and as likely as the threshold. `tied`: of
 * records that are linked to nothing although each is as likely as that to have a partner; which one would be a guess.
 */
export async function decidePairs(engine: Engine, threshold: number): Promise<void> {
  const linked = `SELECT l, r, weight, probability, 'linked' AS state FROM ${weighedTable} WHERE chosen AND probability >= ${threshold}`;
  const has = (side: string) => `(tied OR ${side}_partnered >= ${threshold})`;
  await engine.run(`CREATE OR REPLACE TABLE ${pairedTable} AS WITH linked AS (${linked}) FROM linked
    UNION ALL SELECT l, r, weight, probability, 'tied' FROM ${weighedTable} WHERE ${has('left')} AND ${has('right')}
      AND l NOT IN (SELECT l FROM linked) AND r NOT IN (SELECT r FROM linked)`);
}

type Numbered = { of: Int32Array; count: number };

/** Records in the order in which they come, from 0. */
function number(ids: number[]): Numbered {
  const known = new Map<number, number>();
  const of = Int32Array.from(ids, (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    known.set(id, known.size);
    return known.size - 1;
  });
  return { of, count: known.size };
}

type Chosen = { pairs: Set<number>; tied: { left: Set<number>; right: Set<number> }; exhausted: number };

/**
 * The set of pairs with the largest sum of weights. `pairOptimally` takes as many pairs as there can be, so every record of
 * the left is also offered to be alone, at a weight of nothing: the pairing of least cost then is that of most weight. In
 * a component too large for it, pairs likelier than not are taken, of which no two can have a record in common.
 */
function choose(
  left: Numbered,
  right: Numbered,
  weights: number[],
  probabilities: Float64Array,
  tieMargin: number,
): Chosen {
  const most = Math.ceil(weights.reduce((max, one) => Math.max(max, one), 0) / costUnit);
  // Being alone is dearer than any pair by more than the margin: between those two the probability decides.
  const alone = most + tieMargin + 1;
  const offers: Offer[] = [];
  const place = new Map<number, number>();
  for (const [at, weight] of weights.entries()) {
    if (weight <= 0) continue;
    const [one, other] = [left.of[at]!, right.of[at]!];
    offers.push({ left: one, right: other, cost: most - Math.round(weight / costUnit) });
    place.set(one * right.count + other, at);
  }
  for (let one = 0; one < left.count; one += 1) offers.push({ left: one, right: right.count + one, cost: alone });
  const { pairs, tied, exhausted } = pairOptimally({
    leftCounts: new Array<number>(left.count).fill(1),
    rightCounts: new Array<number>(right.count + left.count).fill(1),
    offers,
    tieMargin,
  });
  const chosen = new Set<number>();
  for (const pair of pairs) if (pair.right < right.count) chosen.add(place.get(pair.left * right.count + pair.right)!);
  for (const [at, probability] of probabilities.entries())
    if (probability > 500_000 && exhausted.left.has(left.of[at]!)) chosen.add(at);
  return { pairs: chosen, tied, exhausted: exhausted.left.size };
}
