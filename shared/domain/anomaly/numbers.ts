// Figures as people read them: exact decimals, with thousands marked in sentences.
import { compareDecimals, type DecimalText, fromScaled, toScaled } from '../decimal.ts';

export function decimalsOf(texts: DecimalText[]): number {
  return Math.max(0, ...texts.map((text) => toScaled(text).scale));
}

export function withoutSign(text: DecimalText): DecimalText {
  return text.replace(/^[+-]/, '');
}

/** The two in the middle of an even number are averaged, exactly. */
export function medianText(texts: DecimalText[]): DecimalText {
  const sorted = texts.toSorted(compareDecimals);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle]!;
  const decimals = decimalsOf([sorted[middle - 1]!, sorted[middle]!]);
  const units = (text: DecimalText) => {
    const { units, scale } = toScaled(text);
    return units * 10n ** BigInt(decimals - scale);
  };
  const sum = units(sorted[middle - 1]!) + units(sorted[middle]!);
  return sum % 2n === 0n ? fromScaled(sum / 2n, decimals) : fromScaled(sum * 5n, decimals + 1);
}

/** A limit or a spread, which is no amount of anything: rounded to so many decimals, never with an exponent. */
export function roundedText(value: number, decimals: number): DecimalText {
  // No decimal of the engine is larger.
  const bounded = Math.min(Math.abs(value), 1e38);
  // Beyond this a float has no decimals, and `toFixed` writes an exponent.
  if (bounded >= 1e20) return `${BigInt(bounded)}${decimals > 0 ? `.${'0'.repeat(decimals)}` : ''}`;
  return bounded.toFixed(Math.min(decimals, 38));
}

/** A deviation from a median, which may have half a unit more than the values. */
export function deviationText(value: number, decimals: number): DecimalText {
  return roundedText(value, decimals + 1).replace(/\.?0$/, '');
}

/** `1234567.50` → `1,234,567.50`. */
export function grouped(text: DecimalText): string {
  const [whole, fraction] = text.split('.');
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, ',')}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** A share of 1 as a percentage of at most two decimals; below one per cent all four that a share has. */
export function percent(share: DecimalText): string {
  const hundredths = Number(share) * 100;
  return `${hundredths.toFixed(hundredths < 1 ? 4 : 2).replace(/\.?0+$/, '')} %`;
}
