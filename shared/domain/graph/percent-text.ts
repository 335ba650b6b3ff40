// A percentage as JSON carries it, written out as the decimal text that it stands for: 0.000001, and never 1e-6.
import { checkLimit, type Report } from '../check-values.ts';

export function percentText(value: number): string {
  const text = String(value);
  const parts = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!parts) return text;
  const [, sign, whole = '', fraction = '', exponent] = parts;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const [left, right] = [
    digits.slice(0, Math.max(0, point)).padEnd(point, '0'),
    digits.slice(Math.max(0, point)).padStart(digits.length - point, '0'),
  ];
  return `${sign}${left || '0'}${right ? `.${right}` : ''}`;
}

export function checkPercent(value: number, path: string, report: Report): void {
  if (value < 0) report(path, 'must not be negative');
  else checkLimit(percentText(value), path, report);
}
