// Decides on a proposal. An approval is one write with the run that it starts, so that of two who decide at once one wins,
// and no approved decision is without a run that goes by it.
import { type Decision, type DecisionRef, decided, isInForce, sharedRow, type Verdict } from '../../domain/decision.ts';
import type { Feed } from '../../domain/feed.ts';
import type { Actor } from '../../domain/principal.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import { type Allowed, createRun } from '../runs/create-run.ts';
import { untilWritten } from '../until-written.ts';
import type { DecisionDeps } from './decision-deps.ts';
import { canBeReversed } from './propose-reversal.ts';

export type Decide = { reconciliationId: string; decisionId: string; version?: number; comment?: string };

type DecideDeps = Pick<DecisionDeps, 'reconciliations' | 'batches' | 'runs' | 'decisions' | 'queue' | 'clock' | 'ids'>;

export async function approve(
  deps: DecideDeps,
  actor: Actor,
  command: Decide,
): Promise<Result<{ decision: Decision; run: Run }>> {
  const ref = refOf(actor, command);
  const reconciliation = await deps.reconciliations.get(ref);
  if (!reconciliation) return fail('NOT_FOUND', `There is no reconciliation ${command.reconciliationId}`);
  const verdict = verdictOf(deps, actor, 'APPROVED', command);
  const created = await createRun(deps, {
    reconciliation,
    trigger: 'decision',
    actor: actor.userId,
    allow: (feed) => allow(deps, reconciliation, feed, ref, verdict),
  });
  const decision = await deps.decisions.get(ref);
  if (created.ok) return decision ? ok({ decision, run: created.value }) : fail('NOT_FOUND');
  // The same person again: the first time has done it.
  const repeated =
    created.code === 'DECISION_NOT_PENDING' && decision?.status === 'APPROVED' && decision.decidedBy === actor.userId;
  const run = repeated && (await deps.runs.get({ ...ref, runId: decision.runId! }));
  return run ? ok({ decision, run }) : created;
}

export function reject(deps: DecideDeps, actor: Actor, command: Decide): Promise<Result<Decision>> {
  return close(deps, actor, 'REJECTED', command);
}

export function withdraw(deps: DecideDeps, actor: Actor, command: Decide): Promise<Result<Decision>> {
  return close(deps, actor, 'WITHDRAWN', command);
}

async function close(
  deps: DecideDeps,
  actor: Actor,
  status: 'REJECTED' | 'WITHDRAWN',
  command: Decide,
): Promise<Result<Decision>> {
  const ref = refOf(actor, command);
  return untilWritten<Result<Decision>>(async () => {
    const decision = await deps.decisions.get(ref);
    if (!decision) return fail('NOT_FOUND', `There is no decision ${command.decisionId}`);
    if (decision.status === status && decision.decidedBy === actor.userId) return ok(decision);
    const next = decided(decision, verdictOf(deps, actor, status, command));
    if (!next.ok) return next;
    return (await deps.decisions.save(next.value)) ? ok({ ...next.value, version: decision.version + 1 }) : undefined;
  });
}

/** Looks at everything anew each time that somebody else was faster with the feed. */
async function allow(
  deps: DecideDeps,
  reconciliation: Reconciliation,
  feed: Feed,
  ref: DecisionRef,
  verdict: Verdict,
): Promise<Result<Allowed>> {
  const next = await readDecided(deps, ref, verdict);
  if (!next.ok) return next;
  // Uploads are loaded by one run at a time.
  if (reconciliation.inputs && feed.activeRuns.length > 0) return fail('RUN_ACTIVE');
  const approved = { ...next.value, order: (feed.decided ?? 0) + 1 };
  const written = await decisionsToWrite(deps, approved, feed);
  if (written.ok) return ok({ decisions: written.value });
  // What stands in its way may be itself, approved by another between two reads.
  const again = await readDecided(deps, ref, verdict);
  return again.ok ? written : again;
}

async function readDecided(deps: DecideDeps, ref: DecisionRef, verdict: Verdict): Promise<Result<Decision>> {
  const decision = await deps.decisions.get(ref);
  return decision ? decided(decision, verdict) : fail('NOT_FOUND', `There is no decision ${ref.decisionId}`);
}

/** With a reversal also what it takes back. */
async function decisionsToWrite(
  deps: DecideDeps,
  approved: Decision & { order: number },
  feed: Feed,
): Promise<Result<Decision[]>> {
  const { subject, tenant, reconciliationId, decisionId, number, order } = approved;
  if (subject.kind === 'together') {
    const free = await checkFree(deps, approved, feed.decided ?? 0);
    return free.ok ? ok([approved]) : free;
  }
  if (subject.kind === 'apart') return ok([approved]);
  const named = await deps.decisions.get({ tenant, reconciliationId, decisionId: subject.decisionId });
  if (!named) return fail('NOT_FOUND', `There is no decision ${subject.decisionId}`);
  const standing = canBeReversed(named);
  if (!standing.ok) return standing;
  return ok([approved, { ...named, reversedBy: { decisionId, number, order } }]);
}

/** No record is in two manual matches of one leg that stand. */
async function checkFree(deps: DecideDeps, { subject, ...ref }: Decision, upTo: number): Promise<Result<void>> {
  let cursor: string | undefined;
  do {
    const { tenant, reconciliationId } = ref;
    const page = await deps.decisions.list({ tenant, reconciliationId }, { status: 'APPROVED' }, cursor, 1_000);
    for (const other of page.items) {
      if (subject.kind !== 'together' || other.subject.kind !== 'together' || !isInForce(other, upTo)) continue;
      if (sharedRow(subject, other.subject) !== undefined) {
        return fail('RECORD_NOT_OPEN', `Decision ${other.number} has put one of the records together with others`);
      }
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ok(undefined);
}

function verdictOf(
  deps: Pick<DecisionDeps, 'clock'>,
  actor: Actor,
  status: Verdict['status'],
  { version, comment }: Decide,
): Verdict {
  const at = new Date(deps.clock.now()).toISOString();
  const said = { ...(version !== undefined && { version }), ...(comment !== undefined && { comment }) };
  return { status, by: actor.userId, at, ...said };
}

function refOf({ tenant }: Actor, { reconciliationId, decisionId }: Decide): DecisionRef {
  return { tenant, reconciliationId, decisionId };
}
