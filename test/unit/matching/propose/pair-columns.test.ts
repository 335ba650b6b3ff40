// Which columns of two files are taken to be the same.
import { expect, test } from 'vitest';
import { pairColumnsByName, plainName } from '../../../../shared/matching/propose/pair-columns.ts';
import { canonicalNames } from '../../../../shared/matching/propose/propose-definition.ts';

test.each([
  ['Value Date', 'valuedate'],
  ['value_date', 'valuedate'],
  ['VALUE-DATE', 'valuedate'],
  ['Betrag (€)', 'betrag'],
  ['ＡＢＣ', 'abc'],
  ['---', ''],
])('%s is %s', (column, plain) => {
  expect(plainName(column)).toBe(plain);
});

test('columns pair by name, in the order of the left header; what is twice or empty pairs with nothing', () => {
  expect(
    pairColumnsByName(
      ['id', 'Value Date', 'amount', 'note', 'Note', '-', 'only'],
      ['AMOUNT', 'value_date', 'ID', 'note', '*'],
    ),
  ).toEqual([
    { left: 'id', right: 'ID', by: 'name' },
    { left: 'Value Date', right: 'value_date', by: 'name' },
    { left: 'amount', right: 'AMOUNT', by: 'name' },
  ]);
});

test.each([
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  [
    ['a', 'A', 'a'],
    ['a', 'A_2', 'a_3'],
  ],
  [
    ['$row', ''],
    ['row', 'column'],
  ],
])('canonical names of %j', (columns, names) => {
  expect(canonicalNames(columns)).toEqual(names);
});
