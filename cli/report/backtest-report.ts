// What a backtest found, as the one object that `--json` prints and backtest.json holds. A public contract: docs/cli.md.
import { resolve } from 'node:path';
import type { MatchSummary } from '../../shared/domain/outcome.ts';
import { type Backtest, type TestedDefinition, total } from '../../shared/matching/backtest/backtest.ts';
import {
  type ChangedRow,
  type ChangesRequest,
  changesSql,
  firstChanges,
  type GainedRow,
  gainedSql,
} from '../../shared/matching/backtest/changes.ts';
import type { Tally, Verdict } from '../../shared/matching/backtest/compare-matches.ts';
import type { RecordMove } from '../../shared/matching/backtest/moved-records.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { keySeparator } from '../../shared/matching/records.ts';

/** What OLD's match is no more in NEW, or no more in agreement. */
export const harmful = ['lost', 'rematched', 'now_mismatched'] as const satisfies Verdict[];
export const changed = ['rematched', 'now_mismatched', 'now_matched'] as const satisfies Verdict[];

/** Pairs that agree or differ, and groups. `rematched`: at least one record is in another match now. */
export type VerdictCounts = {
  kept: number;
  rematched: number;
  /** The same records, agreeing in the one and differing in the other. */
  nowMismatched: number;
  nowMatched: number;
};

/** `matches` = `mismatched` and agreeing ones = kept + rematched + nowMismatched + nowMatched + lost (of NEW: gained). */
export type PassReport = VerdictCounts & {
  /** Null where the results do not say it: of a pair that differs, beside another source that differs as well. */
  pass: string | null;
  matches: number;
  mismatched: number;
};

export type SideOfBacktest<Alone extends string> = {
  file: string;
  name: string;
  passes: (PassReport & Record<Alone, number>)[];
  breaks: MatchSummary['breaks'];
};

/** What a record of a match is in NEW. `is`: MATCHED, a type of break, or NO_RECORD (rejected or filtered out). */
export type NowReport = {
  side: 'left' | 'right';
  row: number;
  is: string;
  pass: string | null;
  with: string[];
  /** As in NEW's breaks; null where they do not say. */
  explanation: unknown;
};

export type MatchReport = {
  source: string;
  key: string[];
  left: number[];
  right: number[];
  pass: string | null;
  outcome: 'MATCHED' | 'MISMATCH';
};

export type ChangedReport = MatchReport & {
  verdict: ChangedRow['verdict'];
  /** Fields that differ in NEW, of a pair that agreed in OLD. */
  fields: string[];
  now: NowReport[];
};

export type BacktestReport = {
  /** True: exit code 0. */
  holds: boolean;
  old: SideOfBacktest<'lost'>;
  new: SideOfBacktest<'gained'>;
  files: { source: string; file: string; rows: number; rejected: { old: number; new: number } }[];
  matches: VerdictCounts & { lost: number; gained: number };
  /** Matches that are kept, by another pass than before. */
  otherPass: { from: string | null; to: string | null; matches: number }[];
  /** Records whose outcome differs. */
  records: RecordMove[];
  confirmed:
    | (VerdictCounts & { file: string; matches: number; lost: number; inOld: number; first: ChangedReport[] })
    | null;
  allowLost: number | 'all';
  first: { lost: ChangedReport[]; changed: ChangedReport[]; gained: MatchReport[] };
  /** Null without `--out`. */
  results: Record<string, { file: string; rows: number }> | null;
  elapsedMs: number;
};

const firstMax = 10;

export type BacktestOutcome = {
  tested: Backtest;
  oldFile: string;
  newFile: string;
  files: Record<string, { path: string }>;
  confirmedFile?: string;
  allowLost: number | 'all';
  results: BacktestReport['results'];
};

export async function backtestReport(
  engine: Engine,
  outcome: BacktestOutcome,
): Promise<Omit<BacktestReport, 'elapsedMs'>> {
  const { tested, allowLost } = outcome;
  const { old, next, confirmed } = tested;
  const matches = { ...countsOf(old.tallies), lost: count(old.tallies, 'lost'), gained: count(next.tallies, 'gained') };
  const confirmedReport = confirmed
    ? {
        file: resolve(outcome.confirmedFile ?? ''),
        matches: confirmed.matches,
        ...countsOf(confirmed.tallies),
        lost: count(confirmed.tallies, 'lost'),
        inOld: confirmed.inOld,
        first: await firstChanged(engine, confirmed.changes, [...harmful]),
      }
    : null;
  const atRisk = confirmedReport ?? matches;
  const harmed = atRisk.lost + atRisk.rematched + atRisk.nowMismatched;
  const nameOf = (passes: string[], pass: number | null) => (pass === null ? null : passes[pass]!);
  return {
    holds: allowLost === 'all' || harmed <= allowLost,
    old: sideOf(old, outcome.oldFile, 'lost'),
    new: sideOf(next, outcome.newFile, 'gained'),
    files: old.sources.map((source, index) => ({
      source: source.source,
      file: resolve(outcome.files[source.source]!.path),
      rows: source.rows.read,
      rejected: { old: source.rows.rejected, new: next.sources[index]!.rows.rejected },
    })),
    matches,
    otherPass: tested.keptBy
      .map(({ from, to, matches: kept }) => ({
        from: nameOf(old.passes, from),
        to: nameOf(next.passes, to),
        matches: kept,
      }))
      .filter(({ from, to }) => from !== to),
    records: tested.records,
    confirmed: confirmedReport,
    allowLost,
    first: {
      lost: await firstChanged(engine, tested.changes, ['lost']),
      changed: await firstChanged(engine, tested.changes, [...changed]),
      gained: await firstGained(engine, tested.changes),
    },
    results: outcome.results,
  };
}

function sideOf<Alone extends 'lost' | 'gained'>(
  { definition, passes, summary, tallies }: TestedDefinition,
  file: string,
  alone: Alone,
): SideOfBacktest<Alone> {
  const numbers: (number | null)[] = passes.map((_, index) => index);
  if (tallies.some(({ pass }) => pass === null)) numbers.push(null);
  return {
    file: resolve(file),
    name: definition.name,
    passes: numbers.map((number) => {
      const own = tallies.filter(({ pass }) => pass === number);
      return {
        pass: number === null ? null : passes[number]!,
        matches: total(own),
        mismatched: total(own.filter(({ agrees }) => !agrees)),
        ...countsOf(own),
        [alone]: count(own, alone),
      } as PassReport & Record<Alone, number>;
    }),
    breaks: summary.breaks,
  };
}

function count(tallies: Tally[], verdict: Verdict): number {
  return total(tallies.filter((tally) => tally.verdict === verdict));
}

function countsOf(tallies: Tally[]): VerdictCounts {
  return {
    kept: count(tallies, 'kept'),
    rematched: count(tallies, 'rematched'),
    nowMismatched: count(tallies, 'now_mismatched'),
    nowMatched: count(tallies, 'now_matched'),
  };
}

async function firstChanged(engine: Engine, changes: ChangesRequest, verdicts: Verdict[]): Promise<ChangedReport[]> {
  const rows = await firstChanges<ChangedRow>(engine, changes.comparison.first, verdicts, firstMax, (where) =>
    changesSql(changes, verdicts, where),
  );
  return byMatch(rows).map((ofMatch) => ({
    verdict: ofMatch[0]!.verdict,
    ...matchOf(ofMatch),
    fields: ofMatch[0]!.fields ?? [],
    now: ofMatch.flatMap((row) => [nowOf(row, 'left'), nowOf(row, 'right')]).filter(uniqueRecord()),
  }));
}

async function firstGained(engine: Engine, changes: ChangesRequest): Promise<MatchReport[]> {
  const rows = await firstChanges<GainedRow>(engine, changes.comparison.second, ['gained'], firstMax, (where) =>
    gainedSql(changes, where),
  );
  return byMatch(rows).map(matchOf);
}

/** A pair is a row; a group is the rows with its id. */
function byMatch<Row extends GainedRow>(rows: Row[]): Row[][] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const id = JSON.stringify(
      row.group_id === null ? [row.source, row.left_row, row.right_row] : [row.source, row.group_id],
    );
    found.set(id, [...(found.get(id) ?? []), row]);
  }
  return [...found.values()];
}

function matchOf(rows: GainedRow[]): MatchReport {
  const rowsOf = (side: 'left_row' | 'right_row') => [
    ...new Set(rows.flatMap((row) => (row[side] === null ? [] : [Number(row[side])]))),
  ];
  const { source, key, pass, outcome } = rows[0]!;
  return {
    source,
    key: key === null ? [] : key.split(keySeparator),
    left: rowsOf('left_row'),
    right: rowsOf('right_row'),
    pass,
    outcome,
  };
}

function nowOf(row: ChangedRow, side: 'left' | 'right'): NowReport {
  const explanation = row[`${side}_explanation`];
  return {
    side,
    row: Number(row[`${side}_row`] ?? 0),
    is: row[`${side}_now`] ?? '',
    pass: row[`${side}_now_pass`],
    with: row[`${side}_now_with`] ?? [],
    explanation: explanation === null ? null : JSON.parse(explanation),
  };
}

/** The one record of a group stands in each of its rows; a side without a record in none. */
function uniqueRecord(): (now: NowReport) => boolean {
  const seen = new Set<string>();
  return ({ side, row }) => {
    const id = `${side} ${row}`;
    if (row === 0 || seen.has(id)) return false;
    seen.add(id);
    return true;
  };
}
