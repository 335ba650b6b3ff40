// A break: one difference that somebody answers for, from its detection over later runs to its closing.
import type { Anomaly } from './anomaly/anomaly.ts';
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
  /** What was unusual about it when it was opened or its values last changed; absent or empty where nothing was. */
  anomalies?: Anomaly[];
  /** Hash of type and values, without the explanation and anomalies: equal means unchanged. */
  contentHash: string;
};

/** One entry of the history of a break: what a person, or new values, did to it. Never changed. */
export type BreakEntry = {
  /** Within the break, from 1. */
  number: number;
  at: string;
  /** The full DN of a person, or `SYSTEM`. */
  actorDn: string;
  action: string;
  /** With a comment: its number in the tenant. */
  id?: number;
  comment?: string;
  status?: { from: BreakStatus; to: BreakStatus };
  assignee?: { from: string | null; to: string | null };
  reasonCode?: { from: string | null; to: string | null };
};

/** Of a comment. */
export const commentCharactersMax = 10_000;

export type Break = BreakRef &
  ObservedBreak & {
    status: BreakStatus;
    firstRunId: string;
    firstRunNumber: number;
    lastRunId: string;
    lastRunNumber: number;
    openedAt: string;
    closedAt?: string;
    /** `absent` (snapshot no longer shows it), `matched`, `withdrawn` or `replaced` (by a linked one), where the system closed it. */
    closedReason?: string;
    /** `system`, or the DN of a person. */
    closedBy?: string;
    /** The DN of the maker whose submission is to be approved, or was. */
    submittedBy?: string;
    assignee?: { dn: string; name: string };
    /** Why it is there, in a person's code. */
    reasonCode?: string;
    /** How many entries its history has; the next is one more. */
    entries?: number;
    /** The run that no longer showed it, or under other values as a linked one; absent while it is in the data, whoever closed it. */
    goneRunNumber?: number;
    /**
     * It is marked for a bulk. `unwritten`: the bulk is committed and what is read here is already as it makes it; whoever
     * writes the break next writes this entry with it.
     */
    bulk?: { bulkId: string; unwritten?: BreakEntry };
    /** The closed break of the same identity that this one follows. */
    previousBreakId?: string;
    /** Set when values or an explanation over 1 KB were cut here; the whole is in this Parquet object under `identity`. */
    valuesKey?: string;
    version: number;
  };

/** It is no longer in the data. */
export function isGone({ goneRunNumber }: Pick<Break, 'goneRunNumber'>): boolean {
  return goneRunNumber !== undefined;
}

/** A person has done something about it, and it is still in the data: the ledger does not say all about it. */
export function isTouched(item: Pick<Break, 'status' | 'entries' | 'bulk' | 'goneRunNumber'>): boolean {
  return !isGone(item) && (item.status !== 'OPEN' || (item.entries ?? 0) > 0 || item.bulk !== undefined);
}

/** One transaction takes 100 items of DynamoDB's; the lane and room for what may come beside it are among them. */
export const breakPartsPerWriteMax = 90;

/** How many items a write of this break may write: itself, its place among the touched ones, its entries. */
export function partsOf({ break: item, entries = [] }: { break: Break; entries?: BreakEntry[] }): number {
  const place = isTouched(item) || (item.entries ?? 0) > 0 ? 1 : 0;
  return 1 + place + entries.length + (item.bulk?.unwritten ? 1 : 0);
}
