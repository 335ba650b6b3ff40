// What persons said of matches, joined to the results of the real engine: pages, counts and files go by it; why a fuzzy match is one; what a
// reviewer is told of a match.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMatchQuery } from '../../../shared/app/decisions/look-at-matches.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { rowReference } from '../../../shared/domain/outcome.ts';
import { type Review, reviewOf } from '../../../shared/domain/review.ts';
import type { MatchQuery } from '../../../shared/ports/match-query.ts';
import type { ResultFilter, ResultRow } from '../../../shared/ports/result-query.ts';
import { type StoredRun, storeRun } from './stored-run.ts';

const both = (name: string) => ({ bank: name, ledger: name });
const definition: Definition = {
  name: 'Bank and ledger',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: both('id') },
    { name: 'party', role: 'DISPLAY', mapping: both('party') },
    { name: 'amount', role: 'DISPLAY', type: 'decimal', mapping: both('amount') },
    { name: 'payout', role: 'CLASSIFIER', type: 'text', mapping: both('payout') },
  ],
  passes: [
    { kind: 'exact-key' },
    { kind: 'grouped', name: 'payouts', cardinality: 'one-to-many', by: ['payout'], amount: 'amount' },
    { kind: 'fuzzy', name: 'likely', fields: [{ field: 'party' }, { field: 'amount' }] },
  ],
};
const bank = `id,party,amount,payout
A,Acme Trading,10.00,
B,Northwind Traders,1200.55,
C,Ødegård Bakeri,88.10,
D,Payouts,30.00,P1
E,Lonely Company,7777.77,
`;
const ledger = `id,party,amount,payout
A,Acme Trading,10.00,
X,Northwnd Traders,1200.55,
Y,ODEGARD BAKERI,88.10,
Z,First,12.00,P1
W,Second,18.00,P1
`;

let stored: StoredRun;
let matches: MatchQuery;
beforeAll(async () => {
  stored = await storeRun({ definition, files: { bank, ledger } });
  matches = createMatchQuery({ ...stored.deps });
});
afterAll(() => stored.close());

const at = (batch: number, row: number) => rowReference(batch, row);
const nameOf = ({ left, right }: ResultRow) => `${left?.id ?? '-'} ${right?.id ?? '-'}`;
async function page(filter: ResultFilter = {}, offset = 0, limit = 20) {
  const { rows, total } = await stored.results.page(stored.run, filter, offset, limit);
  return { rows, total, shown: rows.map((row) => `${nameOf(row)} ${row.status}`) };
}
async function say(verdict: Review['verdict'], left: number, right: number): Promise<void> {
  const found = (await matches.find(stored.run, { left, right }))!;
  const given = {
    verdict,
    by: 'checker',
    at: '2026-01-05T09:00:00.000Z',
    ...(verdict === 'REJECTED' && { reason: 'it"s' }),
  };
  expect(await stored.deps.reviews.save(reviewOf(stored.run, found, given, undefined))).toBe(true);
}

describe('what a reviewer is told', () => {
  test('the pass, how sure it was and why, and two spellings of a name', async () => {
    const found = await matches.find(stored.run, { left: at(6, 2), right: at(8, 2) });
    expect(found).toMatchObject({ source: 'ledger', groupId: null, pass: 'likely' });
    expect(found!.confidence).toBeGreaterThan(0.5);
    expect(found!.spellings).toEqual([{ field: 'party', left: 'Northwind Traders', right: 'Northwnd Traders' }]);
    const { prior, fields, weight } = found!.evidence!;
    expect(fields.map(({ field, as }) => [field, as])).toEqual([
      ['party', 'name'],
      ['amount', 'number'],
    ]);
    expect(fields.reduce((sum, one) => sum + one.weight, prior)).toBeCloseTo(weight, 5);
  });

  test('spellings that linking does not tell apart are one already', async () => {
    expect((await matches.find(stored.run, { left: at(7, 1), right: at(9, 1) }))!.spellings).toEqual([]);
  });

  test('a match of the key and a group have no evidence; what is no match is not found', async () => {
    expect(await matches.find(stored.run, { left: at(6, 1), right: at(8, 1) })).toMatchObject({
      pass: '1-exact-key',
      evidence: null,
      spellings: [],
    });
    expect(await matches.find(stored.run, { left: at(7, 2), right: at(9, 2) })).toMatchObject({
      pass: 'payouts',
      groupId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(await matches.find(stored.run, { left: at(7, 3), right: null })).toBeNull();
    expect(await matches.find(stored.run, { left: at(6, 1), right: at(8, 2) })).toBeNull();
    expect(await matches.find(stored.run, { left: at(6, 1), right: at(8, 1), source: 'other' })).toBeNull();
  });
});

test('a page says of a fuzzy match why', async () => {
  const { rows } = await page();
  expect(rows.find((row) => nameOf(row) === 'B X')?.evidence).toMatchObject({
    fields: [{ field: 'party', as: 'name', similarity: expect.any(Number) }, { field: 'amount' }],
    probability: expect.any(Number),
  });
  expect(rows.find((row) => nameOf(row) === 'A A')?.evidence).toBeNull();
});

test('and of a tie, for each candidate', async () => {
  const twins = `${ledger}T1,Lonely Company,7777.77,\nT2,Lonely Company,7777.77,\n`;
  const tied = await storeRun({ definition, files: { bank, ledger: twins } });
  try {
    const { rows } = await tied.results.page(tied.run, { outcomes: ['ambiguous'] }, 0, 10);
    const lonely = rows.find(({ left }) => left?.id === 'E')!;
    expect(lonely.candidates.length).toBeGreaterThan(0);
    for (const { evidence, probability, pass, kind } of lonely.candidates) {
      expect([pass, kind]).toEqual(['likely', 'tied']);
      expect(evidence!.fields.map(({ level }) => level)).toEqual(['equal', 'equal']);
      expect(evidence!.probability).toBeCloseTo(probability!, 6);
    }
    const { key } = await tied.results.export(tied.run, 'json', { outcomes: ['ambiguous'] });
    const exported = JSON.parse(Buffer.from((await tied.objects.get(key))!).toString()) as {
      explanation: ResultRow;
    }[];
    expect(exported[0]!.explanation.candidates[0]!.evidence).toEqual(lonely.candidates[0]!.evidence);
  } finally {
    tied.close();
  }
});

test('pages, counts and files go by what was said, of all members of a group', async () => {
  expect((await page()).shown).toEqual([
    'A A pending',
    'B X pending',
    'C Y pending',
    'D Z pending',
    'D W pending',
    'E - pending',
  ]);
  const before = await stored.results.export(stored.run, 'json', {});
  await say('REJECTED', at(6, 2), at(8, 2));
  await say('APPROVED', at(7, 2), at(9, 3));
  const approvedFrom = 0.5;
  const all = await page({ approvedFrom });
  expect(all.shown).toEqual([
    'A A approved',
    'B X rejected',
    'C Y approved',
    'D Z approved',
    'D W approved',
    'E - pending',
  ]);
  expect(all.rows.map(({ review }) => review)).toEqual([
    null,
    { by: 'checker', at: '2026-01-05T09:00:00.000Z', reason: 'it"s' },
    null,
    ...Array(2).fill({ by: 'checker', at: '2026-01-05T09:00:00.000Z', reason: null }),
    null,
  ]);
  expect((await page()).shown.filter((one) => one.endsWith('approved'))).toEqual(['D Z approved', 'D W approved']);
  for (const [filter, expected] of [
    [{ status: 'rejected', approvedFrom }, ['B X rejected']],
    [{ status: 'approved', approvedFrom }, ['A A approved', 'C Y approved', 'D Z approved', 'D W approved']],
    [{ status: 'pending', approvedFrom }, ['E - pending']],
    [{ status: 'pending' }, ['A A pending', 'C Y pending', 'E - pending']],
  ] as [ResultFilter, string[]][]) {
    const { shown, total } = await page(filter);
    expect([shown, total]).toEqual([expected, expected.length]);
    const second = await page(filter, 1, 1);
    expect([second.shown, second.total]).toEqual([expected.slice(1, 2), expected.length]);
  }
  const file = await stored.results.export(stored.run, 'json', { status: 'rejected', approvedFrom });
  const rows = JSON.parse(Buffer.from((await stored.objects.get(file.key))!).toString()) as Record<string, unknown>[];
  expect(rows).toMatchObject([
    {
      left_id: 'B',
      status: 'rejected',
      reviewed_by: 'checker',
      reviewed_at: '2026-01-05T09:00:00.000Z',
      review_reason: 'it"s',
      explanation: { differences: expect.any(Array), evidence: { fields: [{ field: 'party' }, { field: 'amount' }] } },
    },
  ]);
  const after = await stored.results.export(stored.run, 'json', {});
  expect(after.key, 'a file of earlier verdicts is not handed out').not.toBe(before.key);
});

test('matches are counted once each, however many members they have', async () => {
  expect(await stored.results.tally(stored.run, 1)).toEqual({ matches: 4, sure: 2 });
  expect(await stored.results.tally(stored.run, 0)).toEqual({ matches: 4, sure: 4 });
});
