// One tolerance pass over one leg: candidates by cells, costs, and the best overall pairing of each part. DuckDB finds and
// weighs the candidates, `pairOptimally` chooses.
import { compareDecimals, toScaled } from '../../domain/decimal.ts';
import type { TolerancePass } from '../../domain/definition.ts';
import { emptyYield, type PassYield } from '../../domain/outcome.ts';
import { type Nodes, type Offer, offersMaxDefault, pairOptimally } from '../assignment/pair-optimally.ts';
import type { Engine } from '../engine.ts';
import { find } from '../match/field-comparison.ts';
import { type Leg, type MatchPlan, type PlannedPass, state } from '../match/match-plan.ts';
import type { Side } from '../match/value-column.ts';
import { identifier, literal } from '../sql.ts';
import type { DayNumber } from './calendar-tables.ts';
import { candidatesMax, cellColumns, cellHash, cellsReached, connectCells } from './cells.ts';
import { type CompiledCondition, compileCondition, costUnit, judgedElsewhere, millionths } from './condition-sql.ts';
import { contentsTable, gatherContents, withColumns } from './contents.ts';
import { candidateColumns, closePass, pairColumns, shownMax, takeable } from './residue.ts';

/** What a field that differs adds to the cost that a person is shown, in millionths of a limit. */
const shownDiffering = 1_000_000_000;
/** A margin beyond any cost is as good as any larger one. */
const tieMarginMax = 1_000_000_000_000;

export async function tolerancePass(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  planned: PlannedPass<TolerancePass>,
  dayNumber: DayNumber,
): Promise<PassYield> {
  const found = emptyYield(planned.name);
  const { pass } = planned;
  const names = pass.conditions.map(({ field }) => field);
  const sources = { left: plan.anchor, right: leg.source };
  const unmapped = names.filter((name) => !find(plan.anchor.fields, name) || !find(leg.source.fields, name));
  if (unmapped.length > 0) return { ...found, notes: [`${leg.source.source} has no ${unmapped.join(', ')}`] };
  const conditions = pass.conditions.map((one) => compileCondition(one, plan.definition.fields, sources, dayNumber));
  await gather(engine, plan, leg, conditions);
  const { crowdedParts, crowdedRecords } = await connectCells(engine);
  if (crowdedParts > 0)
    found.notes.push(
      `${crowdedRecords} records in ${crowdedParts} crowded ${crowdedParts === 1 ? 'block' : 'blocks'} were not compared: more than ${candidatesMax} pairs would be possible in each`,
    );
  found.notes.push(...(await tooWide(engine, leg, pass)));
  const costs = costsOf(conditions);
  const givenUp = await choose(engine, tieMarginOf(pass, costs), candidatesSql(plan, leg, conditions, costs));
  if (givenUp > 0)
    found.notes.push(
      `the pairs of ${givenUp} records were not weighed: more hang together than ${offersMaxDefault} possible pairs, or than can be weighed in time`,
    );
  await record(engine, leg, planned, costs, found);
  for (const table of working) await engine.run(`DROP TABLE match_${table}`);
  return found;
}

const working = [
  ...['contents_left', 'contents_right', 'cells', 'cell_edges', 'parts', 'placed_left', 'placed_right'],
  ...['chosen', 'undecided', 'shown', 'left_over', 'found'],
];

/** `limit` is what a condition at its limit costs; `differing`, what a field that differs costs, outweighs all of them. */
type Costs = { limit: number; differing: number; distances: number };

function costsOf(conditions: CompiledCondition[]): Costs {
  const distances = conditions.filter(({ distance }) => distance).length;
  const limit = costUnit(conditions);
  return { limit, distances, differing: limit * (distances + 1) };
}

/** Cut to a whole cost: what lies further apart than the margin is no tie. */
function tieMarginOf(pass: TolerancePass, { limit }: Costs): number {
  const { units, scale } = toScaled(pass.tieMargin ?? '0');
  const margin = (units * BigInt(limit)) / 10n ** BigInt(scale);
  return margin > BigInt(tieMarginMax) ? tieMarginMax : Number(margin);
}

/** A sentence for each tolerance that could be left out: it is as wide as the values are. */
async function tooWide(engine: Engine, leg: Leg, pass: TolerancePass): Promise<string[]> {
  const notes: string[] = [];
  for (const condition of pass.conditions) {
    if (!('absolute' in condition)) continue;
    const largest = (side: Side) =>
      `(SELECT max(abs(${identifier(condition.field)}))::VARCHAR FROM ${takeable(leg, side, presentIn(pass.conditions))})`;
    const [found] = await engine.rows<{ left: string | null; right: string | null }>(
      `SELECT ${largest('left')} AS "left", ${largest('right')} AS "right"`,
    );
    const { left, right } = found!;
    if (left === null || right === null) continue;
    const most = compareDecimals(left, right) > 0 ? left : right;
    if (compareDecimals(condition.absolute, '0') > 0 && compareDecimals(condition.absolute, most) >= 0)
      notes.push(
        `the tolerance of ${condition.field}, ${condition.absolute}, is as wide as its values: the largest is ${most}`,
      );
  }
  return notes;
}

/**
 * The contents of both sides, but for what lies in no neighbouring cell of the other side and so is in no possible pair: a
 * day's new records over many open ones then cost what they reach.
 */
async function gather(engine: Engine, plan: MatchPlan, leg: Leg, conditions: CompiledCondition[]): Promise<void> {
  const days = conditions.flatMap(({ column }) => column ?? []);
  const sideOf = async (side: Side) => {
    const cellOf = (kind: 'number' | 'day') => conditions.find(({ cell }) => cell?.kind === kind)?.cell?.[side];
    const equals = conditions.flatMap(({ equal }) => (equal ? [equal[side]] : []));
    const cells = cellColumns(equals, cellOf('number'), cellOf('day'));
    const source = side === 'left' ? plan.anchor : leg.source;
    const records = takeable(leg, side, presentIn(conditions));
    const placed = withColumns(withColumns(records, days), cells);
    const [count] = await engine.rows<{ n: string }>(`SELECT count(*) AS n FROM ${leg.tables.rest[side]}`);
    const gatherThose = (where: string) =>
      gatherContents(engine, contentsTable(side), source, `(FROM ${placed} WHERE ${where})`, days, cells);
    return { side, placed, equals, count: Number(count!.n), gatherThose };
  };
  const sides = [await sideOf('left'), await sideOf('right')];
  const [fewer, more] = sides.sort((a, b) => a.count - b.count) as [(typeof sides)[0], (typeof sides)[0]];
  await more.gatherThose(`${cellHash(more.equals)} IN (${cellsReached(fewer.placed, fewer.equals)})`);
  await fewer.gatherThose(`${cellHash(fewer.equals)} IN (${cellsReached(contentsTable(more.side), more.equals)})`);
}

function presentIn(conditions: { field: string }[]): string[] {
  return conditions.map(({ field }) => `s.${identifier(field)} IS NOT NULL`);
}

/** part, left, right, the counts of both, cost; by part. */
function candidatesSql(plan: MatchPlan, leg: Leg, conditions: CompiledCondition[], costs: Costs): string {
  const differing = judgedElsewhere(leg.comparisons, conditions).map(
    (one) => `${one.differs(`l.${identifier(one.name)}`, `r.${identifier(one.name)}`)}::BIGINT`,
  );
  const cost = [
    ...conditions.flatMap(({ distance }) => distance?.of(costs.limit) ?? []),
    ...(differing.length > 0 ? [`(${differing.join(' + ')}) * ${costs.differing}`] : []),
  ];
  const holds = conditions.map((condition) => condition.holds).join(' AND ');
  return `SELECT l."$part", l."$id", r."$id", l."$n", r."$n", (${cost.join(' + ') || '0'})::BIGINT AS cost
    FROM match_placed_left l JOIN match_cell_edges e ON e.left_cell = l."$cell"
    JOIN match_placed_right r ON r."$cell" = e.right_cell ${plan.decided ? `LEFT JOIN ${undoneOf(leg, 'left')} a ON a."$id" = l."$id" LEFT JOIN ${undoneOf(leg, 'right')} b ON b."$id" = r."$id"` : ''}
    WHERE NOT l."$crowded" AND ${holds}${plan.decided ? ' AND NOT coalesce(list_has_any(a.matches, b.matches), false)' : ''} ORDER BY l."$part"`;
}

/** Per content the undone matches of its records: contents of which a pair was undone have one in common. */
function undoneOf(leg: Leg, side: Side): string {
  const placed = `(SELECT "$id", unnest("$rows") AS "row" FROM match_placed_${side})`;
  return `(SELECT p."$id", list(DISTINCT a.match) AS matches FROM ${placed} p
    JOIN ${leg.tables.apart} a ON a.side = ${literal(side)} AND a."row" = p."row" GROUP BY 1)`;
}

/**
 * Fills match_chosen (pairs of contents), match_undecided and match_shown from the candidates, one part at a time. Gives
 * the number of records of parts that were too large to pair.
 */
async function choose(engine: Engine, tieMargin: number, candidates: string): Promise<number> {
  await engine.run(`CREATE OR REPLACE TABLE match_chosen (left_id INTEGER, right_id INTEGER, left_from INTEGER, right_from INTEGER,
    n INTEGER, cost BIGINT)`);
  await engine.run('CREATE OR REPLACE TABLE match_undecided (side VARCHAR, id INTEGER, state UTINYINT)');
  await engine.run(
    'CREATE OR REPLACE TABLE match_shown (side VARCHAR, id INTEGER, rank INTEGER, other INTEGER, cost BIGINT)',
  );
  await engine.run(`INSERT INTO match_undecided
    SELECT 'left', "$id", ${state.exhausted} FROM match_placed_left WHERE "$crowded"
    UNION ALL SELECT 'right', "$id", ${state.exhausted} FROM match_placed_right WHERE "$crowded"`);
  let givenUp = 0;
  const chosen = await engine.connection.createAppender('match_chosen');
  const undecided = await engine.connection.createAppender('match_undecided');
  const shown = await engine.connection.createAppender('match_shown');
  const settle = (part: Part) => {
    const pairing = pairOptimally({ ...part, tieMargin });
    const used = { left: new Map<number, number>(), right: new Map<number, number>() };
    // By content, so that which of identical records goes to whom is the same in every run, and in every leg.
    const byContent = pairing.pairs.sort(
      (a, b) => part.ids.left[a.left]! - part.ids.left[b.left]! || part.ids.right[a.right]! - part.ids.right[b.right]!,
    );
    for (const { left, right, count, cost } of byContent) {
      const from = { left: used.left.get(left) ?? 0, right: used.right.get(right) ?? 0 };
      for (const value of [part.ids.left[left]!, part.ids.right[right]!, from.left, from.right, count])
        chosen.appendInteger(value);
      chosen.appendBigInt(BigInt(cost));
      chosen.endRow();
      used.left.set(left, from.left + count);
      used.right.set(right, from.right + count);
    }
    for (const side of ['left', 'right'] as const) {
      for (const [nodes, held] of [
        [pairing.tied[side], state.ambiguous],
        [pairing.exhausted[side], state.exhausted],
      ] as const)
        for (const node of nodes) {
          undecided.appendVarchar(side);
          undecided.appendInteger(part.ids[side][node]!);
          undecided.appendUTinyInt(held);
          undecided.endRow();
        }
      const counts = side === 'left' ? part.leftCounts : part.rightCounts;
      for (const node of pairing.exhausted[side]) givenUp += counts[node]!;
      for (const [node, offers] of shownOffers(part, side, pairing.tied))
        for (const [rank, offer] of offers.entries()) {
          const other = side === 'left' ? part.ids.right[offer.right]! : part.ids.left[offer.left]!;
          shown.appendVarchar(side);
          for (const value of [part.ids[side][node]!, rank + 1, other]) shown.appendInteger(value);
          shown.appendBigInt(BigInt(offer.cost));
          shown.endRow();
        }
    }
  };
  for await (const part of partsOf(engine, candidates)) settle(part);
  for (const appender of [chosen, undecided, shown]) appender.closeSync();
  return givenUp;
}

type Part = {
  ids: { left: number[]; right: number[] };
  leftCounts: number[];
  rightCounts: number[];
  offers: Offer[];
};

/** One part at a time is in memory. */
async function* partsOf(engine: Engine, candidates: string): AsyncGenerator<Part> {
  let current: { number: number; part: Part; index: Record<'left' | 'right', Map<number, number>> } | undefined;
  for await (const chunk of engine.stream(candidates)) {
    const columns = chunk.slice(0, 5) as number[][];
    const costs = chunk[5] as bigint[];
    for (let at = 0; at < costs.length; at += 1) {
      const [number, left, right, leftCount, rightCount] = columns.map((column) => column[at]!) as [
        number,
        number,
        number,
        number,
        number,
      ];
      if (current?.number !== number) {
        if (current) yield current.part;
        const part: Part = { ids: { left: [], right: [] }, leftCounts: [], rightCounts: [], offers: [] };
        current = { number, part, index: { left: new Map(), right: new Map() } };
      }
      const { part, index } = current;
      const nodeOf = (side: 'left' | 'right', id: number, count: number, counts: number[]): number => {
        const known = index[side].get(id);
        if (known !== undefined) return known;
        const node = counts.push(count) - 1;
        part.ids[side].push(id);
        index[side].set(id, node);
        return node;
      };
      part.offers.push({
        left: nodeOf('left', left, leftCount, part.leftCounts),
        right: nodeOf('right', right, rightCount, part.rightCounts),
        cost: Number(costs[at]),
      });
    }
  }
  if (current) yield current.part;
}

/**
 * The cheapest offers of each tied node, of equal ones those that come first by content. Only to nodes that are tied
 * themselves: all others are taken.
 */
function shownOffers({ ids, offers }: Part, side: Side, tied: Nodes): Map<number, Offer[]> {
  const found = new Map<number, Offer[]>();
  const other = side === 'left' ? 'right' : 'left';
  if (tied[side].size === 0) return found;
  for (const offer of offers) {
    if (!tied[side].has(offer[side]) || !tied[other].has(offer[other])) continue;
    const list = found.get(offer[side]) ?? [];
    found.set(offer[side], list);
    list.push(offer);
  }
  const byCost = (a: Offer, b: Offer) => a.cost - b.cost || ids[other][a[other]]! - ids[other][b[other]]!;
  for (const [node, list] of found) found.set(node, list.sort(byCost).slice(0, shownMax));
  return found;
}

/** Writes down what was chosen, record by record, and closes the pass. */
async function record(
  engine: Engine,
  leg: Leg,
  planned: PlannedPass<TolerancePass>,
  costs: Costs,
  found: PassYield,
): Promise<void> {
  const number = planned.number;
  const suggest = planned.pass.accept === 'suggest';
  await engine.run(`CREATE OR REPLACE TABLE match_found AS
    SELECT l."$key" AS key, c.cost, unnest(list_slice(l."$rows", c.left_from + 1, c.left_from + c.n)) AS left_row,
      unnest(list_slice(r."$rows", c.right_from + 1, c.right_from + c.n)) AS right_row
    FROM match_chosen c JOIN match_placed_left l ON l."$id" = c.left_id JOIN match_placed_right r ON r."$id" = c.right_id`);
  await leftOver(engine);
  const distance = `cost % ${costs.differing}`;
  const shownCost = `(cost // ${costs.differing} * ${shownDiffering} + round((${distance}) * ${millionths / costs.limit}))::BIGINT`;
  if (suggest) {
    await engine.run(`INSERT INTO ${leg.tables.candidates} (${candidateColumns})
      SELECT 'left', left_row, ${number}, 1, 'suggested', [right_row], 1, ${shownCost}, [], NULL FROM match_found
      UNION ALL SELECT 'right', right_row, ${number}, 1, 'suggested', [left_row], 1, ${shownCost}, [], NULL FROM match_found`);
  } else {
    // 1 for equal in every condition, a half for all of them at their limits.
    const near = `round(1 - 0.5 * (${distance}) / ${costs.limit * Math.max(1, costs.distances)}, 6)`;
    await engine.run(`INSERT INTO ${leg.tables.pairs} (${pairColumns}) SELECT key, left_row, right_row,
      CASE WHEN cost >= ${costs.differing} THEN ${state.mismatched} ELSE ${state.matched} END, ${number}, ${near}::DOUBLE FROM match_found`);
  }
  for (const [side, other] of [
    ['left', 'right'],
    ['right', 'left'],
  ] as const)
    await engine.run(`INSERT INTO ${leg.tables.candidates} (${candidateColumns})
      SELECT ${literal(side)}, unnest(s.rows), ${number}, c.rank, 'tied', o.rows[:${shownMax}], len(o.rows), ${shownCost}, [], NULL
      FROM match_shown c JOIN match_left_over s ON s.side = c.side AND s.id = c.id
      JOIN match_left_over o ON o.side = ${literal(other)} AND o.id = c.other WHERE c.side = ${literal(side)}`);
  // What is only suggested decides nothing, and what could be suggested as well does not either.
  const held = `(SELECT side, unnest(rows) AS "row", state FROM match_left_over${suggest ? ` WHERE state <> ${state.ambiguous}` : ''})`;
  await closePass(engine, leg, planned, held);
  const [pairs] = await engine.rows<{ n: string }>('SELECT count(*) AS n FROM match_found');
  found[suggest ? 'suggested' : 'pairs'] = Number(pairs!.n);
  for (const name of ['ambiguous', 'exhausted'] as const) {
    const [count] = await engine.rows<{ n: string }>(
      `SELECT coalesce(sum(len(rows)), 0)::BIGINT AS n FROM match_left_over WHERE state = ${state[name]}`,
    );
    found[name] = Number(count!.n);
  }
}

/** Fills match_left_over with the rows of undecided contents that were not paired: the first of each went to the pairs. */
async function leftOver(engine: Engine): Promise<void> {
  const of = (side: Side) => `SELECT u.side, u.id, u.state, s."$rows"[coalesce(c.used, 0) + 1:] AS rows
    FROM match_undecided u JOIN match_placed_${side} s ON s."$id" = u.id
    LEFT JOIN (SELECT ${side}_id AS id, sum(n)::BIGINT AS used FROM match_chosen GROUP BY ALL) c ON c.id = u.id
    WHERE u.side = ${literal(side)}`;
  await engine.run(`CREATE OR REPLACE TABLE match_left_over AS ${of('left')} UNION ALL ${of('right')}`);
}
