// What a person says of one match that a pass made: right or wrong. The pass is the maker, so one person is the checker. A rejection is
// an input of the runs after it, and never patches the run whose match it is of; both verdicts teach the pass.
import type { MatchEvidence } from './match-evidence.ts';
import type { ReconciliationRef } from './reconciliation.ts';

/** `reviewId`: the rows of a pair, or the group's id and source. The same match of a later run has the same. */
export type ReviewRef = ReconciliationRef & { reviewId: string };

export type ReviewVerdict = 'APPROVED' | 'REJECTED';

/** A pair by its row references; a group by its id, with the rows of the member that was looked at. */
export type MatchRef = { source: string; left: number | null; right: number | null; groupId: string | null };

export type FoundMatch = MatchRef & {
  pass: string;
  confidence: number;
  /** As the pass weighs it without what it has learned from reviews: a lesson must not learn from itself. */
  evidence: MatchEvidence | null;
  /** Of the fields that a fuzzy pass compares as names: two spellings of what may be one thing. */
  spellings: Spelling[];
};

export type Spelling = { field: string; left: string; right: string };

export type Review = ReviewRef &
  Given & {
    match: MatchRef;
    pass: string;
    confidence: number;
    /** The run whose match was looked at. */
    run: { runId: string; number: number };
    /** Of a fuzzy pass: what is learned from. */
    evidence?: Pick<MatchEvidence, 'prior' | 'fields'> & { spellings: Spelling[] };
    /** Of a group that was rejected: Parquet of its rows as the results have them. A pair has its rows above. */
    members?: { key: string; batches: { left: number[]; right: number[] } };
    /** Verdicts that this one replaced, the newest last. */
    earlier: Given[];
    /** Raised by every change; writes are conditional on it. */
    version: number;
  };

export type Given = { verdict: ReviewVerdict; by: string; at: string; reason?: string };

export const earlierMax = 20;
/** A longer value is no spelling of a name. */
export const spellingCharactersMax = 200;

export function reviewIdOf({ source, left, right, groupId }: MatchRef): string {
  return groupId === null ? `${left}:${right}` : `${groupId}:${source}`;
}

/** The match as it was looked at, with the verdict; what was said of it before is kept. */
export function reviewOf(
  { tenant, reconciliationId, ...run }: ReconciliationRef & Review['run'],
  { source, left, right, groupId, pass, confidence, evidence, spellings }: FoundMatch,
  given: Given,
  before: Review | undefined,
): Review {
  const match = { source, left, right, groupId };
  return {
    tenant,
    reconciliationId,
    reviewId: reviewIdOf(match),
    match,
    pass,
    confidence,
    run,
    ...(evidence && { evidence: { prior: evidence.prior, fields: evidence.fields, spellings } }),
    ...given,
    earlier: earlierOf(before),
    version: before?.version ?? 0,
  };
}

/** A rejection of a match that is not made any more, taken back: it may be made again. */
export function takenBack(review: Review, given: Given): Review {
  const { verdict: _, by: __, at: ___, reason: ____, ...rest } = review;
  return { ...rest, ...given, earlier: earlierOf(review) };
}

function earlierOf(before: Review | undefined): Given[] {
  if (!before) return [];
  const { verdict, by, at, reason } = before;
  return [...before.earlier, { verdict, by, at, ...(reason !== undefined && { reason }) }].slice(-earlierMax);
}
