// Judges a run by the history before it and adds it to the history. Pure: of the same run and history comes the same.
import type { MatchSummary } from '../outcome.ts';
import { type AnomalySubject, historyRunsMin, type RunAnomalies, runAnomaliesMax, shortName } from './anomaly.ts';
import { type BreakLimit, breakLimitsOf } from './break-limits.ts';
import { type AnomalyHistory, type RememberedRun, withRun } from './history.ts';
import { type FlaggedValue, unusualValues } from './rare-values.ts';
import { figuresOf, unusualFigures } from './run-figures.ts';

export type Judged = {
  /** By which the breaks of the run are flagged. */
  limits: (BreakLimit & { subject: AnomalySubject })[];
  values: FlaggedValue[];
  /** Of the run, without the count of its flagged breaks. */
  anomalies: Omit<RunAnomalies, 'breaks'>;
  /** With this run. */
  history: AnomalyHistory;
};

export type SeenRun = { number: number; summary: MatchSummary } & Pick<RememberedRun, 'series' | 'values'>;

export function judgeRun(before: AnomalyHistory, { number, summary, series, values }: SeenRun): Judged {
  const figures = figuresOf(summary);
  const history = withRun(before, { number, figures, series, values });
  const runs = before.runs.length;
  if (runs < historyRunsMin)
    return { limits: [], values: [], anomalies: { runs, learning: true, found: [], more: 0 }, history };
  const limits = breakLimitsOf(before).map((limit) => ({ ...limit, subject: subjectOf(limit) }));
  const flagged = unusualValues(before, values);
  const found = [...unusualFigures(before, figures), ...flagged.map(({ anomaly }) => anomaly)];
  const shown = found.slice(0, runAnomaliesMax);
  return {
    limits,
    values: flagged,
    anomalies: { runs, learning: false, found: shown, more: found.length - shown.length },
    history,
  };
}

function subjectOf({ field, currency }: BreakLimit): AnomalySubject {
  return { field: shortName(field), currency: shortName(currency) };
}
