// Figures as people read them: exact, without exponents, with thousands marked.
import { expect, test } from 'vitest';
import { deviationText, grouped, medianText, percent, roundedText } from '../../../../shared/domain/anomaly/numbers.ts';

test.each([
  [['3', '1', '2'], '2'],
  [['1', '2'], '1.5'],
  [['0.10', '0.1'], '0.10'],
  [['0.01', '0.02'], '0.015'],
  [['9007199254740993.10', '9007199254740993.30'], '9007199254740993.20'],
  [['-5', '5.50', '100', '2'], '3.75'],
])('the median of %j is %s', (texts, expected) => {
  expect(medianText(texts)).toBe(expected);
});

test.each([
  [34.6, 0, '35'],
  [0.125, 2, '0.13'],
  [1e21, 2, '1000000000000000000000.00'],
  [Number.POSITIVE_INFINITY, 0, '99999999999999997748809823456034029568'],
  [-7, 1, '7.0'],
])('%d with %i decimals is %s', (value, decimals, expected) => {
  expect(roundedText(value, decimals)).toBe(expected);
});

test.each([
  [39.5, 0, '39.5'],
  [40, 0, '40'],
  [0, 0, '0'],
  [0.085, 2, '0.085'],
  [10, 2, '10.00'],
])('a deviation of %d from values of %i decimals is %s', (value, decimals, expected) => {
  expect(deviationText(value, decimals)).toBe(expected);
});

test.each([
  ['1234567.50', '1,234,567.50'],
  ['999', '999'],
  ['1000', '1,000'],
  ['0.123456', '0.123456'],
])('%s is read as %s', (text, expected) => {
  expect(grouped(text)).toBe(expected);
});

test.each([
  ['0.124000', '12.4 %'],
  ['1.000000', '100 %'],
  ['0.500000', '50 %'],
  ['0.000001', '0.0001 %'],
  ['0.000000', '0 %'],
])('a share of %s is %s', (share, expected) => {
  expect(percent(share)).toBe(expected);
});
