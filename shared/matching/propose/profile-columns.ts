// Loads two files for looking at them: every column with the type that its values have, how many differ, how many are
// empty. Nothing is compared, and a column whose reading cannot be decided is looked at as text, with a note.
import type { Definition, Field, FieldType, InputFormat, Reading } from '../../domain/definition.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { inspectFile } from '../input/inspect-file.ts';
import { loadSources } from '../load/load-sources.ts';
import type { LoadedSource } from '../records.ts';
import { identifier } from '../sql.ts';

/** `input` is what sniffing the file would otherwise decide: its sheet, its delimiter. */
export type ProfiledFile = { path: string; name?: string; input?: InputFormat };
export type Side = 'left' | 'right';

export type ColumnProfile = {
  name: string;
  /** Name of the column in `relation`. */
  field: string;
  type: FieldType;
  /** Digits after the mark, of decimals. */
  scale: number;
  reading: Reading;
  /** Different values, estimated within a few percent; empty ones are none. */
  distinct: number;
  empty: number;
};

export type ProfiledSide = { relation: string; rows: number; rejected: number; columns: ColumnProfile[] };
export type Profile = { left: ProfiledSide; right: ProfiledSide; notes: string[] };

/** Columns past these of a header are not looked at: the search for a key must end on any file. */
const columnsMax = 100;

export async function headersOf(files: Record<Side, ProfiledFile>): Promise<Result<Record<Side, string[]>>> {
  const headers: Partial<Record<Side, string[]>> = {};
  for (const side of ['left', 'right'] as const) {
    const { path, ...options } = files[side];
    const inspected = await inspectFile(path, options);
    if (!inspected.ok) return inspected;
    headers[side] = inspected.value.columns;
  }
  return ok(headers as Record<Side, string[]>);
}

/** Looks at the given columns of each side; those that are in their header twice are left out. */
export async function profileColumns(
  engine: Engine,
  files: Record<Side, ProfiledFile>,
  columns: Record<Side, string[]>,
): Promise<Result<Profile>> {
  const once = {
    left: columns.left.filter(isOnce).slice(0, columnsMax),
    right: columns.right.filter(isOnce).slice(0, columnsMax),
  };
  const asText = new Set<string>();
  const notes: string[] = [];
  for (;;) {
    const definition = definitionFor(files, once, asText);
    const loaded = await loadSources(engine, { definition, files });
    if (loaded.ok) return ok(await profileOf(engine, definition, loaded.value, notes));
    const field = loaded.fields?.field;
    if (loaded.code !== 'READING_AMBIGUOUS' || typeof field !== 'string' || asText.has(field)) return loaded;
    asText.add(field);
    notes.push(loaded.detail.replaceAll(`"${field}"`, `"${columnOf(definition, field)}"`));
  }
}

function isOnce(column: string, _index: number, all: string[]): boolean {
  return all.indexOf(column) === all.lastIndexOf(column);
}

/** A constant as the key: nothing is matched, only loaded. Types are decided for what is compared. */
function definitionFor(
  files: Record<Side, ProfiledFile>,
  columns: Record<Side, string[]>,
  asText: Set<string>,
): Definition {
  const fields = (['left', 'right'] as const).flatMap((side) =>
    columns[side].map((column, index): Field => {
      const name = `${side}${index}`;
      return {
        name,
        role: 'COMPARE',
        mapping: { [side]: { column } },
        ...(asText.has(name) && { type: 'text' as const }),
      };
    }),
  );
  return {
    name: 'profile',
    sources: (['left', 'right'] as const).map((name) => ({
      name,
      anchor: name === 'left',
      ...(files[name].input && { input: files[name].input }),
    })),
    fields: [{ name: 'all', role: 'KEY', mapping: { left: { constant: '1' }, right: { constant: '1' } } }, ...fields],
    passes: [{ kind: 'exact-key' }],
  };
}

function columnOf(definition: Definition, name: string): string {
  const mapping = Object.values(definition.fields.find((field) => field.name === name)?.mapping ?? {})[0];
  return typeof mapping === 'object' && 'column' in mapping ? mapping.column : name;
}

async function profileOf(
  engine: Engine,
  definition: Definition,
  loaded: LoadedSource[],
  notes: string[],
): Promise<Profile> {
  const sides: ProfiledSide[] = [];
  for (const source of loaded) {
    const fields = source.fields.filter((field) => field.name !== 'all');
    const counts = fields.map(
      ({ name }, index) =>
        `approx_count_distinct(${identifier(name)}) AS d${index}, count(*) - count(${identifier(name)}) AS e${index}`,
    );
    const [row = {}] = counts.length
      ? await engine.rows<Record<string, string | number>>(`SELECT ${counts.join(', ')} FROM ${source.relation}`)
      : [];
    sides.push({
      relation: source.relation,
      rows: source.rows.records,
      rejected: source.rows.rejected,
      columns: fields.map((field, index) => {
        const { type: _type, ...reading } = source.readings[field.name] ?? { type: field.type };
        return {
          name: columnOf(definition, field.name),
          field: field.name,
          type: field.type,
          scale: Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(field.sqlType)?.[1] ?? 0),
          reading,
          distinct: Number(row[`d${index}`] ?? 0),
          empty: Number(row[`e${index}`] ?? 0),
        };
      }),
    });
  }
  const [left, right] = sides;
  if (!left || !right) throw new Error('two sources were asked for');
  return { left, right, notes };
}

/** The value as text that is equal for equal values of both sides, whatever their scale or case of boolean. */
export function comparableText(column: ColumnProfile): string {
  const name = identifier(column.field);
  if (column.type === 'text') return `trim(${name})`;
  if (column.scale > 0) return `rtrim(rtrim(${name}::VARCHAR, '0'), '.')`;
  return `${name}::VARCHAR`;
}

export function noRows(profile: Profile): Result<never> | undefined {
  if (profile.left.rows > 0 && profile.right.rows > 0) return undefined;
  return fail('FILE_EMPTY', `${profile.left.rows === 0 ? 'left' : 'right'}: no row that could be read`);
}
