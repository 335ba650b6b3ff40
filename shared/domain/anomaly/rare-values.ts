// Values of fields such as a counterparty that have hardly ever had a break before, or have far more of them in one run than ever.
import { type Anomaly, historyRunsMin, shortName } from './anomaly.ts';
import type { AnomalyHistory, RememberedRun } from './history.ts';
import { deviationText, grouped, medianText, roundedText } from './numbers.ts';
import { counts, deviation, limitsOfRuns, median, scoreOf } from './robust.ts';

/** `value` as it was counted; the anomaly's own may be cut. */
export type FlaggedValue = { field: string; value: string; anomaly: Anomaly };

/** Where a run is expected to have such a value in this share of all cases or more, having one is nothing unusual. */
export const rareShare = 0.01;

/** Of the run whose values these are: the ones never or seldom seen, then the ones that are too many. */
export function unusualValues(history: AnomalyHistory, values: RememberedRun['values']): FlaggedValue[] {
  return Object.entries(values)
    .flatMap(([field, counted]) => (counted ? unusualOfField(history, field, counted) : []))
    .sort((a, b) => (b.anomaly.score ?? Number.POSITIVE_INFINITY) - (a.anomaly.score ?? Number.POSITIVE_INFINITY) || 0);
}

function unusualOfField({ runs }: AnomalyHistory, field: string, counted: Record<string, number>): FlaggedValue[] {
  const of = runs.flatMap((run) => (Object.hasOwn(run.values, field) ? [run.values[field]!] : []));
  const past = of.filter((one) => one !== null);
  // A value that is in none of the others may have been in one that is not known.
  const rarely = past.length === of.length ? rarenessOf(past) : undefined;
  if (past.length < historyRunsMin) return [];
  return Object.entries(counted).flatMap(([value, count]) => {
    const before = past.map((one) => (Object.hasOwn(one, value) ? one[value]! : 0));
    const anomaly = rarely?.(before) ? seldom(field, value, count, before) : tooMany(field, value, count, before);
    return anomaly ? [{ field, value, anomaly }] : [];
  });
}

/**
 * The chance that a value of a run has been in c or fewer of the runs before, after Good (1953): the values that were in exactly c + 1 runs
 * have (c + 1) × Q(c+1) / ΣjQ(j) of all. Counted by runs, because the breaks of one value come together. One is added
 * to both sides, so that no history is ever sure of what it has not seen.
 */
function rarenessOf(past: Record<string, number>[]): (before: number[]) => boolean {
  const runsOf = new Map<string, number>();
  for (const one of past) for (const value of Object.keys(one)) runsOf.set(value, (runsOf.get(value) ?? 0) + 1);
  const all = [...runsOf.values()].reduce((sum, runs) => sum + runs, 0);
  const inExactly = new Map<number, number>();
  for (const runs of runsOf.values()) inExactly.set(runs, (inExactly.get(runs) ?? 0) + 1);
  return (before) => {
    const seen = before.filter((count) => count > 0).length;
    let expected = 1;
    for (let runs = 1; runs <= seen + 1; runs += 1) expected += runs * (inExactly.get(runs) ?? 0);
    return expected / (all + 1) < rareShare;
  };
}

function seldom(field: string, value: string, count: number, before: number[]): Anomaly {
  const seen = before.filter((one) => one > 0).length;
  const runs = before.length;
  const when = seen === 0 ? `had none in the last ${runs} runs` : `had some in ${seen} of the last ${runs} runs`;
  return {
    kind: 'counterparty',
    subject: { field: shortName(field), value: shortName(value) },
    value: String(count),
    usual: { median: medianText(before.map(String)), spread: null, low: null, high: null, runs },
    score: null,
    explanation: `${breaksOf(count)} of ${shortName(value)} in ${shortName(field)}, which ${when}`,
  };
}

function tooMany(field: string, value: string, count: number, before: number[]): Anomaly | undefined {
  const limits = limitsOfRuns(counts, before, 1);
  if (count <= limits.high) return undefined;
  const texts = before.map(String);
  const high = roundedText(Math.floor(limits.high), 0);
  return {
    kind: 'counterparty',
    subject: { field: shortName(field), value: shortName(value) },
    value: String(count),
    usual: {
      median: medianText(texts),
      spread: deviationText(deviation(before, median(before)), 0),
      low: null,
      high,
      runs: before.length,
    },
    score: scoreOf(counts, limits, count),
    explanation: `${breaksOf(count)} of ${shortName(value)} in ${shortName(field)}: usually up to ${grouped(high)} (median ${grouped(medianText(texts))} of the last ${before.length} runs)`,
  };
}

function breaksOf(count: number): string {
  return count === 1 ? '1 new break' : `${grouped(String(count))} new breaks`;
}
