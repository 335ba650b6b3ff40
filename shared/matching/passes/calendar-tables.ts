// Business days in SQL: a table per calendar that gives each date in the records its number among the business days.

import { ordinalTable } from '../../domain/business-days.ts';
import type { DayWindow, Definition, Pass } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import type { ManualPass } from '../match/match-plan.ts';
import { identifier } from '../sql.ts';

export type DateColumn = { relation: string; column: string };

/** SQL for the number of the day of a date; a difference of two is a number of days, of the window's calendar. */
export type DayNumber = (window: DayWindow, date: string) => string;

/** Makes the tables that the passes ask for, over the dates that `dates` hold. Whoever asked drops `tables`. */
export async function calendarTables(
  engine: Engine,
  definition: Definition,
  passes: (Pass | ManualPass)[],
  dates: DateColumn[],
): Promise<{ dayNumber: DayNumber; tables: string[] }> {
  const tables = new Map<string, string>();
  for (const name of new Set(passes.flatMap(calendarsOf))) {
    const table = `match_calendar_${tables.size + 1}`;
    tables.set(name, table);
    const span = await spanOf(engine, dates);
    // Named as no field is: inside the subquery a field would else be taken for them.
    await engine.run(`CREATE OR REPLACE TABLE ${table} ("$date" DATE, "$ordinal" BIGINT)`);
    if (!span) continue;
    const appender = await engine.connection.createAppender(table);
    for (const { date, ordinal } of ordinalTable(span.first, span.last, definition.calendars![name]!)) {
      appender.appendVarchar(date);
      appender.appendBigInt(BigInt(ordinal));
      appender.endRow();
    }
    appender.closeSync();
  }
  const dayNumber: DayNumber = ({ calendar }, date) =>
    calendar === undefined
      ? `date_diff('day', DATE '1970-01-01', (${date})::DATE)`
      : `(SELECT "$ordinal" FROM ${tables.get(calendar)} WHERE "$date" = (${date})::DATE)`;
  return { dayNumber, tables: [...tables.values()] };
}

function calendarsOf(pass: Pass | ManualPass): string[] {
  const windows: DayWindow[] =
    pass.kind === 'tolerance'
      ? pass.conditions.filter((condition) => 'daysBefore' in condition)
      : pass.kind === 'grouped' && pass.window
        ? [pass.window]
        : [];
  return windows.flatMap(({ calendar }) => calendar ?? []);
}

/** Within the years that a calendar is counted in; a date beyond has no number and holds no window. */
async function spanOf(engine: Engine, dates: DateColumn[]): Promise<{ first: string; last: string } | undefined> {
  if (dates.length === 0) return undefined;
  const all = dates.map(({ relation, column }) => `SELECT (${identifier(column)})::DATE AS date FROM ${relation}`);
  const [span] = await engine.rows<{ first: string | null; last: string | null }>(
    `SELECT min(date)::VARCHAR AS first, max(date)::VARCHAR AS last FROM (${all.join(' UNION ALL ')})
     WHERE date BETWEEN DATE '1800-01-01' AND DATE '2299-12-31'`,
  );
  return span?.first && span.last ? { first: span.first, last: span.last } : undefined;
}
