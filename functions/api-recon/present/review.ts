// Verdicts on matches and what was learned from them, in recon's words.
import type { Lesson } from '../../../shared/domain/lesson.ts';
import type { Given, Review } from '../../../shared/domain/review.ts';

const words = { APPROVED: 'approved', REJECTED: 'rejected' } as const;

/** `legs`: of the definition; with several a member of a group names its own. */
export function presentReview(review: Review, legs: number) {
  const { match, pass, confidence, run, earlier } = review;
  return {
    result_id: `matched:${match.left ?? ''}:${match.right ?? ''}${match.groupId !== null && legs > 1 ? `:${match.source}` : ''}`,
    group_id: match.groupId,
    pass,
    confidence_score: confidence,
    run_id: run.runId,
    ...presentGiven(review),
    earlier: earlier.map(presentGiven),
  };
}

function presentGiven({ verdict, by, at, reason }: Given) {
  return { verdict: words[verdict], reviewed_by: by, reviewed_at: at, reason: reason ?? null };
}

export function presentLesson({ version, kind, at, by, passes }: Lesson) {
  return {
    version,
    kind,
    made_at: at,
    made_by: by ?? null,
    passes: Object.entries(passes).map(([pass, { shift, factors, equivalences, from }]) => ({
      pass,
      shift,
      factors: Object.entries(factors).map(([field, factor]) => ({ field, factor })),
      equivalences,
      ...from,
    })),
  };
}

/** What persons said of matches that auto_approve would have approved, and of the others. */
export function presentShadow(
  { confidenceMin, autoApprove }: { confidenceMin: number; autoApprove: boolean },
  tally: { matches: number; sure: number },
  reviews: Review[],
) {
  const sure = countsOf(reviews.filter(({ confidence }) => confidence >= confidenceMin));
  const judged = sure.approved + sure.rejected;
  return {
    auto_approve: autoApprove,
    confidence_threshold: confidenceMin,
    matches: tally.matches,
    would_approve: tally.sure,
    reviewed: { ...sure, precision: judged === 0 ? null : Math.round((sure.approved / judged) * 1e6) / 1e6 },
    beyond: countsOf(reviews.filter(({ confidence }) => confidence < confidenceMin)),
  };
}

function countsOf(reviews: Review[]) {
  const approved = reviews.filter(({ verdict }) => verdict === 'APPROVED').length;
  return { approved, rejected: reviews.length - approved };
}
