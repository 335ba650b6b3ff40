// Every verdict of a reconciliation: persons give few, and results, runs and lessons go by all of them.
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Review } from '../../domain/review.ts';
import type { Deps } from '../deps.ts';

export async function allReviews(
  deps: Pick<Deps, 'reviews'>,
  { tenant, reconciliationId }: ReconciliationRef,
): Promise<Review[]> {
  const reviews: Review[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.reviews.list({ tenant, reconciliationId }, cursor, 1_000);
    reviews.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return reviews;
}
