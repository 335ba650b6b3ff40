// Exact decimals as text, computed on bigint. No binary floats touch money.

/** Optional minus, digits, optional fraction: `-1234.50`. Never an exponent. */
export type DecimalText = string;

const shape = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** Splits into an integer of `scale` decimals; throws a RangeError on text that is not a plain decimal. */
export function toScaled(text: DecimalText): { units: bigint; scale: number } {
  const match = shape.exec(text);
  if (!match) throw new RangeError(`not a decimal: ${text}`);
  const fraction = match[3] ?? '';
  const units = BigInt(match[2] + fraction);
  return { units: match[1] === '-' ? -units : units, scale: fraction.length };
}

export function fromScaled(units: bigint, scale: number): DecimalText {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(digits.length - scale)}` : ''}`;
}

export function addDecimals(a: DecimalText, b: DecimalText): DecimalText {
  const [x, y] = [toScaled(a), toScaled(b)];
  const scale = Math.max(x.scale, y.scale);
  return fromScaled(x.units * 10n ** BigInt(scale - x.scale) + y.units * 10n ** BigInt(scale - y.scale), scale);
}

/** Negative, zero or positive as a is less than, equal to or greater than b; scale does not matter. */
export function compareDecimals(a: DecimalText, b: DecimalText): number {
  const [x, y] = [toScaled(a), toScaled(b)];
  const scale = Math.max(x.scale, y.scale);
  const difference = x.units * 10n ** BigInt(scale - x.scale) - y.units * 10n ** BigInt(scale - y.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
