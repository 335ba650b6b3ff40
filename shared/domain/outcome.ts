// The one outcome in which every row ends, how outcomes are counted and summed, and the proof that nothing vanished.
import { addDecimals, type DecimalText } from './decimal.ts';

/** In order of precedence: an anchor row compared with several sources has the first of these that any of them gave. */
export const outcomes = ['ambiguous', 'duplicate', 'missing', 'mismatched', 'matched'] as const;
export type RowOutcome = (typeof outcomes)[number];

/** Of a break. MISSING names the side where the record is absent: a source's name follows after a colon inside. */
export type BreakType = 'MISMATCH' | 'MISSING' | 'DUPLICATE' | 'AMBIGUOUS';

/** rows = matched + mismatched + missing + duplicate + ambiguous + rejected; excluded rows are beside. */
export type SideCounts = Record<RowOutcome, number> & { rows: number; rejected: number; excluded: number };

/** field → currency ('' when the definition names none, or the value is null) → exact sum. */
export type SideSums = Record<string, Record<string, DecimalText>>;

export type SideSummary = { source: string; counts: SideCounts; sums: Record<RowOutcome, SideSums> };

export type MatchSummary = {
  /** The anchor first, then the legs in the definition's order. */
  sides: SideSummary[];
  /** Pairs of an anchor row and a leg row; per leg in the definition's order. */
  pairs: { source: string; matched: number; mismatched: number }[];
  breaks: Record<BreakType, number>;
  passes: { name: string; pairs: number }[];
};

/** Rows of one batch are numbered below this, so a reference is exact in a JSON number up to 900,000 batches. */
export const rowsPerBatchMax = 10_000_000_000;

/** The reference of a row that stays true over runs: the batch's number within its reconciliation and the row in it. */
export function rowReference(batchNumber: number, row: number): number {
  return batchNumber * rowsPerBatchMax + row;
}

export function splitRowReference(reference: number): { batchNumber: number; row: number } {
  return { batchNumber: Math.floor(reference / rowsPerBatchMax), row: reference % rowsPerBatchMax };
}

/** Sums of sums, per field and currency. */
export function addSums(a: SideSums, b: SideSums): SideSums {
  const total: SideSums = structuredClone(a);
  for (const [field, byCurrency] of Object.entries(b)) {
    const into = (total[field] ??= {});
    for (const [currency, sum] of Object.entries(byCurrency)) into[currency] = addDecimals(into[currency] ?? '0', sum);
  }
  return total;
}
