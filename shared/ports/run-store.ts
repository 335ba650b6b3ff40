// Runs and the counted tasks of their stages. Each method is one conditional write or one read.
import type { Decision } from '../domain/decision.ts';
import type { Feed } from '../domain/feed.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { Run, RunRef } from '../domain/run.ts';
import type { Page } from './page.ts';

export type RunStore = {
  /**
   * Creates the run and writes the feed with its claim in one transaction, and with them the decisions that it begins
   * with, each in the version that was read; false when the feed or a decision has changed or the run exists.
   */
  create(run: Run, feed: Feed, decisions?: Decision[]): Promise<boolean>;
  get(ref: RunRef): Promise<Run | undefined>;
  /** Writes version + 1 where the stored version is the given one, with the feed where one is given; false on a conflict. */
  save(run: Run, feed?: Feed): Promise<boolean>;
  /** As it is now; a run that was created a moment ago may not be found yet. */
  byNumber(ref: ReconciliationRef, number: number): Promise<Run | undefined>;
  /** Newest first. */
  list(ref: ReconciliationRef, cursor?: string, limit?: number): Promise<Page<Run>>;
  /** Writes the feed alone where its version is unchanged; false on a conflict. */
  saveFeed(feed: Feed): Promise<boolean>;
  /** Runs QUEUED or RUNNING of a tenant, or of all for the sweep, oldest first. */
  active(tenant: string | undefined, limit: number): Promise<Run[]>;
};
