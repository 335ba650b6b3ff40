// The shape of a written value is its text with every digit shown as 9. A column of amounts or dates has few shapes,
// so that what it can mean is decided from counts of shapes: of a sample in memory, or of all values by one query.
import type { Engine } from '../engine.ts';
import { literal } from '../sql.ts';

export type Shape = {
  /** Trimmed text with digits as 9. */
  shape: string;
  /** The first digit is 0 and another digit or a mark follows. */
  leadingZero: boolean;
  count: number;
  example: string;
  /** Values whose first run of digits can only be a day of the second's month (13/02), and the other way round. */
  dayFirst: number;
  monthFirst: number;
  /** A value whose first two runs of digits differ. */
  differingExample: string | null;
};

/** Beyond this many the column is text: amounts and dates have far fewer. */
export const shapesMax = 5000;

/** Spaces that people and programs put around and inside numbers: blank, tab, no-break, narrow and thin. */
export const spaces = ' \t\r\n\u00a0\u202f\u2009\ufeff';

export function trimSpaces(text: string): string {
  return text.replace(/^[\s\u00a0\u202f\u2009\ufeff]+|[\s\u00a0\u202f\u2009\ufeff]+$/g, '');
}

export function shapesOf(values: (string | null)[]): Shape[] {
  const shapes = new Map<string, Shape>();
  for (const value of values) {
    const text = value === null ? '' : trimSpaces(value);
    if (text === '') continue;
    const shape = text.replace(/[0-9]/g, '9');
    const leadingZero = /^[^0-9]*0[0-9.,' ]/.test(text);
    const [first, second] = (text.match(/\d+/g) ?? []).map((digits) => (digits.length <= 9 ? Number(digits) : 0));
    const key = `${leadingZero}${shape}`;
    const known = shapes.get(key) ?? {
      shape,
      leadingZero,
      count: 0,
      example: text,
      dayFirst: 0,
      monthFirst: 0,
      differingExample: null,
    };
    shapes.set(key, known);
    known.count++;
    if (first === undefined || second === undefined) continue;
    if (first > 12 && first <= 31 && second <= 12) known.dayFirst++;
    if (second > 12 && second <= 31 && first <= 12) known.monthFirst++;
    if (first !== second) known.differingExample ??= text;
  }
  return [...shapes.values()];
}

/** Shapes of all values of a SQL text expression; undefined when there are too many to be numbers or dates. */
export async function surveyShapes(engine: Engine, text: string, from: string): Promise<Shape[] | undefined> {
  const runOf = (group: number) => `coalesce(try_cast(runs[${group}] AS INTEGER), 0)`;
  const rows = await engine.rows<Record<string, string | number | null>>(`
    WITH texts AS (SELECT trim(t, ${literal(spaces)}) AS t FROM (SELECT ${text} AS t FROM ${from}) WHERE t IS NOT NULL),
    runs AS (SELECT t, regexp_extract_all(t, '[0-9]+') AS runs FROM texts WHERE t <> '' AND length(t) <= 64),
    parts AS (SELECT t, ${runOf(1)} AS a, ${runOf(2)} AS b FROM runs),
    shaped AS (
      SELECT translate(t, '012345678', '999999999') AS shape, regexp_matches(t, '^[^0-9]*0[0-9.,'' ]') AS zero,
             count(*)::INTEGER AS count, min(t) AS example, (count_if(a BETWEEN 13 AND 31 AND b <= 12))::INTEGER AS day_first,
             (count_if(b BETWEEN 13 AND 31 AND a <= 12))::INTEGER AS month_first, min(t) FILTER (a <> b) AS different
      FROM parts GROUP BY ALL LIMIT ${shapesMax + 1})
    SELECT * FROM shaped
    UNION ALL
    SELECT 'x', false, count(*)::INTEGER, min(t[1:64]), 0, 0, NULL FROM texts WHERE length(t) > 64 HAVING count(*) > 0`);
  if (rows.length > shapesMax) return undefined;
  return rows.map((row) => ({
    shape: String(row.shape),
    leadingZero: Boolean(row.zero),
    count: Number(row.count),
    example: String(row.example),
    dayFirst: Number(row.day_first),
    monthFirst: Number(row.month_first),
    differingExample: row.different === null ? null : String(row.different),
  }));
}
