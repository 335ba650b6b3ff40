// What waits for a run of one reconciliation. One small item, changed under its version: a claim is one conditional write.
import type { ReconciliationRef } from './reconciliation.ts';

export type BatchMark = { batchId: string; number: number };

export type Feed = ReconciliationRef & {
  version: number;
  /** Increment sources: completed batches that no run has taken, or that a failed or stopped run gave back. */
  waiting: Record<string, string[]>;
  /** Sources with a batch that no run has claimed; a run starts by itself when all have. */
  fresh: string[];
  /** Snapshot sources: the newest completed batch, claimed or not. */
  newest: Record<string, BatchMark>;
  lastRunNumber: number;
  /** When the last batch that arrived was loaded. */
  ingestedAt?: string;
  /** Breaks opened so far; the number of the next is one more. Moved on by the commit of a settlement alone, under the fence. */
  breaksOpened?: number;
  /** Decisions approved so far; the order of the next is one more. */
  decided?: number;
  /** Runs not yet terminal, oldest first; only the first may settle. */
  activeRuns: { runId: string; number: number }[];
  /** Raised each time a settle takes its lease; writes of an older fence are refused. */
  fence: number;
  /** A run whose outcome is decided and whose breaks are being written: from here it can only go forward, by anybody. */
  pending?: Settlement;
  /** State after the last settled run: known breaks, and what increments carry into the next run. */
  settled?: Settled;
  /** Every withdrawn batch: a run that holds one may not settle, and breaks of its rows are closed as withdrawn. */
  withdrawn: BatchMark[];
  /** A withdrawn batch had been settled: the next run takes every increment anew instead of what is carried. */
  rebuild?: boolean;
  /** The last run that took them anew: matches of runs before it no longer hold. */
  rebuiltBy?: number;
};

export type Settled = {
  runId: string;
  number: number;
  ledgerKey: string;
  carriedKey?: string;
  /** What the next run is compared with to find anomalies. Absent after a run that settled before they were looked for. */
  historyKey?: string;
  /** Which breaks have some; absent where none has. */
  anomaliesKey?: string;
};

export type Settlement = Settled & {
  /** Parquet of the changes against the ledger before, numbered from 0. */
  changesKey: string;
  changes: number;
  /** Writers at once; change n belongs to writer n modulo this. Fixed at the commit, whatever a later deployment says. */
  lanes: number;
  /** Changes below this one are written as items. */
  applied: number;
};

/** The feed of a reconciliation of which nothing has been written yet. */
export function emptyFeed({ tenant, reconciliationId }: ReconciliationRef): Feed {
  return {
    tenant,
    reconciliationId,
    version: 0,
    waiting: {},
    fresh: [],
    newest: {},
    lastRunNumber: 0,
    activeRuns: [],
    fence: 0,
    withdrawn: [],
  };
}
