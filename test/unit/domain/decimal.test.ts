// Exact decimals on text: scale, sign and size never change a value.
import { expect, test } from 'vitest';
import { addDecimals, compareDecimals, fromScaled, toScaled } from '../../../shared/domain/decimal.ts';

test.each([
  ['0.1', '0.2', '0.3'],
  ['-0.05', '0.05', '0.00'],
  ['1', '0.001', '1.001'],
  ['-1.50', '-1.5', '-3.00'],
  ['9'.repeat(38), '1', `1${'0'.repeat(38)}`],
  [`-${'9'.repeat(60)}.99`, '-0.01', `-1${'0'.repeat(60)}.00`],
])('%s + %s = %s', (a, b, sum) => {
  expect(addDecimals(a, b)).toBe(sum);
  expect(addDecimals(b, a)).toBe(sum);
});

test.each([
  ['1.50', '1.5', 0],
  ['-0', '0.00', 0],
  ['-2', '1', -1],
  ['10', '9.99999999999999999999999999999999999999999', 1],
])('%s against %s: %i', (a, b, expected) => {
  expect(compareDecimals(a, b)).toBe(expected);
  expect(compareDecimals(b, a)).toBe(expected === 0 ? 0 : -expected);
});

test.each(['-0.05', '123', '0.00', '-1234567890.123456789'])('%s is the same after scaling and back', (text) => {
  const { units, scale } = toScaled(text);
  expect(fromScaled(units, scale)).toBe(text);
});

test.each(['', '1e3', '.5', '1.', '1,5', 'NaN', ' 1', '--1', '0x1'])('%j is refused', (text) => {
  expect(() => toScaled(text)).toThrow(RangeError);
});
