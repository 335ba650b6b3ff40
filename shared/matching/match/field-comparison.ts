// How one field of a pair is compared, as SQL. One place decides what "agrees" means; joining, pairing, breaks and
// explaining all ask it. Null agrees with null and with nothing else.
import type { Definition, Field } from '../../domain/definition.ts';
import type { LoadedField } from '../../domain/record.ts';
import { literal } from '../sql.ts';
import * as decimal from './exact-decimal.ts';

export type FieldComparison = {
  name: string;
  /** Boolean, never null: the two values do not agree. */
  differs(left: string, right: string): string;
  /** VARCHAR: right − left of numbers, days of dates and times; null for other types and absent values. */
  difference(left: string, right: string): string;
  /** VARCHAR: JSON of the value's text, `null` of an absent one. */
  json(value: string): string;
  /** What tells records apart by this field: equal contents always agree, and are interchangeable in pairing. */
  content: { left(value: string): string; right(value: string): string };
  /** Over contents: as `differs`. */
  contentsDiffer(left: string, right: string): string;
  /** How far two contents are apart, to rank pairs by; never null. Undefined where contents are equal or not. */
  distance?: Distance;
  /** True when agreeing values are the very same number or text, so that one stands for the other. */
  same: boolean;
};

export type Distance =
  /** `wide`: BIGNUM in units of 10^-scale. `narrow`: DECIMAL(38, the scale asked for), safe if the whole digits fit. */
  | {
      kind: 'number';
      whole: number;
      scale: number;
      wide(left: string, right: string): string;
      narrow(left: string, right: string, scale: number): string;
    }
  /** HUGEINT of microseconds. */
  | { kind: 'time'; micros(left: string, right: string): string };

type AnyTolerance = { absolute?: string; percent?: string; days?: number };

/** The fields that are compared between the anchor and a leg: role COMPARE, not `ignored`, mapped on both sides. */
export function comparisonsOf(definition: Definition, left: LoadedField[], right: LoadedField[]): FieldComparison[] {
  return definition.fields.flatMap((field) => {
    if (field.role !== 'COMPARE' || field.comparison === 'ignored') return [];
    const [one, other] = [find(left, field.name), find(right, field.name)];
    return one && other ? [compare(field, one.sqlType, other.sqlType)] : [];
  });
}

export function find(fields: LoadedField[], name: string): LoadedField | undefined {
  return fields.find((field) => field.name === name);
}

export function compare(field: Field, leftType: string, rightType: string): FieldComparison {
  const [leftShape, rightShape] = [decimal.decimalShape(leftType), decimal.decimalShape(rightType)];
  if (leftShape && rightShape) return compareDecimals(field, leftShape, rightShape);
  if (isTemporal(leftType) && isTemporal(rightType)) return compareTimes(field, leftType, rightType);
  const text = leftType !== rightType || leftType === 'VARCHAR';
  return text && field.comparison === 'ignore-case' ? compareFolded(field) : compareExact(field, text);
}

/** Differing types of one field are compared as text: a value never agrees by being cast to what it was not. */
function compareExact(field: Field, text: boolean): FieldComparison {
  const content = text ? (value: string) => `(${value})::VARCHAR` : (value: string) => value;
  return {
    name: field.name,
    differs: (left, right) => `(${content(left)} IS DISTINCT FROM ${content(right)})`,
    difference: () => 'NULL::VARCHAR',
    json: escaped,
    content: { left: content, right: content },
    contentsDiffer: isDistinct,
    same: true,
  };
}

/** Upper then lower: both final and inner sigma, long s and the Kelvin sign meet. `\p{Z}` takes the no-break spaces. */
export function foldedText(value: string): string {
  return `lower(upper(trim(regexp_replace((${value})::VARCHAR, '[\\s\\p{Z}]+', ' ', 'g'))))`;
}

function compareFolded(field: Field): FieldComparison {
  return {
    name: field.name,
    // The folding is costly and most values are the same as they stand.
    differs: (left, right) => unlessSame(left, right, `${foldedText(left)} <> ${foldedText(right)}`),
    difference: () => 'NULL::VARCHAR',
    json: escaped,
    content: { left: foldedText, right: foldedText },
    contentsDiffer: isDistinct,
    same: false,
  };
}

function compareDecimals(field: Field, left: decimal.DecimalShape, right: decimal.DecimalShape): FieldComparison {
  const { whole, scale, fits } = decimal.commonShape(left, right);
  const within = (one: string, other: string, oneShape: decimal.DecimalShape, otherShape: decimal.DecimalShape) => {
    const sides = { left: one, right: other, leftShape: oneShape, rightShape: otherShape };
    const tolerance: AnyTolerance = field.tolerance ?? {};
    if (tolerance.absolute !== undefined) return decimal.withinAbsolute(sides, tolerance.absolute);
    return tolerance.percent !== undefined ? decimal.withinPercent(sides, tolerance.percent) : undefined;
  };
  const differs = (one: string, other: string, oneShape = left, otherShape = right): string => {
    const agrees = within(one, other, oneShape, otherShape);
    if (decimal.commonShape(oneShape, otherShape).fits) {
      return agrees ? unlessSame(one, other, `NOT (${agrees})`) : isDistinct(one, other);
    }
    // DuckDB would cast both to a type that does not hold them, and throw.
    const apart = agrees
      ? `NOT (${agrees})`
      : `${decimal.units(one, oneShape, scale)} <> ${decimal.units(other, otherShape, scale)}`;
    return `(CASE WHEN (${one}) IS NULL OR (${other}) IS NULL THEN ((${one}) IS NULL) <> ((${other}) IS NULL) ELSE ${apart} END)`;
  };
  // Contents have one type on both sides: a common DECIMAL, or exact text where no DECIMAL holds both.
  const shape = { whole, scale };
  const contentUnits = (value: string) => (fits ? decimal.units(value, shape, scale) : `(${value})::BIGNUM`);
  const contentOf = (own: decimal.DecimalShape) => (value: string) =>
    fits ? `(${value})::DECIMAL(${whole + scale},${scale})` : `(${decimal.units(value, own, scale)})::VARCHAR`;
  return {
    name: field.name,
    differs: (one, other) => differs(one, other),
    difference: (one, other) => decimal.differenceText({ left: one, right: other, leftShape: left, rightShape: right }),
    json: quoted,
    content: { left: contentOf(left), right: contentOf(right) },
    contentsDiffer: (one, other) => (fits ? differs(one, other, shape, shape) : differsWide(field, one, other, scale)),
    distance: {
      kind: 'number',
      whole,
      scale,
      wide: (one, other) =>
        `coalesce(${decimal.absoluteUnits(`${contentUnits(one)} - ${contentUnits(other)}`)}, '0'::BIGNUM)`,
      narrow: (one, other, to) => `coalesce(abs((${one})::DECIMAL(38,${to}) - (${other})::DECIMAL(38,${to})), 0)`,
    },
    same: !field.tolerance,
  };
}

/** Over contents that are text of units: the tolerance is asked in units, as numbers without decimals. */
function differsWide(field: Field, left: string, right: string, scale: number): string {
  const shape = { whole: 80, scale: 0 };
  const sides = { left, right, leftShape: shape, rightShape: shape };
  const tolerance: AnyTolerance = field.tolerance ?? {};
  if (tolerance.absolute !== undefined) {
    return unlessSame(left, right, `NOT (${decimal.withinAbsolute(sides, movedPoint(tolerance.absolute, scale))})`);
  }
  if (tolerance.percent !== undefined) {
    return unlessSame(left, right, `NOT (${decimal.withinPercent(sides, tolerance.percent)})`);
  }
  return isDistinct(left, right);
}

/** A decimal times 10^places, cut to a whole number. */
function movedPoint(value: string, places: number): string {
  const [whole = '', fraction = ''] = value.split('.');
  return `${whole}${fraction.padEnd(places, '0').slice(0, places)}`;
}

function compareTimes(field: Field, leftType: string, rightType: string): FieldComparison {
  const exact = leftType === rightType ? (value: string) => value : (value: string) => `(${value})::TIMESTAMP`;
  const days = field.tolerance && 'days' in field.tolerance ? field.tolerance.days : undefined;
  const between = (left: string, right: string) => `date_diff('day', (${left})::DATE, (${right})::DATE)`;
  const differs = (left: string, right: string) =>
    days === undefined
      ? isDistinct(exact(left), exact(right))
      : unlessSame(exact(left), exact(right), `abs(${between(left, right)}) > ${Math.trunc(days)}`);
  const micros = (value: string) => `epoch_us((${value})::TIMESTAMP)::HUGEINT`;
  return {
    name: field.name,
    differs,
    difference: (left, right) => `${between(left, right)}::VARCHAR`,
    json: quoted,
    content: { left: exact, right: exact },
    contentsDiffer: differs,
    distance: {
      kind: 'time',
      micros: (left, right) => `coalesce(abs(${micros(left)} - ${micros(right)}), 0)::HUGEINT`,
    },
    same: !field.tolerance,
  };
}

export function isTemporal(sqlType: string): boolean {
  return sqlType === 'DATE' || sqlType === 'TIMESTAMP';
}

function isDistinct(left: string, right: string): string {
  return `((${left}) IS DISTINCT FROM (${right}))`;
}

function unlessSame(left: string, right: string, otherwise: string): string {
  return `(CASE WHEN (${left}) IS NOT DISTINCT FROM (${right}) THEN false WHEN (${left}) IS NULL OR (${right}) IS NULL THEN true ELSE ${otherwise} END)`;
}

/** VARCHAR of any value: exact for decimals, ISO for dates. */
export function textOf(value: string): string {
  return `(${value})::VARCHAR`;
}

/** JSON text of one difference, put together by hand: `to_json` over lists of structs took half the time of the breaks. */
export function differenceJson(source: string, comparison: FieldComparison, left: string, right: string): string {
  const head = JSON.stringify({ source, field: comparison.name }).slice(0, -1);
  const difference = `coalesce('"' || ${comparison.difference(left, right)} || '"', 'null')`;
  return `${literal(`${head},"left":`)} || ${comparison.json(left)} || ',"right":' || ${comparison.json(right)} || ',"difference":' || ${difference} || '}'`;
}

function escaped(value: string): string {
  return `coalesce(to_json(${textOf(value)})::VARCHAR, 'null')`;
}

/** For numbers and times, whose text holds nothing to escape. */
function quoted(value: string): string {
  return `coalesce('"' || ${textOf(value)} || '"', 'null')`;
}
