// From which size on an amount or a difference of a break is unusual, per field and currency.
import { historyRunsMin, shortName, type Usual } from './anomaly.ts';
import type { AnomalyHistory, Series } from './history.ts';
import { decimalsOf, deviationText, grouped, medianText, roundedText } from './numbers.ts';
import { deviation, limitOfValues, median, sizeFloor, sizes } from './robust.ts';

/** What is larger than `above` is flagged. */
export type BreakLimit = Pick<Series, 'kind' | 'field' | 'currency'> & {
  above: number;
  /** Of the logarithms; the score of x is (ln x − middle) / spread. */
  middle: number;
  spread: number;
  usual: Usual;
  /** How many values the history has of it. */
  values: number;
};

export const seriesValuesMin = 30;

export function breakLimitsOf({ runs }: AnomalyHistory): BreakLimit[] {
  const all = Map.groupBy(
    runs.flatMap(({ series }) => series),
    ({ kind, field, currency }) => JSON.stringify([kind, field, currency]),
  );
  return [...all.values()].flatMap((of) => limitOf(of) ?? []);
}

/** `of`: of the runs that had some. */
function limitOf(of: Series[]): BreakLimit | undefined {
  const sample = of.flatMap((one) => one.sample);
  if (of.length < historyRunsMin || sample.length < seriesValuesMin) return undefined;
  const { kind, field, currency } = of[0]!;
  const values = sample.map(Number);
  const counted = of.reduce((sum, { count }) => sum + count, 0);
  const largest = of.map((one) => Number(one.largest));
  const limits = limitOfValues(sizes, { sample: values, largest, values: counted, floor: sizeFloor });
  const decimals = decimalsOf(sample);
  return {
    kind,
    field,
    currency,
    above: limits.high,
    middle: limits.middle,
    spread: limits.spread,
    usual: {
      median: medianText(sample),
      spread: deviationText(deviation(values, median(values)), decimals),
      low: null,
      high: roundedText(limits.high, decimals),
      runs: of.length,
    },
    values: counted,
  };
}

/** The sentence around a value: what stands before it and after it. `days`: the field is a date. */
export function sentenceOf(
  { kind, field, currency, usual, values }: BreakLimit,
  days: boolean,
): { before: string; after: string } {
  const unit = days ? ' days' : currency === '' ? '' : ` ${shortName(currency)}`;
  const history = `usually up to ${grouped(usual.high!)} (median ${grouped(usual.median!)} of ${grouped(String(values))} values in the last ${usual.runs} runs)`;
  return {
    before: kind === 'difference' ? 'Differs by ' : '',
    after: `${unit} in ${shortName(field)}: ${history}`,
  };
}
