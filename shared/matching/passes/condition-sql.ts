// A condition of a pass as SQL: whether a pair holds it, how far apart the two are, and the cells by which candidates
// are found without comparing everything with everything. A null never holds a condition.
import { toScaled } from '../../domain/decimal.ts';
import type { Condition, Field, PercentBase } from '../../domain/definition.ts';
import { FailureError, fail } from '../../domain/result.ts';
import { decimalShape } from '../match/exact-decimal.ts';
import { compare, type FieldComparison, find, isTemporal } from '../match/field-comparison.ts';
import type { LoadedSource } from '../records.ts';
import { identifier } from '../sql.ts';
import type { DayNumber } from './calendar-tables.ts';

/** Distances are whole millionths of the limit: exact to add, and the same in every chunk. */
export const millionths = 1_000_000;

type Cell = { kind: 'number' | 'day'; left: string; right: string };

export type CompiledCondition = {
  field: string;
  /** What the records of both sides must have beside their fields; `value` is over the bare field. */
  column?: { name: string; value: string };
  /** Equal contents of a block. */
  equal?: { left: string; right: string };
  /** Pairs that hold the condition lie in the same cell or in neighbouring ones. */
  cell?: Cell;
  /** Boolean, never null. Over the aliases l and r. */
  holds: string;
  /** BIGINT in millionths of the limit, 0 where there is none. For pairs that hold. */
  distance: string;
};

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
  if ('equal' in condition) {
    const { tolerance: _, ...exact } = field;
    const { content } = compare(exact, ...types);
    // A block is named by text, so that any number of conditions make one.
    const texts = { left: `(${content.left(name)})::VARCHAR`, right: `(${content.right(name)})::VARCHAR` };
    return { field: field.name, equal: texts, holds: 'true', distance: '0' };
  }
  const { comparison: _, ...numeric } = field;
  if ('daysBefore' in condition) {
    requireType(field, types, isTemporal, 'dates');
    const day = identifier(`$day ${field.name}`);
    const [from, to] = [`l.${day}`, `r.${day}`];
    const { daysBefore, daysAfter } = condition;
    const cell = `floor(${day} / ${Math.max(1, daysBefore, daysAfter)})::BIGINT`;
    const late = `(${to} - ${from}) * ${millionths} // ${Math.max(1, daysAfter)}`;
    const early = `(${from} - ${to}) * ${millionths} // ${Math.max(1, daysBefore)}`;
    return {
      field: field.name,
      column: { name: day, value: dayNumber(condition, name) },
      cell: { kind: 'day', left: cell, right: cell },
      holds: `coalesce(${to} - ${from} BETWEEN ${-daysBefore} AND ${daysAfter}, false)`,
      distance: `(CASE WHEN ${to} >= ${from} THEN ${late} ELSE ${early} END)::BIGINT`,
    };
  }
  requireType(field, types, (type) => decimalShape(type) !== undefined, 'numbers');
  const amount = `abs((${left})::DOUBLE - (${right})::DOUBLE)`;
  if ('absolute' in condition) {
    const comparison = compare({ ...numeric, tolerance: { absolute: condition.absolute } }, ...types);
    return {
      field: field.name,
      cell: absoluteCell(condition.absolute, name, types),
      holds: `(${present} AND NOT ${comparison.differs(left, right)})`,
      distance: share(amount, `${Number(condition.absolute)}::DOUBLE`),
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
    distance: share(amount, `(${of} * ${Number(condition.percent) / 100})`),
  };
}

/** What a column holds is known when it was read: a definition may leave the type to the values. */
function requireType(field: Field, types: string[], fits: (type: string) => boolean, wanted: string): void {
  if (types.every(fits)) return;
  const message = `a pass compares "${field.name}" as ${wanted}, and its values were not read as such: give the field a type`;
  throw new FailureError(fail('DEFINITION_INVALID', message, { field: field.name }));
}

/** Doubles are near enough to rank by, and the same for the same values; whether a condition holds is asked of decimals. */
function share(distance: string, limit: string): string {
  return `(CASE WHEN ${limit} > 0 THEN least(${millionths}, round(${distance} / ${limit} * ${millionths})) ELSE 0 END)::BIGINT`;
}

/**
 * Whole units over the tolerance in units, cut towards zero: values that are no further apart than the tolerance lie in
 * the same cell or in neighbouring ones. A tolerance of less than a unit leaves equal values only.
 */
function absoluteCell(absolute: string, name: string, types: [string, string]): Cell {
  const scale = Math.max(...types.map((type) => decimalShape(type)?.scale ?? 0));
  const { units, scale: own } = toScaled(absolute);
  const tolerance = own > scale ? units / 10n ** BigInt(own - scale) : units * 10n ** BigInt(scale - own);
  const width = tolerance > 0n ? tolerance : 1n;
  const cell = (type: string) => `(${wholeUnits(name, type, scale)} // '${width}'::HUGEINT)::HUGEINT`;
  return { kind: 'number', left: cell(types[0]), right: cell(types[1]) };
}

/** The value as HUGEINT in units of 10^-scale; null where it does not fit, which no candidate then has. */
export function wholeUnits(value: string, sqlType: string, scale: number): string {
  const shape = decimalShape(sqlType)!;
  const zeros = '0'.repeat(scale - shape.scale);
  return `TRY_CAST(replace((${value})::VARCHAR, '.', '')${zeros && ` || '${zeros}'`} AS HUGEINT)`;
}

/** Steps of a logarithm as wide as the percentage; none where the percentage reaches any value. */
function percentCell(percent: string, name: string): Cell | undefined {
  const part = Number(percent) / 100;
  if (part >= 0.9) return undefined;
  // A little wider than exact, because logarithms are not.
  const width = part === 0 ? 1e-9 : -Math.log(1 - part) * 1.000001;
  const value = `(${name})::DOUBLE`;
  const cell = `(CASE WHEN ${value} = 0 THEN 0 ELSE sign(${value}) * (1000000000000 + floor(ln(abs(${value})) / ${width})) END)::HUGEINT`;
  return { kind: 'number', left: cell, right: cell };
}

/** How the fields that no condition names are compared: what differs there makes a candidate worse, not impossible. */
export function judgedElsewhere(comparisons: FieldComparison[], conditions: { field: string }[]): FieldComparison[] {
  return comparisons.filter((one) => !conditions.some((condition) => condition.field === one.name));
}
