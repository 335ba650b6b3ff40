// The one outcome in which every row ends, how outcomes are counted and summed, and the proof that nothing vanished.
import { addDecimals, type DecimalText } from './decimal.ts';

/** In order of precedence: an anchor row compared with several sources has the first of these that any of them gave. */
export const outcomes = ['ambiguous', 'exhausted', 'duplicate', 'missing', 'mismatched', 'matched'] as const;
export type RowOutcome = (typeof outcomes)[number];

/** Of a break. SEARCH_EXHAUSTED: a pass gave up at its bound before it could say whether the record has a match. */
export type BreakType = 'MISMATCH' | 'MISSING' | 'DUPLICATE' | 'SEARCH_EXHAUSTED' | 'AMBIGUOUS';

/** rows = matched + mismatched + missing + duplicate + exhausted + ambiguous + rejected; excluded rows are beside. */
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
  passes: PassYield[];
};

/** What one pass found, over all legs. Records that it left to others are not counted. */
export type PassYield = {
  name: string;
  /** Records paired one to one, agreeing or not. */
  pairs: number;
  /** Of these, the pairs that agree. */
  matched: number;
  /** Accepted sets of several records. */
  groups: number;
  /** Sum over the pairs that agree and the groups: divided by their number it is the average confidence. */
  confidence: DecimalText;
  /** Pairs and groups that were shown as candidates only. */
  suggested: number;
  /** Records whose match would be a guess. */
  ambiguous: number;
  /** Records that the search gave up on at its bound. */
  exhausted: number;
  /** Sentences for a person: what was skipped and why. */
  notes: string[];
};

export function emptyYield(name: string): PassYield {
  return {
    name,
    pairs: 0,
    matched: 0,
    groups: 0,
    confidence: '0',
    suggested: 0,
    ambiguous: 0,
    exhausted: 0,
    notes: [],
  };
}

/** Yields of the same pass, of several chunks or legs. */
export function addYields(a: PassYield, b: PassYield): PassYield {
  return {
    name: a.name,
    pairs: a.pairs + b.pairs,
    matched: a.matched + b.matched,
    groups: a.groups + b.groups,
    confidence: addDecimals(a.confidence, b.confidence),
    suggested: a.suggested + b.suggested,
    ambiguous: a.ambiguous + b.ambiguous,
    exhausted: a.exhausted + b.exhausted,
    notes: [...new Set([...a.notes, ...b.notes])].sort(),
  };
}

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
