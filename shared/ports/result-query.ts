// Reading large results. The answer comes from Parquet by way of the `query` function, which alone has the engine.
import type { Anomaly } from '../domain/anomaly/anomaly.ts';
import type { BreakCandidate, FieldDifference } from '../domain/break.ts';
import type { MatchEvidence } from '../domain/match-evidence.ts';
import type { RunRef } from '../domain/run.ts';

/** Where a person finds a record: the data row, counted from 1, and the file or batch it is in. */
export type Place = { row: number; file: string | null };

export type ResultRow = {
  /** Stable within the run: `<outcome>:<left row>:<right row>`, and the source of a group where there are several. */
  id: string;
  outcome: 'matched' | 'mismatched' | 'missing' | 'duplicate' | 'exhausted' | 'ambiguous';
  breakType: string | null;
  /** Canonical field → value as exact text; null when the side is absent. */
  left: Record<string, string | null> | null;
  right: Record<string, string | null> | null;
  leftPlace: Place | null;
  rightPlace: Place | null;
  /** Of a break, the fields that fail; of a matched pair, those whose values are not the same though they agree. */
  differences: FieldDifference[];
  /** Of a pair or group: the pass that found it. */
  pass: string | null;
  /** Null for a pair that differs and was not found by the key: how sure it is was not kept. */
  confidence: number | null;
  /** Of a member of a group: several rows have it. */
  groupId: string | null;
  group: GroupTotals | null;
  /** Of a pair that a fuzzy pass found: why. */
  evidence: MatchEvidence | null;
  status: ResultStatus;
  /** What a person said of the match, if one did. */
  review: { by: string; at: string; reason: string | null } | null;
  /** Of a break without a pair, the best first. */
  candidates: ResultCandidate[];
  /** Of a break: what was unusual about it when it was opened or its values last changed. */
  anomalies: Anomaly[];
};

/** Of a match what a person said of it, else `approved` where it is as sure as the filter's `approvedFrom`. A break is pending. */
export type ResultStatus = 'pending' | 'approved' | 'rejected';

/** The whole group that a row is a member of. `amount` is null where records were put together by a person. */
export type GroupTotals = {
  leftRecords: number;
  rightRecords: number;
  /** `difference` is right − left: what a fee or tolerance took; a side without records has no sum. */
  amount: { field: string; left: string | null; right: string | null; difference: string | null } | null;
};

/** In places that a person finds. */
export type ResultCandidate = Omit<BreakCandidate, 'rows'> & {
  rows: Place[];
  /** Of a fuzzy pass. */
  probability: number | null;
  evidence: MatchEvidence | null;
};

export type ResultFilter = {
  outcomes?: ResultRow['outcome'][];
  confidenceMin?: number;
  status?: ResultStatus;
  /** Matches of at least this confidence need no person. Absent: all do. */
  approvedFrom?: number;
  /** `exact-key`: what the key found; `other`: what the passes after it found, or persons put together. */
  matchedBy?: 'exact-key' | 'other';
};

export type ResultQuery = {
  /** Rows ordered matches first, by left row; a group has one per member. Offset and limit count rows of the filter. */
  page(run: RunRef, filter: ResultFilter, offset: number, limit: number): Promise<{ rows: ResultRow[]; total: number }>;
  /** Pairs and groups of the run, each once: all of them, and those that are this sure. */
  tally(run: RunRef, confidenceMin: number): Promise<{ matches: number; sure: number }>;
  /** Writes a file of all rows of the filter to the store and answers its key; formulas in text are defused in csv. */
  export(
    run: RunRef,
    format: 'csv' | 'excel' | 'json',
    filter: ResultFilter,
  ): Promise<{ key: string; bytes: number; contentType: string }>;
};
