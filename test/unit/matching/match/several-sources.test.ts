// Three sources: every leg against the anchor, one break per key with all its legs.
import { expect, test } from 'vitest';
import {
  canonicalLines,
  definitionOf,
  type FieldSpec,
  matchRows,
  type Row,
  sourceOf,
  withEngine,
} from './records-from-rows.ts';

const fields: FieldSpec[] = [
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
  { name: 'note', sqlType: 'VARCHAR', role: 'DISPLAY' },
];
const names = ['ledger', 'bank', 'agent'];

async function matchThree(ledger: Row[], bank: Row[], agent: Row[]) {
  return withEngine(async (engine) => {
    const definition = definitionOf(fields, names);
    const sources = [ledger, bank, agent].map((rows, index) => sourceOf(names[index]!, fields, rows));
    const matched = await matchRows(engine, definition, sources);
    const { lines } = await canonicalLines(engine, definition, sources, [matched]);
    const breaks = lines
      .filter((line) => line.outcome !== 'matched')
      .map((line) => ({ ...line, legs: JSON.parse(line.legs!) }));
    return { summary: matched.summary, breaks, matches: lines.filter((line) => line.outcome === 'matched') };
  });
}

const one = (amount: string, note = 'n'): Row[] => [['K', amount, note]];
const counts = (summary: Awaited<ReturnType<typeof matchThree>>['summary']) =>
  summary.sides.map(({ source, counts: { matched, mismatched, missing, duplicate, ambiguous } }) => ({
    source,
    matched,
    mismatched,
    missing,
    duplicate,
    ambiguous,
  }));

test('all agree: a match per leg, the anchor record counted once', async () => {
  const { summary, breaks, matches } = await matchThree(one('1'), one('1'), one('1'));
  expect(breaks).toEqual([]);
  expect(matches.map((line) => line.source)).toEqual(['agent', 'bank']);
  expect(counts(summary).map((side) => side.matched)).toEqual([1, 1, 1]);
  expect(summary.pairs).toEqual([
    { source: 'bank', matched: 1, mismatched: 0 },
    { source: 'agent', matched: 1, mismatched: 0 },
  ]);
});

test('one leg differs: one break that shows the agreeing leg as well; that leg keeps its match', async () => {
  const { summary, breaks, matches } = await matchThree(one('1'), one('1'), one('3'));
  expect(breaks).toHaveLength(1);
  expect(breaks[0]).toMatchObject({
    outcome: 'mismatch',
    source: 'agent',
    fields: ['amount'],
    right: { amount: '3.00' },
  });
  expect(breaks[0]!.legs.map((leg: { source: string; outcome: string }) => [leg.source, leg.outcome])).toEqual([
    ['bank', 'matched'],
    ['agent', 'mismatched'],
  ]);
  expect(matches.map((line) => line.source)).toEqual(['bank']);
  expect(counts(summary)).toEqual([
    { source: 'ledger', matched: 0, mismatched: 1, missing: 0, duplicate: 0, ambiguous: 0 },
    { source: 'bank', matched: 1, mismatched: 0, missing: 0, duplicate: 0, ambiguous: 0 },
    { source: 'agent', matched: 0, mismatched: 1, missing: 0, duplicate: 0, ambiguous: 0 },
  ]);
});

test('both legs differ: the first is the source, the gravest outcome the type, all differences are listed', async () => {
  const { breaks } = await matchThree(one('1'), one('2'), []);
  expect(breaks).toHaveLength(1);
  expect(breaks[0]).toMatchObject({ outcome: 'missing', source: 'bank', missing_in: 'agent', fields: ['amount'] });
  expect(JSON.parse(breaks[0]!.differences!)).toEqual([
    { source: 'bank', field: 'amount', left: '1.00', right: '2.00', difference: '1.00' },
  ]);
});

test('a key that only legs have is one break', async () => {
  const { summary, breaks } = await matchThree([], one('2'), one('3'));
  expect(breaks).toHaveLength(1);
  expect(breaks[0]).toMatchObject({
    outcome: 'missing',
    source: 'bank',
    missing_in: 'ledger',
    left: null,
    right: { amount: '2.00' },
  });
  expect(breaks[0]!.legs.map((leg: { values: { amount: string } }) => leg.values.amount)).toEqual(['2.00', '3.00']);
  expect(counts(summary).map((side) => side.missing)).toEqual([0, 1, 1]);
});

test('a key that one leg alone has leaves the other leg without outcome', async () => {
  const { breaks } = await matchThree([], [], one('3'));
  expect(breaks[0]).toMatchObject({ source: 'agent', missing_in: 'ledger' });
  expect(breaks[0]!.legs).toMatchObject([
    { source: 'bank', values: null, outcome: null },
    { source: 'agent', outcome: 'missing' },
  ]);
});

test('records without key never meet, in no leg', async () => {
  const none: Row[] = [[null, '1', 'n']];
  const { summary, breaks } = await matchThree(none, none, none);
  expect(breaks).toHaveLength(3);
  expect(breaks.map((line) => line.missing_in)).toEqual(expect.arrayContaining(['bank', 'ledger', 'ledger']));
  expect(counts(summary).map((side) => side.missing)).toEqual([1, 1, 1]);
});

test('leftovers of both legs under one key stand side by side', async () => {
  const { summary, breaks } = await matchThree(one('1'), [...one('1'), ...one('1')], [...one('1'), ...one('1')]);
  expect(breaks).toHaveLength(1);
  expect(breaks[0]).toMatchObject({ outcome: 'duplicate', source: 'bank', left: null, occurrence: 2 });
  expect(counts(summary).map((side) => side.duplicate)).toEqual([0, 1, 1]);
  expect(counts(summary)[0]!.matched).toBe(1);
});

test('an anchor record that is left over in one leg alone is a duplicate', async () => {
  const { summary, breaks } = await matchThree([...one('1'), ...one('1')], one('1'), [...one('1'), ...one('1')]);
  expect(breaks).toHaveLength(1);
  expect(breaks[0]).toMatchObject({ outcome: 'duplicate', source: 'bank', left: { amount: '1.00' }, right: null });
  expect(counts(summary)[0]).toMatchObject({ matched: 1, duplicate: 1 });
  expect(summary.pairs.map((pair) => pair.matched)).toEqual([1, 2]);
});

test('a field that a leg does not map is not compared there', async () => {
  await withEngine(async (engine) => {
    const definition = definitionOf(fields, names);
    const bare: FieldSpec[] = [fields[1]!];
    const sources = [
      sourceOf('ledger', fields, one('1')),
      sourceOf('bank', fields, one('1')),
      sourceOf('agent', bare, [['K', 'n']]),
    ];
    const { summary } = await matchRows(engine, definition, sources);
    expect(counts(summary).map((side) => side.matched)).toEqual([1, 1, 1]);
  });
});
