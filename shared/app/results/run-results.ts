// The results of a completed run, read from what it recorded: pages for screens, files for people. It changes nothing of
// the run, and reads only objects that the run names.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Anomaly } from '../../domain/anomaly/anomaly.ts';
import type { FieldDifference } from '../../domain/break.ts';
import type { MatchEvidence } from '../../domain/match-evidence.ts';
import { exportKey } from '../../domain/object-keys.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Review } from '../../domain/review.ts';
import type { Engine } from '../../matching/engine.ts';
import { exportRows } from '../../matching/export/export-rows.ts';
import { type Side, valueColumn } from '../../matching/match/value-column.ts';
import { identifier } from '../../matching/sql.ts';
import type { ResultCandidate, ResultFilter, ResultQuery, ResultRow, ResultStatus } from '../../ports/result-query.ts';
import type { Deps } from '../deps.ts';
import { allReviews } from '../reviews/all-reviews.ts';
import { groupTotals } from './group-totals.ts';
import { completedRun, fetchFiles, type OpenDeps, withEngine } from './open-results.ts';
import {
  anomaliesJoin,
  breaksFrom,
  candidatesSql,
  exportFrom,
  filterSql,
  matchesFrom,
  placeOf,
  type ResultFiles,
  resultOrder,
  reviewedMatchesFrom,
  reviewsTable,
  withRecords,
} from './result-sql.ts';

type ResultDeps = OpenDeps &
  Pick<Deps, 'reviews'> & {
    /** Of a page as JSON: what the caller's way of answering can carry. */
    pageCharactersMax: number;
    /** Of a workbook, which is written by one process and takes the longest of all files. */
    workbookCellsMax: number;
  };

export function createRunResults(deps: ResultDeps): ResultQuery {
  return {
    async page(ref, filter, offset, limit) {
      const run = await completedRun(deps, ref);
      const files = await fetchFiles(deps, run, includesMatches(filter));
      const reviews = includesMatches(filter) ? await allReviews(deps, run) : [];
      return withEngine(deps, async (engine) => {
        files.reviewed = await openReviews(engine, reviews);
        const where = filterSql(files, filter);
        const count = async (from: string): Promise<number> =>
          Number((await engine.rows<{ n: string }>(`SELECT count(*) AS n FROM ${from} ${where}`))[0]?.n);
        const matches = includesMatches(filter) ? await count(reviewedMatchesFrom(files, filter)) : 0;
        const breaks = includesBreaks(filter) ? await count(breaksFrom(files)) : 0;
        const ofMatches = Math.max(0, Math.min(limit, matches - offset));
        const rows = [
          ...(ofMatches > 0 ? await matchRows(engine, files, filter, offset, ofMatches) : []),
          ...(limit > ofMatches && breaks > 0
            ? await breakRows(engine, files, filter, Math.max(0, offset - matches), limit - ofMatches)
            : []),
        ];
        if (JSON.stringify(rows).length > deps.pageCharactersMax) throw new FailureError(fail('PAGE_TOO_LARGE'));
        return { rows, total: matches + breaks };
      });
    },
    async tally(ref, confidenceMin) {
      const run = await completedRun(deps, ref);
      const files = await fetchFiles(deps, run, true);
      return withEngine(deps, async (engine) => {
        const count = (sure: string) =>
          `count(*) FILTER (group_id IS NULL AND ${sure}) + count(DISTINCT (source, group_id)) FILTER (group_id IS NOT NULL AND ${sure})`;
        const [row] = await engine.rows<{ matches: string; sure: string }>(`SELECT ${count('true')} AS matches,
          ${count(`confidence >= ${Number(confidenceMin)}::DOUBLE`)} AS sure FROM ${matchesFrom(files)}`);
        return { matches: Number(row!.matches), sure: Number(row!.sure) };
      });
    },
    async export(ref, format, filter) {
      const run = await completedRun(deps, ref);
      const reviews = await allReviews(deps, run);
      const { extension, contentType, as } = exportFormats[format];
      const filterHash = createHash('sha256')
        .update(JSON.stringify([exportLayout, filter, ...reviews.map(({ reviewId, version }) => [reviewId, version])]))
        .digest('hex')
        .slice(0, 16);
      const key = exportKey(run, `results-${filterHash}.${extension}`);
      // Results never change, and neither does a file of them with what was said of them until now.
      const made = await deps.objects.head(key);
      if (made) return { key, bytes: made.bytes, contentType };
      const files = await fetchFiles(deps, run, true);
      return withEngine(deps, async (engine, directory) => {
        files.reviewed = await openReviews(engine, reviews);
        const outputPath = join(directory, `results.${extension}`);
        const from = { relation: exportFrom(files, filter) };
        if (as === 'xlsx') await checkWorkbook(engine, from.relation, deps.workbookCellsMax);
        await exportRows(engine, { from, format: as, outputPath, orderBy: ['row'], defuseFormulas: true });
        await deps.objects.upload(outputPath, key, contentType);
        return { key, bytes: (await stat(outputPath)).size, contentType };
      });
    },
  };
}

async function checkWorkbook(engine: Engine, relation: string, cellsMax: number): Promise<void> {
  const columns = (await engine.rows(`DESCRIBE FROM ${relation}`)).length;
  const rows = Number((await engine.rows<{ n: string }>(`SELECT count(*) AS n FROM ${relation}`))[0]?.n);
  if (rows * columns <= cellsMax) return;
  const detail = `${rows} rows of ${columns} columns are more than the ${cellsMax} cells of a workbook`;
  throw new FailureError(fail('WORKBOOK_TOO_LARGE', detail, { rows, columns, cellsMax }));
}

/** Raised when the columns of a file change: one that was made before is made anew. */
const exportLayout = 3;

const exportFormats = {
  csv: { as: 'csv', extension: 'csv', contentType: 'text/csv; charset=utf-8' },
  json: { as: 'json', extension: 'json', contentType: 'application/json' },
  excel: {
    as: 'xlsx',
    extension: 'xlsx',
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
} as const;

function includesMatches({ outcomes }: ResultFilter): boolean {
  return outcomes?.includes('matched') ?? true;
}

function includesBreaks({ outcomes }: ResultFilter): boolean {
  return outcomes?.some((outcome) => outcome !== 'matched') ?? true;
}

type Stored = Record<string, string | null> &
  Record<'left_row' | 'right_row' | 'source' | 'group_id' | 'pass', string | null>;

/** First which rows, by their references alone; then the records of those few. */
async function matchRows(
  engine: Engine,
  files: ResultFiles,
  filter: ResultFilter,
  offset: number,
  limit: number,
): Promise<ResultRow[]> {
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE page_matches AS FROM ${reviewedMatchesFrom(files, filter)} ${filterSql(files, filter)} ORDER BY ${resultOrder} LIMIT ${limit} OFFSET ${offset}`,
  );
  const rows = await engine.rows<Stored>(`FROM ${withRecords(files, 'page_matches', false)} ORDER BY ${resultOrder}`);
  const totalsOf = await groupTotals(engine, files, rows);
  return rows.map((row) => ({
    ...resultRow(files, row),
    differences: JSON.parse(row.unequal ?? '[]') as FieldDifference[],
    group: totalsOf(row),
    evidence: row.evidence == null ? null : (JSON.parse(row.evidence) as MatchEvidence),
    review: reviewOf(row),
  }));
}

async function breakRows(
  engine: Engine,
  files: ResultFiles,
  filter: ResultFilter,
  offset: number,
  limit: number,
): Promise<ResultRow[]> {
  const text = files.definition.fields
    .flatMap(({ name }) => [valueColumn('left', name), valueColumn('right', name)])
    .map((name) => `${identifier(name)}::VARCHAR AS ${identifier(name)}`);
  const page = `(FROM ${breaksFrom(files)} ${filterSql(files, filter)} ORDER BY ${resultOrder}, identity LIMIT ${limit} OFFSET ${offset})`;
  const columns = [...text, `${candidatesSql(files)} AS explanation`];
  const rows = await engine.rows<Stored>(
    `SELECT p.* REPLACE (${columns.join(', ')}), a.anomalies FROM ${page} p ${anomaliesJoin(files)} ORDER BY ${resultOrder}, p.identity`,
  );
  return rows.map((row) => ({
    ...resultRow(files, row),
    differences: JSON.parse(row.differences ?? '[]') as FieldDifference[],
    candidates: JSON.parse(row.explanation ?? '[]') as ResultCandidate[],
    anomalies: JSON.parse(row.anomalies ?? '[]') as Anomaly[],
  }));
}

function reviewOf({ reviewed_by: by, reviewed_at: at, review_reason: reason }: Stored): ResultRow['review'] {
  return by == null || at == null ? null : { by, at, reason: reason ?? null };
}

/** Fills `result_reviews`; false where there is nothing to fill it with. */
async function openReviews(engine: Engine, reviews: Review[]): Promise<boolean> {
  if (reviews.length === 0) return false;
  await engine.run(`CREATE OR REPLACE TABLE ${reviewsTable} (source VARCHAR, left_row BIGINT, right_row BIGINT,
    group_id VARCHAR, verdict VARCHAR, reviewed_by VARCHAR, reviewed_at VARCHAR, review_reason VARCHAR)`);
  const appender = await engine.connection.createAppender(reviewsTable);
  const text = (value: string | null) => (value === null ? appender.appendNull() : appender.appendVarchar(value));
  for (const { match, verdict, by, at, reason = null } of reviews) {
    text(match.source);
    for (const row of [match.left, match.right])
      if (row === null || match.groupId !== null) appender.appendNull();
      else appender.appendBigInt(BigInt(row));
    for (const value of [match.groupId, verdict.toLowerCase(), by, at, reason]) text(value);
    appender.endRow();
  }
  appender.closeSync();
  return true;
}

function resultRow(files: ResultFiles, row: Stored): ResultRow {
  const { definition } = files;
  const outcome = row.outcome as ResultRow['outcome'];
  const side = (prefix: Side): ResultRow['left'] =>
    row[`${prefix}_row`] === null
      ? null
      : Object.fromEntries(definition.fields.map(({ name }) => [name, row[valueColumn(prefix, name)] ?? null]));
  // Two legs may have the same records of the anchor in a group.
  const leg = row.group_id !== null && definition.sources.length > 2 ? `:${row.source}` : '';
  return {
    id: `${outcome}:${row.left_row ?? ''}:${row.right_row ?? ''}${leg}`,
    outcome,
    breakType: row.break_type ?? null,
    left: side('left'),
    right: side('right'),
    leftPlace: placeOf(files, row.left_row),
    rightPlace: placeOf(files, row.right_row),
    differences: [],
    pass: row.pass,
    confidence: row.confidence == null ? null : Number(row.confidence),
    groupId: row.group_id,
    group: null,
    evidence: null,
    status: row.status as ResultStatus,
    review: null,
    candidates: [],
    anomalies: [],
  };
}
