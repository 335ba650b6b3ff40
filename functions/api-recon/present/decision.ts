// Decisions in recon's words: left is source, right is target.
import type { UndoPreview } from '../../../shared/app/decisions/propose-undo.ts';
import type { Decision, DecisionStatus, UndoneMatches } from '../../../shared/domain/decision.ts';

const statusWords = {
  PENDING: 'pending',
  APPROVED: 'approved',
  REJECTED: 'rejected',
  WITHDRAWN: 'withdrawn',
} as const satisfies Record<DecisionStatus, string>;

export type DecisionWord = (typeof statusWords)[DecisionStatus];

export function statusOfWord(word: DecisionWord): DecisionStatus {
  return (Object.keys(statusWords) as DecisionStatus[]).find((status) => statusWords[status] === word)!;
}

export function presentDecision(decision: Decision) {
  const { subject } = decision;
  return {
    id: decision.decisionId,
    number: decision.number,
    kind: subject.kind,
    status: statusWords[decision.status],
    reason: decision.reason,
    proposed_by: decision.proposedBy,
    proposed_at: decision.proposedAt,
    decided_by: decision.decidedBy ?? null,
    decided_at: decision.decidedAt ?? null,
    comment: decision.comment ?? null,
    run_id: decision.runId ?? null,
    reversed_by: decision.reversedBy?.decisionId ?? null,
    version: decision.version,
    together:
      subject.kind === 'together'
        ? {
            source: subject.source,
            source_records: subject.left.length,
            target_records: subject.right.length,
            source_sums: subject.sums.left,
            target_sums: subject.sums.right,
          }
        : null,
    apart:
      subject.kind === 'apart'
        ? {
            scope: subject.scope.of,
            pass: subject.scope.of === 'pass' ? subject.scope.pass : null,
            run: { id: subject.runId, number: subject.runNumber },
            passes: presentPasses(subject.undone),
          }
        : null,
    reverses: subject.kind === 'reversal' ? { id: subject.decisionId, number: subject.number } : null,
  };
}

export function presentPreview({ run, undone, breaks, laterRuns, manualMatches }: UndoPreview) {
  return {
    run: { id: run.runId, number: run.number },
    passes: presentPasses(undone),
    breaks: {
      count: breaks.count,
      touched_by_persons: breaks.touchedByPersons.map(({ breakId, status, closedBy, closedReason }) => ({
        id: breakId,
        status: status.toLowerCase(),
        closed_by: closedBy ?? null,
        closed_reason: closedReason ?? null,
      })),
    },
    later_runs: laterRuns.map(({ runId, number }) => ({ id: runId, number })),
    manual_matches: manualMatches.map(({ decisionId, number, status }) => ({
      id: decisionId,
      number,
      status: statusWords[status],
    })),
  };
}

function presentPasses({ passes }: UndoneMatches) {
  return passes.map(({ name, matches, left, right }) => ({ pass: name, matches, source: left, target: right }));
}
