// What waits for a run of one reconciliation. One small item, changed under its version: a claim is one conditional write.
import type { ReconciliationRef } from './reconciliation.ts';

export type Feed = ReconciliationRef & {
  version: number;
  /** source → completed batches not yet claimed (increment), or the newest (snapshot), oldest first. */
  waiting: Record<string, string[]>;
  /** Sources with a batch that no run has claimed; a run starts by itself when all have. */
  fresh: string[];
  /** Snapshot sources: the newest completed batch, claimed or not. */
  newest: Record<string, string>;
  lastRunNumber: number;
  /** Runs not yet terminal, oldest first; only the first may settle. */
  activeRuns: { runId: string; number: number }[];
  /** Raised each time a settle takes its lease; writes of an older fence are refused. */
  fence: number;
  settling?: { runId: string; owner: string; until: number };
  /** State after the last settled run: known breaks, and the open records of increments. */
  settled?: { runId: string; number: number; ledgerKey: string; openKeys?: Record<string, string> };
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
  };
}
