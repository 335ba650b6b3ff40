// Writes one row per slot that is not all agreement: who differs, where, by how much, with both sides' values.
// Differences are worked out here and only here, for breaks alone.
import type { Engine } from '../engine.ts';
import { evidenceOf, explanationColumns, explanationJoins, explanationSql } from '../passes/explanation-sql.ts';
import { judgedFields } from '../passes/fuzzy-pass.ts';
import { rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { commonShape, decimalShape } from './exact-decimal.ts';
import { differenceJson, find } from './field-comparison.ts';
import {
  anchorRecords,
  fieldValue,
  firstLeg,
  hasEvidence,
  type Leg,
  legName,
  type MatchPlan,
  slotsTable,
  state,
} from './match-plan.ts';
import { valueColumn } from './value-column.ts';

const row = identifier(rowColumn);

/**
 * Columns, in this order: break_type, missing_in, key, occurrence, identity, source, left_row, right_row, left_<field> and
 * right_<field> for every field of the definition, fields, differences, with passes after the exact key `pass` (of a
 * pair) and `explanation`, and with more than one leg `legs`.
 */
export async function writeBreaks(engine: Engine, plan: MatchPlan, path: string): Promise<void> {
  await engine.run(
    `COPY (${breaksSql(plan)}) TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1000)`,
  );
}

function breaksSql(plan: MatchPlan): string {
  const { definition, anchor, legs } = plan;
  // A break of one leg is that leg's.
  const differs = (leg: Leg) => (legs.length === 1 ? 'true' : `s.state_${leg.number} > ${state.matched}`);
  const present = (leg: Leg) => `s.right_row_${leg.number} IS NOT NULL`;
  const columns = [
    `CASE s.state WHEN ${state.mismatched} THEN 'MISMATCH' WHEN ${state.missing} THEN 'MISSING' WHEN ${state.duplicate} THEN 'DUPLICATE'
      WHEN ${state.exhausted} THEN 'SEARCH_EXHAUSTED' ELSE 'AMBIGUOUS' END AS break_type`,
    `CASE WHEN s.state <> ${state.missing} THEN NULL WHEN s.left_row IS NULL THEN ${literal(anchor.source)}
      ELSE ${firstLeg(legs, (leg) => `s.state_${leg.number} = ${state.missing}`, legName)} END AS missing_in`,
    's.key',
    's.occurrence',
    's.identity',
    `${firstLeg(legs, differs, legName)} AS source`,
    's.left_row',
    `${firstLeg(legs, differs, (leg) => `s.right_row_${leg.number}`)} AS right_row`,
    ...definition.fields.flatMap(({ name }) => [
      `${typedValue(plan, name)} AS ${identifier(valueColumn('left', name))}`,
      `${firstLeg(legs, differs, (leg) => rightValue(plan, leg, name))} AS ${identifier(valueColumn('right', name))}`,
    ]),
    `${differingFields(plan)} AS fields`,
    `${differences(plan)} AS differences`,
    ...(plan.later.length > 0 ? [`${passOfPair(plan)} AS pass`, `${explanationSql(plan)} AS explanation`] : []),
    ...(legs.length > 1
      ? [`to_json([${legs.map((leg) => legStruct(plan, leg, present(leg))).join(', ')}])::VARCHAR AS legs`]
      : []),
  ];
  const joins: string[] = legs.map(
    (leg) => `LEFT JOIN ${leg.tables.records} r${leg.number} ON r${leg.number}.${row} = s.right_row_${leg.number}`,
  );
  if (plan.later.length > 0) joins.push(explanationJoins(plan));
  // Comparisons are made once, beside slot and records (as structs of the same names), and read from there.
  const flags = compared(plan).map((one) => `, coalesce(${one.differs}, false) AS ${one.flag}`);
  return `SELECT ${columns.join(',\n')}
    FROM (SELECT s, l, ${legs.map((leg) => `r${leg.number}`).join(', ')}${flags.join('')}${plan.later.length > 0 ? explanationColumns(plan) : ''}
      FROM ${slotsTable} s LEFT JOIN ${anchorRecords} l ON l.${row} = s.left_row ${joins.join(' ')}
      WHERE s.state > ${state.matched})`;
}

/** A field that one side does not map has nulls of the other side's type there, so that the file's columns stay typed. */
function typedValue(plan: MatchPlan, name: string): string {
  return `(${fieldValue(plan.anchor, 'l', name)})::${columnType(plan, name, [plan.anchor.source])}`;
}

function rightValue(plan: MatchPlan, leg: Leg, name: string): string {
  const value = fieldValue(leg.source, `r${leg.number}`, name);
  return `(${value})::${columnType(
    plan,
    name,
    plan.legs.map((one) => one.source.source),
  )}`;
}

/** The type of the sources named; of any source where those do not map the field. */
function columnType(plan: MatchPlan, name: string, sources: string[]): string {
  const all = [plan.anchor, ...plan.legs.map((leg) => leg.source)];
  const typesOf = (ones: typeof all) => ones.flatMap((one) => find(one.fields, name)?.sqlType ?? []);
  const own = typesOf(all.filter((one) => sources.includes(one.source)));
  const types = own.length > 0 ? own : typesOf(all);
  return types.length === 0 ? 'VARCHAR' : types.reduce(commonType);
}

function commonType(a: string, b: string): string {
  if (a === b) return a;
  const [one, other] = [decimalShape(a), decimalShape(b)];
  if (one && other) {
    const { whole, scale, fits } = commonShape(one, other);
    return fits ? `DECIMAL(${whole + scale},${scale})` : 'VARCHAR';
  }
  const times = ['DATE', 'TIMESTAMP'];
  return times.includes(a) && times.includes(b) ? 'TIMESTAMP' : 'VARCHAR';
}

type Compared = { leg: Leg; field: string; differs: string; flag: string; json: string };

/** Every comparison of every leg; true only for legs whose pair did not agree. */
function compared(plan: MatchPlan): Compared[] {
  return plan.legs.flatMap((leg) =>
    leg.comparisons.map((one, index) => {
      const name = identifier(one.name);
      const [left, right] = [`l.${name}`, `r${leg.number}.${name}`];
      return {
        leg,
        field: one.name,
        differs: `s.state_${leg.number} = ${state.mismatched}${unlessJudged(plan, leg, one.name)} AND ${one.differs(left, right)}`,
        flag: `differs_${leg.number}_${index}`,
        json: differenceJson(leg.source.source, one, left, right),
      };
    }),
  );
}

/** A pass that has a condition for the field has judged it already. */
function unlessJudged(plan: MatchPlan, leg: Leg, field: string): string {
  const judging = plan.later.filter(
    ({ pass }) =>
      (pass.kind === 'tolerance' && pass.conditions.some((condition) => condition.field === field)) ||
      (pass.kind === 'fuzzy' && judgedFields(pass).includes(field)),
  );
  const numbers = judging.map(({ number }) => number).join(', ');
  return judging.length > 0 ? ` AND coalesce(s.pass_${leg.number} NOT IN (${numbers}), true)` : '';
}

function passOfPair(plan: MatchPlan): string {
  return firstLeg(
    plan.legs,
    (leg) => `s.state_${leg.number} = ${state.mismatched}`,
    (leg) => nameOfPass(plan, leg),
  );
}

function nameOfPass(plan: MatchPlan, leg: Leg): string {
  const names = [...(plan.exact ? [plan.exact] : []), ...plan.later];
  // What agrees by the key and nothing else was never open to a later pass, and has no pass noted.
  return `CASE ${plan.exact ? `coalesce(s.pass_${leg.number}, ${plan.exact.number})` : `s.pass_${leg.number}`} ${names.map((one) => `WHEN ${one.number} THEN ${literal(one.name)}`).join(' ')} END`;
}

function differingFields(plan: MatchPlan): string {
  const all = compared(plan);
  const names = plan.definition.fields.flatMap(({ name }) => {
    const conditions = all.filter((one) => one.field === name).map((one) => one.flag);
    return conditions.length > 0 ? [`CASE WHEN ${conditions.join(' OR ')} THEN ${literal(name)} END`] : [];
  });
  const paired = plan.legs.map((leg) => `s.state_${leg.number} = ${state.mismatched}`).join(' OR ');
  return names.length > 0 ? `CASE WHEN ${paired} THEN ${withoutNulls(names)} ELSE [] END` : '[]::VARCHAR[]';
}

function differences(plan: MatchPlan): string {
  const found = compared(plan).map((one) => `CASE WHEN ${one.flag} THEN ${one.json} END`);
  return found.length > 0 ? `'[' || concat_ws(',', ${found.join(', ')}) || ']'` : "'[]'";
}

function withoutNulls(values: string[]): string {
  return `list_filter([${values.join(', ')}], lambda one: one IS NOT NULL)`;
}

/** `row` is null and `outcome` null where the leg, like the anchor, has no such record. */
function legStruct(plan: MatchPlan, leg: Leg, present: string): string {
  const fields = plan.definition.fields.map(
    ({ name }) => `${identifier(name)}: (${fieldValue(leg.source, `r${leg.number}`, name)})::VARCHAR`,
  );
  const names = Object.entries(state).map(([name, number]) => `WHEN ${number} THEN ${literal(name)}`);
  const paired = `s.state_${leg.number} IN (${state.matched}, ${state.mismatched})`;
  const passName = `CASE WHEN ${paired} THEN ${nameOfPass(plan, leg)} END`;
  const evidence = hasEvidence(plan) ? `, "evidence": ${evidenceOf(leg)}::JSON` : '';
  return `{"source": ${legName(leg)}, "row": s.right_row_${leg.number}, "values": CASE WHEN ${present} THEN {${fields.join(', ')}} END,
    "outcome": CASE s.state_${leg.number} ${names.join(' ')} END${plan.later.length > 0 ? `, "pass": ${passName}` : ''}${evidence}}`;
}
