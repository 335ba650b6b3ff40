// The real engine of the pipeline: each call opens a DuckDB confined to the call's directory and closes it again.
import { join } from 'node:path';
import type { Definition, Field } from '../domain/definition.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { findAnomalies } from '../matching/anomaly/find-anomalies.ts';
import { type Engine, openEngine } from '../matching/engine.ts';
import { firstRejects } from '../matching/load/first-rejects.ts';
import { loadSource } from '../matching/load/load-source.ts';
import { loadSources } from '../matching/load/load-sources.ts';
import { readRecords } from '../matching/load/read-records.ts';
import { writeRecords } from '../matching/load/write-records.ts';
import { matchKeys } from '../matching/match/match-keys.ts';
import { matchSources } from '../matching/match/match-sources.ts';
import { partitionSource } from '../matching/match/partition-source.ts';
import { proposeDefinition } from '../matching/propose/propose-definition.ts';
import { type LoadedSource, rowColumn } from '../matching/records.ts';
import { identifier, literal } from '../matching/sql.ts';
import { compareWithLedger, readChanges } from './breaks/compare-with-ledger.ts';
import { joinMembers, pickRecords, presentRows } from './decisions/pick-records.ts';
import type { Carry, MatchedChunk, MatchRequest, PipelineEngine, ProposeRequest } from './pipeline-engine.ts';

/** Of a batch, for whoever sent the file. */
const rejectsKept = 20;

export type EngineLimits = { memoryMb: number; threads: number };

export function createDuckdbEngine(limits: EngineLimits): PipelineEngine {
  const opened = async <T>(directory: string, work: (engine: Engine) => Promise<T>): Promise<T> => {
    const engine = await openEngine({ directory, ...limits });
    try {
      return await work(engine);
    } finally {
      engine.close();
    }
  };
  return {
    load: ({ directory, definition, source, path, fileName, batchNumber, readings }) =>
      opened(directory, async (engine) => {
        const file = { path, name: fileName };
        const loaded = await loadSource(engine, { definition, source, file, ...(readings && { readings }) });
        if (!loaded.ok) return loaded;
        const recordsPath = join(directory, 'records.parquet');
        await writeRecords(engine, loaded.value, { path: recordsPath, batchNumber });
        const { rows, sums, fields, readings: inForce, rejectsPath } = loaded.value;
        return ok({
          recordsPath,
          rows,
          sums,
          fields,
          readings: inForce,
          ...(rejectsPath !== undefined && {
            rejectsPath,
            rejects: await firstRejects(engine, rejectsPath, rejectsKept),
          }),
        });
      }),
    propose: (request) => opened(request.directory, (engine) => propose(engine, request)),
    partition: ({ directory, definition, records, chunks }) =>
      opened(directory, async (engine) => {
        const source = await readRecords(engine, { definition, ...records });
        return partitionSource(engine, { source, chunks, directory: join(directory, 'chunks') });
      }),
    match: (request) => opened(request.directory, (engine) => match(engine, request)),
    matchKeys: (request) =>
      opened(request.directory, async (engine) => {
        const sources = await readSources(engine, request);
        const directory = join(request.directory, 'results');
        const { definition, decisions } = request;
        const matched = await matchKeys(engine, { definition, sources, directory, ...(decisions && { decisions }) });
        return { ...matched, carried: await carriedOf(engine, request, sources, matched.matchesPath) };
      }),
    joinMembers: (request) => opened(request.directory, (engine) => joinMembers(engine, request)),
    present: (request) => opened(request.directory, (engine) => presentRows(engine, request)),
    pick: (request) => opened(request.directory, (engine) => pickRecords(engine, request)),
    compare: (request) => opened(request.directory, (engine) => compareWithLedger(engine, request)),
    findAnomalies: (request) => opened(request.directory, (engine) => findAnomalies(engine, request)),
    changes: (request) => opened(request.directory, (engine) => readChanges(engine, request)),
  };
}

/** As many as a person looks at; values are cut, since they are kept with the batch. */
async function match(engine: Engine, request: MatchRequest): Promise<Result<MatchedChunk>> {
  const { definition, verdicts, decisions, learned, searchedPath } = request;
  const sources = await readSources(engine, request);
  const directory = join(request.directory, 'results');
  const matched = await matchSources(engine, {
    definition,
    sources,
    directory,
    ...(verdicts && { verdicts }),
    ...(decisions && { decisions }),
    ...(learned && { learned }),
    ...(searchedPath !== undefined && { searchedPath }),
  });
  if (!matched.ok) return matched;
  return ok({ ...matched.value, carried: await carriedOf(engine, request, sources, matched.value.matchesPath) });
}

async function readSources(engine: Engine, { definition, records }: MatchRequest): Promise<LoadedSource[]> {
  const sources: LoadedSource[] = [];
  for (const one of records) sources.push(await readRecords(engine, { definition, ...one }));
  return sources;
}

async function carriedOf(
  engine: Engine,
  { directory, definition, carry }: MatchRequest,
  sources: LoadedSource[],
  matchesPath: string,
): Promise<MatchedChunk['carried']> {
  const carried: MatchedChunk['carried'] = [];
  for (const [index, source] of sources.entries()) {
    if (!carry.sources.includes(source.source)) continue;
    const path = join(directory, `carried-${index}.parquet`);
    const settled = `SELECT ${index === 0 ? 'left_row' : 'right_row'} FROM read_parquet(${literal(matchesPath)})`;
    await engine.run(`COPY (SELECT * FROM ${source.relation} ${onlyOpen(carry, settled)}) TO ${literal(path)}
      (FORMAT parquet, COMPRESSION zstd)`);
    const { rows, sums, fields } = await readRecords(engine, { definition, source: source.source, paths: [path] });
    carried.push({ source: source.source, path, rows: rows.records, sums, fields });
  }
  return carried;
}

function onlyOpen(carry: Carry, settled: string): string {
  // The row of a side that a group has several records of may be null.
  return carry.what === 'open'
    ? `WHERE ${identifier(rowColumn)} NOT IN (FROM (${settled}) t(r) WHERE r IS NOT NULL)`
    : '';
}

/** The shared columns, compared as they are, with the types that both files together decide. */
async function propose(engine: Engine, { name, files, keyFields }: ProposeRequest): Promise<Result<Definition>> {
  const [left, right] = files;
  if (!left || !right || files.length > 2) {
    return fail('DEFINITION_INVALID', 'A definition can be proposed for two files; give one for more');
  }
  const named = { left: { path: left.path, name: left.fileName }, right: { path: right.path, name: right.fileName } };
  const proposed = await proposeDefinition(engine, {
    ...named,
    compare: 'shared',
    ...(keyFields && { keys: keyFields }),
  });
  if (!proposed.ok) return proposed;
  const typed = await decideTypes(engine, proposed.value.definition, named, keyFields !== undefined);
  if (!typed.ok) return typed;
  return ok(renamed(typed.value, name, { left: left.source, right: right.source }));
}

/**
 * A column that can be read in more than one way is compared as the text that it is. With `keysToo` the columns of the key get the
 * type of their values, where these are amounts or dates: 10.5 is 10.50. Whole numbers stay text there, for 007 is not 7.
 */
async function decideTypes(
  engine: Engine,
  definition: Definition,
  files: Record<string, { path: string; name: string }>,
  keysToo: boolean,
): Promise<Result<Definition>> {
  const keys = new Set(definition.fields.filter(({ role }) => role === 'KEY').map(({ name }) => name));
  // As a compared field is read, a key's values can be looked at.
  const asCompared = definition.fields.map((field): Field => (keysToo ? { ...field, role: 'COMPARE' } : field));
  let current = { ...definition, fields: asCompared };
  for (;;) {
    const loaded = await loadSources(engine, { definition: current, files });
    if (loaded.ok) {
      const fields = current.fields.map((field): Field => {
        const typed = decided(field, loaded.value);
        if (!keysToo || !keys.has(field.name)) return typed;
        const whole = typed.type === 'boolean' || (typed.type === 'decimal' && !hasDecimals(field, loaded.value));
        return { ...typed, role: 'KEY', ...(whole && { type: 'text' }) };
      });
      return ok({ ...current, fields });
    }
    const ambiguous = current.fields.find((field) => field.name === loaded.fields?.field && field.type === undefined);
    if (loaded.code !== 'READING_AMBIGUOUS' || !ambiguous) return loaded;
    const fields = current.fields.map((field) => (field === ambiguous ? { ...field, type: 'text' as const } : field));
    current = { ...current, fields };
  }
}

function hasDecimals({ name }: Field, loaded: LoadedSource[]): boolean {
  return loaded.some(({ fields }) => fields.some((one) => one.name === name && !one.sqlType.endsWith(',0)')));
}

function decided(field: Field, loaded: LoadedSource[]): Field {
  const type = loaded.map(({ readings }) => readings[field.name]?.type).find((found) => found !== undefined);
  return type === undefined ? field : { ...field, type };
}

function renamed(definition: Definition, name: string, sources: Record<string, string>): Definition {
  const rename = <T>(of: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(of).map(([source, value]) => [sources[source] ?? source, value]));
  return {
    ...definition,
    name,
    sources: definition.sources.map((source) => ({ ...source, name: sources[source.name] ?? source.name })),
    fields: definition.fields.map((field) => ({ ...field, mapping: rename(field.mapping) })),
  };
}
