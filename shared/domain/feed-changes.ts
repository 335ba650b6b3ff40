// What happens to a feed: a batch arrives, a run takes batches, gives them back, or a batch is withdrawn.
// Pure: each gives the feed as it would be; the stores write it where nobody else has changed it meanwhile.
import type { Batch } from './batch.ts';
import type { BatchMark, Feed } from './feed.ts';
import type { Reconciliation } from './reconciliation.ts';
import { fail, ok, type Result } from './result.ts';

export type FedSource = { name: string; load: 'snapshot' | 'increment' };

/** The sources that a reconciliation takes batches for, the anchor as it stands; none while nothing is known of it. */
export function fedSources(reconciliation: Pick<Reconciliation, 'definition' | 'inputs'>): FedSource[] {
  const { definition, inputs } = reconciliation;
  if (definition) return definition.sources.map(({ name, load }) => ({ name, load: load ?? 'snapshot' }));
  return (inputs ?? []).map(({ source }) => ({ name: source, load: 'snapshot' }));
}

export function incrementsOf(sources: FedSource[]): string[] {
  return sources.filter((source) => source.load === 'increment').map((source) => source.name);
}

/** A completed batch waits for a run. A snapshot that is older than the newest, though completed later, changes nothing. */
export function afterArrival(feed: Feed, batch: Batch, load: FedSource['load']): Feed {
  const { source, batchId, number } = batch;
  const fresh = batch.onDemand ? feed.fresh : union(feed.fresh, [source]);
  if (load === 'increment') {
    return { ...feed, fresh, waiting: { ...feed.waiting, [source]: union(feed.waiting[source] ?? [], [batchId]) } };
  }
  if ((feed.newest[source]?.number ?? 0) >= number) return feed;
  return { ...feed, fresh, newest: { ...feed.newest, [source]: { batchId, number } } };
}

/** Every source has a batch that no run has seen. */
export function isComplete(feed: Feed, sources: FedSource[]): boolean {
  return sources.length > 0 && sources.every((source) => feed.fresh.includes(source.name));
}

/** The newest of each snapshot, every waiting increment. An increment with none waiting is no gap once a run has settled. */
export function batchesToTake(feed: Feed, sources: FedSource[]): Result<Record<string, string[]>> {
  const claims: Record<string, string[]> = {};
  for (const { name, load } of sources) {
    const newest = feed.newest[name];
    const found = load === 'increment' ? (feed.waiting[name] ?? []) : newest ? [newest.batchId] : [];
    if (found.length === 0 && (load === 'snapshot' || !feed.settled)) {
      return fail('BATCH_MISSING', `Source ${name} has no batch to reconcile`, { source: name });
    }
    claims[name] = [...found];
  }
  if (sources.length === 0) return fail('BATCH_MISSING');
  return ok(claims);
}

/** The feed once a new run holds these batches. */
export function afterClaim(feed: Feed, run: { runId: string; number: number }, claims: Record<string, string[]>): Feed {
  return {
    ...take(feed, claims),
    fresh: feed.fresh.filter((source) => claims[source] === undefined),
    lastRunNumber: Math.max(feed.lastRunNumber, run.number),
    activeRuns: inOrder([...feed.activeRuns, { runId: run.runId, number: run.number }]),
  };
}

/** Increments leave the waiting list; snapshots stay, because a later run may take the same again. */
export function take(feed: Feed, claims: Record<string, string[]>): Feed {
  const waiting = Object.entries(feed.waiting).map(([source, batchIds]) => [
    source,
    batchIds.filter((batchId) => !claims[source]?.includes(batchId)),
  ]);
  return { ...feed, waiting: Object.fromEntries(waiting) };
}

/**
 * The feed once a run has failed or was stopped: its increments wait again, or their rows would be lost to later runs.
 * They are not fresh: a run that fails by its own data must not start again by itself. A run whose settlement is
 * pending keeps what it took, because that settlement will be completed.
 */
export function afterFailure(
  feed: Feed,
  run: { runId: string; claims: Record<string, string[]> },
  increments: string[],
): Feed {
  const ended = { ...feed, activeRuns: feed.activeRuns.filter((active) => active.runId !== run.runId) };
  if (feed.pending?.runId === run.runId) return ended;
  const withdrawn = new Set(feed.withdrawn.map((mark) => mark.batchId));
  const waiting = { ...feed.waiting };
  for (const source of increments) {
    const back = (run.claims[source] ?? []).filter((batchId) => !withdrawn.has(batchId));
    waiting[source] = union(waiting[source] ?? [], back);
  }
  return { ...ended, waiting };
}

/** `previous`: the newest other batch of a snapshot source, which takes its place. */
export function afterWithdrawal(feed: Feed, batch: Batch, previous: BatchMark | undefined): Feed {
  const { source, batchId, number } = batch;
  const waiting = feed.waiting[source] ?? [];
  const changed: Feed = {
    ...feed,
    withdrawn: [...feed.withdrawn.filter((mark) => mark.batchId !== batchId), { batchId, number }],
  };
  if (waiting.includes(batchId)) {
    const left = waiting.filter((waitingId) => waitingId !== batchId);
    return {
      ...changed,
      waiting: { ...feed.waiting, [source]: left },
      fresh: left.length > 0 ? feed.fresh : feed.fresh.filter((name) => name !== source),
    };
  }
  if (feed.newest[source]?.batchId !== batchId) return changed;
  const newest = { ...feed.newest };
  delete newest[source];
  if (previous) newest[source] = previous;
  return { ...changed, newest, fresh: feed.fresh.filter((name) => name !== source) };
}

export function inOrder<Item extends { number: number }>(items: Item[]): Item[] {
  return [...items].sort((a, b) => a.number - b.number);
}

function union(a: string[], b: string[]): string[] {
  return [...new Set([...a, ...b])];
}
