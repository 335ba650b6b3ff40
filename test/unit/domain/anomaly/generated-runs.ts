// Test support: runs of a reconciliation drawn from a seed, whose figures, amounts and counterparties keep to one law.
import type { RememberedRun } from '../../../../shared/domain/anomaly/history.ts';
import type { SeenRun } from '../../../../shared/domain/anomaly/judge-run.ts';
import { emptyYield, type MatchSummary, type RowOutcome, type SideSums } from '../../../../shared/domain/outcome.ts';
import { createRandom } from '../../../fault/random.ts';

export function normal(seed: number): () => number {
  const { next } = createRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

export type Law = {
  /** Of one break, from a standard normal and a uniform number. */
  amount(gauss: number, uniform: number): number;
  breaks: number;
  /** Factor of the rows of every fifth run. */
  monday?: number;
};

export type Generated = SeenRun & { breaks: { amount: string; counterparty: string }[] };

export type Planted = {
  rows?: number;
  rejected?: number;
  matched?: number;
  missing?: number;
  amounts?: string[];
  counterparties?: string[];
};

/** Run after run; what is planted replaces a figure, or is added to the breaks. */
export function generatedRuns(seed: number, { amount, breaks, monday = 1 }: Law): (planted?: Planted) => Generated {
  const { next } = createRandom(seed);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const about = (mean: number) => Math.max(0, Math.round(mean + Math.sqrt(mean) * gauss()));
  let number = 0;
  return (planted = {}) => {
    number += 1;
    const rows = planted.rows ?? Math.round(1_000 * Math.exp(0.1 * gauss()) * (number % 5 === 1 ? monday : 1));
    const drawn = Math.max(1, about(breaks * Math.exp(0.2 * gauss())));
    // The first of twenty counterparties has twenty times as many breaks as the last.
    const party = () => `C${Math.floor(20 ** next())}`;
    const all = [
      ...Array.from({ length: drawn }, () => ({ amount: amount(gauss(), next()).toFixed(2), counterparty: party() })),
      ...(planted.amounts ?? []).map((one) => ({ amount: one, counterparty: party() })),
      ...(planted.counterparties ?? []).map((one) => ({
        amount: amount(gauss(), next()).toFixed(2),
        counterparty: one,
      })),
    ];
    const rejected = planted.rejected ?? about(2);
    const matched = planted.matched ?? Math.max(0, rows - rejected - about(20));
    const missing = planted.missing ?? about(10);
    return {
      number,
      summary: summaryOf({ rows, rejected, matched, missing, breaks: all }),
      ...valuesOf(all),
      breaks: all,
    };
  };
}

function valuesOf(breaks: Generated['breaks']): Pick<RememberedRun, 'series' | 'values'> {
  const sorted = breaks.map(({ amount }) => amount).sort((a, b) => Number(b) - Number(a));
  const counted = new Map<string, number>();
  for (const { counterparty } of breaks) counted.set(counterparty, (counted.get(counterparty) ?? 0) + 1);
  const series = {
    kind: 'amount',
    field: 'amount',
    currency: 'EUR',
    count: breaks.length,
    largest: sorted[0]!,
  } as const;
  return {
    series: [{ ...series, sample: breaks.slice(0, 32).map(({ amount }) => amount) }],
    values: { counterparty: Object.fromEntries(counted) },
  };
}

type Figures = { rows: number; rejected: number; matched: number; missing: number; breaks: Generated['breaks'] };

function summaryOf({ rows, rejected, matched, missing, breaks }: Figures): MatchSummary {
  const none: Record<RowOutcome, number> = {
    ambiguous: 0,
    exhausted: 0,
    duplicate: 0,
    missing: 0,
    mismatched: 0,
    matched: 0,
  };
  const noSums = Object.fromEntries(Object.keys(none).map((outcome) => [outcome, {}])) as Record<RowOutcome, SideSums>;
  const open = breaks.reduce((sum, { amount }) => sum + Number(amount), 0).toFixed(2);
  const side = (source: string) => ({
    source,
    counts: { ...none, rows, rejected, excluded: 0, matched, missing },
    sums: { ...noSums, missing: { amount: { EUR: open } } },
  });
  return {
    sides: [side('bank'), side('ledger')],
    pairs: [{ source: 'ledger', matched, mismatched: 0 }],
    breaks: { MISMATCH: breaks.length, MISSING: missing, DUPLICATE: 0, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 },
    passes: [emptyYield('1-exact-key')],
  };
}
