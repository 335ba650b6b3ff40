// What a run found, as the one object that `--json` prints and summary.json holds. A public contract: docs/cli.md.
import { resolve } from 'node:path';
import {
  anchorOf,
  type Definition,
  exactPassName,
  type Field,
  type FuzzyPass,
  passName,
} from '../../shared/domain/definition.ts';
import type { MatchSummary, RowOutcome, SideCounts, SideSummary, SideSums } from '../../shared/domain/outcome.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { valueColumn } from '../../shared/matching/match/value-column.ts';
import type { LoadedSource } from '../../shared/matching/records.ts';
import { literal } from '../../shared/matching/sql.ts';
import type { FirstReject } from './rejected-rows.ts';

/** `missing`: rows of this side without a partner in the other. */
export type SideReport = SideCounts & {
  source: string;
  /** Absolute path. */
  file: string;
  /** outcome → field → currency → exact decimal as text. */
  sums: Record<RowOutcome, SideSums>;
};

export type FirstBreak = {
  type: string;
  missingIn: string | null;
  source: string;
  key: string[];
  /** Fields that differ, with both values. */
  differences: { field: string; left: string | null; right: string | null }[];
  /** Of a break without a key: its row, and the values that it could have been linked by. */
  record?: { source: string; row: number; values: Record<string, string | null> };
  /** The likeliest record that a fuzzy pass weighed for it. */
  candidate?: { kind: string; source: string; row: number; probability: number };
};

export type RunSummary = {
  name: string;
  /** No break and no rejected row. The exit code is 0 when true, 1 when false. */
  agrees: boolean;
  left: SideReport;
  right: SideReport;
  /** Sources past the second, each compared with `left` too; empty for two files. */
  further: SideReport[];
  pairs: { matched: number; mismatched: number; bySource: MatchSummary['pairs'] };
  breaks: MatchSummary['breaks'];
  /** What each pass found, in their order, over all sources. */
  passes: MatchSummary['passes'];
  key: string[];
  /** The fields of each fuzzy pass, and how sure it is asked to be. */
  linked: { pass: string; fields: string[]; threshold?: number; targetPrecision?: number }[];
  compared: { field: string; type: string; tolerance?: Field['tolerance']; comparison?: Field['comparison'] }[];
  currencyField: string | null;
  firstBreaks: FirstBreak[];
  /** Of each source. */
  firstRejects: FirstReject[];
  /** Names of the files in the result directory, and the rows of each. */
  results: Record<'matches' | 'breaks' | 'rejects', { file: string; rows: number }>;
  /** What was proposed because it was not given. */
  notes: string[];
  elapsedMs: number;
};

export type Outcome = {
  definition: Definition;
  files: Record<string, { path: string }>;
  loaded: LoadedSource[];
  summary: MatchSummary;
  firstBreaks: FirstBreak[];
  firstRejects: FirstReject[];
  results: RunSummary['results'];
  notes: string[];
};

export function runSummary(outcome: Outcome, elapsedMs: number): RunSummary {
  const { definition, summary } = outcome;
  const sides = summary.sides.map((side) => sideReport(side, outcome.files[side.source]?.path ?? ''));
  const [left, right, ...further] = sides;
  if (!left || !right) throw new Error('a run has at least two sides');
  const typeOf = (name: string) =>
    outcome.loaded.flatMap((source) => source.fields).find((field) => field.name === name)?.type ?? 'text';
  const breaks = Object.values(summary.breaks).reduce((sum, count) => sum + count, 0);
  return {
    name: definition.name,
    agrees: breaks === 0 && sides.every((side) => side.rejected === 0),
    left,
    right,
    further,
    pairs: {
      matched: summary.pairs.reduce((sum, pair) => sum + pair.matched, 0),
      mismatched: summary.pairs.reduce((sum, pair) => sum + pair.mismatched, 0),
      bySource: summary.pairs,
    },
    breaks: summary.breaks,
    passes: summary.passes,
    key: definition.fields.filter((field) => field.role === 'KEY').map((field) => field.name),
    linked: fuzzyPasses(definition).map(({ name, pass: { fields, threshold, targetPrecision } }) => ({
      pass: name,
      fields: fields.map(({ field }) => field),
      ...(threshold !== undefined && { threshold }),
      ...(targetPrecision !== undefined && { targetPrecision }),
    })),
    compared: definition.fields
      .filter((field) => field.role === 'COMPARE')
      .map((field) => ({
        field: field.name,
        type: field.type ?? typeOf(field.name),
        ...(field.tolerance && { tolerance: field.tolerance }),
        ...(field.comparison && { comparison: field.comparison }),
      })),
    currencyField: definition.currencyField ?? null,
    firstBreaks: outcome.firstBreaks,
    firstRejects: outcome.firstRejects,
    results: outcome.results,
    notes: outcome.notes,
    elapsedMs: Math.round(elapsedMs),
  };
}

function sideReport({ source, counts, sums }: SideSummary, file: string): SideReport {
  return { source, file: resolve(file), ...counts, sums };
}

export function fuzzyPasses({ passes }: Definition): { name: string; pass: FuzzyPass }[] {
  return passes.flatMap((pass, index) => (pass.kind === 'fuzzy' ? [{ name: passName(pass, index), pass }] : []));
}

/** The first breaks by key: enough to see what kind they are. Of records without a key, those that say more than that they are alone. */
export async function readFirstBreaks(
  engine: Engine,
  { definition, breaksPath }: { definition: Definition; breaksPath: string },
  limit: number,
): Promise<FirstBreak[]> {
  type Row = Record<string, string | null> & { fields: unknown; key: string | null };
  const linked = [...new Set(fuzzyPasses(definition).flatMap(({ pass }) => pass.fields.map(({ field }) => field)))];
  // Which they are is told by narrow columns; all of them only of those few.
  const alone = `break_type = 'MISSING', explanation = '{"candidates":[]}', left_row, right_row`;
  const order =
    linked.length > 0 ? `key NULLS LAST, occurrence, source, ${alone}` : 'key NULLS LAST, occurrence, source';
  const ordered = exactPassName(definition) === undefined && linked.length > 0 ? alone : order;
  const breaks = `read_parquet(${literal(breaksPath)}, file_row_number = true)`;
  const rows = await engine.rows<Row>(
    `SELECT * FROM ${breaks} WHERE file_row_number IN (SELECT file_row_number FROM ${breaks} ORDER BY ${ordered} LIMIT ${limit}) ORDER BY ${ordered}`,
  );
  const anchor = anchorOf(definition).name;
  return rows.map((row) => ({
    type: row.break_type ?? '',
    missingIn: row.missing_in ?? null,
    source: row.source ?? '',
    key: (row.key ?? '').split('\u001f'),
    differences: (Array.isArray(row.fields) ? (row.fields as string[]) : []).map((field) => ({
      field,
      left: row[valueColumn('left', field)] ?? null,
      right: row[valueColumn('right', field)] ?? null,
    })),
    ...(row.key === null && linked.length > 0 && { record: recordOf(row, linked, anchor) }),
    ...candidateOf(row.explanation ?? null),
  }));
}

function recordOf(row: Record<string, unknown>, linked: string[], anchor: string): NonNullable<FirstBreak['record']> {
  const side = row.left_row === null ? 'right' : 'left';
  return {
    source: side === 'left' ? anchor : String(row.source),
    row: Number(row[`${side}_row`]),
    values: Object.fromEntries(
      linked.map((field) => [field, (row[valueColumn(side, field)] ?? null) as string | null]),
    ),
  };
}

function candidateOf(explanation: string | null): Pick<FirstBreak, 'candidate'> {
  if (explanation === null) return {};
  type Stored = { kind: string; source: string; rows: number[]; probability?: number | null };
  const [first] = (JSON.parse(explanation) as { candidates: Stored[] }).candidates;
  if (!first || typeof first.probability !== 'number') return {};
  return { candidate: { kind: first.kind, source: first.source, row: first.rows[0]!, probability: first.probability } };
}
