// A key explained where later passes were at work: found from either side, with pass, confidence, differences and candidates.
import { expect, test } from 'vitest';
import type { Definition, Pass } from '../../../../shared/domain/definition.ts';
import { explainKey } from '../../../../shared/matching/match/explain-key.ts';
import { definitionOf, type FieldSpec, matchRows, type Row, sourceOf } from '../match/records-from-rows.ts';
import { engineOfFile, row } from './run-passes.ts';

const fields: FieldSpec[] = [
  { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
  { name: 'account', sqlType: 'VARCHAR' },
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
  { name: 'date', sqlType: 'DATE' },
  { name: 'note', sqlType: 'VARCHAR' },
];
const passes: Pass[] = [
  { kind: 'exact-key', name: 'key' },
  {
    kind: 'tolerance',
    name: 'near',
    conditions: [
      { field: 'account', equal: true },
      { field: 'amount', absolute: '0.10' },
      { field: 'date', daysBefore: 0, daysAfter: 2, calendar: 'bank' },
    ],
  },
];
const more = { passes, calendars: { bank: { holidays: ['2024-01-01'] } } };
const left = [
  row('L1', 'x', '10.00', '2023-12-29', 'n'),
  row('L2', 'x', '50.00', '2024-01-02', 'n'),
  row('L3', 'y', '70.00', '2024-01-02', 'n'),
  row('S', 'y', '1.00', '2024-01-02', 'n'),
];
const right = [
  row('R1', 'x', '10.05', '2024-01-02', 'n'),
  row('R2', 'x', '50.01', '2024-01-02', 'm'),
  row('R3', 'y', '71.00', '2024-01-09', 'n'),
  row('S', 'y', '1.00', '2024-01-02', 'n'),
];

async function explained(key: string[], sides: Record<string, Row[]>, changed: Partial<Definition> = {}) {
  const engine = engineOfFile();
  const definition = definitionOf(fields, Object.keys(sides), { ...more, ...changed });
  const sources = Object.entries(sides).map(([name, rows]) => sourceOf(name, fields, rows));
  const matched = await matchRows(engine, definition, sources);
  return explainKey(engine, {
    definition,
    sources,
    matchesPaths: [matched.matchesPath],
    breaksPaths: [matched.breaksPath],
    key,
  });
}

test.each(['L1', 'R1'])('a pair of a later pass, asked for by %s', async (key) => {
  const found = await explained([key], { left, right });
  expect(found.breaks).toEqual([]);
  expect(found.pairs).toMatchObject([
    { leftRow: '1', rightRow: '1', pass: 'near', outcome: 'matched', confidence: 0.75 },
  ]);
  expect(
    found.pairs[0]!.fields.map(({ field, comparison, tolerance, difference, agrees }) => [
      field,
      comparison,
      tolerance,
      difference,
      agrees,
    ]),
  ).toEqual([
    ['id', 'shown', undefined, null, true],
    ['account', 'condition', 'equal', null, true],
    ['amount', 'condition', '± 0.10', '0.05', true],
    ['date', 'condition', '0 before to 2 after, business days of bank', '1', true],
    ['note', 'exact', undefined, null, true],
  ]);
});

test.each(['L2', 'R2'])('a pair that differs where no condition looks, asked for by %s', async (key) => {
  const found = await explained([key], { left, right });
  expect(found.breaks).toMatchObject([{ type: 'MISMATCH', leftRow: '2', rightRow: '2', candidates: [] }]);
  expect(found.pairs).toMatchObject([{ pass: 'near', outcome: 'mismatched', confidence: null }]);
  expect(found.pairs[0]!.fields.filter(({ agrees }) => !agrees).map(({ field }) => field)).toEqual(['note']);
});

test('a pair by the key, and what stays missing with the nearest', async () => {
  expect((await explained(['S'], { left, right })).pairs).toMatchObject([{ pass: 'key', confidence: 1 }]);
  const found = await explained(['L3'], { left, right });
  expect(found.pairs).toEqual([]);
  expect(found.breaks).toMatchObject([
    {
      type: 'MISSING',
      missingIn: 'right',
      candidates: [
        {
          source: 'right',
          pass: 'near',
          kind: 'nearest',
          rows: [3],
          key: ['R3'],
          cost: null,
          failed: ['amount', 'date'],
        },
      ],
    },
  ]);
});

test('with several sources each leg has its pass, and an agreeing leg is not asked again', async () => {
  const third = [
    row('L1', 'x', '10.00', '2023-12-29', 'n'),
    row('T2', 'x', '50.00', '2024-01-02', 'k'),
    row('T3', 'y', '90.00', '2024-01-02', 'n'),
  ];
  const all = { left, right, third };
  const one = await explained(['L1'], all);
  expect(one.pairs.map(({ source, pass, outcome }) => [source, pass, outcome])).toEqual([
    ['right', 'near', 'matched'],
    ['third', 'key', 'matched'],
  ]);
  const differing = await explained(['T2'], all);
  expect(differing.pairs.map(({ source, pass, outcome }) => [source, pass, outcome])).toEqual([
    ['third', 'near', 'mismatched'],
  ]);
  expect(differing.breaks).toMatchObject([{ type: 'MISMATCH', leftRow: '2' }]);
  const missing = await explained(['L3'], all);
  expect(missing.breaks[0]!.candidates.map(({ source, kind, key, failed }) => [source, kind, key, failed])).toEqual([
    ['right', 'nearest', ['R3'], ['amount', 'date']],
    ['third', 'nearest', ['T3'], ['amount']],
  ]);
});

test('a group is shown with all its members, from any of their keys', async () => {
  const payouts: Pass[] = [
    passes[0]!,
    { kind: 'grouped', name: 'payouts', cardinality: 'one-to-many', by: ['account'], amount: 'amount', search: {} },
  ];
  const sides = {
    left: [row('P', 'x', '30.00', '2024-01-02', 'n'), row('Q', 'x', '7.00', '2024-01-02', 'n')],
    right: [row('A', 'x', '10.00', '2024-01-02', 'n'), row('B', 'x', '20.00', '2024-01-02', 'n')],
  };
  for (const key of ['P', 'B']) {
    const found = await explained([key], sides, { passes: payouts });
    expect(found.pairs).toEqual([]);
    expect(found.groups).toMatchObject([{ source: 'right', pass: 'payouts' }]);
    expect(found.groups[0]!.members.map(({ source, row: number }) => [source, number])).toEqual([
      ['left', '1'],
      ['right', '1'],
      ['right', '2'],
    ]);
  }
  expect((await explained(['Q'], sides, { passes: payouts })).groups).toEqual([]);
});
