// Counts and sums per outcome on each side, from the joined tables and the slots: no second look at the sources.
import { addDecimals } from '../../domain/decimal.ts';
import {
  addYields,
  emptyYield,
  type MatchSummary,
  outcomes,
  type PassYield,
  type RowOutcome,
  type SideSummary,
  type SideSums,
} from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier } from '../sql.ts';
import { decimalShape, units, unitsText } from './exact-decimal.ts';
import {
  anchorRecords,
  type Carried,
  currencyOf,
  type Leg,
  type MatchPlan,
  numbersIn,
  slotsTable,
  state,
} from './match-plan.ts';
import { leftByAll } from './open-records.ts';

/** One group of rows of one side: how many, in what currency, the exact sum of each number field in its order. */
type Tally = { outcome: RowOutcome; currency: string; rows: number; sums: (string | null)[] };

/** Of the passes after the exact key, by their number. */
export type PassYields = Map<Leg, Map<number, PassYield>>;

/** `notes` are of the exact pass. */
export async function summarise(
  engine: Engine,
  plan: MatchPlan,
  yields: PassYields,
  notes: string[],
): Promise<MatchSummary> {
  const { anchor, legs } = plan;
  const anchorTallies: Tally[] = [];
  const sides: SideSummary[] = [];
  const pairs: MatchSummary['pairs'] = [];
  for (const leg of legs) {
    const tallies = await agreeing(engine, plan, leg, anchorTallies);
    const records = leg.tables.records;
    // Pairs of keys that repeat or of later passes are in slots even where they agree; those of `joined` were tallied above.
    tallies.push(
      ...(await tally(
        engine,
        plan,
        leg.source,
        records,
        `SELECT right_row AS "row", state FROM ${leftByAll(plan, leg)} WHERE state = ${state.matched}`,
      )),
      ...(await tally(
        engine,
        plan,
        leg.source,
        records,
        `SELECT right_row_${leg.number} AS "row", state_${leg.number} AS state FROM ${slotsTable} WHERE state_${leg.number} > ${state.matched}`,
      )),
    );
    sides.push(sideOf(leg.source, leg.carried, tallies));
    const counted = sides.at(-1)!.counts;
    // Each record of a leg is in one pair at most, or in one group.
    const inGroups = await groupedRecords(engine, plan, leg);
    pairs.push({ source: leg.source.source, matched: counted.matched - inGroups, mismatched: counted.mismatched });
  }
  anchorTallies.push(
    ...(await tally(engine, plan, anchor, anchorRecords, `SELECT left_row AS "row", state FROM ${slotsTable}`)),
  );
  sides.unshift(sideOf(anchor, plan.anchorCarried, anchorTallies));
  const [breaks] = await engine.rows<Record<'m' | 'x' | 'd' | 'e' | 'a', string>>(
    `SELECT count(*) FILTER (state = ${state.mismatched}) AS m, count(*) FILTER (state = ${state.missing}) AS x,
      count(*) FILTER (state = ${state.duplicate}) AS d,
      count(*) FILTER (state = ${state.exhausted}) AS e, count(*) FILTER (state = ${state.ambiguous}) AS a FROM ${slotsTable}`,
  );
  return {
    sides,
    pairs,
    breaks: {
      MISMATCH: Number(breaks!.m),
      MISSING: Number(breaks!.x),
      DUPLICATE: Number(breaks!.d),
      SEARCH_EXHAUSTED: Number(breaks!.e),
      AMBIGUOUS: Number(breaks!.a),
    },
    passes: await passYields(engine, plan, yields, pairs, notes),
  };
}

async function passYields(
  engine: Engine,
  plan: MatchPlan,
  yields: PassYields,
  pairs: MatchSummary['pairs'],
  notes: string[],
): Promise<PassYield[]> {
  const agreed = await agreedByPass(engine, plan);
  const later = plan.later.map(({ number, name }) => {
    const found = [...yields.values()].reduce((sum, ofLeg) => addYields(sum, ofLeg.get(number)!), emptyYield(name));
    const { matched = 0, confidence = '0' } = agreed.get(number) ?? {};
    return { ...found, matched, confidence };
  });
  if (!plan.exact) return later;
  const byLater = (of: 'pairs' | 'matched') => later.reduce((sum, one) => sum + one[of], 0);
  const matched = pairs.reduce((sum, one) => sum + one.matched, 0) - byLater('matched');
  const mismatched = pairs.reduce((sum, one) => sum + one.mismatched, 0);
  const paired = matched + byLater('matched') + mismatched - byLater('pairs');
  // A pair of the key is certain.
  return [{ ...emptyYield(plan.exact.name), pairs: paired, matched, confidence: `${matched}`, notes }, ...later];
}

/** By the number of each pass after the exact key: its pairs that agree, and the confidence of pairs and groups. */
async function agreedByPass(
  engine: Engine,
  plan: MatchPlan,
): Promise<Map<number, { matched: number; confidence: string }>> {
  const ofLeg = ({
    tables,
  }: Leg) => `SELECT pass, 1 AS matched, confidence FROM ${tables.pairs} WHERE state = ${state.matched}
    UNION ALL SELECT pass, 0, any_value(confidence) FROM ${tables.members} GROUP BY pass, group_id`;
  if (plan.later.length === 0) return new Map();
  const rows = await engine.rows<{ pass: string; matched: string; confidence: string }>(
    `SELECT pass::INTEGER AS pass, sum(matched) AS matched, sum(confidence::DECIMAL(18,6))::VARCHAR AS confidence
     FROM (${plan.legs.map(ofLeg).join(' UNION ALL ')}) GROUP BY pass`,
  );
  return new Map(rows.map((one) => [Number(one.pass), { matched: Number(one.matched), confidence: one.confidence }]));
}

async function groupedRecords(engine: Engine, plan: MatchPlan, leg: Leg): Promise<number> {
  if (plan.later.length === 0) return 0;
  const [found] = await engine.rows<{ n: string }>(
    `SELECT count(*) AS n FROM ${leg.tables.members} WHERE side = 'right'`,
  );
  return Number(found!.n);
}

/** Matched pairs of keys that do not repeat, in one scan; the first leg's scan tells the anchor's share as well. */
async function agreeing(engine: Engine, plan: MatchPlan, leg: Leg, anchorTallies: Tally[]): Promise<Tally[]> {
  const has = (source: LoadedSource) => currencyOf(plan, source, 't') !== "''";
  const currency = has(leg.source) ? leg.carried.currency : "''";
  const anchorCurrency = has(plan.anchor) && leg.number === 1 ? plan.anchorCarried.currency : "''";
  const own = sumColumns(leg.carried.numbers, 'own_');
  const anchors = leg.number === 1 ? sumColumns(plan.anchorCarried.numbers, 'anchor_') : '';
  // With several legs an anchor record that agrees here may differ elsewhere; then it is in a slot.
  const elsewhere =
    plan.legs.length > 1 && leg.number === 1 ? `left_row IN (SELECT left_row FROM ${slotsTable})` : 'false';
  const rows = await engine.rows<Record<string, string | null>>(
    `SELECT ${currency} AS currency, ${anchorCurrency} AS anchor_currency, (${elsewhere})::INTEGER AS elsewhere, count(*) AS "rows"${own}${anchors}
     FROM ${leg.tables.joined} WHERE state = ${state.matched} GROUP BY 1, 2, 3`,
  );
  const tallyOf = (row: (typeof rows)[number], prefix: string, carried: Carried, code: string): Tally => ({
    outcome: 'matched',
    currency: code,
    rows: Number(row.rows),
    sums: carried.numbers.map((_, index) => row[`${prefix}${index}`] ?? null),
  });
  if (leg.number === 1) {
    const here = rows.filter((row) => Number(row.elsewhere) === 0);
    anchorTallies.push(...here.map((row) => tallyOf(row, 'anchor_', plan.anchorCarried, row.anchor_currency ?? '')));
  }
  return rows.map((row) => tallyOf(row, 'own_', leg.carried, row.currency ?? ''));
}

/** Sums of records by the state of the references to them; a reference that is null counts nothing. */
async function tally(
  engine: Engine,
  plan: MatchPlan,
  source: LoadedSource,
  records: string,
  references: string,
): Promise<Tally[]> {
  const numbers = numbersIn(source).map((field) => ({ column: `r.${identifier(field.name)}`, sqlType: field.sqlType }));
  const found = await engine.rows<Record<string, string | null>>(
    `SELECT t.state::INTEGER AS state, ${currencyOf(plan, source, 'r')} AS currency, count(*) AS "rows"${sumColumns(numbers, 'own_')}
     FROM (${references}) t JOIN ${records} r ON r.${identifier(rowColumn)} = t."row" GROUP BY 1, 2`,
  );
  return found.map((row) => ({
    outcome: outcomeOf(Number(row.state)),
    currency: row.currency ?? '',
    rows: Number(row.rows),
    sums: numbers.map((_, index) => row[`own_${index}`] ?? null),
  }));
}

/** Sums of 18 digits cannot pass 38; wider ones are summed without a limit. */
function sumColumns(numbers: { column: string; sqlType: string }[], prefix: string): string {
  const sums = numbers.map(({ column, sqlType }, index) => {
    const shape = decimalShape(sqlType)!;
    const narrow = shape.whole + shape.scale <= 18;
    const sum = narrow
      ? `sum(${column})::VARCHAR`
      : unitsText(`sum(${units(column, shape, shape.scale)})`, shape.scale);
    return `, ${sum} AS ${prefix}${index}`;
  });
  return sums.join('');
}

function sideOf(source: LoadedSource, carried: Carried, tallies: Tally[]): SideSummary {
  const { rejected, excluded } = source.rows;
  const counts = { rows: rejected, rejected, excluded, ...byOutcome(() => 0) };
  const sums = byOutcome((): SideSums => ({}));
  for (const { outcome, currency, rows, sums: amounts } of tallies) {
    counts[outcome] += rows;
    counts.rows += rows;
    for (const [index, amount] of amounts.entries()) {
      if (amount === null) continue;
      const byCurrency = (sums[outcome][carried.numbers[index]!.field.name] ??= {});
      byCurrency[currency] = addDecimals(byCurrency[currency] ?? '0', amount);
    }
  }
  return { source: source.source, counts, sums };
}

function byOutcome<Value>(value: () => Value): Record<RowOutcome, Value> {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, value()])) as Record<RowOutcome, Value>;
}

function outcomeOf(number: number): RowOutcome {
  return outcomes.find((outcome) => state[outcome] === number)!;
}
