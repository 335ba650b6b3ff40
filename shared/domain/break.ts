// A break: one difference that somebody answers for, from its detection over later runs to its closing.
import type { BreakType } from './outcome.ts';
import type { ReconciliationRef } from './reconciliation.ts';

/** `breakId`: the decimal digits of the break's number within its reconciliation, from 1. */
export type BreakRef = ReconciliationRef & { breakId: string };

/** Breaks are kept in 16 parts, by the last hexadecimal digit of their number. */
export function breakShardOf(breakId: string): string {
  if (!/^[1-9]\d{0,14}$/.test(breakId)) throw new Error(`${breakId} is no number of a break`);
  return (Number(breakId) % 16).toString(16);
}

/** OPEN → PENDING_APPROVAL → CLOSED; changed values send PENDING_APPROVAL back to OPEN. */
export type BreakStatus = 'OPEN' | 'PENDING_APPROVAL' | 'CLOSED';

export type FieldDifference = {
  source: string;
  field: string;
  left: string | null;
  right: string | null;
  difference: string | null;
};

/** What might have been the partner of a record: fits as well as others, was only suggested, or comes nearest. */
export type BreakCandidate = {
  /** Whose records they are. */
  source: string;
  pass: string | null;
  kind: string;
  /** References of the first of them; `records` says how many there are. */
  rows: number[];
  records: number;
  key: string | null;
  /** Millionths of a condition's limit; null where nothing was weighed. */
  cost: number | null;
  /** Fields by which it is no match. */
  failed: string[];
};

/** What one run saw under one identity. */
export type ObservedBreak = {
  /** Stable over runs: normalised key + occurrence (content, for a row without key). */
  identity: string;
  type: BreakType;
  missingIn: string | null;
  key: string | null;
  occurrence: number;
  /** The first leg that differs; sourceB of the two-sided dialects. */
  source: string;
  leftRow: number | null;
  rightRow: number | null;
  left: Record<string, string | null> | null;
  right: Record<string, string | null> | null;
  differences: FieldDifference[];
  /** The best candidates, as they were when the break was opened or its values last changed. */
  explanation?: { candidates: BreakCandidate[] };
  /** Hash of type and values, without the explanation: equal means unchanged. */
  contentHash: string;
};

export type Break = BreakRef &
  ObservedBreak & {
    status: BreakStatus;
    firstRunId: string;
    firstRunNumber: number;
    lastRunId: string;
    lastRunNumber: number;
    openedAt: string;
    closedAt?: string;
    /** `absent` (snapshot no longer shows it), `matched`, `withdrawn`, or a person's reason code. */
    closedReason?: string;
    closedBy?: string;
    /** The closed break of the same identity that this one follows. */
    previousBreakId?: string;
    /** Set when values or an explanation over 1 KB were cut here; the whole is in this Parquet object under `identity`. */
    valuesKey?: string;
    version: number;
  };

/** One transaction takes 100 items of DynamoDB's; the lane and room for what may come beside it are among them. */
export const breaksPerSettleWriteMax = 90;
