// What a run found in recon's words. A match is `exact`, everything else `unmatched`; matched and unmatched add up to the total.
import { reviewDefault } from '../../../shared/app/reconciliations/change-reconciliations.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { ResultFilter, ResultRow } from '../../../shared/ports/result-query.ts';

export type ResultStatus = 'pending' | 'approved' | 'rejected';
type Outcomes = NonNullable<ResultFilter['outcomes']>;
export const unmatchedOutcomes: Outcomes = ['mismatched', 'missing', 'duplicate', 'exhausted', 'ambiguous'];

/** An exact match is certain, so it passes every threshold. */
export function approvesMatches({ review = reviewDefault }: Reconciliation): boolean {
  return review.autoApprove && review.confidenceMin <= 1;
}

export function presentResult(row: ResultRow, reconciliation: Reconciliation) {
  const matched = row.outcome === 'matched';
  const status: ResultStatus = matched && approvesMatches(reconciliation) ? 'approved' : 'pending';
  return {
    id: row.id,
    source_record: row.left,
    target_record: row.right,
    match_type: matched ? ('exact' as const) : ('unmatched' as const),
    confidence_score: matched ? row.confidence : 0,
    status,
    reviewed_by: null,
    reviewed_at: null,
    break_type: row.breakType,
    differences: row.differences.map(({ field, left, right, difference }) => ({
      field,
      source_value: left,
      target_value: right,
      difference,
    })),
  };
}

export function presentSummary(run: Run | undefined) {
  const matched = (run?.summary?.pairs ?? []).reduce((sum, pair) => sum + pair.matched, 0);
  const unmatched = Object.values(run?.summary?.breaks ?? {}).reduce((sum, count) => sum + count, 0);
  return {
    total_records: matched + unmatched,
    matched_records: matched,
    unmatched_records: unmatched,
    exact_matches: matched,
    fuzzy_matches: 0,
    average_confidence: matched > 0 ? 1 : 0,
  };
}

/** Four digits of a share: for people to read, not to calculate with. */
export function rateOf(part: number, total: number): number {
  return total === 0 ? 0 : Math.round((part / total) * 10_000) / 10_000;
}

export function presentSides(run: Run | undefined) {
  return (run?.summary?.sides ?? []).map(({ source, counts, sums }) => ({ source, ...counts, sums }));
}
