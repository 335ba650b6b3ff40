// Every verdict of a reconciliation: persons give few, and results, runs and lessons go by all of them.
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Review } from '../../domain/review.ts';
import type { Deps } from '../deps.ts';
import { everyItem } from '../every-item.ts';

export function allReviews(
  { reviews }: Pick<Deps, 'reviews'>,
  { tenant, reconciliationId }: ReconciliationRef,
): Promise<Review[]> {
  const ref = { tenant, reconciliationId };
  return everyItem((cursor) => reviews.list(ref, cursor, 1_000), Number.POSITIVE_INFINITY);
}
