// Who is paired with whom by a fuzzy pass, what it calls a guess, and what bounds it.
import { expect, test } from 'vitest';
import type { FuzzyPass, Pass } from '../../../../shared/domain/definition.ts';
import type { FieldSpec, Row } from '../match/records-from-rows.ts';
import { alike, bank, ledger, parties } from './fuzzy-parties.ts';
import { exact } from './pass-rules.ts';
import { expectBothWays, row, runPasses, type TableCase } from './run-passes.ts';

const five = ['1-1 alike', '2-2 alike', '3-3 alike', '4-4 alike', '5-5 alike'];
const open = (left: number[], right: number[], type = 'MISSING') => [
  ...left.map((one) => `left ${one} ${type}`),
  ...right.map((one) => `right ${one} ${type}`),
];
const status: FieldSpec[] = [...parties, { name: 'status', sqlType: 'VARCHAR' }];
/** A pair that differs in these is none the worse for it. */
const shown: FieldSpec[] = parties.map((one) => (one.name === 'amount' ? one : { ...one, role: 'CLASSIFIER' }));
const withStatus = (rows: Row[], values: (string | null)[]): Row[] => rows.map((one, at) => [...one, values[at]!]);
const inAccounts = (rows: Row[], accounts: string): Row[] => withStatus(rows, [...accounts]);
const equalStatus = (more: Partial<FuzzyPass> = {}) => alike({ equal: ['status'], ...more });

const cases: TableCase[] = [
  { name: 'names written otherwise', passes: alike(), left: ledger, right: bank, pairs: five, open: open([6], [6]) },
  {
    name: 'without a pass by the key',
    passes: alike().slice(1),
    left: ledger,
    right: bank,
    pairs: five,
    open: open([6], [6]),
  },
  {
    name: 'identical records are interchangeable, and no tie',
    passes: alike(),
    left: [ledger[0]!, ledger[0]!, ledger[0]!, ...ledger.slice(1)],
    right: [bank[0]!, bank[0]!, ...bank.slice(1)],
    pairs: ['1-1 alike', '2-2 alike', '4-3 alike', '5-4 alike', '6-5 alike', '7-6 alike'],
    open: open([3, 8], [7]),
  },
  {
    name: 'copies that one partner has no more of go to the next',
    passes: alike(),
    left: [ledger[0]!, ledger[0]!, ...ledger.slice(1)],
    right: [bank[0]!, row('P9', 'Acme Trading', '2024-01-05', '1200.00'), ...bank.slice(1)],
    pairs: ['1-1 alike', '2-2 alike', '3-3 alike', '4-4 alike', '5-5 alike', '6-6 alike'],
    open: open([7], [7]),
  },
  {
    name: 'whom copies go to that are as good for several is a guess',
    passes: alike(),
    left: [ledger[0]!, ledger[0]!, ledger[0]!, ...ledger.slice(1)],
    right: [...['P1', 'P1', 'P9', 'P9'].map((key) => row(key, ...bank[0]!.slice(2))), ...bank.slice(1)],
    pairs: ['4-5 alike', '5-6 alike', '6-7 alike', '7-8 alike'],
    open: [...open([1, 2, 3], [1, 2, 3, 4], 'AMBIGUOUS'), ...open([8], [9])].sort(),
  },
  {
    name: 'two that are as good are a tie',
    passes: alike(),
    left: ledger,
    right: [...bank, row('P9', 'Acme Trading Ltd.', '2024-01-05', '1200.00')],
    pairs: five.slice(1),
    open: [...open([1], [1, 7], 'AMBIGUOUS'), ...open([6], [6])].sort(),
  },
  {
    name: 'one that is a little better is no tie',
    passes: alike(),
    left: ledger,
    right: [...bank, row('P9', 'Acme Trading Ltd.', '2024-01-09', '1200.00')],
    pairs: five,
    open: open([6], [6, 7]),
  },
  {
    name: 'but within a margin of bits it is',
    passes: alike({ tieMargin: 50 }),
    left: ledger,
    right: [...bank, row('P9', 'Acme Trading Ltd.', '2024-01-09', '1200.00')],
    pairs: five.slice(1),
    open: [...open([1], [1, 7], 'AMBIGUOUS'), ...open([6], [6])].sort(),
  },
  {
    name: 'a field of another value than the pass asks for makes the pair a mismatch',
    fields: status,
    passes: alike(),
    left: withStatus(ledger, ['open', 'open', 'open', 'open', 'open', 'open']),
    right: withStatus(bank, ['open', 'shut', 'open', 'open', null, 'open']),
    pairs: [five[0]!, five[2]!, five[3]!],
    open: [...open([2, 5], [2, 5], 'MISMATCH'), ...open([6], [6])].sort(),
  },
  {
    name: 'only within equal fields, which are not null',
    fields: status,
    passes: equalStatus(),
    left: inAccounts(ledger, 'AABBCC'),
    right: [...inAccounts(bank.slice(0, 4), 'ABBB'), [...bank[4]!, null], [...bank[5]!, 'C']],
    pairs: [five[0]!, five[2]!, five[3]!],
    open: open([2, 5, 6], [2, 5, 6]),
  },
  {
    name: 'equal as the field is compared, and no mismatch for it',
    fields: [...parties, { name: 'status', sqlType: 'VARCHAR', comparison: 'ignore-case' }],
    passes: equalStatus(),
    left: withStatus(ledger, ['a a', 'A', 'b', 'b', 'c', 'c']),
    right: withStatus(bank, ['A  A ', 'a', 'B', 'B', 'C', 'C']),
    pairs: five,
    open: open([6], [6]),
  },
  {
    name: 'values that are not alike enough make no pair, whatever else speaks for it',
    passes: alike({ fields: [{ field: 'party', similarityMin: 0.9 }, { field: 'booked' }, { field: 'amount' }] }),
    left: ledger,
    right: bank,
    pairs: [five[0]!, five[2]!, five[3]!, five[4]!].filter((one) => one !== '2-2 alike'),
    open: open([2, 6], [2, 6]),
  },
  {
    name: 'nor does one that is absent',
    passes: alike({ fields: [{ field: 'party' }, { field: 'booked', similarityMin: 0 }, { field: 'amount' }] }),
    left: ledger,
    right: [row('P1', 'ACME TRADING LTD', null, '1200.00'), ...bank.slice(1)],
    pairs: five.slice(1),
    open: open([1, 6], [1, 6]),
  },
  {
    name: 'in blocks that are given only',
    passes: alike({ blocks: [['amount', 'booked'], ['party']] }),
    left: ledger,
    right: [...bank.slice(0, 2), row('P3', 'Northwnd Traders', '2024-01-10', '45.00'), ...bank.slice(3)],
    pairs: ['1-1 alike', '2-2 alike', '4-4 alike', '5-5 alike'],
    open: open([3, 6], [3, 6]),
  },
  {
    name: 'a weight of nothing silences a field',
    passes: alike({ fields: [{ field: 'party', weight: 0 }, { field: 'booked' }, { field: 'amount' }] }),
    left: ledger,
    right: [row('P1', 'Nothing Like It', '2024-01-05', '1200.00'), ...bank.slice(1)],
    pairs: five,
    open: open([6], [6]),
  },
  {
    name: 'equivalences that are given',
    fields: shown,
    passes: alike({
      fields: [{ field: 'party' }],
      equivalences: [['Bakery', 'Bakeri', 'Bageri']],
    }),
    left: [...ledger.slice(0, 4), row('L5', 'Ødegård Bakeri AS', null, null), row('L6', 'Lund Bageri', null, null)],
    right: [...bank.slice(0, 4), row('P5', 'Odegard Bakery AS', null, null), row('P6', 'Lund Bakery', null, null)],
    pairs: ['1-1 alike', '3-3 alike', '4-4 alike', '5-5 alike', '6-6 alike'],
    open: open([2], [2]),
  },
  {
    name: 'records that say nothing take no part',
    passes: alike(),
    left: [...ledger, row('L7', null, null, null)],
    right: [...bank, row('P7', null, null, null)],
    pairs: five,
    open: open([6, 7], [6, 7]),
  },
  { name: 'one side is empty', passes: alike(), left: ledger.slice(0, 2), right: [], open: open([1, 2], []) },
  {
    name: 'one record that says the same on each side is no evidence that it is no chance',
    passes: alike(),
    left: ledger.slice(0, 1),
    right: bank.slice(0, 1),
    pairs: ['1-1 alike'],
  },
];

test.each(cases)('$name', async (given) => {
  await expectBothWays({ fields: parties, ...given });
});

test('a threshold refuses the pair that does not reach it, and so does one that a precision chooses', async () => {
  const given = { fields: parties, left: ledger, right: bank };
  const { confidence } = await runPasses({ ...given, passes: alike() });
  const [least, ...rest] = Object.entries(confidence).sort(([, a], [, b]) => a - b);
  expect(least![0]).toBe(five[1]);
  const kept = rest.map(([name]) => name).sort();
  const mean = rest.reduce((sum, [, one]) => sum + one, 0) / rest.length;
  for (const more of [{ threshold: rest[0]![1] }, { targetPrecision: mean - 1e-7 }, { threshold: least![1] + 1e-6 }]) {
    const found = await runPasses({ ...given, passes: alike(more) });
    expect([found.pairs, found.open]).toEqual([kept, open([2, 6], [2, 6])]);
  }
});

const near: Pass = { kind: 'tolerance', name: 'near', conditions: [{ field: 'amount', absolute: '0.10' }] };
const sameDay: Pass = {
  kind: 'tolerance',
  name: 'near',
  conditions: [
    { field: 'amount', absolute: '0.10' },
    { field: 'booked', daysBefore: 0, daysAfter: 0 },
  ],
};
const sums: Pass = { kind: 'grouped', name: 'sums', cardinality: 'one-to-many', by: [], amount: 'amount', search: {} };

test('between a tolerance and a grouped pass each takes what the one before left', async () => {
  const found = await runPasses({
    fields: shown,
    passes: [exact, sameDay, ...alike().slice(1), sums],
    left: [...ledger, row('L9', 'Payout', '2024-03-01', '30.00')],
    right: [...bank, row('O1', 'Order', '2024-02-28', '10.00'), row('O2', 'Other', '2024-02-28', '20.00')],
  });
  expect(found.pairs).toEqual(['1-1 near', '2-2 near', '3-3 near', '4-4 alike', '5-5 near', '7-7 sums', '7-8 sums']);
  expect(found.open).toEqual(open([6], [6]));
  expect(found.summary.passes.map(({ pairs, groups }) => [pairs, groups])).toEqual([
    [0, 0],
    [4, 0],
    [1, 0],
    [0, 1],
  ]);
});

test('an ambiguous record is taken by no later pass', async () => {
  const found = await runPasses({
    fields: parties,
    passes: [...alike(), near],
    left: ledger,
    right: [...bank, row('P9', 'Acme Trading Ltd.', '2024-01-05', '1200.00')],
  });
  expect(found.pairs).toEqual(five.slice(1));
  expect(found.open).toContain('left 1 AMBIGUOUS');
});

test('what is only suggested is decided by no one, and a later pass may take it', async () => {
  const suggest = alike({ accept: 'suggest' });
  const tied = [...bank, row('P9', 'Acme Trading Ltd.', '2024-01-05', '1200.00')];
  const found = await runPasses({ fields: parties, passes: suggest, left: ledger, right: tied });
  expect([found.pairs, found.open]).toEqual([[], open([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7])]);
  expect(found.summary.passes[1]).toMatchObject({ pairs: 0, suggested: 4, ambiguous: 3 });
  const kinds = found.breaks.map(
    ({ left, right, candidates }) =>
      `${left ?? ''}-${right ?? ''} ${candidates!.map(({ kind, rows }) => `${kind} ${rows}`).join(', ')}`,
  );
  expect(kinds.sort()).toEqual([
    '-1 tied 1',
    '-2 suggested 2',
    '-3 suggested 3',
    '-4 suggested 4',
    '-5 suggested 5',
    '-6 ',
    '-7 tied 1',
    '1- tied 1, tied 7',
    '2- suggested 2',
    '3- suggested 3',
    '4- suggested 4',
    '5- suggested 5',
    '6- ',
  ]);
  const taken = await runPasses({ fields: shown, passes: [...suggest, near], left: ledger, right: bank });
  expect(taken.pairs).toEqual(['1-1 near', '2-2 near', '3-3 near', '4-4 near', '5-5 near']);
  expect(taken.breaks.flatMap(({ candidates }) => candidates!.filter(({ kind }) => kind === 'suggested'))).toEqual([]);
});

test('what verdicts taught: a shift of all pairs, factors of fields, spellings', async () => {
  const given = { fields: parties, passes: alike(), left: ledger, right: bank };
  const from = { approvals: 3, rejections: 1 };
  const learned = (more: object) => ({ alike: { version: 1, shift: 0, factors: {}, equivalences: [], from, ...more } });
  const plain = await runPasses(given);
  // So far that the least likely of them, Müller, is less likely than not.
  const shift = -plain.evidence['2-2 alike']!.weight - 0.1;
  const shifted = await runPasses({ ...given, learned: learned({ shift }) });
  expect(shifted.pairs).toEqual([five[0], five[2], five[3], five[4]]);
  const [one, other] = [plain.evidence['1-1 alike']!, shifted.evidence['1-1 alike']!];
  expect(other.prior).toBeCloseTo(one.prior + shift, 5);
  expect(other.fields).toEqual(one.fields);
  const halved = await runPasses({ ...given, learned: learned({ factors: { amount: 0.5 } }) });
  expect(halved.evidence['1-1 alike']!.fields[2]!.weight).toBeCloseTo(one.fields[2]!.weight / 2, 5);
  const spelt = await runPasses({
    ...given,
    learned: learned({
      equivalences: [
        ['Soehne', 'Söhne'],
        ['Müller', 'Mueller'],
        ['und', 'GmbH'],
      ],
    }),
  });
  expect(spelt.evidence['2-2 alike']!.fields[0]!.weight).toBeGreaterThan(
    plain.evidence['2-2 alike']!.fields[0]!.weight,
  );
});
