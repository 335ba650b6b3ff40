// Exact arithmetic on DECIMAL columns in SQL text. Narrow columns stay in 128-bit decimals with bounds proved from
// their types; all else goes through BIGNUM, which has no limit. Never a float, never an overflow.
import { toScaled } from '../../domain/decimal.ts';

/** `whole` digits before the decimal mark and `scale` after it. */
export type DecimalShape = { whole: number; scale: number };

const digitsMax = 38;

/** The shape of `DECIMAL(p,s)`; undefined for any other type. */
export function decimalShape(sqlType: string): DecimalShape | undefined {
  const match = /^DECIMAL\((\d+),\s*(\d+)\)$/i.exec(sqlType);
  if (!match) return undefined;
  return { whole: Number(match[1]) - Number(match[2]), scale: Number(match[2]) };
}

/** The smallest shape that holds both; `fits` says whether DuckDB has such a type. */
export function commonShape(a: DecimalShape, b: DecimalShape): DecimalShape & { fits: boolean } {
  const [whole, scale] = [Math.max(a.whole, b.whole), Math.max(a.scale, b.scale)];
  return { whole, scale, fits: whole + scale <= digitsMax };
}

/** The value in units of 10^-scale as BIGNUM; `scale` is at least that of the column. */
export function units(value: string, column: DecimalShape, scale: number): string {
  const zeros = '0'.repeat(scale - column.scale);
  return `(replace((${value})::VARCHAR, '.', '')${zeros && ` || '${zeros}'`})::BIGNUM`;
}

/** |value| of a BIGNUM expression: BIGNUM has no abs, and DuckDB would go through DOUBLE without saying so. */
export function absoluteUnits(value: string): string {
  return `ltrim((${value})::VARCHAR, '-')::BIGNUM`;
}

/** Text of a BIGNUM in units of 10^-scale as a plain decimal: `-5` at scale 2 is `-0.05`. */
export function unitsText(value: string, scale: number): string {
  const text = `(${value})::VARCHAR`;
  if (scale === 0) return text;
  const digits = `lpad(ltrim(${text}, '-'), greatest(${scale + 1}, length(ltrim(${text}, '-')))::INTEGER, '0')`;
  return `(CASE WHEN starts_with(${text}, '-') THEN '-' ELSE '' END || ${digits}[:-${scale + 1}] || '.' || ${digits}[-${scale}:])`;
}

type Sides = { left: string; right: string; leftShape: DecimalShape; rightShape: DecimalShape };

/** right − left as exact text. */
export function differenceText({ left, right, leftShape, rightShape }: Sides): string {
  const { whole, scale } = commonShape(leftShape, rightShape);
  if (whole + scale < digitsMax) {
    const type = `DECIMAL(38,${scale})`;
    return `((${right})::${type} - (${left})::${type})::VARCHAR`;
  }
  return unitsText(`${units(right, rightShape, scale)} - ${units(left, leftShape, scale)}`, scale);
}

/** |left − right| ≤ tolerance, for values that are not null. */
export function withinAbsolute(sides: Sides, tolerance: string): string {
  const { left, right, leftShape, rightShape } = sides;
  const { whole, scale } = commonShape(leftShape, rightShape);
  // The difference has `scale` decimals at most, so the tolerance may be cut to them.
  const bound = cutTo(tolerance, scale);
  if (whole + scale < digitsMax) {
    if (bound >= 10n ** BigInt(digitsMax)) return 'true';
    const type = `DECIMAL(38,${scale})`;
    return `abs((${left})::${type} - (${right})::${type}) <= ${decimalLiteral(bound, scale)}`;
  }
  const difference = `${units(left, leftShape, scale)} - ${units(right, rightShape, scale)}`;
  return `${absoluteUnits(difference)} <= '${bound}'::BIGNUM`;
}

/** |left − right| ≤ percent / 100 × |left|, for values that are not null: both sides times 100 and the percent's own scale. */
export function withinPercent(sides: Sides, percent: string): string {
  const { left, right, leftShape, rightShape } = sides;
  const { whole, scale } = commonShape(leftShape, rightShape);
  let { units: share, scale: shareScale } = toScaled(percent);
  while (shareScale > 0 && share % 10n === 0n) [share, shareScale] = [share / 10n, shareScale - 1];
  const factor = 10n ** BigInt(shareScale + 2);
  const [differenceDigits, baseDigits] = [whole + scale + 1 + `${factor}`.length, whole + scale + `${share}`.length];
  if (differenceDigits <= digitsMax && baseDigits <= digitsMax) {
    const type = `DECIMAL(38,${scale})`;
    const difference = `abs((${left})::${type} - (${right})::${type})`;
    return `${difference} * ${factor}::DECIMAL(38,0) <= abs((${left})::${type}) * ${share}::DECIMAL(38,0)`;
  }
  const difference = absoluteUnits(`${units(left, leftShape, scale)} - ${units(right, rightShape, scale)}`);
  const zeros = '0'.repeat(shareScale + 2);
  return `((${difference})::VARCHAR || '${zeros}')::BIGNUM <= ${timesUnits(absoluteUnits(units(left, leftShape, scale)), share)}`;
}

/** BIGNUM has no product, so a constant factor is written out: each digit adds the value, moved by its place, that often. */
function timesUnits(value: string, factor: bigint): string {
  const terms: string[] = [];
  const digits = [...`${factor}`].reverse();
  for (const [place, digit] of digits.entries()) {
    const moved = `((${value})::VARCHAR || '${'0'.repeat(place)}')::BIGNUM`;
    for (let count = 0; count < Number(digit); count += 1) terms.push(moved);
  }
  return terms.length === 0 ? "'0'::BIGNUM" : `(${terms.join(' + ')})`;
}

function cutTo(tolerance: string, scale: number): bigint {
  const { units: value, scale: own } = toScaled(tolerance);
  return own > scale ? value / 10n ** BigInt(own - scale) : value * 10n ** BigInt(scale - own);
}

function decimalLiteral(value: bigint, scale: number): string {
  const digits = `${value}`.padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return `'${text}'::DECIMAL(38,${scale})`;
}
