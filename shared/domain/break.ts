// A break: one difference that somebody answers for, from its detection over later runs to its closing.
import type { BreakType } from './outcome.ts';
import type { ReconciliationRef } from './reconciliation.ts';

export type BreakRef = ReconciliationRef & { breakId: string };

/** OPEN → PENDING_APPROVAL → CLOSED; changed values send PENDING_APPROVAL back to OPEN. */
export type BreakStatus = 'OPEN' | 'PENDING_APPROVAL' | 'CLOSED';

export type FieldDifference = {
  source: string;
  field: string;
  left: string | null;
  right: string | null;
  difference: string | null;
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
  /** Hash of type and values: equal means unchanged. */
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
    /** Set when values over 1 KB were cut here; the whole is in this Parquet object under `identity`. */
    valuesKey?: string;
    version: number;
  };

/** One transaction takes 100 items of DynamoDB's; the lane and room for what may come beside it are among them. */
export const breaksPerSettleWriteMax = 90;
