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

const sides = [
  { id: 'l', side: 'left' },
  { id: 'r', side: 'right' },
] as const;

/** Weights in pairings are thousandths of a bit: sums over ten thousand pairs are still exact. */
const costUnit = bit / 1000;
/** Less likely pairs are nobody's partner. */
const likelyLeast = 0.01;
/** Of what a record's likeliest partner is: who is less likely is not in doubt. */
const nearlyAsLikely = 0.1;

/**
 * Fills link_weighed from link_scored: l, r, weight, probability (that of the fewer of the two records' copies one has a partner
 * among the other's), n (copies in the best pairing, 0 in none), left_copies and right_copies, tied (pairings without it are as good).
 * Of relations that are `counted` each record stands for `$n`. Gives the records that could not be paired in time.
 */
export async function weighRivals(
  engine: Engine,
  tieMarginBits: number,
  counted?: { left: string; right: string },
): Promise<{ exhausted: number }> {
  const alone = sides
    .flatMap(({ id, side }) => [
      `${id} IN (SELECT ${id} FROM ${scoredTable} GROUP BY ${id} HAVING count(*) = 1)`,
      ...(counted ? [`${id} NOT IN (SELECT "$id" FROM ${counted[side]} WHERE "$n" > 1)`] : []),
    ])
    .join(' AND ');
  await engine.run(`CREATE OR REPLACE TABLE ${weighedTable} AS SELECT l, r, weight, probability, (weight > 0)::INTEGER AS n,
      1 AS left_copies, 1 AS right_copies, false AS tied
    FROM (SELECT l, r, weight, ${probabilitySql('weight')} AS probability FROM ${scoredTable} WHERE ${alone}) WHERE probability >= ${likelyLeast}`);
  const reader = await engine.connection.runAndReadAll(`SELECT l, r, weight FROM ${scoredTable} ANTI JOIN
    (SELECT l, r FROM ${scoredTable} WHERE ${alone}) USING (l, r) ORDER BY l, r`);
  const [lefts = [], rights = [], weights = []] = reader.getColumns() as number[][];
  const [left, right] = [
    number(lefts, await copiesOf(engine, counted?.left)),
    number(rights, await copiesOf(engine, counted?.right)),
  ];
  const exclusion = createExclusion(
    { left: left.of, right: right.of, pattern: Int32Array.from(weights.keys()) },
    left.count,
    right.count,
    { left: left.copies, right: right.copies },
  );
  const between = exclusion.probabilities(Float64Array.from(weights, (weight) => 2 ** (weight / bit)));
  const probabilities = between.map((one, at) => {
    const copies = Math.max(left.copies[left.of[at]!]!, right.copies[right.of[at]!]!);
    return Math.min(1e6, Math.round(one * copies * 1e6));
  });
  const chosen = choose(left, right, weights, probabilities, Math.round((tieMarginBits * bit) / costUnit));
  const appender = await engine.connection.createAppender(weighedTable);
  for (const [at, probability] of probabilities.entries()) {
    if (probability < likelyLeast * 1e6) continue;
    const [one, other] = [left.of[at]!, right.of[at]!];
    for (const value of [lefts[at]!, rights[at]!, weights[at]!]) appender.appendInteger(value);
    appender.appendDouble(probability / 1e6);
    for (const value of [chosen.pairs.get(at) ?? 0, left.copies[one]!, right.copies[other]!])
      appender.appendInteger(value);
    appender.appendBoolean(chosen.tied.left.has(one) && chosen.tied.right.has(other));
    appender.endRow();
  }
  appender.closeSync();
  return { exhausted: chosen.exhausted };
}

/**
 * Fills link_paired (l, r, weight, probability, n, state) from link_weighed. `linked`: chosen, and as likely as the threshold, n copies
 * of each. `tied`: of a record of which a copy is linked to nothing although it is as likely as that to have a partner among those that
 * are linked to nothing either, with all that are nearly as likely as its likeliest; and of pairings that are equally good. Which it is
 * would be a guess.
 */
export async function decidePairs(engine: Engine, threshold: number): Promise<void> {
  const linked = `SELECT l, r, weight, probability, n, 'linked' AS state FROM ${weighedTable} WHERE n > 0 AND probability >= ${threshold}`;
  const given = (id: 'l' | 'r') => `(SELECT ${id}, sum(n)::INTEGER AS used FROM linked GROUP BY ${id})`;
  const left = (side: 'left' | 'right', of: string) => `w.${side}_copies - coalesce(${of}.used, 0)`;
  // Expected pairs of a record's copies with those of another are its probability times the fewer copies.
  const sure = (id: 'l' | 'r', side: 'left' | 'right') =>
    `sum(probability * least(left_copies, right_copies)) OVER (PARTITION BY ${id}) / ${side}_open >= ${threshold}`;
  const near = (id: 'l' | 'r') => `probability >= ${nearlyAsLikely} * max(probability) OVER (PARTITION BY ${id})`;
  await engine.run(`CREATE OR REPLACE TABLE ${pairedTable} AS WITH linked AS (${linked}),
    open AS (SELECT w.*, ${left('left', 'a')} AS left_open, ${left('right', 'b')} AS right_open FROM ${weighedTable} w
      LEFT JOIN ${given('l')} a ON a.l = w.l LEFT JOIN ${given('r')} b ON b.r = w.r WHERE left_open > 0 AND right_open > 0)
    FROM linked UNION ALL (SELECT l, r, weight, probability, 0, 'tied' FROM open
      QUALIFY tied OR (${sure('l', 'left')} AND ${near('l')}) OR (${sure('r', 'right')} AND ${near('r')}))`);
}

/** How many identical records a record stands for, by its number; those that are not there stand for themselves. */
async function copiesOf(engine: Engine, relation: string | undefined): Promise<Map<number, number>> {
  if (relation === undefined) return new Map();
  const rows = await engine.rows<{ id: number; n: number }>(
    `SELECT "$id" AS id, "$n"::INTEGER AS n FROM ${relation} WHERE "$n" > 1`,
  );
  return new Map(rows.map(({ id, n }) => [id, n]));
}

type Numbered = { of: Int32Array; count: number; copies: Int32Array };

/** Records in the order in which they come, from 0. */
function number(ids: number[], copies: Map<number, number>): Numbered {
  const known = new Map<number, number>();
  const of = Int32Array.from(ids, (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    known.set(id, known.size);
    return known.size - 1;
  });
  return { of, count: known.size, copies: Int32Array.from(known.keys(), (id) => copies.get(id) ?? 1) };
}

/** `pairs`: how many copies, by the pair's place. */
type Chosen = { pairs: Map<number, number>; tied: { left: Set<number>; right: Set<number> }; exhausted: number };

/**
 * The set of pairs with the largest sum of weights. `pairOptimally` takes as many pairs as there can be, so every record of
 * the left is also offered to be alone, at a weight of nothing: the pairing of least cost then is that of most weight. In
 * a component too large for it, pairs likelier than not are taken.
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
    leftCounts: [...left.copies],
    rightCounts: [...right.copies, ...left.copies],
    offers,
    tieMargin,
  });
  const chosen = new Map<number, number>();
  for (const pair of pairs)
    if (pair.right < right.count) chosen.set(place.get(pair.left * right.count + pair.right)!, pair.count);
  takeLikely(left, right, probabilities, exhausted.left, chosen);
  return { pairs: chosen, tied, exhausted: exhausted.left.size };
}

/** The likeliest first, and of equally likely ones the first, as long as both records have copies left. */
function takeLikely(
  left: Numbered,
  right: Numbered,
  probabilities: Float64Array,
  lefts: Set<number>,
  chosen: Map<number, number>,
): void {
  if (lefts.size === 0) return;
  const rest = { left: left.copies.slice(), right: right.copies.slice() };
  const likely = [...probabilities.keys()].filter((at) => probabilities[at]! > 500_000 && lefts.has(left.of[at]!));
  for (const at of likely.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)) {
    const [one, other] = [left.of[at]!, right.of[at]!];
    const count = Math.min(rest.left[one]!, rest.right[other]!);
    if (count === 0) continue;
    chosen.set(at, count);
    rest.left[one]! -= count;
    rest.right[other]! -= count;
  }
}
