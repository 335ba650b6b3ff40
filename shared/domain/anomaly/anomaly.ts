// What is unusual about a run or a break beside the reconciliation's own history, and how it is told. docs/anomalies.md has the formulas.
import type { DecimalText } from '../decimal.ts';

/** Of a run: volume, rejected, matched, breaks, open-amount, counterparty. Of a break: difference, amount, counterparty. */
export type AnomalyKind =
  | 'volume'
  | 'rejected'
  | 'matched'
  | 'breaks'
  | 'open-amount'
  | 'difference'
  | 'amount'
  | 'counterparty';

export type AnomalySubject = {
  source?: string;
  breakType?: string;
  field?: string;
  /** `''` where the definition names no currency, or the record has none. */
  currency?: string;
  /** Of a field that records are told apart by, such as a counterparty. */
  value?: string;
};

export type Usual = {
  median: DecimalText | null;
  /** Half of the history is no further than this from its median: the median absolute deviation. */
  spread: DecimalText | null;
  /** What is not beyond these is usual; null where that side is not watched. */
  low: DecimalText | null;
  high: DecimalText | null;
  /** Settled runs that it was compared with. */
  runs: number;
};

export type Anomaly = {
  kind: AnomalyKind;
  subject: AnomalySubject;
  /** A count, a share of 1, an amount or a number of days, without a sign. */
  value: DecimalText;
  usual: Usual;
  /** The modified z-score; null for a value that was seldom or never seen, which has none. */
  score: number | null;
  /** For a person. */
  explanation: string;
};

/** Of one run, kept with it. */
export type RunAnomalies = {
  /** Settled runs that were there to compare with. */
  runs: number;
  /** They are too few: nothing was flagged. */
  learning: boolean;
  /** The furthest first; `more` were left out. */
  found: Anomaly[];
  more: number;
  /** How many breaks of the run are flagged. */
  breaks: number;
};

/** Runs that history goes back: three months of working days. */
export const historyRunsMax = 60;
/** Below this nothing is flagged. */
export const historyRunsMin = 8;
/** Of one run. */
export const runAnomaliesMax = 50;
/** Of one break, and their bytes as JSON. */
export const breakAnomaliesMax = 5;
export const breakAnomalyBytesMax = 1_024;

/** Where anomalies are put in order, one without a score comes first. */
export const scoreless = 10_000;

/** Names and values in subjects and sentences are cut, so that a break's anomalies fit. */
export function shortName(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= nameBytesMax) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, nameBytesMax)).replace(/\uFFFD+$/u, '')}…`;
}
const nameBytesMax = 60;
