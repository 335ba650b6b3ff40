// The figures of a run that are watched, and which of them are unusual beside those of the runs before.
import { addDecimals, type DecimalText, toScaled } from '../decimal.ts';
import type { MatchSummary } from '../outcome.ts';
import { type Anomaly, type AnomalySubject, historyRunsMin, shortName, type Usual } from './anomaly.ts';
import { type AnomalyHistory, type Figure, openAmountsMax } from './history.ts';
import { decimalsOf, deviationText, grouped, medianText, percent, roundedText, withoutSign } from './numbers.ts';
import {
  counts,
  deviation,
  type Limits,
  limitsOfRuns,
  median,
  type Scale,
  scoreOf,
  sharesOf,
  sizeFloor,
  sizes,
} from './robust.ts';

export function figuresOf(summary: MatchSummary): Figure[] {
  const ofSides = summary.sides.flatMap(({ source, counts: { rows, rejected, matched } }): Figure[] => [
    { kind: 'volume', source, count: rows },
    { kind: 'rejected', source, count: rejected, of: rows },
    { kind: 'matched', source, count: matched, of: rows },
  ]);
  const breaks = Object.entries(summary.breaks).map(
    ([breakType, count]): Figure => ({ kind: 'breaks', breakType, count }),
  );
  return [...ofSides, ...breaks, ...openAmountsOf(summary)];
}

/** What is not matched, with its sign, per side, field and currency; sums of nothing are left out. */
function openAmountsOf({ sides }: MatchSummary): Figure[] {
  const sums = new Map<string, Extract<Figure, { kind: 'open-amount' }>>();
  for (const { source, sums: byOutcome } of sides)
    for (const [outcome, fields] of Object.entries(byOutcome)) {
      if (outcome === 'matched') continue;
      for (const [field, byCurrency] of Object.entries(fields))
        for (const [currency, sum] of Object.entries(byCurrency)) {
          const key = JSON.stringify([source, field, currency]);
          const known = sums.get(key)?.sum ?? '0';
          sums.set(key, { kind: 'open-amount', source, field, currency, sum: addDecimals(known, sum) });
        }
    }
  const inOrder = [...sums].filter(([, { sum }]) => toScaled(sum).units !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.slice(0, openAmountsMax).map(([, figure]) => figure);
}

/** The furthest first. None while there are too few runs with the figure. */
export function unusualFigures(history: AnomalyHistory, figures: Figure[]): Anomaly[] {
  const past = new Map<string, Figure[]>();
  for (const run of history.runs)
    for (const figure of run.figures) {
      const key = keyOf(figure);
      const known = past.get(key);
      if (known) known.push(figure);
      else past.set(key, [figure]);
    }
  const found = figures.flatMap((figure) => judged(figure, past.get(keyOf(figure)) ?? []) ?? []);
  return found.sort((a, b) => Math.abs(b.score!) - Math.abs(a.score!));
}

function keyOf(figure: Figure): string {
  if (figure.kind === 'breaks') return JSON.stringify([figure.kind, figure.breakType]);
  return JSON.stringify([
    figure.kind,
    figure.source,
    ...(figure.kind === 'open-amount' ? [figure.field, figure.currency] : []),
  ]);
}

/** Sides: a volume may be too small as well; of matches there are never too many, of everything else never too few. */
const watched: Record<Figure['kind'], { low: boolean; high: boolean }> = {
  volume: { low: true, high: true },
  rejected: { low: false, high: true },
  matched: { low: true, high: false },
  breaks: { low: false, high: true },
  'open-amount': { low: false, high: true },
};

function judged(figure: Figure, past: Figure[]): Anomaly | undefined {
  // An empty source has no shares.
  const [text, ...before] = [figure, ...past.filter(isKnown)].map(textOf);
  if (before.length < historyRunsMin || !isKnown(figure)) return undefined;
  const { low, high } = watched[figure.kind];
  const scale = scaleOf(figure);
  const values = before.map(Number);
  const limits = limitsOfRuns(scale, values, floorOf(figure));
  const value = Number(text);
  if (!(high && value > limits.high) && !(low && value < limits.low)) return undefined;
  const usual = usualOf(figure, before, limits);
  return {
    kind: figure.kind,
    subject: subjectOf(figure),
    value: text!,
    usual,
    score: scoreOf(scale, limits, value),
    explanation: `${described(figure, text!)}: usually ${rangeOf(figure, usual)} (median ${shown(figure, usual.median!)} of the last ${usual.runs} runs)`,
  };
}

function isKnown(figure: Figure): boolean {
  return !('of' in figure) || figure.of > 0;
}

/** Exact; of a share six digits. */
function textOf(figure: Figure): DecimalText {
  if (figure.kind === 'open-amount') return withoutSign(figure.sum);
  return 'of' in figure ? (figure.count / figure.of).toFixed(shareDecimals) : String(figure.count);
}
const shareDecimals = 6;

function scaleOf(figure: Figure): Scale {
  if (figure.kind === 'open-amount') return sizes;
  return 'of' in figure ? sharesOf(figure.of) : counts;
}

function floorOf(figure: Figure): number {
  if (figure.kind === 'open-amount') return sizeFloor;
  return 'of' in figure ? 1 / Math.sqrt(figure.of) : 1;
}

function usualOf(figure: Figure, before: DecimalText[], { low, high }: Limits): Usual {
  const sides = watched[figure.kind];
  const values = before.map(Number);
  const decimals = 'of' in figure ? shareDecimals : decimalsOf(before);
  const bound = (value: number): DecimalText =>
    'of' in figure || figure.kind === 'open-amount' ? roundedText(value, decimals) : roundedText(value, 0);
  return {
    median: medianText(before),
    spread: deviationText(deviation(values, median(values)), decimals),
    // A count that is not above 34.6 is not above 34.
    low: sides.low ? bound(figure.kind === 'volume' ? Math.ceil(low) : low) : null,
    high: sides.high ? bound(figure.kind === 'open-amount' || 'of' in figure ? high : Math.floor(high)) : null,
    runs: before.length,
  };
}

function subjectOf(figure: Figure): AnomalySubject {
  if (figure.kind === 'breaks') return { breakType: figure.breakType };
  const source = shortName(figure.source);
  if (figure.kind !== 'open-amount') return { source };
  return { source, field: shortName(figure.field), currency: shortName(figure.currency) };
}

function shown(figure: Figure, text: DecimalText): string {
  return 'of' in figure ? percent(text) : grouped(text);
}

function described(figure: Figure, text: DecimalText): string {
  const value = shown(figure, text);
  switch (figure.kind) {
    case 'volume':
      return `${value} rows of ${shortName(figure.source)}`;
    case 'rejected':
      return `${value} of the rows of ${shortName(figure.source)} were rejected`;
    case 'matched':
      return `${value} of the rows of ${shortName(figure.source)} matched`;
    case 'breaks':
      return `${value} breaks of type ${figure.breakType}`;
    case 'open-amount':
      return `${[value, shortName(figure.currency)].join(' ').trim()} open in ${shortName(figure.field)} of ${shortName(figure.source)}`;
  }
}

function rangeOf(figure: Figure, { low, high }: Usual): string {
  if (low === null) return `up to ${shown(figure, high!)}`;
  return high === null ? `${shown(figure, low)} or more` : `${shown(figure, low)} to ${shown(figure, high)}`;
}
