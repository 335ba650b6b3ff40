// One partner at most for every record: the likelihood of each pair among its rivals, and the best of all pairings.
import { type Offer, pairOptimally } from '../assignment/pair-optimally.ts';
import type { Engine } from '../engine.ts';
import { createExclusion } from './exclusion.ts';
import { probabilitySql } from './model-weights.ts';
import { bit } from './prepare-records.ts';
import { scoredTable } from './score-pairs.ts';

/** Costs of pairings are weights in thousandths of a bit: those of ten thousand pairs still add up exactly. */
const costUnit = bit / 1000;

/**
 * Fills link_paired (l, r, weight, probability, state): of link_scored, the chosen pairs (`linked`) and, of records that have a partner by
 * at least `threshold` although no pair of theirs reaches it alone, or whose best pairing is a tie, the possible ones (`tied`).
 */
export async function pairExclusively(
  engine: Engine,
  threshold: number,
  tieMargin: number,
): Promise<{ exhausted: number }> {
  const single = (side: 'l' | 'r') => `SELECT ${side} FROM ${scoredTable} GROUP BY ${side} HAVING count(*) = 1`;
  await engine.run(
    `CREATE OR REPLACE TABLE link_alone AS SELECT l, r, weight FROM ${scoredTable} WHERE l IN (${single('l')}) AND r IN (${single('r')})`,
  );
  await engine.run(
    `CREATE OR REPLACE TABLE link_rivals AS SELECT l, r, weight FROM ${scoredTable} WHERE NOT (l IN (${single('l')}) AND r IN (${single('r')}))`,
  );
  await engine.run(`CREATE OR REPLACE TABLE link_paired AS
    SELECT l, r, weight, probability, 'linked' AS state FROM (
      SELECT l, r, weight, ${probabilitySql('weight')} AS probability FROM link_alone)
    WHERE probability >= ${threshold}`);
  const reader = await engine.connection.runAndReadAll('SELECT l, r, weight FROM link_rivals ORDER BY l, r');
  const [lefts = [], rights = [], weights = []] = reader.getColumns() as number[][];
  await engine.run('DROP TABLE link_alone');
  await engine.run('DROP TABLE link_rivals');
  const [left, right] = [number(lefts), number(rights)];
  const pattern = Int32Array.from(weights, (_, at) => at);
  const odds = Float64Array.from(weights, (weight) => 2 ** (weight / bit));
  const probabilities = createExclusion({ left: left.of, right: right.of, pattern }, left.count, right.count)
    .probabilities(odds)
    .map((one) => Math.round(one * 1e6) / 1e6);
  const partnered = { left: new Float64Array(left.count), right: new Float64Array(right.count) };
  for (const [at, probability] of probabilities.entries()) {
    partnered.left[left.of[at]!]! += probability;
    partnered.right[right.of[at]!]! += probability;
  }
  const chosen = choose(left, right, weights, probabilities, tieMargin);
  const settled = { left: new Uint8Array(left.count), right: new Uint8Array(right.count) };
  const states = new Array<'linked' | 'tied' | undefined>(weights.length);
  for (const at of chosen.linked) {
    if (probabilities[at]! < threshold) continue;
    states[at] = 'linked';
    settled.left[left.of[at]!] = 1;
    settled.right[right.of[at]!] = 1;
  }
  for (const [at, probability] of probabilities.entries()) {
    const [one, other] = [left.of[at]!, right.of[at]!];
    if (settled.left[one] || settled.right[other] || probability < tiedLeast) continue;
    const undecided = (record: number, side: 'left' | 'right') =>
      partnered[side][record]! >= threshold || chosen.tied[side].has(record);
    if (undecided(one, 'left') && undecided(other, 'right')) states[at] = 'tied';
  }
  await write(engine, lefts, rights, weights, probabilities, states);
  return { exhausted: chosen.exhausted };
}

/** Less likely pairs of an undecided record are not shown. */
const tiedLeast = 0.01;

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

type Chosen = { linked: number[]; tied: { left: Set<number>; right: Set<number> }; exhausted: number };

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
  const pairing = pairOptimally({
    leftCounts: new Array<number>(left.count).fill(1),
    rightCounts: new Array<number>(right.count + left.count).fill(1),
    offers,
    tieMargin,
  });
  const { tied, exhausted } = pairing;
  const linked = pairing.pairs.flatMap((pair) =>
    pair.right < right.count ? place.get(pair.left * right.count + pair.right)! : [],
  );
  for (const [at, probability] of probabilities.entries())
    if (probability > 0.5 && exhausted.left.has(left.of[at]!)) linked.push(at);
  return { linked, tied, exhausted: exhausted.left.size };
}

async function write(
  engine: Engine,
  lefts: number[],
  rights: number[],
  weights: number[],
  probabilities: Float64Array,
  states: ('linked' | 'tied' | undefined)[],
): Promise<void> {
  const appender = await engine.connection.createAppender('link_paired');
  for (const [at, state] of states.entries()) {
    if (!state) continue;
    appender.appendInteger(lefts[at]!);
    appender.appendInteger(rights[at]!);
    appender.appendInteger(weights[at]!);
    appender.appendDouble(probabilities[at]!);
    appender.appendVarchar(state);
    appender.endRow();
  }
  appender.closeSync();
}
