// Test support: loaded sources from rows written in a test, and the outcome of a match by content.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDecimals } from '../../../../shared/domain/decimal.ts';
import type { Definition, Field, FieldType } from '../../../../shared/domain/definition.ts';
import type { LearnedPasses } from '../../../../shared/domain/learned.ts';
import type { SideSums } from '../../../../shared/domain/outcome.ts';
import { type Engine, openEngine } from '../../../../shared/matching/engine.ts';
import { canonicalOutcome } from '../../../../shared/matching/match/canonical-outcome.ts';
import { matchSources } from '../../../../shared/matching/match/match-sources.ts';
import type { Matched } from '../../../../shared/matching/match/matched.ts';
import type { LoadedSource } from '../../../../shared/matching/records.ts';
import { identifier, literal } from '../../../../shared/matching/sql.ts';

/** Key, then the values of the fields in order; the texts of typed values. */
export type Row = (string | null)[];
export type FieldSpec = { name: string; sqlType: string } & Partial<Omit<Field, 'name' | 'mapping'>>;

export function fieldType(sqlType: string): FieldType {
  if (sqlType.startsWith('DECIMAL')) return 'decimal';
  const types: Record<string, FieldType> = { DATE: 'date', TIMESTAMP: 'datetime', BOOLEAN: 'boolean' };
  return types[sqlType] ?? 'text';
}

export function definitionOf(
  fields: FieldSpec[],
  sources = ['left', 'right'],
  more: Partial<Definition> = {},
): Definition {
  return {
    name: 'test',
    sources: sources.map((name, index) => (index === 0 ? { name, anchor: true } : { name })),
    fields: fields.map(({ sqlType, role = 'COMPARE', ...field }) => ({
      role,
      type: fieldType(sqlType),
      mapping: {},
      ...field,
    })),
    passes: [{ kind: 'exact-key' }],
    ...more,
  };
}

/** `$row` is the place in the list, from 1, plus `rowsFrom`; sums are worked out here, apart from the engine. */
export function sourceOf(
  name: string,
  fields: FieldSpec[],
  rows: Row[],
  currencyField?: string,
  rowsFrom = 0,
): LoadedSource {
  const columns = ['$row', '$key', ...fields.map((field) => field.name)].map(identifier);
  const types = ['BIGINT', 'VARCHAR', ...fields.map((field) => field.sqlType)];
  const values = rows.map((row, index) =>
    [String(rowsFrom + index + 1), ...row].map((value) => (value === null ? 'NULL' : literal(value))),
  );
  const none = `(SELECT ${columns.map(() => 'NULL').join(', ')})`;
  const list = values.length > 0 ? `(VALUES ${values.map((row) => `(${row.join(', ')})`).join(', ')})` : none;
  const cast = columns.map((column, index) => `${column}::${types[index]} AS ${column}`).join(', ');
  const relation = `(SELECT ${cast} FROM ${list} t(${columns.join(', ')})${values.length > 0 ? '' : ' LIMIT 0'})`;
  const sums: SideSums = {};
  for (const row of rows) {
    const currency = currencyField ? (row[1 + fields.findIndex((field) => field.name === currencyField)] ?? '') : '';
    for (const [index, field] of fields.entries()) {
      const value = row[index + 1];
      if (value == null || !field.sqlType.startsWith('DECIMAL')) continue;
      const byCurrency = (sums[field.name] ??= {});
      byCurrency[currency] = addDecimals(byCurrency[currency] ?? '0', value);
    }
  }
  return {
    source: name,
    relation,
    fields: fields.map((field) => ({ name: field.name, type: fieldType(field.sqlType), sqlType: field.sqlType })),
    readings: {},
    rows: { read: rows.length, records: rows.length, rejected: 0, excluded: 0 },
    sums,
  };
}

export async function withEngine<Value>(work: (engine: Engine) => Promise<Value>, memoryMb = 500): Promise<Value> {
  const directory = mkdtempSync(join(tmpdir(), 'match-test-'));
  const engine = await openEngine({ directory, memoryMb, threads: 2 });
  try {
    return await work(engine);
  } finally {
    engine.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

export type CanonicalLine = {
  outcome: string;
  key: string | null;
  source: string;
  occurrence: number | null;
  left: Record<string, string | null> | null;
  right: Record<string, string | null> | null;
  missing_in: string | null;
  fields: string[] | null;
  differences: string | null;
  legs: string | null;
};

export async function matchRows(
  engine: Engine,
  definition: Definition,
  sources: LoadedSource[],
  learned?: LearnedPasses,
): Promise<Matched> {
  const directory = join(engine.directory, 'out');
  const result = await matchSources(engine, { definition, sources, directory, ...(learned && { learned }) });
  if (!result.ok) throw new Error(`${result.code}: ${result.detail}`);
  return result.value;
}

/** The canonical lines, with `left` and `right` parsed. */
export async function canonicalLines(
  engine: Engine,
  definition: Definition,
  sources: LoadedSource[],
  matched: Pick<Matched, 'matchesPath' | 'breaksPath'>[],
): Promise<{ lines: CanonicalLine[]; sha256: string }> {
  const outputPath = join(engine.directory, 'canonical.ndjson');
  const { sha256 } = await canonicalOutcome(engine, {
    definition,
    sources,
    matchesPaths: matched.map((one) => one.matchesPath),
    breaksPaths: matched.map((one) => one.breaksPath),
    outputPath,
  });
  const text = readFileSync(outputPath, 'utf8');
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const parsed = JSON.parse(line);
      return {
        ...parsed,
        left: parsed.left && JSON.parse(parsed.left),
        right: parsed.right && JSON.parse(parsed.right),
      };
    });
  return { lines, sha256 };
}
