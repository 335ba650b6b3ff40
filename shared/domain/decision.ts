// What a person decided about matches: records that belong together, or matches that are undone. A decision is proposed
// by one person, decided by another, and takes effect as an input of the runs after it. Nothing is patched in place.
import type { SideSums } from './outcome.ts';
import type { ReconciliationRef } from './reconciliation.ts';
import { fail, ok, type Result } from './result.ts';

export type DecisionRef = ReconciliationRef & { decisionId: string };

/** PENDING → APPROVED | REJECTED by another person, or WITHDRAWN by its maker. What is APPROVED is undone by a reversal. */
export type DecisionStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'WITHDRAWN';

/** A match made by hand: records of the anchor and of one leg, by row reference. */
export type Together = {
  kind: 'together';
  source: string;
  left: number[];
  right: number[];
  /** What the records add up to, for whoever decides. */
  sums: { left: SideSums; right: SideSums };
};

/** Matches that may not come back by themselves. */
export type Apart = {
  kind: 'apart';
  scope: UndoScope;
  /** The run that made them. */
  runId: string;
  runNumber: number;
  /** Parquet of their rows as the results have them: source, match (its id), left_row, right_row. */
  membersKey: string;
  undone: UndoneMatches;
};

/** Takes an approved decision back. */
export type Reversal = { kind: 'reversal'; decisionId: string; number: number };

/** A match is known by its rows; a group by the rows of any of its members. */
export type UndoScope =
  | { of: 'match'; source?: string; left: number | null; right: number | null }
  | { of: 'pass'; pass: string }
  | { of: 'run' };

/** What an undo would open, as it stood when it was asked for. */
export type UndoneMatches = {
  passes: { name: string; matches: number; left: UndoneSide; right: UndoneSide }[];
  /** Numbers of the batches that the records are of. */
  batches: { left: number[]; right: number[] };
  /** Manual matches of the run, which no undo takes back: reverse their decisions. */
  manual: string[];
};

export type UndoneSide = { records: number; sums: SideSums };

export type Decision = DecisionRef & {
  /** Within the reconciliation, from 1. */
  number: number;
  subject: Together | Apart | Reversal;
  reason: string;
  status: DecisionStatus;
  proposedBy: string;
  proposedAt: string;
  decidedBy?: string;
  decidedAt?: string;
  /** What the one who decided had to say. */
  comment?: string;
  /** Approved as the n-th of its reconciliation: runs say by it how far they have looked. */
  order?: number;
  /** The run that the approval started. */
  runId?: string;
  reversedBy?: { decisionId: string; number: number; order: number };
  /** Raised by every change; writes are conditional on it. */
  version: number;
};

export type Verdict = {
  status: 'APPROVED' | 'REJECTED' | 'WITHDRAWN';
  by: string;
  at: string;
  /** The version that the person has seen. */
  version?: number;
  comment?: string;
};

/** Of the pass that makes the matches which persons decided on. */
export const manualPassName = 'manual';

export const reasonCharactersMax = 1_000;
/** Records of one side of a manual match. */
export const togetherRowsMax = 1_000;

/** Only the maker withdraws, and nobody decides on what they proposed. */
export function decided(decision: Decision, verdict: Verdict): Result<Decision> {
  const { status, by, at, version, comment } = verdict;
  const own = decision.proposedBy === by;
  if (status === 'WITHDRAWN' && !own) return fail('FORBIDDEN', 'Only who proposed a decision can withdraw it');
  if (status !== 'WITHDRAWN' && own) return fail('FORBIDDEN', 'Nobody decides on their own proposal');
  if (decision.status !== 'PENDING') {
    return fail('DECISION_NOT_PENDING', `Decision ${decision.number} is ${decision.status}`);
  }
  if (version !== undefined && version !== decision.version) return fail('CONCURRENT_CHANGE');
  return ok({ ...decision, status, decidedBy: by, decidedAt: at, ...(comment !== undefined && { comment }) });
}

/** Whether a decision holds for whoever has looked at the first `upTo` approvals. */
export function isInForce({ status, order, reversedBy }: Decision, upTo: number): boolean {
  if (status !== 'APPROVED' || order === undefined || order > upTo) return false;
  return reversedBy === undefined || reversedBy.order > upTo;
}

/** The record that another manual match in force already has, of the same leg. */
export function sharedRow(a: Together, b: Together): number | undefined {
  if (a.source !== b.source) return undefined;
  return a.left.find((row) => b.left.includes(row)) ?? a.right.find((row) => b.right.includes(row));
}
