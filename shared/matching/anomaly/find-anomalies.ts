// Reads what is watched from the breaks of a run, has it judged, and writes down which breaks are unusual and why. What was found of a break stays with
// it until its values change: only breaks that are new, or have other values than in the run before, are looked at.
import { join } from 'node:path';
import { breakAnomaliesMax, breakAnomalyBytesMax, scoreless } from '../../domain/anomaly/anomaly.ts';
import { sentenceOf } from '../../domain/anomaly/break-limits.ts';
import {
  type RememberedRun,
  type Series,
  sampleMax,
  seriesMax,
  valueCharactersMax,
  valuesMax,
} from '../../domain/anomaly/history.ts';
import type { Judged } from '../../domain/anomaly/judge-run.ts';
import { scoreMax } from '../../domain/anomaly/robust.ts';
import type { WatchedFields } from '../../domain/anomaly/watched-fields.ts';
import type { Engine } from '../engine.ts';
import { valueColumn } from '../match/value-column.ts';
import { identifier, literal } from '../sql.ts';

export type AnomalyRequest = {
  directory: string;
  breaksPath: string;
  ledgerPath: string;
  /** Of the settled run before; absent in the first. */
  before: { ledgerPath: string; anomaliesPath?: string } | undefined;
  watched: WatchedFields;
  judge(observed: ObservedValues): Pick<Judged, 'limits' | 'values'>;
};

/** Of the breaks that are looked at. */
export type ObservedValues = Pick<RememberedRun, 'series' | 'values'>;

/** `path`: Parquet of identity and anomalies (JSON list), one row for each break that has some; absent where none has. */
export type FoundAnomalies = { path?: string; breaks: number };

export async function findAnomalies(engine: Engine, request: AnomalyRequest): Promise<FoundAnomalies> {
  const { watched } = request;
  await engine.run(`CREATE TEMP TABLE fresh AS ${freshSql(request)}`);
  await engine.run(`CREATE TEMP TABLE watched_sizes AS ${sizesSql(watched)}`);
  await engine.run(`CREATE TEMP TABLE watched_values AS ${valuesSql(watched)}`);
  const observed = { series: await seriesOf(engine), values: await valuesOf(engine, watched) };
  const { limits, values } = request.judge(observed);
  await engine.run(`CREATE TEMP TABLE flagged AS ${flaggedSql(watched, limits, values)}`);
  const path = join(request.directory, 'anomalies.parquet');
  await engine.run(`CREATE TEMP TABLE anomalies AS ${boundedSql} ${keptSql(request)}`);
  const [counted] = await engine.rows<{ breaks: string }>('SELECT count(*) AS breaks FROM anomalies');
  const breaks = Number(counted!.breaks);
  if (breaks === 0) return { breaks };
  await engine.run(`COPY (FROM anomalies ORDER BY identity) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
  return { path, breaks };
}

const read = (path: string): string => `read_parquet(${literal(path)})`;

/** New breaks, and those with other values; of their columns those that are looked at. */
function freshSql({ breaksPath, ledgerPath, before, watched }: AnomalyRequest): string {
  const { amounts, values, currency } = watched;
  const fields = [...new Set([...amounts, ...values, ...(currency === undefined ? [] : [currency])])];
  const columns = fields.flatMap((field) => [valueColumn('left', field), valueColumn('right', field)]);
  const seen = `SELECT ${['identity', 'break_type', 'differences', ...columns.map(identifier)].join(', ')} FROM ${read(breaksPath)} b`;
  if (!before) return seen;
  const open = (path: string) => `(SELECT identity, content_hash FROM ${read(path)} WHERE state = 'open')`;
  return `${seen} SEMI JOIN (FROM ${open(ledgerPath)} ANTI JOIN ${open(before.ledgerPath)} USING (identity, content_hash)) f USING (identity)`;
}

/** What was found of breaks that are as they were. */
function keptSql({ ledgerPath, before }: AnomalyRequest): string {
  if (before?.anomaliesPath === undefined) return '';
  return `UNION ALL SELECT identity, anomalies FROM ${read(before.anomaliesPath)}
    WHERE identity NOT IN (SELECT identity FROM fresh) AND identity IN (SELECT identity FROM ${read(ledgerPath)} WHERE state = 'open')`;
}

/** The anchor's value, else the other side's. */
function eitherSide(field: string): string {
  return `coalesce(${identifier(valueColumn('left', field))}::VARCHAR, ${identifier(valueColumn('right', field))}::VARCHAR)`;
}

/** Rows of identity, kind, field, currency, size (text without its sign) and number. Sizes of zero say nothing. */
function sizesSql({ amounts, differences, currency }: WatchedFields): string {
  const of = currency === undefined ? `''` : `left(coalesce(${eitherSide(currency)}, ''), ${valueCharactersMax})`;
  const parts = amounts.map(
    (field) =>
      `SELECT identity, 'amount' AS kind, ${literal(field)} AS field, ${of} AS currency, ${eitherSide(field)} AS size FROM fresh`,
  );
  if (differences.length > 0)
    parts.push(`SELECT identity, 'difference' AS kind, d.field, currency, d.difference AS size FROM (
      SELECT identity, ${of} AS currency, unnest(from_json(differences, '[{"field":"VARCHAR","difference":"VARCHAR"}]')) AS d
      FROM fresh WHERE break_type = 'MISMATCH') WHERE d.field IN (${differences.map(literal).join(', ')})`);
  if (parts.length === 0)
    parts.push(`SELECT '' AS identity, '' AS kind, '' AS field, '' AS currency, NULL::VARCHAR AS size`);
  return `SELECT * FROM (SELECT * REPLACE (ltrim(size, '-+') AS size), abs(TRY_CAST(size AS DOUBLE)) AS number FROM (${parts.join(' UNION ALL ')}))
    WHERE number > 0 AND number < 1e39`;
}

/** Rows of identity, field and value. */
function valuesSql({ values }: WatchedFields): string {
  const parts = values.map(
    (field) =>
      `SELECT identity, ${literal(field)} AS field, left(${eitherSide(field)}, ${valueCharactersMax}) AS value FROM fresh`,
  );
  if (parts.length === 0) parts.push(`SELECT '' AS identity, '' AS field, NULL::VARCHAR AS value`);
  return `SELECT * FROM (${parts.join(' UNION ALL ')}) WHERE value <> ''`;
}

/** Of breaks of several legs one may have a field twice; either may stand for it in the sample. */
async function seriesOf(engine: Engine): Promise<Series[]> {
  const rows = await engine.rows<{
    kind: Series['kind'];
    field: string;
    currency: string;
    count: string;
    largest: string;
    sample: string;
  }>(
    `SELECT kind, field, currency, count(*) AS count, arg_max(size, {n: number, t: size}) AS largest,
      to_json(list_transform(min({h: md5(identity), t: size}, ${sampleMax}), lambda one_drawn: one_drawn.t))::VARCHAR AS sample
    FROM watched_sizes GROUP BY ALL ORDER BY count(*) DESC, kind, field, currency LIMIT ${seriesMax}`,
  );
  return rows.map(({ count, sample, ...row }) => ({
    ...row,
    count: Number(count),
    sample: JSON.parse(sample) as string[],
  }));
}

async function valuesOf(engine: Engine, watched: WatchedFields): Promise<RememberedRun['values']> {
  const many = await engine.rows<{ field: string }>(
    `SELECT field FROM watched_values GROUP BY field HAVING count(DISTINCT value) > ${valuesMax}`,
  );
  const tooMany = new Set(many.map(({ field }) => field));
  const counted = new Map(watched.values.map((field) => [field, [] as [string, number][]]));
  const few = watched.values.filter((field) => !tooMany.has(field));
  if (few.length > 0)
    for (const { field, value, breaks } of await engine.rows<{ field: string; value: string; breaks: string }>(
      `SELECT field, value, count(*) AS breaks FROM watched_values WHERE field IN (${few.map(literal).join(', ')})
      GROUP BY ALL ORDER BY field, value`,
    ))
      counted.get(field)!.push([value, Number(breaks)]);
  return Object.fromEntries(
    [...counted].map(([field, values]) => [field, tooMany.has(field) ? null : Object.fromEntries(values)]),
  );
}

/** One text for all rows, because a list of values is parsed word by word. */
function rowsOf(rows: object[], form: Record<string, string>): string {
  return `(SELECT unnest(from_json(${literal(JSON.stringify(rows))}, ${literal(JSON.stringify([form]))}), recursive := true))`;
}

/**
 * Rows of identity, rank, score and anomaly (JSON). Of a size only its digits are not known beforehand: the JSON is put together around them.
 */
function flaggedSql({ days }: WatchedFields, limits: Judged['limits'], values: Judged['values']): string {
  const ofSizes = limits.map((limit) => {
    const { kind, field, currency, above, middle, spread, usual, subject } = limit;
    const sentence = sentenceOf(limit, kind === 'difference' && days.includes(field));
    const inner = (text: string) => JSON.stringify(text).slice(1, -1);
    return {
      ...{ kind, field, currency, above, middle, spread },
      head: `${JSON.stringify({ kind, subject }).slice(0, -1)},"value":"`,
      centre: `","usual":${JSON.stringify(usual)},"score":`,
      sentence: `,"explanation":"${inner(sentence.before)}`,
      tail: `${inner(sentence.after)}"}`,
    };
  });
  const text = { head: 'VARCHAR', centre: 'VARCHAR', sentence: 'VARCHAR', tail: 'VARCHAR' };
  const sizeForm = {
    kind: 'VARCHAR',
    field: 'VARCHAR',
    currency: 'VARCHAR',
    above: 'DOUBLE',
    middle: 'DOUBLE',
    spread: 'DOUBLE',
    ...text,
  };
  const ofValues = values.map(({ field, value, anomaly }) => ({
    ...{ field, value, score: anomaly.score ?? scoreless, anomaly: JSON.stringify(anomaly) },
  }));
  const valueForm = { field: 'VARCHAR', value: 'VARCHAR', score: 'DOUBLE', anomaly: 'VARCHAR' };
  const score = `round(least(greatest((ln(number) - middle) / spread, -${scoreMax}), ${scoreMax}), 1)`;
  return `SELECT identity, score, head || size || centre || score || sentence || ${groupedSql('size')} || tail AS anomaly FROM (
      SELECT s.identity, s.size, l.head, l.centre, l.sentence, l.tail, ${score} AS score
      FROM watched_sizes s JOIN ${rowsOf(ofSizes, sizeForm)} l USING (kind, field, currency) WHERE s.number > l.above)
    UNION ALL SELECT s.identity, l.score, l.anomaly FROM watched_values s JOIN ${rowsOf(ofValues, valueForm)} l USING (field, value)`;
}

/** `1234567.50` → `1,234,567.50`. */
function groupedSql(size: string): string {
  const whole = `ltrim(reverse(regexp_replace(reverse(split_part(${size}, '.', 1)), '(\\d{3})', '\\1,', 'g')), ',')`;
  return `${whole} || CASE WHEN contains(${size}, '.') THEN '.' || split_part(${size}, '.', 2) ELSE '' END`;
}

/** As JSON list, the furthest first, as many as fit. */
const boundedSql = `SELECT identity, '[' || string_agg(anomaly, ',' ORDER BY score DESC, anomaly) || ']' AS anomalies FROM (
    SELECT *, row_number() OVER of_break AS number, sum(strlen(anomaly) + 1) OVER of_break AS bytes FROM flagged
    WINDOW of_break AS (PARTITION BY identity ORDER BY score DESC, anomaly ROWS UNBOUNDED PRECEDING))
  WHERE number <= ${breakAnomaliesMax} AND bytes < ${breakAnomalyBytesMax} GROUP BY identity`;
