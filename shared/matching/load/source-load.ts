// The loading of one source, step by step: prepared, planned from a sample, extracted, and repeated where the values
// beyond the sample say otherwise. What is agreed between sources comes in from outside as a forced type.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Definition, FieldType, Source } from '../../domain/definition.ts';
import { replaceColumns } from '../../domain/expression-columns.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { convertPrepared, type InputFile, type PreparedFile, prepareFile } from '../input/prepare-file.ts';
import type { LoadedSource } from '../records.ts';
import { literal } from '../sql.ts';
import { checkControlTotals } from './control-totals.ts';
import { CsvFaultError, type Extract, extractRecords, fromSql, relationSql } from './extract-records.ts';
import { ambiguityFailure, decide, type FieldPlan, readableShareMin, storedReading, wantedType } from './field-plan.ts';
import { firstRejects, rejectText } from './first-rejects.ts';
import { compileMapping, patternsOf } from './map-columns.ts';
import { writeRejects } from './rejects.ts';
import { type Shape, shapesOf, surveyShapes } from './shapes.ts';
import { type Glance, glanceAt, summarise } from './summarise.ts';

export type LoadProgress = { source: string; step: string; rows?: number };

export type SourceLoad = {
  engine: Engine;
  definition: Definition;
  source: Source;
  file: InputFile;
  prepared: PreparedFile;
  /** Columns of the file that anything is taken from. */
  needed: string[];
  plans: FieldPlan[];
  prefix: string;
  extract?: Extract;
  glance?: Glance;
  onProgress: (event: LoadProgress) => void;
};

/** How often a plan may change after the sample: once for each of a widened, a re-read and a dropped type, and one. */
const extractsMax = 4;

let loads = 0;

export async function beginLoad(
  engine: Engine,
  request: {
    definition: Definition;
    source: Source;
    file: InputFile;
    readings: LoadedSource['readings'];
    onProgress: (event: LoadProgress) => void;
  },
): Promise<SourceLoad> {
  const { definition, source, file, readings, onProgress } = request;
  loads += 1;
  const prefix = join(engine.directory, `load-${loads}`);
  const wanted = neededColumns(definition, source);
  await checkPatterns(engine, definition, source);
  onProgress({ source: source.name, step: 'opening' });
  const prepared = await prepareFile(engine, file, source.input, wanted.columns, prefix);
  const isThere = (column: string) => prepared.columns.includes(column) || wanted.must.has(column);
  const needed = wanted.columns.filter(isThere);
  checkColumns(prepared, needed, source);
  const columnSql = columnSqlOf(prepared);
  const plans: FieldPlan[] = [];
  for (const field of definition.fields) {
    const mapping = field.mapping[source.name];
    if (mapping === undefined) continue;
    const { type: _type, ...held } = readings[field.name] ?? { type: 'text' };
    plans.push({
      field,
      mapping: compileMapping(
        replaceColumns(mapping, (column) => (isThere(column) ? column : { constant: '' })),
        columnSql,
      ),
      wanted: wantedType(definition, field, source, readings),
      given: { ...held, ...field.reading?.[source.name] },
      reading: { type: 'text' },
      undecided: false,
    });
  }
  const load: SourceLoad = { engine, definition, source, file, prepared, needed, plans, prefix, onProgress };
  for (const plan of plans) {
    if (plan.wanted === 'text' || plan.wanted === 'boolean') plan.reading = { type: plan.wanted };
    else await decideReading(load, plan, sampleShapes(load, plan), true);
  }
  return load;
}

/** Patterns that look right may still be none to RE2: found here, before anything is read. */
async function checkPatterns(engine: Engine, definition: Definition, source: Source): Promise<void> {
  const mappings = definition.fields.flatMap((field) => field.mapping[source.name] ?? []);
  const totals = (source.controlTotals ?? []).flatMap(({ equals }) =>
    typeof equals === 'string' ? [] : [equals.pattern],
  );
  const filters = (source.filters ?? []).flatMap((filter) => ('matches' in filter ? [filter.matches] : []));
  for (const pattern of [...mappings.flatMap(patternsOf), ...totals, ...filters]) {
    try {
      await engine.connection.run("SELECT regexp_matches('', $pattern)", { pattern });
    } catch (error) {
      const [reason] = String((error as Error).message).split('\n');
      throw new FailureError(
        fail('DEFINITION_INVALID', `the pattern ${pattern} cannot be used: ${reason}`, {
          source: source.name,
          pattern,
        }),
      );
    }
  }
}

/** All columns that anything is taken from, and those among them that no file may lack. */
function neededColumns(definition: Definition, source: Source): { columns: string[]; must: Set<string> } {
  const [columns, must] = [new Set<string>(), new Set<string>()];
  const need = (column: string, optional: boolean): string => {
    columns.add(column);
    if (!optional) must.add(column);
    return column;
  };
  for (const field of definition.fields) {
    const mapping = field.mapping[source.name];
    if (mapping !== undefined) replaceColumns(mapping, need);
  }
  for (const filter of source.filters ?? []) need(filter.column, false);
  for (const total of source.controlTotals ?? []) if (total.of !== 'rows') need(total.of.sum, false);
  return { columns: [...columns], must };
}

function checkColumns(prepared: PreparedFile, needed: string[], source: Source): void {
  for (const column of needed) {
    const count = prepared.columns.filter((name) => name === column).length;
    if (count === 1) continue;
    if (count > 1) {
      throw new FailureError(
        fail('COLUMN_DUPLICATED', `${prepared.name} has more than one column "${column}"`, {
          source: source.name,
          column,
        }),
      );
    }
    const there = nearestFirst(column, prepared.columns);
    const list = there
      .slice(0, 20)
      .map((name) => `"${name}"`)
      .join(', ');
    throw new FailureError(
      fail(
        'COLUMN_MISSING',
        `${prepared.name} has no column "${column}"; it has ${list}${there.length > 20 ? ', …' : ''}`,
        {
          source: source.name,
          column,
          columns: there.slice(0, 100),
        },
      ),
    );
  }
}

/** By edit distance without regard to case. */
export function nearestFirst(wanted: string, names: string[]): string[] {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
      }
      row = next;
    }
    return row[b.length]!;
  };
  const scored = names.map((name) => ({
    name,
    far: distance(wanted.toLowerCase().slice(0, 100), name.toLowerCase().slice(0, 100)),
  }));
  return scored.sort((a, b) => a.far - b.far).map(({ name }) => name);
}

function columnSqlOf(prepared: PreparedFile): (column: string) => string {
  return (column) => `c${prepared.columns.indexOf(column)}`;
}

/** Shapes of the leaves that are a bare column: a leaf made by an expression is surveyed in SQL. */
function sampleShapes(load: SourceLoad, plan: FieldPlan): Shape[] | undefined {
  const values: (string | null)[] = [];
  for (const leaf of plan.mapping.leaves) {
    const column = leaf.columns[0];
    if (column === undefined || leaf.sql !== columnSqlOf(load.prepared)(column)) return undefined;
    const index = load.prepared.columns.indexOf(column);
    for (const row of load.prepared.sample) values.push(row[index] ?? null);
  }
  return shapesOf(values);
}

async function survey(load: SourceLoad, plan: FieldPlan): Promise<Shape[] | undefined> {
  load.onProgress({ source: load.source.name, step: `reading all values of ${plan.field.name}` });
  const all: Shape[] = [];
  for (const leaf of plan.mapping.leaves) {
    const from = await withFallback(load, () =>
      surveyShapes(load.engine, leaf.sql, fromSql(load.prepared.reader, load.prepared.columns)),
    );
    if (from === undefined) return undefined;
    all.push(...from);
  }
  return all;
}

/** Decides the reading; what a sample leaves open is asked of all values. */
async function decideReading(
  load: SourceLoad,
  plan: FieldPlan,
  shapes: Shape[] | undefined,
  sampled: boolean,
): Promise<void> {
  const options = { settled: load.prepared.settled, timeZone: load.source.timeZone ?? 'UTC' };
  const seen = shapes ?? (sampled ? await survey(load, plan) : undefined);
  let decision = decide(plan, seen, options);
  if (decision.kind === 'ambiguous' && sampled && shapes) decision = decide(plan, await survey(load, plan), options);
  if (decision.kind === 'ambiguous') throw new FailureError(ambiguityFailure(plan, load.source.name, decision));
  plan.reading = decision.reading;
  plan.undecided = decision.undecided ?? false;
}

/** Runs a query over the file; where DuckDB finds a fault in a CSV, the strict scanner reads it instead, once. */
async function withFallback<T>(load: SourceLoad, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    const message = String((error as Error).message);
    const fault = error instanceof CsvFaultError || /CSV (?:Error|Parser|Reader)/i.test(message);
    if (!fault || load.prepared.reader.kind !== 'csv') throw error;
    await convert(load);
    return query();
  }
}

async function convert(load: SourceLoad): Promise<void> {
  load.onProgress({ source: load.source.name, step: 'separating faulty rows' });
  const guessed = load.source.input?.encoding === undefined;
  load.prepared = await convertPrepared(load.prepared, load.needed, load.prefix, guessed);
}

/** Types by field that were decided without being given; undefined for a column without values. */
export function decidedTypes(load: SourceLoad): Map<string, FieldType | undefined> {
  const types = new Map<string, FieldType | undefined>();
  for (const plan of load.plans) {
    if (plan.wanted === undefined || plan.wanted === 'moment')
      types.set(plan.field.name, plan.undecided ? undefined : plan.reading.type);
  }
  return types;
}

/** Holds a field to a type that the sources agreed on. */
export async function forceType(load: SourceLoad, field: string, type: FieldType): Promise<void> {
  const plan = load.plans.find((one) => one.field.name === field);
  if (!plan || plan.reading.type === type) return;
  const { wanted } = plan;
  plan.wanted = type;
  if (type === 'text' || type === 'boolean') plan.reading = { type };
  else await decideReading(load, plan, sampleShapes(load, plan), true);
  plan.wanted = wanted === 'moment' ? wanted : type;
  delete load.extract;
}

/** Extracts until the plan holds for every value: widened, read anew or left as text where the first guess did not. */
export async function extractAll(load: SourceLoad): Promise<void> {
  if (load.extract) return;
  const { engine, definition, source } = load;
  for (let attempt = 1; ; attempt++) {
    const path = `${load.prefix}-${attempt}.parquet`;
    load.onProgress({ source: source.name, step: 'reading' });
    const extract = await withFallback(load, () =>
      extractRecords(engine, {
        definition,
        source,
        reader: load.prepared.reader,
        columns: load.prepared.columns,
        plans: load.plans,
        columnSql: columnSqlOf(load.prepared),
        path,
      }),
    );
    const glance = await glanceAt(engine, extract);
    if (load.prepared.reader.kind === 'csv' && glance.rows < load.prepared.sample.length) {
      // Seen with wrong line ends: rows are gone without a word.
      await convert(load);
      attempt--;
      continue;
    }
    load.extract = extract;
    load.glance = glance;
    if (attempt >= extractsMax || !(await revise(load, extract))) return;
    rmSync(path, { force: true });
  }
}

/** Whether some plan had to change after looking at all values. */
async function revise(load: SourceLoad, extract: Extract): Promise<boolean> {
  const faulty = await badCounts(load, extract);
  let changed = false;
  for (const [index, plan] of load.plans.entries()) {
    if (plan.undecided && plan.wanted !== 'text') {
      // The sample held no value of it; it is text so far, or a given type with a reading that was made up.
      if ((faulty.present[index] ?? 0) === 0 && (faulty.bad[index] ?? 0) === 0) continue;
    } else if ((faulty.bad[index] ?? 0) === 0) continue;
    if (plan.reading.type === 'text' && !plan.undecided) continue;
    const before = JSON.stringify(plan.reading);
    await decideReading(load, plan, await survey(load, plan), false);
    const unreadable = (faulty.bad[index] ?? 0) / ((faulty.present[index] ?? 0) + (faulty.bad[index] ?? 0));
    if (JSON.stringify(plan.reading) !== before) changed = true;
    else if (plan.wanted === undefined && unreadable > 1 - readableShareMin) {
      plan.reading = { type: 'text' };
      changed = true;
    }
  }
  return changed;
}

async function badCounts(load: SourceLoad, extract: Extract): Promise<{ bad: number[]; present: number[] }> {
  const undecided = load.plans.some((plan) => plan.undecided);
  if (load.glance!.bad === 0 && !undecided) return { bad: [], present: [] };
  const columns: string[] = [];
  let position = 0;
  for (const [index, plan] of load.plans.entries()) {
    // The empty text is a value that is missing, not one that was read wrongly.
    const counts = plan.mapping.leaves.map(() => `count(nullif(bad->>${position++}, ''))`);
    columns.push(`${counts.join(' + ')} AS b${index}`, `count(f${index}) AS p${index}`);
  }
  const [row] = await load.engine.rows<Record<string, string>>(
    `SELECT ${columns.join(', ')} FROM read_parquet(${literal(extract.path)})`,
  );
  return {
    bad: load.plans.map((_, index) => Number(row![`b${index}`])),
    present: load.plans.map((_, index) => Number(row![`p${index}`])),
  };
}

export async function finishLoad(load: SourceLoad): Promise<LoadedSource> {
  const { engine, definition, source, prepared, plans } = load;
  const extract = load.extract!;
  load.onProgress({ source: source.name, step: 'checking' });
  await checkControlTotals(load);
  const structural = prepared.reader.kind === 'clean' ? prepared.reader.clean : undefined;
  const counts = { ...load.glance!, ...(await summarise(engine, definition, extract, load.glance!)) };
  const rejected = counts.bad + (structural?.rejected ?? 0);
  const read = counts.rows + (structural?.rejected ?? 0);
  if (read === 0)
    throw new FailureError(fail('FILE_EMPTY', `${prepared.name} has a header and no rows`, { source: source.name }));
  const limit = definition.rejectsMax;
  const rejectsPath = rejected > 0 ? await writeRejects(load, extract, structural) : undefined;
  if (limit !== undefined && rejected > limit) {
    const [first] = await firstRejects(engine, rejectsPath!, 1);
    const rows = `${rejected} ${rejected === 1 ? 'row was' : 'rows were'} rejected and ${limit} are allowed`;
    throw new FailureError(
      fail('REJECTS_EXCEEDED', `${prepared.name}: ${rows}; ${rejectText(first!)}`, {
        source: source.name,
        rejected,
        rejectsMax: limit,
        rejectsPath,
        first,
      }),
    );
  }
  const keys = plans.filter((plan) => plan.field.role === 'KEY').map((plan) => plan.field.name);
  if (counts.records > 0 && keys.length > 0 && !counts.keyed)
    throw new FailureError(
      fail('KEY_COLUMN_EMPTY', `${prepared.name}: no row has a value in ${keys.join(', ')}`, {
        source: source.name,
        fields: keys,
      }),
    );
  const readings: LoadedSource['readings'] = {};
  for (const plan of plans) {
    const stored = storedReading(plan);
    if (stored) readings[plan.field.name] = stored;
  }
  load.onProgress({ source: source.name, step: 'loaded', rows: read });
  return {
    source: source.name,
    relation: relationSql(extract, { rejected: counts.bad }),
    fields: extract.fields.map(({ name, plan, sqlType }) => ({ name, type: plan.reading.type, sqlType })),
    readings,
    rows: { read, records: counts.records, rejected, excluded: counts.excluded },
    sums: counts.sums,
    ...(rejectsPath && { rejectsPath }),
  };
}
