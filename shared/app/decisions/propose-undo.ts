// Proposes that matches of a run are undone, or shows only what that would open and what depends on them.
import { type Apart, type Decision, isInForce, type UndoScope } from '../../domain/decision.ts';
import type { Feed } from '../../domain/feed.ts';
import { fedSources, incrementsOf } from '../../domain/feed-changes.ts';
import { apartKey } from '../../domain/object-keys.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import { carryOf } from '../runs/match-chunk.ts';
import type { DecisionDeps } from './decision-deps.ts';
import { newestRun } from './newest-run.ts';
import { checkReason, propose } from './propose.ts';

export type ProposeUndo = {
  reconciliationId: string;
  /** The newest settled run when absent. */
  runId?: string;
  scope: UndoScope;
  reason: string;
  acceptDependents?: boolean;
};

export type UndoPreview = {
  run: { runId: string; number: number };
  undone: Apart['undone'];
  breaks: {
    /** That these records had before they were matched, and would have again. */
    count: number;
    /** Of those, what a person has closed or proposed to close; of the first thousand. */
    touchedByPersons: { breakId: string; status: string; closedBy?: string; closedReason?: string }[];
  };
  /** Settled runs that built on these matches. */
  laterRuns: { runId: string; number: number }[];
  /** Manual matches of the run, and those that stand or wait and have records of these. */
  manualMatches: { decisionId: string; number: number; status: Decision['status'] }[];
};

type UndoDeps = Pick<
  DecisionDeps,
  'reconciliations' | 'batches' | 'runs' | 'breaks' | 'decisions' | 'matches' | 'clock' | 'ids'
>;

export async function previewUndo(deps: UndoDeps, actor: Actor, command: ProposeUndo): Promise<Result<UndoPreview>> {
  const found = await findRun(deps, actor, command);
  return found.ok ? look(deps, found.value, command.scope) : found;
}

export async function proposeUndo(
  deps: UndoDeps,
  actor: Actor,
  command: ProposeUndo,
): Promise<Result<{ decision: Decision; preview: UndoPreview }>> {
  const { reconciliationId, scope, reason, acceptDependents } = command;
  const reasoned = checkReason(reason);
  if (!reasoned.ok) return reasoned;
  const found = await findRun(deps, actor, command);
  if (!found.ok) return found;
  const { run, laterRuns } = found.value;
  if (laterRuns.length > 0 && !acceptDependents) {
    const numbers = laterRuns.map(({ number }) => number).join(', ');
    return fail('UNDO_HAS_DEPENDENTS', `Built on run ${run.number}: run ${numbers}`, {
      runs: laterRuns.map(({ runId, number }) => ({ id: runId, number })),
    });
  }
  const decisionId = deps.ids.uuid();
  const membersKey = apartKey({ tenant: actor.tenant, reconciliationId, decisionId });
  const preview = await look(deps, found.value, scope, membersKey);
  if (!preview.ok) return preview;
  const { undone } = preview.value;
  const subject: Apart = { kind: 'apart', scope, runId: run.runId, runNumber: run.number, membersKey, undone };
  const decision = await propose(deps, actor, { reconciliationId, reason, subject, decisionId });
  return decision.ok ? ok({ decision: decision.value, preview: preview.value }) : decision;
}

type Found = { run: Run; feed: Feed; laterRuns: UndoPreview['laterRuns'] };

async function findRun(deps: UndoDeps, actor: Actor, { reconciliationId, runId }: ProposeUndo): Promise<Result<Found>> {
  const ref = { tenant: actor.tenant, reconciliationId };
  const newest = await newestRun(deps, ref);
  if (!newest.ok) return newest;
  const { feed } = newest.value;
  const run = runId === undefined ? newest.value.run : await deps.runs.get({ ...ref, runId });
  if (!run) return fail('NOT_FOUND', `There is no run ${runId}`);
  if (run.status !== 'COMPLETED' || !run.results) return fail('RESULTS_NOT_READY');
  if (run.backDated)
    return fail('NOTHING_TO_UNDO', `Run ${run.number} was a rerun on older batches: nothing holds of it`);
  if (carryOf(run).what !== 'nothing' && (feed.rebuiltBy ?? 0) > run.number) {
    return fail('NOTHING_TO_UNDO', `Run ${feed.rebuiltBy} has made the matches of run ${run.number} anew`);
  }
  return ok({ run, feed, laterRuns: await laterRunsOf(deps, run) });
}

/** With increments all that settled since; else those that took the same batches. */
async function laterRunsOf(deps: UndoDeps, run: Run): Promise<UndoPreview['laterRuns']> {
  const reconciliation = await deps.reconciliations.get(run);
  const carries = reconciliation ? incrementsOf(fedSources(reconciliation)).length > 0 : false;
  const claimed = new Set(Object.values(run.claims).flat());
  const later: UndoPreview['laterRuns'] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.runs.list({ tenant: run.tenant, reconciliationId: run.reconciliationId }, cursor);
    for (const one of page.items) {
      if (one.number <= run.number) return later.reverse();
      const builds = carries || Object.values(one.claims).some((batches) => batches.some((id) => claimed.has(id)));
      if (one.status === 'COMPLETED' && !one.backDated && builds) later.push({ runId: one.runId, number: one.number });
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return later.reverse();
}

async function look(
  deps: UndoDeps,
  { run, feed, laterRuns }: Found,
  scope: UndoScope,
  membersKey?: string,
): Promise<Result<UndoPreview>> {
  const ref = { tenant: run.tenant, reconciliationId: run.reconciliationId };
  const decisions = await allDecisions(deps, ref);
  const except = decisions.flatMap(({ status, subject }) =>
    status === 'APPROVED' && subject.kind === 'apart' && subject.runId === run.runId ? [subject.membersKey] : [],
  );
  const upTo = feed.decided ?? 0;
  const manual = decisions.flatMap((one) => {
    const { subject, status, decisionId } = one;
    if (subject.kind !== 'together' || (status !== 'PENDING' && !isInForce(one, upTo))) return [];
    return [{ id: decisionId, source: subject.source, left: subject.left, right: subject.right }];
  });
  const ledgerKey = feed.settled?.ledgerKey;
  const { undone, breaks, touched } = await deps.matches.undo(run, {
    scope,
    except,
    manual,
    ...(ledgerKey !== undefined && { ledgerKey }),
    ...(membersKey !== undefined && { membersKey }),
  });
  if (undone.passes.length === 0) {
    const detail = undone.manual.length > 0 ? 'It was made by hand: reverse its decision' : undefined;
    return fail('NOTHING_TO_UNDO', detail, undone.manual.length > 0 ? { decisions: undone.manual } : undefined);
  }
  const items = await deps.breaks.getMany(ref, breaks.breakIds);
  const touchedByPersons = items
    .filter(({ status, closedBy }) => status === 'PENDING_APPROVAL' || (status === 'CLOSED' && closedBy !== 'system'))
    .map(({ breakId, status, closedBy, closedReason }) => {
      return {
        breakId,
        status,
        ...(closedBy !== undefined && { closedBy }),
        ...(closedReason !== undefined && { closedReason }),
      };
    });
  const named = new Set([...undone.manual, ...touched]);
  return ok({
    run: { runId: run.runId, number: run.number },
    undone,
    breaks: { count: breaks.count, touchedByPersons },
    laterRuns,
    manualMatches: decisions
      .filter(({ decisionId }) => named.has(decisionId))
      .map(({ decisionId, number, status }) => ({ decisionId, number, status })),
  });
}

async function allDecisions(
  deps: Pick<DecisionDeps, 'decisions'>,
  ref: { tenant: string; reconciliationId: string },
): Promise<Decision[]> {
  const all: Decision[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.decisions.list(ref, {}, cursor, 1_000);
    all.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}
