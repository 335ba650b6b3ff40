// Rows named in a line: all of a few, the first of many.
import { expect, test } from 'vitest';
import { rowsText } from '../../../cli/report/rows-text.ts';

const many = Array.from({ length: 30 }, (_, at) => at + 1);
const twenty = many.slice(0, 20).join(', ');

test.each([
  [[7], undefined, 'row 7'],
  [[7, 9], undefined, 'rows 7, 9'],
  [many, undefined, `rows ${twenty} and 10 more`],
  [[7, 9], 400, 'rows 7, 9 and 398 more'],
])('%j of %s', (rows, records, text) => {
  expect(rowsText(rows, records)).toBe(text);
});
