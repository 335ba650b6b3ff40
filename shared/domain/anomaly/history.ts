// What is remembered of the settled runs of a reconciliation, to compare the next one with. Bounded, and the same whoever writes it: of equal runs in
// the same order comes the same history.
import type { DecimalText } from '../decimal.ts';
import { type AnomalyKind, historyRunsMax } from './anomaly.ts';

/** The newest last. */
export type AnomalyHistory = { runs: RememberedRun[] };

export type RememberedRun = {
  number: number;
  figures: Figure[];
  /** Of breaks that were new in the run, or had other values than before: a break that stays open counts once. */
  series: Series[];
  /** Field → value → how many of these breaks had it; null where there were more than `valuesMax`. */
  values: Record<string, Record<string, number> | null>;
};

/** One number of a run. A share is `count` of `of`. */
export type Figure =
  | { kind: 'volume'; source: string; count: number }
  | { kind: 'rejected' | 'matched'; source: string; count: number; of: number }
  | { kind: 'breaks'; breakType: string; count: number }
  | { kind: 'open-amount'; source: string; field: string; currency: string; sum: DecimalText };

/** Sizes of one kind, without their signs. */
export type Series = {
  kind: Extract<AnomalyKind, 'difference' | 'amount'>;
  field: string;
  currency: string;
  /** Of all of them, how many and the largest. */
  count: number;
  largest: DecimalText;
  /** Some of them, drawn by a hash of the break's identity: neither order nor repeats nor chunks change which. */
  sample: DecimalText[];
};

/** 32 of each run: no run weighs more than another, however many breaks it had. */
export const sampleMax = 32;
/** Of one run: the ones with the most values. */
export const seriesMax = 100;
/** Of one field in one run. More tell nobody apart, and nothing would be rare. */
export const valuesMax = 500;
/** A value is cut here before it is counted. */
export const valueCharactersMax = 100;
/** Of one run, by name; a file with a wrong currency column would have one for every row. */
export const openAmountsMax = 100;

export const emptyHistory: AnomalyHistory = { runs: [] };

export function withRun({ runs }: AnomalyHistory, run: RememberedRun): AnomalyHistory {
  return { runs: [...runs, run].slice(-historyRunsMax) };
}
