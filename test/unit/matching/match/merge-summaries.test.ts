// Summaries of chunks add up to that of the whole; those of other runs are refused.
import { expect, test } from 'vitest';
import { emptyYield, type MatchSummary } from '../../../../shared/domain/outcome.ts';
import { mergeSummaries } from '../../../../shared/matching/match/merge-summaries.ts';

function summaryOf(count: number, amount: string, currency = 'EUR', source = 'ledger'): MatchSummary {
  return {
    sides: [
      {
        source,
        counts: {
          rows: count * 2,
          rejected: count,
          excluded: 0,
          ambiguous: 0,
          exhausted: 0,
          duplicate: 0,
          missing: 0,
          mismatched: 0,
          matched: count,
        },
        sums: {
          ambiguous: {},
          exhausted: {},
          duplicate: {},
          missing: {},
          mismatched: {},
          matched: { amount: { [currency]: amount } },
        },
      },
    ],
    pairs: [{ source: 'bank', matched: count, mismatched: 0 }],
    breaks: { MISMATCH: count, MISSING: 0, DUPLICATE: 0, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 1 },
    passes: [{ ...emptyYield('1-exact-key'), pairs: count }],
  };
}

test('counts and sums per currency are added', () => {
  const merged = mergeSummaries([summaryOf(1, '0.1'), summaryOf(2, '0.25'), summaryOf(0, '7', 'USD')]);
  const expected = summaryOf(3, '0.35');
  expected.sides[0]!.sums.matched.amount!.USD = '7';
  expected.breaks.AMBIGUOUS = 3;
  expect(merged).toEqual(expected);
});

test('the summaries given are left as they are', () => {
  const one = summaryOf(1, '0.1');
  mergeSummaries([one, summaryOf(2, '1')]);
  expect(one).toEqual(summaryOf(1, '0.1'));
});

test('nothing to merge, and summaries of other runs, are refused', () => {
  expect(() => mergeSummaries([])).toThrow('no summary');
  expect(() => mergeSummaries([summaryOf(1, '1'), summaryOf(1, '1', 'EUR', 'other')])).toThrow('different runs');
});
