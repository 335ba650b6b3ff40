// What a single value of a definition may be: a name, a decimal text, a whole number. Says so with the path it was given.
import { compareDecimals, type DecimalText } from './decimal.ts';

export type Report = (path: string, message: string) => void;

/** The longest span of days in a definition: a hundred years. */
export const daysMax = 36_500;
export const decimalShape = /^[+-]?\d{1,38}(\.\d{1,38})?$/;
const nameLengthMax = 200;
const textLengthMax = 10_000;

export function checkName(name: string, path: string, report: Report): void {
  if (name.trim() === '') report(path, 'must not be empty');
  if (name.length > nameLengthMax) report(path, `must have at most ${nameLengthMax} characters`);
  if (hasControl(name)) report(path, 'must not hold control characters');
}

/** Of several lines, for a person to read. */
export function checkText(text: string | null, path: string, report: Report): void {
  if (text === null) return;
  if (text.length > textLengthMax) report(path, `must have at most ${textLengthMax} characters`);
  if (hasControl(text.replace(/[\t\r\n]/g, ''))) report(path, 'must not hold control characters');
}

export function hasControl(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}

/** Whether it is a decimal from 0 to `max`. */
export function checkLimit(value: DecimalText, path: string, report: Report, max?: number): boolean {
  if (!decimalShape.test(value)) report(path, 'must be a decimal number, such as "0.01"');
  else if (value.startsWith('-')) report(path, 'must not be negative');
  else if (max !== undefined && compareDecimals(value, String(max)) > 0) report(path, `must be at most ${max}`);
  else return true;
  return false;
}

export function checkWhole(value: number, from: number, to: number, path: string, report: Report): void {
  if (!(Number.isSafeInteger(value) && value >= from && value <= to))
    report(path, `must be a whole number from ${from} to ${to}`);
}
