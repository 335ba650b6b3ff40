// What matching works out from definition and sources before it touches a row: legs, comparisons, and which columns
// the joined table must carry so that sums per outcome need no second look at the sources.
import { type Definition, type Pass, passName } from '../../domain/definition.ts';
import type { LearnedPasses } from '../../domain/learned.ts';
import type { LoadedField } from '../../domain/record.ts';
import type { LoadedSource } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { comparisonsOf, type FieldComparison, find } from './field-comparison.ts';

/** Of a row, or of a pair. In order of precedence: what any leg gave an anchor row, the highest holds for it. */
export const state = { matched: 0, mismatched: 1, missing: 2, duplicate: 3, exhausted: 4, ambiguous: 5 } as const;

export type Leg = {
  source: LoadedSource;
  /** 1-based; names the leg's tables and columns. */
  number: number;
  comparisons: FieldComparison[];
  tables: {
    /** key, left_row, right_row, state and carried columns; a row per pair or unpaired record of keys that do not repeat. */
    joined: string;
    /** The rows of `joined` that are not in a matched pair. */
    open: string;
    /** key, left_row, right_row, state; the same of keys that repeat. */
    resolved: string;
    /** Of keys that repeat: the records with all fields, `$row` and key_number. There when the exact pass met such keys. */
    repeats: { left: string; right: string };
    /** The leg's records that are in a slot, with all fields. */
    records: string;
    /** With passes after the exact key: key, left_row, right_row, state, pass of every row that is not in `joined` as matched. */
    outcome: string;
    /** Records that no pass has taken so far, of each side: "row", key, state. */
    rest: { left: string; right: string };
    /** Pairs of passes after the exact key: key, left_row, right_row, state, pass, confidence, evidence. */
    pairs: string;
    /** Members of accepted groups: side, "row", key, pass, group_id, confidence. */
    members: string;
    /** With decisions: members of undone matches, of which no two of different sides may meet again: match, side, "row". */
    apart: string;
    /** Candidates that a person should see: side, "row", pass, rank, kind, others (rows, the first), records (how many),
     * cost, failed, set_number (of a suggested set), probability, evidence. */
    candidates: string;
  };
  /** Columns of `joined` that hold the leg's amounts and currency. */
  carried: Carried;
};

/** Where `joined` holds the fields of records that are not in a matched pair: a column of it, by field name. */
export type CarriedValues = { left: Map<string, string>; right: Map<string, string> };

/** `numbers` are the fields to sum, `column` and its type where they are in `joined`. */
export type Carried = { currency: string; numbers: { field: LoadedField; column: string; sqlType: string }[] };

export type MatchPlan = {
  definition: Definition;
  anchor: LoadedSource;
  anchorCarried: Carried;
  legs: Leg[];
  /** With one leg, and no field that is only shown: else the join would drag along what few rows need. */
  values?: CarriedValues;
  /** Absent when no pass goes by the key. */
  exact?: PlannedPass;
  later: PlannedPass[];
  decided: boolean;
  /** What verdicts have taught fuzzy passes. */
  learned?: LearnedPasses;
};

/** `number` is the place in the definition, from 0; what tables hold in `pass`. */
export type PlannedPass<Kind extends Pass | ManualPass = Pass | ManualPass> = {
  pass: Kind;
  number: number;
  name: string;
};

/** What persons decided comes before the other passes that are not by key. */
export type ManualPass = { kind: 'manual' };

/** Matches, candidates and breaks then say what speaks for and against them. */
export function hasEvidence({ later }: MatchPlan): boolean {
  return later.some(({ pass }) => pass.kind === 'fuzzy');
}

/** Beyond the numbers of a definition's passes. */
const manual: PlannedPass<ManualPass> = { pass: { kind: 'manual' }, number: 255, name: 'manual' };

export const anchorRecords = 'match_records_0';
export const slotsTable = 'match_slots';

/** `decided`: there are decisions of persons to go by. */
export function planMatch(
  definition: Definition,
  sources: LoadedSource[],
  decided = false,
  learned?: LearnedPasses,
): MatchPlan {
  const [anchor, ...others] = sources;
  if (!anchor || others.length === 0) throw new Error('matching takes an anchor and at least one leg');
  const planned = definition.passes.map((pass, number) => ({ pass, number, name: passName(pass, number) }));
  if (planned.length === 0) throw new Error('a definition has at least one pass');
  const exact = planned.find(({ pass }) => pass.kind === 'exact-key');
  const anchorCarried = {
    currency: 'left_currency',
    numbers: numbersIn(anchor).map((field, index) => ({
      field,
      column: `left_number_${index}`,
      sqlType: field.sqlType,
    })),
  };
  const legs = others.map((source, index): Leg => {
    const number = index + 1;
    const comparisons = comparisonsOf(definition, anchor.fields, source.fields);
    const tables = {
      joined: `match_joined_${number}`,
      open: `match_open_${number}`,
      resolved: `match_resolved_${number}`,
      records: `match_records_${number}`,
      repeats: { left: `match_repeats_left_${number}`, right: `match_repeats_right_${number}` },
      outcome: `match_outcome_${number}`,
      rest: { left: `match_rest_left_${number}`, right: `match_rest_right_${number}` },
      pairs: `match_pairs_${number}`,
      members: `match_members_${number}`,
      candidates: `match_candidates_${number}`,
      apart: `match_apart_${number}`,
    };
    return {
      source,
      number,
      comparisons,
      tables,
      carried: carriedOf(definition, number, source, comparisons, anchorCarried),
    };
  });
  const values = carriedValues(definition, anchor, anchorCarried, legs);
  const later: PlannedPass[] = planned.filter((one) => one !== exact);
  if (decided) later.unshift(manual);
  return {
    definition,
    anchor,
    anchorCarried,
    legs,
    later,
    decided,
    ...(learned && { learned }),
    ...(values && { values }),
    ...(exact && { exact }),
  };
}

function carriedValues(
  definition: Definition,
  anchor: LoadedSource,
  anchorCarried: Carried,
  legs: Leg[],
): CarriedValues | undefined {
  const [leg] = legs;
  if (!leg || legs.length > 1) return undefined;
  const keys = definition.fields.filter((field) => field.role === 'KEY').map((field) => field.name);
  const compared = new Set(leg.comparisons.map((one) => one.name));
  const columns = (side: 'left' | 'right', source: LoadedSource, carried: Carried): Map<string, string> | undefined => {
    const found = new Map<string, string>();
    for (const [index, { name, sqlType }] of source.fields.entries()) {
      const number = carried.numbers.find((one) => one.field.name === name && one.column.startsWith(side));
      // The one key as it was read is what the join is on.
      if (keys.length === 1 && keys[0] === name && sqlType === 'VARCHAR') found.set(name, 'key');
      else if (number) found.set(name, number.column);
      else if (compared.has(name) || keys.includes(name)) found.set(name, `${side}_value_${index}`);
      else return undefined;
    }
    return found;
  };
  const [left, right] = [columns('left', anchor, anchorCarried), columns('right', leg.source, leg.carried)];
  return left && right && { left, right };
}

/**
 * In a matched pair whose field agrees exactly, the leg's amount is the anchor's, so the first leg carries it once. The
 * conservation check holds that against what was loaded: were the comparison wrong, the sums would not add up.
 */
function carriedOf(
  definition: Definition,
  number: number,
  source: LoadedSource,
  comparisons: FieldComparison[],
  anchor: Carried,
): Carried {
  const same = (name: string) => number === 1 && comparisons.some((one) => one.same && one.name === name);
  const currency = definition.currencyField;
  return {
    currency: currency !== undefined && same(currency) ? anchor.currency : 'right_currency',
    numbers: numbersIn(source).map((field, index) => {
      const twin = same(field.name) ? anchor.numbers.find((one) => one.field.name === field.name) : undefined;
      if (twin) return { field, column: twin.column, sqlType: twin.sqlType };
      return { field, column: `right_number_${index}`, sqlType: field.sqlType };
    }),
  };
}

/** The fields that are summed, in the source's order. */
export function numbersIn(source: LoadedSource): LoadedField[] {
  return source.fields.filter((field) => field.sqlType.startsWith('DECIMAL'));
}

/** VARCHAR, never null: the currency of a record; `''` where there is none. */
export function currencyOf(plan: MatchPlan, source: LoadedSource, alias: string): string {
  const name = plan.definition.currencyField;
  if (name === undefined || !find(source.fields, name)) return "''";
  return `coalesce(${alias}.${identifier(name)}::VARCHAR, '')`;
}

/** SQL of a field of one source under an alias, typed; a null of its own where the source does not map it. */
export function fieldValue(source: LoadedSource, alias: string, name: string): string {
  return find(source.fields, name) ? `${alias}.${identifier(name)}` : 'NULL';
}

/** JSON array of all fields' texts: the content of a record that has no key to be known by. */
export function contentText(definition: Definition, source: LoadedSource, alias: string): string {
  const values = definition.fields.map((field) => `(${fieldValue(source, alias, field.name)})::VARCHAR`);
  return `to_json([${values.join(', ')}])::VARCHAR`;
}

/** ORDER BY terms: all fields of a source under an alias, by their typed values, absent values last. */
export function contentOrder(source: LoadedSource, alias: string): string[] {
  return source.fields.map((field) => `${alias}.${identifier(field.name)} NULLS LAST`);
}

/** CASE over legs by number, the first whose condition holds. */
export function firstLeg(legs: Leg[], condition: (leg: Leg) => string, value: (leg: Leg) => string): string {
  if (legs.length === 1 && condition(legs[0]!) === 'true') return value(legs[0]!);
  return `CASE ${legs.map((leg) => `WHEN ${condition(leg)} THEN ${value(leg)}`).join(' ')} END`;
}

export function legName(leg: Leg): string {
  return literal(leg.source.source);
}
