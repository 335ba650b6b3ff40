// The nearest candidate of a record that stays open and has no other: whose it is and what it fails by.
import { expect, test } from 'vitest';
import type { Condition, Pass } from '../../../../shared/domain/definition.ts';
import type { FieldSpec, Row } from '../match/records-from-rows.ts';
import { row, runPasses } from './run-passes.ts';

const fields: FieldSpec[] = [
  { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
  { name: 'account', sqlType: 'VARCHAR' },
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
  { name: 'date', sqlType: 'DATE' },
];
const conditions: Condition[] = [
  { field: 'account', equal: true },
  { field: 'amount', absolute: '0.05' },
  { field: 'date', daysBefore: 0, daysAfter: 2, calendar: 'bank' },
];
const passes: Pass[] = [{ kind: 'exact-key' }, { kind: 'tolerance', name: 'near', conditions }];

async function nearestOf(left: Row[], right: Row[], passesOf = passes) {
  const found = await runPasses({
    fields,
    passes: passesOf,
    left,
    right,
    more: { calendars: { bank: { holidays: [] } } },
  });
  const shown = found.breaks.flatMap(({ type, left: ofLeft, right: ofRight, candidates }) => {
    const name = ofLeft === null ? `right ${ofRight}` : `left ${ofLeft}`;
    return (candidates ?? []).map(({ kind, rows, key, cost, failed, pass }) => [
      `${name} ${type}`,
      `${kind} ${rows.join()} ${key} ${pass} ${failed.join('+')}`.trim(),
      cost,
    ]);
  });
  return { shown: shown.sort(), pairs: found.pairs };
}

test('the closer of above and below, on both sides, with the conditions that it fails', async () => {
  const { shown } = await nearestOf(
    [row('a', 'x', '10.00', '2024-03-04')],
    [row('b', 'x', '10.20', '2024-03-04'), row('c', 'x', '9.90', '2024-03-11'), row('d', 'y', '10.00', '2024-03-04')],
  );
  expect(shown).toEqual([
    ['left 1 MISSING', 'nearest 2 c near amount+date', null],
    ['right 1 MISSING', 'nearest 1 a near amount', null],
    ['right 2 MISSING', 'nearest 1 a near amount+date', null],
  ]);
});

test('of equally near ones the one that fails by less; of equal ones the first by content', async () => {
  const { shown } = await nearestOf(
    [row('a', 'x', '10.00', '2024-03-04'), row('e', 'z', '5.00', '2024-03-04')],
    [
      row('b', 'x', '10.20', '2024-03-18'),
      row('c', 'x', '9.80', '2024-03-04'),
      row('g', 'z', '6.00', '2024-03-04'),
      row('f', 'z', '6.00', '2024-03-04'),
    ],
  );
  expect(shown.filter(([name]) => String(name).startsWith('left'))).toEqual([
    ['left 1 MISSING', 'nearest 2 c near amount', null],
    ['left 2 MISSING', 'nearest 4 f near amount', null],
  ]);
});

test('what is matched is no candidate; what is ambiguous may be one and has its own', async () => {
  const { shown, pairs } = await nearestOf(
    [row('a', 'x', '10.00', '2024-03-04'), row('b', 'x', '20.00', '2024-03-04'), row('k', 'x', '10.10', '2024-03-04')],
    [row('c', 'x', '20.01', '2024-03-04'), row('d', 'x', '20.01', '2024-03-04'), row('k', 'x', '10.10', '2024-03-04')],
  );
  expect(pairs).toEqual(['3-3 1-exact-key']);
  expect(shown).toEqual([
    ['left 1 MISSING', 'nearest 1 c near amount', null],
    ['left 2 AMBIGUOUS', 'tied 1 c near', 200_000],
    ['left 2 AMBIGUOUS', 'tied 2 d near', 200_000],
    ['right 1 AMBIGUOUS', 'tied 2 b near', 200_000],
    ['right 2 AMBIGUOUS', 'tied 2 b near', 200_000],
  ]);
});

test('null amounts and accounts have none; a null date fails by it', async () => {
  const { shown } = await nearestOf(
    [row('a', 'x', null, '2024-03-04'), row('b', null, '10.00', '2024-03-04'), row('c', 'x', '10.00', null)],
    [row('d', 'x', '10.00', '2024-03-04')],
  );
  expect(shown).toEqual([
    ['left 3 MISSING', 'nearest 1 d near date', null],
    ['right 1 MISSING', 'nearest 3 c near date', null],
  ]);
});

test('what is left over of its key, a guess by its key or given up has one too', async () => {
  const day = '2024-03-04';
  const left = [
    ...[row('dup', 'x', '1.00', day), row('dup', 'x', '1.00', day)],
    row('tie', 'y', '5.00', day),
    row('sum', 'z', '60.00', day),
  ];
  const right = [
    ...[row('dup', 'x', '1.00', day), row('other', 'x', '1.30', day)],
    ...[row('tie', 'y', '5.10', day), row('tie', 'y', '4.90', day)],
    ...['1', '2', '3', '4', '5', '6', '57.50'].map((amount) => row(`part${amount}`, 'z', amount, day)),
  ];
  const search: Pass = {
    ...{ kind: 'grouped', cardinality: 'one-to-many', by: ['account'], amount: 'amount', search: { stepsMax: 10 } },
  };
  const { shown } = await nearestOf(left, right, [...passes, search]);
  expect(shown.filter(([name]) => (name as string).startsWith('left'))).toEqual([
    ['left 2 DUPLICATE', 'nearest 2 other near amount', null],
    ['left 3 AMBIGUOUS', 'nearest 3 tie near amount', null],
    ['left 4 SEARCH_EXHAUSTED', 'nearest 11 part57.50 near amount', null],
  ]);
});

test('a suggestion is enough, and a definition without an amount has no nearest', async () => {
  const left = [row('a', 'x', '10.00', '2024-03-04')];
  const right = [row('b', 'x', '10.01', '2024-03-04')];
  const suggest: Pass[] = [passes[0]!, { kind: 'tolerance', name: 'near', conditions, accept: 'suggest' }];
  expect((await nearestOf(left, right, suggest)).shown.map(([, text]) => String(text).split(' ')[0])).toEqual([
    'suggested',
    'suggested',
  ]);
  const byDate: Pass[] = [passes[0]!, { kind: 'tolerance', name: 'near', conditions: [conditions[2]!] }];
  expect((await nearestOf(left, [row('b', 'x', '10.01', '2024-05-04')], byDate)).shown).toEqual([]);
});
