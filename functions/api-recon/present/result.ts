// What a run found in recon's words. A match of the key is `exact`, of any other pass `fuzzy`, everything else `unmatched`;
// matched and unmatched add up to the total. A group is one match, and has a result for each of its members.
import { reviewDefault } from '../../../shared/app/reconciliations/change-reconciliations.ts';
import type { Anomaly } from '../../../shared/domain/anomaly/anomaly.ts';
import { addDecimals, toScaled } from '../../../shared/domain/decimal.ts';
import { type Definition, exactPassName } from '../../../shared/domain/definition.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { ResultFilter, ResultRow } from '../../../shared/ports/result-query.ts';

type Outcomes = NonNullable<ResultFilter['outcomes']>;
export const unmatchedOutcomes: Outcomes = ['mismatched', 'missing', 'duplicate', 'exhausted', 'ambiguous'];

/** The matches that need no person: undefined where all do. */
export function approvedFrom({ review = reviewDefault }: Reconciliation): number | undefined {
  return review.autoApprove ? review.confidenceMin : undefined;
}

/** `definition` is the one that the run went by. */
export function presentResult(row: ResultRow, definition: Definition) {
  const matched = row.outcome === 'matched';
  const confidence = matched ? (row.confidence ?? 0) : 0;
  const matchType = row.pass === exactPassName(definition) ? ('exact' as const) : ('fuzzy' as const);
  const differences = row.differences.map(({ field, left, right, difference }) => ({
    field,
    source_value: left,
    target_value: right,
    difference,
  }));
  return {
    id: row.id,
    source_record: row.left,
    target_record: row.right,
    source_row: row.leftPlace?.row ?? null,
    source_file: row.leftPlace?.file ?? null,
    target_row: row.rightPlace?.row ?? null,
    target_file: row.rightPlace?.file ?? null,
    match_type: matched ? matchType : ('unmatched' as const),
    confidence_score: confidence,
    status: row.status,
    reviewed_by: row.review?.by ?? null,
    reviewed_at: row.review?.at ?? null,
    review_reason: row.review?.reason ?? null,
    break_type: row.breakType,
    differences: matched ? [] : differences,
    pass: row.pass,
    group_id: row.groupId,
    explanation: {
      pass: row.pass,
      differences,
      group: presentGroup(row.group),
      evidence: row.evidence,
      candidates: row.candidates,
    },
    anomalies: row.anomalies.map(presentAnomaly),
  };
}

function presentAnomaly({ subject: { breakType, ...subject }, ...anomaly }: Anomaly) {
  return { ...anomaly, subject: { ...subject, ...(breakType !== undefined && { break_type: breakType }) } };
}

/** What is unusual about a run; null where it was not looked for. */
export function presentAnomalies(run: Run | undefined) {
  if (!run?.anomalies) return null;
  const { found, breaks, ...rest } = run.anomalies;
  return { ...rest, found: found.map(presentAnomaly), results: breaks };
}

function presentGroup(group: ResultRow['group']) {
  if (!group) return null;
  const { leftRecords, rightRecords, amount } = group;
  return {
    source_records: leftRecords,
    target_records: rightRecords,
    amount: amount && {
      field: amount.field,
      source_sum: amount.left,
      target_sum: amount.right,
      difference: amount.difference,
    },
  };
}

/** Pairs and groups count once each. What the key found is what no other pass did, and certain. */
export function presentSummary(run: Run | undefined) {
  const { pairs = [], passes = [], breaks = {} } = run?.summary ?? {};
  const exactPass = run?.definition && exactPassName(run.definition);
  const others = passes.filter(({ name }) => name !== exactPass);
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  const matched = sum([...pairs.map((pair) => pair.matched), ...passes.map(({ groups }) => groups)]);
  const fuzzy = sum(others.map((pass) => pass.matched + pass.groups));
  const exact = matched - fuzzy;
  const unmatched = sum(Object.values(breaks));
  const confidences = others.reduce((total, pass) => addDecimals(total, pass.confidence), `${exact}`);
  return {
    total_records: matched + unmatched,
    matched_records: matched,
    unmatched_records: unmatched,
    exact_matches: exact,
    fuzzy_matches: fuzzy,
    average_confidence: matched > 0 ? averageOf(confidences, matched) : 0,
  };
}

/** Of six digits, rounded half up, without a sum that a binary float would blur. */
function averageOf(sum: string, count: number): number {
  const { units, scale } = toScaled(addDecimals(sum, '0.000000'));
  const divisor = BigInt(count) * 10n ** BigInt(scale - 6);
  return Number((units * 2n + divisor) / (divisor * 2n)) / 1e6;
}

/** Four digits of a share: for people to read, not to calculate with. */
export function rateOf(part: number, total: number): number {
  return total === 0 ? 0 : Math.round((part / total) * 10_000) / 10_000;
}

/** What each pass found; notes are for a person. */
export function presentPasses(run: Run | undefined) {
  return (run?.summary?.passes ?? []).map(({ name, matched, confidence: _sum, ...counts }) => ({
    pass: name,
    agreeing: matched,
    ...counts,
  }));
}

export function presentSides(run: Run | undefined) {
  return (run?.summary?.sides ?? []).map(({ source, counts, sums }) => ({ source, ...counts, sums }));
}
