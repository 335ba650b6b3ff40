// How figures stand in columns, and how a failure becomes one line.
import { describe, expect, test } from 'vitest';
import { failureLine, oneLine } from '../../../cli/failures.ts';
import { aligned, grouped, shownWidth } from '../../../cli/report/aligned.ts';
import { fail } from '../../../shared/domain/result.ts';

test.each([
  ['1234567', '1,234,567'],
  ['-1234.5678', '-1,234.5678'],
  ['999', '999'],
  [1000, '1,000'],
  ['12345678901234567890.12', '12,345,678,901,234,567,890.12'],
])('%s is shown as %s', (number, expected) => {
  expect(grouped(number)).toBe(expected);
});

test.each([
  ['abc', 3],
  ['Zoë', 3],
  ['Zoe\u0308', 3],
  ['名前', 4],
  ['', 0],
])('%s takes %i columns', (text, width) => {
  expect(shownWidth(text)).toBe(width);
});

test('columns line up and lines end with text', () => {
  expect(
    aligned(
      [
        ['', 'left', ''],
        ['rows', '1,000', 'x'],
        ['名前', '7', ''],
      ],
      [1],
    ),
  ).toEqual(['         left', '  rows  1,000  x', '  名前      7']);
});

describe('one line, whatever a name or a value holds', () => {
  test.each([
    ['a\nb', 'a b'],
    ['a\r\n\tb', 'a b'],
    ['\u001b[31mred\u0007', '[31mred'],
  ])('%j', (text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });
  test('a failure says what was wrong and what to do, in options', () => {
    expect(failureLine(fail('SHEET_REQUIRED', 'book.xlsx: sheets May, June'))).toBe(
      'book.xlsx: sheets May, June. Name it with --sheet NAME, or --sheet left=NAME for one side.',
    );
    expect(failureLine(fail('FILE_UNREADABLE', 'a\nb'))).toBe(
      'a b. Check the path, the permissions and that the file is whole.',
    );
  });
});
