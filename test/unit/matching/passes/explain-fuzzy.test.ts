// A record explained where a fuzzy pass was at work: found by key or by row, with what each field said, for pairs that agree,
// pairs that differ, and candidates, with one leg and with two.
import { expect, test } from 'vitest';
import type { MatchEvidence } from '../../../../shared/domain/match-evidence.ts';
import { type ExplainedKey, explainKey } from '../../../../shared/matching/match/explain-key.ts';
import { definitionOf, matchRows, type Row, sourceOf } from '../match/records-from-rows.ts';
import { alike, bank, ledger, parties } from './fuzzy-parties.ts';
import { engineOfFile, row } from './run-passes.ts';

const fields = [...parties, { name: 'status', sqlType: 'VARCHAR' }];
const withStatus = (rows: Row[], late: number[]): Row[] =>
  rows.map((one, at) => [...one, late.includes(at) ? 'late' : 'ok']);

type Asked = { key: string[] } | { record: { source: string; row: number } };

async function explained(asked: Asked, sides: Record<string, Row[]>): Promise<ExplainedKey> {
  const engine = engineOfFile();
  const definition = definitionOf(fields, Object.keys(sides), { passes: alike() });
  const sources = Object.entries(sides).map(([name, rows]) => sourceOf(name, fields, rows));
  const { matchesPath, breaksPath } = await matchRows(engine, definition, sources);
  return explainKey(engine, { definition, sources, matchesPaths: [matchesPath], breaksPaths: [breaksPath], ...asked });
}

function expectSum({ prior, fields, weight }: MatchEvidence): void {
  expect(fields.reduce((sum, one) => sum + one.weight, prior)).toBeCloseTo(weight, 5);
}

const left = withStatus(ledger, []);
const right = withStatus(bank, [1]);

test.each<[string, Asked]>([
  ['its key', { key: [String(ledger[0]![1])] }],
  ['its row', { record: { source: 'left', row: 1 } }],
  ["its partner's row", { record: { source: 'right', row: 1 } }],
])('a pair, asked for by %s', async (_, asked) => {
  const found = await explained(asked, { left, right });
  expect(found.key).toEqual('key' in asked ? asked.key : null);
  expect(found.breaks).toEqual([]);
  const [pair] = found.pairs;
  expect(pair).toMatchObject({ leftRow: '1', rightRow: '1', pass: 'alike', outcome: 'matched' });
  expect(pair!.confidence).toBe(pair!.evidence!.probability);
  expectSum(pair!.evidence!);
  const compared = Object.fromEntries(pair!.fields.map(({ field, comparison }) => [field, comparison]));
  expect(compared).toMatchObject({ status: 'exact' });
  for (const { field } of pair!.evidence!.fields) expect(compared[field]).toBe('linked');
});

test.each([
  ['one leg', { left, right }],
  ['two legs', { left, right, other: right }],
])('a pair that differs elsewhere: %s', async (_, sides) => {
  const found = await explained({ record: { source: 'left', row: 2 } }, sides);
  const names = Object.keys(sides).slice(1);
  expect(found.pairs.map(({ source, outcome }) => [source, outcome])).toEqual(
    names.map((name) => [name, 'mismatched']),
  );
  for (const { evidence } of found.pairs) expectSum(evidence!);
  expect(found.pairs[0]!.fields.filter(({ agrees }) => !agrees).map(({ field }) => field)).toEqual(['status']);
});

test('candidates come with their record and what speaks for them', async () => {
  const twice = [...right, ...withStatus([row('P9', 'Acme Trading Ltd.', '2024-01-05', '1200.00')], [])];
  const found = await explained({ record: { source: 'left', row: 1 } }, { left, right: twice });
  const [item] = found.breaks;
  expect(item).toMatchObject({ type: 'AMBIGUOUS', leftRow: '1' });
  expect(item!.candidates.map(({ kind, record }) => [kind, record?.source, record?.row]).sort()).toEqual([
    ['tied', 'right', '1'],
    ['tied', 'right', String(twice.length)],
  ]);
  for (const { evidence } of item!.candidates) {
    expectSum(evidence!);
    expect(evidence!.probability).toBeLessThan(evidence!.alone);
  }
});

test('a row that there is not', async () => {
  expect(await explained({ record: { source: 'left', row: 99 } }, { left, right })).toMatchObject({
    records: [],
    pairs: [],
    breaks: [],
  });
});
