// Totals that a file states about itself, held against what is in it, before filters and rejects.
import { addDecimals, compareDecimals } from '../../domain/decimal.ts';
import type { ControlTotal } from '../../domain/definition.ts';
import { FailureError, fail } from '../../domain/result.ts';
import { fromSql } from './extract-records.ts';
import { decide, plainNumber } from './field-plan.ts';
import { surveyShapes } from './shapes.ts';
import type { SourceLoad } from './source-load.ts';
import { sumByCurrency } from './summarise.ts';
import { sqlTypeOf, type ValueReading, valueSql } from './value-sql.ts';

export async function checkControlTotals(load: SourceLoad): Promise<void> {
  for (const total of load.source.controlTotals ?? []) {
    const { actual, reading } = total.of === 'rows' ? await countRows(load) : await sumColumn(load, total.of.sum);
    const stated = await statedFigure(load, total, reading);
    if (compareDecimals(stated, actual) === 0) continue;
    const what = total.of === 'rows' ? 'rows' : `sum of ${total.of.sum}`;
    throw new FailureError(
      fail(
        'CONTROL_TOTAL_DIFFERS',
        `${load.prepared.name}: the ${what} is ${actual} and its control total says ${stated}`,
        {
          source: load.source.name,
          of: total.of,
          actual,
          stated,
        },
      ),
    );
  }
}

type Figure = { actual: string; reading: ValueReading };

const plain: ValueReading = { type: 'decimal', number: { ...plainNumber({}), scale: 6, wholeDigits: 32 } };

async function countRows(load: SourceLoad): Promise<Figure> {
  const { reader, columns } = load.prepared;
  const [row] = await load.engine.rows<{ n: string }>(`SELECT count(*) AS n FROM ${fromSql(reader, columns)}`);
  const rejected = reader.kind === 'clean' ? reader.clean.rejected : 0;
  return { actual: String(Number(row!.n) + rejected), reading: plain };
}

async function sumColumn(load: SourceLoad, column: string): Promise<Figure> {
  const { engine, prepared } = load;
  const text = `c${prepared.columns.indexOf(column)}`;
  const from = fromSql(prepared.reader, prepared.columns);
  // A field that takes the column as it is knows how it is read.
  const field = load.plans.find((plan) => plan.mapping.leaves.some((leaf) => leaf.sql === text));
  let reading = field?.reading;
  if (!reading || (reading.type !== 'decimal' && reading.type !== 'integer')) {
    const given = field?.given ?? {};
    const decision = decide({ wanted: 'decimal', given }, await surveyShapes(engine, text, from), {
      settled: prepared.settled,
      timeZone: 'UTC',
    });
    if (decision.kind === 'ambiguous') {
      throw new FailureError(
        fail(
          'READING_AMBIGUOUS',
          `${prepared.name}: the values of "${column}", which a control total sums, can be read in two ways`,
          { column },
        ),
      );
    }
    reading = decision.reading;
  }
  const values = `(SELECT ${valueSql(reading, 't')} AS v FROM (SELECT ${text} AS t FROM ${from}))`;
  const { sums } = await sumByCurrency(engine, values, "''", [{ name: 'v', sqlType: sqlTypeOf(reading), column: 'v' }]);
  return { actual: addDecimals(sums.v?.[''] ?? '0', '0'), reading };
}

/** The figure as written is read as the column is. */
async function statedFigure(load: SourceLoad, total: ControlTotal, reading: ValueReading): Promise<string> {
  if (typeof total.equals === 'string') return total.equals;
  const { line, pattern } = total.equals;
  const lines = line === 'preamble' ? load.prepared.preamble : load.prepared.footer;
  for (const text of lines) {
    const found = await load.engine.connection.runAndReadAll('SELECT regexp_extract($text, $pattern, 1) AS figure', {
      text,
      pattern,
    });
    const figure = String(found.getRowObjectsJson()[0]?.figure ?? '');
    if (figure === '') continue;
    const read = await load.engine.connection.runAndReadAll(
      `SELECT CAST(${valueSql(reading, 't')} AS VARCHAR) AS v FROM (SELECT CAST($figure AS VARCHAR) AS t)`,
      { figure },
    );
    const value = read.getRowObjectsJson()[0]?.v;
    if (typeof value === 'string') return value;
  }
  throw new FailureError(
    fail(
      'CONTROL_TOTAL_DIFFERS',
      `${load.prepared.name}: no ${line} line states the control total looked for by ${pattern}`,
      { source: load.source.name, pattern },
    ),
  );
}
