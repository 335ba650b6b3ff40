// Verdicts on single matches, and what is learned from them.
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import { visibleJob, visibleReconciliation } from '../../../shared/app/reconciliations/visible-reconciliation.ts';
import { allReviews } from '../../../shared/app/reviews/all-reviews.ts';
import { resetLearning } from '../../../shared/app/reviews/newest-lesson.ts';
import { reviewMatch } from '../../../shared/app/reviews/review-match.ts';
import type { reviewRoutes } from '../../../shared/contracts/recon/reviews.ts';
import { legsOf } from '../../../shared/domain/definition.ts';
import { fail, ok, type Result } from '../../../shared/domain/result.ts';
import type { Review } from '../../../shared/domain/review.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { data, message, pageOf, pagination } from '../envelope.ts';
import { presentLesson, presentReview } from '../present/review.ts';
import type { ReconDeps } from '../recon-deps.ts';
import { isMatchId, readResultId } from '../result-id.ts';

const historyMax = 100;

type Named = { id: string; result_id: string };
type Verdict = { verdict: 'APPROVED' } | { verdict: 'REJECTED'; reason: string };

export function reviewHandlers(deps: ReconDeps): Handlers<typeof reviewRoutes, SignedInActor> {
  async function review(
    actor: SignedInActor,
    { id, result_id: resultId }: Named,
    verdict: Verdict,
  ): Promise<Result<Review>> {
    const job = await visibleJob(deps, actor, id);
    if (!job.ok) return job;
    const match = readResultId(resultId);
    if (!match) return fail('NOT_FOUND', 'There is no such result');
    if (!isMatchId(resultId))
      return fail('REQUEST_INVALID', 'A break is no match: only matches are approved or rejected', {
        field: 'result_id',
      });
    return reviewMatch(deps, actor, job.value.run, { match, ...verdict });
  }

  return {
    async approveResult({ actor, params }) {
      const approved = await review(actor, params, { verdict: 'APPROVED' });
      return approved.ok ? ok(message('Result approved')) : approved;
    },
    async rejectResult({ actor, params, body }) {
      const rejected = await review(actor, params, { verdict: 'REJECTED', reason: body.reason });
      return rejected.ok ? ok(message('Result rejected')) : rejected;
    },
    async listReviews({ actor, params, query }) {
      const visible = await visibleReconciliation(deps, actor, params.id);
      if (!visible.ok) return visible;
      const legs = visible.value.definition ? legsOf(visible.value.definition).length : 1;
      const all = (await allReviews(deps, visible.value))
        .filter(({ verdict }) => query.verdict === undefined || verdict.toLowerCase() === query.verdict)
        .sort((a, b) => (a.at === b.at ? (a.reviewId < b.reviewId ? -1 : 1) : a.at < b.at ? 1 : -1));
      return ok(
        data({
          reviews: pageOf(all, query).map((one) => presentReview(one, legs)),
          pagination: pagination(all.length, query),
        }),
      );
    },
    async getLearning({ actor, params }) {
      const visible = await visibleReconciliation(deps, actor, params.id);
      if (!visible.ok) return visible;
      const history = (await deps.reviews.lessons(visible.value, undefined, historyMax)).items.map(presentLesson);
      return ok(data({ current: history[0] ?? null, history }));
    },
    async resetLearning({ actor, params }) {
      const visible = await visibleReconciliation(deps, actor, params.id);
      if (!visible.ok) return visible;
      return ok(data(presentLesson(await resetLearning(deps, visible.value, actor.userId))));
    },
  };
}
