// Loads written files for the tests of loading: records, rejects and readings as plain values.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Definition, Field, InputFormat, Source } from '../../../../shared/domain/definition.ts';
import type { Failure } from '../../../../shared/domain/result.ts';
import { type Engine, openEngine } from '../../../../shared/matching/engine.ts';
import { loadSource } from '../../../../shared/matching/load/load-source.ts';
import type { LoadedSource, RejectedRow } from '../../../../shared/matching/records.ts';

export type Bench = {
  directory: string;
  engine: Engine;
  write(name: string, content: string | Buffer): string;
  close(): void;
};

export async function openBench(): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-loading-'));
  mkdirSync(join(directory, 'files'));
  const engine = await openEngine({
    directory: join(directory, 'scratch'),
    allowed: [join(directory, 'files')],
    memoryMb: 512,
    threads: 2,
  });
  return {
    directory,
    engine,
    write(name, content) {
      const path = join(directory, 'files', name);
      writeFileSync(path, content);
      return path;
    },
    close() {
      engine.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type FieldOf = Partial<Omit<Field, 'mapping'>> & { name: string; from?: Field['mapping'][string] };

/** A definition of one source `S`, whose other side is never loaded. */
export function definitionOf(
  fields: FieldOf[],
  source: Partial<Source> = {},
  rest: Partial<Definition> = {},
): Definition {
  return {
    name: 'test',
    sources: [{ ...source, name: 'S', anchor: true }, { name: 'other' }],
    fields: fields.map(({ from, ...field }) => ({ role: 'COMPARE', ...field, mapping: { S: from ?? field.name } })),
    passes: [{ kind: 'exact-key' }],
    ...rest,
  };
}

export type Loaded = {
  records: Record<string, unknown>[];
  rejects: RejectedRow[];
  rows: LoadedSource['rows'];
  readings: LoadedSource['readings'];
  types: Record<string, string>;
  sums: LoadedSource['sums'];
  loaded: LoadedSource;
};

export async function load(
  bench: Bench,
  path: string,
  definition: Definition,
  options: { name?: string; readings?: LoadedSource['readings'] } = {},
): Promise<Loaded | Failure> {
  const { name, readings } = options;
  const result = await loadSource(bench.engine, {
    definition,
    source: 'S',
    file: { path, ...(name !== undefined && { name }) },
    ...(readings && { readings }),
  });
  if (!result.ok) return result;
  const loaded = result.value;
  const rows = await bench.engine.rows<Record<string, unknown>>(`SELECT * FROM ${loaded.relation} ORDER BY "$row"`);
  const rejects = loaded.rejectsPath
    ? await bench.engine.rows<RejectedRow>(
        `SELECT * REPLACE (CAST(line AS INTEGER) AS line) FROM '${loaded.rejectsPath}'`,
      )
    : [];
  return {
    records: rows.map((row) => ({ ...row, $row: Number(row.$row) })),
    rejects,
    rows: loaded.rows,
    readings: loaded.readings,
    types: Object.fromEntries(loaded.fields.map((field) => [field.name, field.sqlType])),
    sums: loaded.sums,
    loaded,
  };
}

/** The loaded source, or an assertion that says why it was refused. */
export async function loadOk(...args: Parameters<typeof load>): Promise<Loaded> {
  const result = await load(...args);
  if ('ok' in result) throw new Error(`${result.code}: ${result.detail}`);
  return result;
}

export async function loadFailure(...args: Parameters<typeof load>): Promise<Failure> {
  const result = await load(...args);
  if (!('ok' in result)) throw new Error('the load was expected to fail');
  return result;
}

export function input(format: InputFormat): Partial<Source> {
  return { input: format };
}
