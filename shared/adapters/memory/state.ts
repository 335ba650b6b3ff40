// What the memory stores hold in common, as one database: a conditional write of one store may look at another's items.
// Every method of a store reads and writes without awaiting in between, so each is atomic as its real twin is.
import type { Batch } from '../../domain/batch.ts';
import type { Break, BreakEntry } from '../../domain/break.ts';
import type { BreakBulk } from '../../domain/break-bulk.ts';
import type { Decision, DecisionRef } from '../../domain/decision.ts';
import type { Feed } from '../../domain/feed.ts';
import type { Lesson } from '../../domain/lesson.ts';
import type { Reconciliation, ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Review } from '../../domain/review.ts';
import type { Run, RunRef, Stage, Task } from '../../domain/run.ts';
import type { Upload } from '../../domain/upload.ts';
import type { NumberedActivity } from '../../ports/activity-log.ts';
import type { Page } from '../../ports/page.ts';
import type { StageCount } from '../../ports/task-store.ts';

export type StoredBatch = { batch: Batch; touchedAt: number };

export type MemoryState = {
  reconciliations: Map<string, Reconciliation>;
  batches: Map<string, StoredBatch>;
  batchNumbers: Map<string, number>;
  feeds: Map<string, Feed>;
  runs: Map<string, Run>;
  tasks: Map<string, Task>;
  counts: Map<string, StageCount>;
  breaks: Map<string, Break>;
  breakEntries: Map<string, BreakEntry>;
  bulks: Map<string, BreakBulk & { finished: boolean }>;
  decisions: Map<string, Decision>;
  decisionNumbers: Map<string, number>;
  reviews: Map<string, Review>;
  lessons: Map<string, Lesson>;
  lanes: Map<string, { runId: string; fence: number; position: number }>;
  uploads: Map<string, Upload>;
  /** Of all tenants, in the order in which they were written. */
  activity: NumberedActivity[];
};

export function createMemoryState(): MemoryState {
  return {
    reconciliations: new Map(),
    batches: new Map(),
    batchNumbers: new Map(),
    feeds: new Map(),
    runs: new Map(),
    tasks: new Map(),
    counts: new Map(),
    breaks: new Map(),
    breakEntries: new Map(),
    bulks: new Map(),
    decisions: new Map(),
    decisionNumbers: new Map(),
    reviews: new Map(),
    lessons: new Map(),
    lanes: new Map(),
    uploads: new Map(),
    activity: [],
  };
}

/** Parts are written as JSON, so that no id can be chosen to collide with another tenant's. */
export function keyOf(...parts: (string | number)[]): string {
  return JSON.stringify(parts);
}

export function reconciliationKey({ tenant, reconciliationId }: ReconciliationRef): string {
  return keyOf(tenant, reconciliationId);
}

export function runKey({ tenant, reconciliationId, runId }: RunRef): string {
  return keyOf(tenant, reconciliationId, runId);
}

export function decisionKey({ tenant, reconciliationId, decisionId }: DecisionRef): string {
  return keyOf(tenant, reconciliationId, decisionId);
}

export function stageKey(run: RunRef, generation: number, stage: Stage): string {
  return keyOf(run.tenant, run.reconciliationId, run.runId, generation, stage);
}

/** Writes the feed as its next version; false when it has changed since it was read. */
export function replaceFeed(state: MemoryState, feed: Feed): boolean {
  if (!feedUnchanged(state, feed)) return false;
  state.feeds.set(reconciliationKey(feed), { ...structuredClone(feed), version: feed.version + 1 });
  return true;
}

export function feedUnchanged(state: MemoryState, feed: Feed): boolean {
  return (state.feeds.get(reconciliationKey(feed))?.version ?? 0) === feed.version;
}

/** One page of an ordered list; the cursor is the identity of the last item given. */
export function pageOf<T>(
  items: T[],
  identity: (item: T) => string,
  cursor: string | undefined,
  limit: number,
): Page<T> {
  const start = cursor === undefined ? 0 : items.findIndex((item) => identity(item) === cursor) + 1;
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  const more = last !== undefined && start + limit < items.length;
  return { items: structuredClone(page), ...(more && { cursor: identity(last) }) };
}
