// A condition of a pass as SQL: whether a pair holds it, how far apart the two are, and the cells by which candidates
// are found without comparing everything with everything. A null never holds a condition.
import { toScaled } from '../../domain/decimal.ts';
import type { Condition, Field, PercentBase } from '../../domain/definition.ts';
import { FailureError, fail } from '../../domain/result.ts';
import { commonShape, decimalShape, differenceText } from '../match/exact-decimal.ts';
import { compare, type FieldComparison, find, isTemporal } from '../match/field-comparison.ts';
import type { LoadedSource } from '../records.ts';
import { identifier } from '../sql.ts';
import type { DayNumber } from './calendar-tables.ts';
import type { ComputedColumn } from './contents.ts';

/** What costs and margins are told in: a condition at its limit costs a million of them. */
export const millionths = 1_000_000;
/** Larger units would not leave room for exact sums of many costs. */
const unitMax = 10_000_000;

type Cell = { kind: 'number' | 'day'; left: string; right: string };

export type CompiledCondition = {
  field: string;
  /** What the records of both sides must have beside their fields; `value` is over the bare field. */
  column?: ComputedColumn;
  /** Equal contents of a block. */
  equal?: { left: string; right: string };
  /** Pairs that hold the condition lie in the same cell or in neighbouring ones. */
  cell?: Cell;
  /** Boolean, never null. Over the aliases l and r. */
  holds: string;
  distance?: Distance;
};

/**
 * How far apart a pair is that holds the condition: BIGINT from 0 to `unit`, which stands for the limit. Exact where
 * `unit` is a multiple of `steps`, and equal for equal differences always.
 */
export type Distance = { steps: number; of(unit: number): string };

/**
 * What the limit of each condition costs in a pass. A multiple of all their steps, so that what adds up to the same is the
 * same and a tie is seen; where that would be too large, distances are rounded to millionths.
 */
export function costUnit(conditions: CompiledCondition[]): number {
  let common = 1n;
  for (const { distance } of conditions) {
    common = leastCommonMultiple(common, BigInt(distance?.steps ?? 1));
    if (common > BigInt(unitMax)) return millionths;
  }
  const steps = Number(common);
  return Math.ceil(millionths / steps) * steps;
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [one, other] = [a, b];
  while (other !== 0n) [one, other] = [other, one % other];
  return (a / one) * b;
}

export function compileCondition(
  condition: Condition,
  fields: Field[],
  sources: { left: LoadedSource; right: LoadedSource },
  dayNumber: DayNumber,
): CompiledCondition {
  const field = fields.find((one) => one.name === condition.field)!;
  const name = identifier(field.name);
  const [left, right] = [`l.${name}`, `r.${name}`];
  const present = `${left} IS NOT NULL AND ${right} IS NOT NULL`;
  const typeIn = (source: LoadedSource) => find(source.fields, field.name)!.sqlType;
  const types: [string, string] = [typeIn(sources.left), typeIn(sources.right)];
  if ('equal' in condition) return { field: field.name, equal: equalTexts(field.name, fields, sources), holds: 'true' };
  const { comparison: _, ...numeric } = field;
  if ('daysBefore' in condition) {
    requireType(field, types, isTemporal, 'dates');
    const day = identifier(`$day ${field.name}`);
    const [from, to] = [`l.${day}`, `r.${day}`];
    const { daysBefore, daysAfter } = condition;
    const [before, after] = [Math.max(1, daysBefore), Math.max(1, daysAfter)];
    const cell = `floor(${day} / ${Math.max(before, after)})::BIGINT`;
    return {
      field: field.name,
      column: { name: `$day ${field.name}`, value: dayNumber(condition, name) },
      cell: { kind: 'day', left: cell, right: cell },
      holds: `coalesce(${to} - ${from} BETWEEN ${-daysBefore} AND ${daysAfter}, false)`,
      distance: {
        steps: Number(leastCommonMultiple(BigInt(before), BigInt(after))),
        of: (unit) =>
          `(CASE WHEN ${to} >= ${from} THEN (${to} - ${from}) * ${unit} // ${after} ELSE (${from} - ${to}) * ${unit} // ${before} END)::BIGINT`,
      },
    };
  }
  requireType(field, types, (type) => decimalShape(type) !== undefined, 'numbers');
  // The difference is exact before it becomes a double: equal differences rank equally, whatever the amounts.
  const amount = `abs((${absoluteDifference(left, right, types)})::DOUBLE)`;
  if ('absolute' in condition) {
    const comparison = compare({ ...numeric, tolerance: { absolute: condition.absolute } }, ...types);
    return {
      field: field.name,
      ...absoluteCell(condition.absolute, name, types),
      holds: `(${present} AND NOT ${comparison.differs(left, right)})`,
      ...absoluteDistance(condition.absolute, amount, types),
    };
  }
  const within = (base: PercentBase): string => {
    const tolerance = { percent: condition.percent };
    if (base === 'larger') return `(${within('anchor')} OR ${within('other')})`;
    return base === 'anchor'
      ? `NOT ${compare({ ...numeric, tolerance }, ...types).differs(left, right)}`
      : `NOT ${compare({ ...numeric, tolerance }, types[1], types[0]).differs(right, left)}`;
  };
  const base = condition.base ?? 'anchor';
  const [a, b] = [`abs((${left})::DOUBLE)`, `abs((${right})::DOUBLE)`];
  const of = base === 'anchor' ? a : base === 'other' ? b : `greatest(${a}, ${b})`;
  const cell = percentCell(condition.percent, name);
  return {
    field: field.name,
    ...(cell && { cell }),
    holds: `(${present} AND ${within(base)})`,
    distance: { steps: 1, of: (unit) => share(amount, `(${of} * ${Number(condition.percent) / 100})`, unit) },
  };
}

/** What records that are equal in the field have in common, as the field is compared. Texts, so that any number of fields make one block. */
export function equalTexts(
  name: string,
  fields: Field[],
  { left, right }: { left: LoadedSource; right: LoadedSource },
): { left: string; right: string } {
  const { tolerance: _, ...exact } = fields.find((one) => one.name === name)!;
  const typeIn = (source: LoadedSource) => find(source.fields, name)!.sqlType;
  const { content } = compare(exact, typeIn(left), typeIn(right));
  const column = identifier(name);
  return { left: `(${content.left(column)})::VARCHAR`, right: `(${content.right(column)})::VARCHAR` };
}

/** What a column holds is known when it was read: a definition may leave the type to the values. */
function requireType(field: Field, types: string[], fits: (type: string) => boolean, wanted: string): void {
  if (types.every(fits)) return;
  const message = `a pass compares "${field.name}" as ${wanted}, and its values were not read as such: give the field a type`;
  throw new FailureError(fail('DEFINITION_INVALID', message, { field: field.name }));
}

/** Doubles are near enough to rank by, and the same for the same values; whether a condition holds is asked of decimals. */
function share(distance: string, limit: string, unit: number): string {
  return `(CASE WHEN ${limit} > 0 THEN least(${unit}, round(${distance} / ${limit} * ${unit})) ELSE 0 END)::BIGINT`;
}

function absoluteDifference(left: string, right: string, types: [string, string]): string {
  const [leftShape, rightShape] = [decimalShape(types[0])!, decimalShape(types[1])!];
  const { whole, scale } = commonShape(leftShape, rightShape);
  if (whole + scale < 38) return `(${left})::DECIMAL(38,${scale}) - (${right})::DECIMAL(38,${scale})`;
  return differenceText({ left, right, leftShape, rightShape });
}

/** None where the tolerance is less than the last digit: what holds it is equal. */
function absoluteDistance(absolute: string, amount: string, types: [string, string]): { distance?: Distance } {
  const { tolerance, scale } = toleranceUnits(absolute, types);
  if (tolerance === 0n) return {};
  const steps = tolerance > BigInt(unitMax) ? unitMax + 1 : Number(tolerance);
  const of = (unit: number) =>
    unit % steps === 0
      ? `round(${amount} * ${(unit / steps) * 10 ** scale})::BIGINT`
      : share(amount, `${Number(absolute)}::DOUBLE`, unit);
  return { distance: { steps, of } };
}

/** What numbers in cells stay below, either way: sums and differences of two then fit HUGEINT. */
const unitDigits = 37;

/** The tolerance in units of the last digit of either side, cut towards zero. */
function toleranceUnits(absolute: string, types: [string, string]): { tolerance: bigint; scale: number } {
  const scale = Math.max(...types.map((type) => decimalShape(type)!.scale));
  const { units, scale: own } = toScaled(absolute);
  return { tolerance: own > scale ? units / 10n ** BigInt(own - scale) : units * 10n ** BigInt(scale - own), scale };
}

/**
 * Whole units over the tolerance in units, cut towards zero: values that are no further apart than the tolerance lie in
 * the same cell or in neighbouring ones. A tolerance of less than a unit leaves equal values only. Values too large for
 * the arithmetic share the cell at either end; a tolerance too large for it has no cells.
 */
function absoluteCell(absolute: string, name: string, types: [string, string]): { cell?: Cell } {
  const { tolerance, scale } = toleranceUnits(absolute, types);
  const edge = 10n ** BigInt(unitDigits);
  if (tolerance > edge) return {};
  const width = tolerance > 0n ? tolerance : 1n;
  const cell = (type: string) => {
    const end = `CASE WHEN ${name} < 0 THEN '${-edge / width}'::HUGEINT ELSE '${edge / width}'::HUGEINT END`;
    return `coalesce(${wholeUnits(name, type, scale)} // '${width}'::HUGEINT, ${end})`;
  };
  return { cell: { kind: 'number', left: cell(types[0]), right: cell(types[1]) } };
}

/** The value as HUGEINT in units of 10^-scale; null where that has more digits than can be computed with. */
export function wholeUnits(value: string, sqlType: string, scale: number): string {
  const shape = decimalShape(sqlType)!;
  // Of a narrow column the product is exact in 38 digits, and a third of the time that going by the text takes.
  if (shape.whole + shape.scale <= 18 && scale < 18) return `((${value}) * 1${'0'.repeat(scale)})::HUGEINT`;
  const zeros = '0'.repeat(scale - shape.scale);
  const text = `replace((${value})::VARCHAR, '.', '')${zeros && ` || '${zeros}'`}`;
  if (shape.whole + scale <= unitDigits) return `(${text})::HUGEINT`;
  return `(CASE WHEN length(ltrim(${text}, '-')) <= ${unitDigits} THEN (${text})::HUGEINT END)`;
}

/** Steps of a logarithm as wide as the percentage; none where the percentage reaches any value. */
function percentCell(percent: string, name: string): Cell | undefined {
  const part = Number(percent) / 100;
  if (part >= 0.9) return undefined;
  // A little wider than exact, because logarithms are not.
  const width = 1e-9 - Math.log1p(-part);
  const value = `(${name})::DOUBLE`;
  const cell = `(CASE WHEN ${value} = 0 THEN 0 ELSE sign(${value}) * (1000000000000 + floor(ln(abs(${value})) / ${width})) END)::HUGEINT`;
  return { kind: 'number', left: cell, right: cell };
}

/** How the fields that no condition names are compared: what differs there makes a candidate worse, not impossible. */
export function judgedElsewhere(comparisons: FieldComparison[], conditions: { field: string }[]): FieldComparison[] {
  return comparisons.filter((one) => !conditions.some((condition) => condition.field === one.name));
}
