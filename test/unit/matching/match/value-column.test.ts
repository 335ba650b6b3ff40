// The columns of values never meet the columns of row references, whatever a field is called.
import { expect, test } from 'vitest';
import { fieldOfColumn, valueColumn } from '../../../../shared/matching/match/value-column.ts';

test.each([
  ['amount', 'left_amount'],
  ['row', 'left_row_'],
  ['Row', 'left_Row_'],
  ['row_', 'left_row__'],
  ['rows', 'left_rows'],
])('field %s has its value in %s', (field, column) => {
  expect(valueColumn('left', field)).toBe(column);
  expect(fieldOfColumn('left', column)).toBe(field);
});

test('a row reference, a column of the other side and a plain column are of no field', () => {
  for (const column of ['left_row', 'right_amount', 'key']) expect(fieldOfColumn('left', column)).toBeUndefined();
});
