// Creates a run that holds its batches, in one conditional write with the feed; its work begins by a message.

import type { Decision } from '../../domain/decision.ts';
import type { Feed } from '../../domain/feed.ts';
import { afterClaim, batchesToTake, fedSources } from '../../domain/feed-changes.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { ok, type Result } from '../../domain/result.ts';
import type { Run, RunNote } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';
import { announce } from './announce.ts';

export type CreateRunDeps = Pick<Deps, 'batches' | 'runs' | 'queue' | 'clock' | 'ids'>;

export type RunRequest = {
  reconciliation: Reconciliation;
  trigger: Run['trigger'];
  actor: string;
  /** Follows from the cause of the run, where a repeat must not start another; `allow` has to look whether it is there. */
  runId?: string;
  note?: RunNote;
  /** Looks at the feed of the moment; a failure means that no run is to be created. */
  allow(feed: Feed): Result<Allowed> | Promise<Result<Allowed>>;
};

export type Allowed = {
  claims?: Record<string, string[]>;
  backDated?: boolean;
  /** Written with the run: it is the first that goes by them. */
  decisions?: Decision[];
};

export async function createRun(deps: CreateRunDeps, request: RunRequest): Promise<Result<Run>> {
  const created = await untilWritten<Result<Run>>(async () => {
    const feed = await deps.batches.feed(request.reconciliation);
    const allowed = await request.allow(feed);
    if (!allowed.ok) return allowed;
    const claims = allowed.value.claims ? ok(allowed.value.claims) : claimsOf(request.reconciliation, feed);
    if (!claims.ok) return claims;
    const run = newRun(deps, request, feed, claims.value, allowed.value.backDated ?? false);
    // A back-dated run looks at its batches and takes none from the runs to come.
    const taken = run.backDated ? {} : claims.value;
    const { decisions = [] } = allowed.value;
    const next = afterClaim(decidedFeed(feed, decisions), run, taken);
    const begun = decisions.map((one) => ({ runId: run.runId, ...one }));
    return (await deps.runs.create(run, next, begun)) ? ok(run) : undefined;
  });
  if (created.ok) await announce(deps, created.value);
  return created;
}

function decidedFeed(feed: Feed, decisions: Decision[]): Feed {
  const orders = decisions.flatMap(({ order }) => order ?? []);
  return orders.length === 0 ? feed : { ...feed, decided: Math.max(feed.decided ?? 0, ...orders) };
}

/** Uploads become batches only when the run is prepared; it begins with none. */
function claimsOf(reconciliation: Reconciliation, feed: Feed): Result<Record<string, string[]>> {
  return reconciliation.inputs ? ok({}) : batchesToTake(feed, fedSources(reconciliation));
}

function newRun(
  deps: Pick<Deps, 'clock' | 'ids'>,
  { reconciliation, trigger, actor, runId, note }: RunRequest,
  feed: Feed,
  claims: Record<string, string[]>,
  backDated: boolean,
): Run {
  const stage = reconciliation.inputs && Object.keys(claims).length === 0 ? 'prepare' : 'plan';
  return {
    tenant: reconciliation.tenant,
    reconciliationId: reconciliation.reconciliationId,
    runId: runId ?? deps.ids.uuid(),
    number: feed.lastRunNumber + 1,
    trigger,
    actor,
    ...(note && { request: note }),
    status: 'QUEUED',
    stage,
    generation: 1,
    claims,
    ...(backDated && { backDated }),
    progress: { stage, done: 0, total: 1 },
    version: 1,
    queuedAt: new Date(deps.clock.now()).toISOString(),
    stagedAt: {},
    doneIn: {},
  };
}
