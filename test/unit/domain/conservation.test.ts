// The conservation check sees every way in which rows or amounts can vanish or appear.
import { expect, test } from 'vitest';
import { checkConservation, type LoadedTotals } from '../../../shared/domain/conservation.ts';
import type { MatchSummary, RowOutcome, SideSummary } from '../../../shared/domain/outcome.ts';

function side(
  source: string,
  counts: Partial<SideSummary['counts']>,
  sums: Partial<SideSummary['sums']> = {},
): SideSummary {
  const none: Record<RowOutcome, number> = {
    ambiguous: 0,
    exhausted: 0,
    duplicate: 0,
    missing: 0,
    mismatched: 0,
    matched: 0,
  };
  return {
    source,
    counts: { rows: 3, rejected: 1, excluded: 5, ...none, matched: 1, missing: 1, ...counts },
    sums: { ambiguous: {}, exhausted: {}, duplicate: {}, missing: {}, mismatched: {}, matched: {}, ...sums },
  };
}

function summaryOf(...sides: SideSummary[]): MatchSummary {
  return {
    sides,
    pairs: [],
    breaks: { MISMATCH: 0, MISSING: 0, DUPLICATE: 0, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 },
    passes: [],
  };
}

const amounts = { matched: { amount: { EUR: '1.50' } }, missing: { amount: { EUR: '-0.5', '': '2' } } };
const totals: LoadedTotals = { source: 'ledger', records: 2, sums: { amount: { EUR: '1.00', '': '2.00' } } };

const cases: { name: string; loaded?: LoadedTotals[]; summary: MatchSummary; fault?: string }[] = [
  { name: 'all adds up, whatever the scales', summary: summaryOf(side('ledger', {}, amounts)) },
  {
    name: 'a sum of zero needs no entry',
    loaded: [{ source: 'ledger', records: 2, sums: { fee: { USD: '0.00' } } }],
    summary: summaryOf(side('ledger', {})),
  },
  {
    name: 'a row lost',
    summary: summaryOf(side('ledger', { missing: 0, rows: 3 }, amounts)),
    fault: 'ledger: 2 records in, 1 in the outcomes',
  },
  {
    name: 'a row counted twice',
    summary: summaryOf(side('ledger', { duplicate: 1 }, amounts)),
    fault: 'ledger: 2 records in, 3 in the outcomes',
  },
  {
    name: 'rejects left out',
    summary: summaryOf(side('ledger', { rejected: 0 }, amounts)),
    fault: 'ledger: 3 rows are not 2 records and 0 rejected',
  },
  {
    name: 'an amount lost',
    summary: summaryOf(side('ledger', {}, { matched: amounts.matched })),
    fault: 'ledger.amount in EUR: 1.00 in, 1.50 in the outcomes; ledger.amount: 2.00 in, 0 in the outcomes',
  },
  {
    name: 'an amount out of nothing',
    summary: summaryOf(side('ledger', {}, { ...amounts, duplicate: { fee: { USD: '0.01' } } })),
    fault: 'ledger.fee in USD: 0 in, 0.01 in the outcomes',
  },
  {
    name: 'an amount in another currency',
    summary: summaryOf(
      side('ledger', {}, { matched: { amount: { EUR: '1', USD: '0' } }, missing: { amount: { '': '1', GBP: '1' } } }),
    ),
    fault: 'ledger.amount: 2.00 in, 1 in the outcomes; ledger.amount in GBP: 0 in, 1 in the outcomes',
  },
  {
    name: 'a side gone',
    summary: summaryOf(),
    fault: '1 sources were loaded, the outcome has 0; the outcome lacks source ledger',
  },
];

test.each(cases)('$name', ({ loaded = [totals], summary, fault }) => {
  const result = checkConservation(loaded, summary);
  expect(result).toEqual(
    fault === undefined
      ? { ok: true, value: undefined }
      : expect.objectContaining({ ok: false, code: 'CONSERVATION_FAILED', detail: fault }),
  );
});
