// Options that settle how files and fields are read, given for one side or for all: `[SOURCE=]VALUE`, `FIELD[@SOURCE]=VALUE`.
// They apply to a definition made from options and to one from a file alike.
import type { Definition, FieldType, InputFormat, Reading, Source } from '../../shared/domain/definition.ts';
import { UsageError } from '../usage-error.ts';
import { splitEscaped, unescapeName } from './split-escaped.ts';

export type Settings = {
  'max-rejects'?: string;
  'date-format'?: string[];
  'decimal-mark'?: string[];
  type?: string[];
  'ignore-case'?: string[];
  sheet?: string[];
  delimiter?: string[];
  encoding?: string[];
  'input-format'?: string[];
};

export const settingOptions = {
  'max-rejects': { type: 'string' },
  'date-format': { type: 'string', multiple: true },
  'decimal-mark': { type: 'string', multiple: true },
  type: { type: 'string', multiple: true },
  'ignore-case': { type: 'string', multiple: true },
  sheet: { type: 'string', multiple: true },
  delimiter: { type: 'string', multiple: true },
  encoding: { type: 'string', multiple: true },
  'input-format': { type: 'string', multiple: true },
} as const;

const fieldTypes: readonly FieldType[] = ['text', 'integer', 'decimal', 'date', 'datetime', 'boolean'];
const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1'] as const;
const inputFormats = ['csv', 'json', 'ndjson', 'parquet', 'xlsx'] as const;

/** Format, sheet, delimiter and encoding, which the headers are read with. A changed copy; throws a UsageError. */
export function applyInputSettings(given: Source[], settings: Settings): Source[] {
  const sources = structuredClone(given);
  for (const text of settings.sheet ?? []) setInput(sources, '--sheet', text, (sheet) => ({ sheet }));
  for (const text of settings.delimiter ?? [])
    setInput(sources, '--delimiter', text, (value) => {
      const delimiter = value === '\\t' || value === 'tab' ? '\t' : value;
      if ([...delimiter].length !== 1) throw new UsageError(`--delimiter ${text}: one character, or \\t`);
      return { delimiter };
    });
  for (const text of settings.encoding ?? [])
    setInput(sources, '--encoding', text, (value) => {
      const encoding = encodings.find((known) => known === value.toLowerCase());
      if (!encoding) throw new UsageError(`--encoding ${text}: one of ${encodings.join(', ')}`);
      return { encoding };
    });
  for (const text of settings['input-format'] ?? [])
    setInput(sources, '--input-format', text, (value) => {
      const format = inputFormats.find((known) => known === value.toLowerCase());
      if (!format) throw new UsageError(`--input-format ${text}: one of ${inputFormats.join(', ')}`);
      return { format };
    });
  return sources;
}

/** All other settings. A changed copy; throws a UsageError that names the option. */
export function applyFieldSettings(definition: Definition, settings: Settings): Definition {
  const changed = structuredClone(definition);
  const rejects = settings['max-rejects'];
  if (rejects !== undefined) {
    if (!/^\d+$/.test(rejects)) throw new UsageError(`--max-rejects ${rejects}: not a whole number`);
    changed.rejectsMax = Number(rejects);
  }
  for (const text of settings['date-format'] ?? [])
    setReading(changed, '--date-format', text, (dateFormat) => {
      if (!dateFormat.includes('%')) throw new UsageError(`--date-format ${text}: not a pattern like %d.%m.%Y`);
      return { dateFormat };
    });
  for (const text of settings['decimal-mark'] ?? [])
    setReading(changed, '--decimal-mark', text, (mark) => {
      if (mark !== '.' && mark !== ',') throw new UsageError(`--decimal-mark ${text}: the mark is . or ,`);
      return { decimalMark: mark };
    });
  for (const text of settings.type ?? []) {
    const [name = '', type] = splitEscaped(text, '=', 2);
    if (!fieldTypes.includes(type as FieldType))
      throw new UsageError(`--type ${text}: not FIELD=TYPE with a type of ${fieldTypes.join(', ')}`);
    fieldNamed(changed, '--type', unescapeName(name)).type = type as FieldType;
  }
  for (const text of settings['ignore-case'] ?? []) {
    const field = fieldNamed(changed, '--ignore-case', unescapeName(text));
    if (field.role === 'KEY')
      field.normalise = [...new Set([...(field.normalise ?? []), 'trim', 'collapse-spaces', 'upper'] as const)];
    else field.comparison = 'ignore-case';
  }
  return changed;
}

function setReading(definition: Definition, option: string, text: string, read: (value: string) => Reading): void {
  const [target = '', value] = splitEscaped(text, '=', 2);
  if (value === undefined) throw new UsageError(`${option} ${text}: not FIELD=VALUE or FIELD@SOURCE=VALUE`);
  const [name = '', source, ...more] = splitEscaped(target, '@').map(unescapeName);
  if (more.length > 0) throw new UsageError(`${option} ${text}: more than one @; write \\@ for one that is in a name`);
  const field = fieldNamed(definition, option, name);
  const sources = source === undefined ? definition.sources : [sourceNamed(definition.sources, option, source)];
  field.reading ??= {};
  for (const { name: sourceName } of sources)
    field.reading[sourceName] = { ...field.reading[sourceName], ...read(value) };
}

/** `VALUE` for all sources, `SOURCE=VALUE` for one; a value that holds a `=` needs it escaped, or the source before it. */
function setInput(all: Source[], option: string, text: string, read: (value: string) => InputFormat): void {
  const parts = splitEscaped(text, '=', 2);
  // A lone `=` is a delimiter, not a source without a name.
  const forOne = parts.length === 2 && parts[0] !== '';
  const sources = forOne ? [sourceNamed(all, option, unescapeName(parts[0]!))] : all;
  const value = unescapeName(forOne ? parts[1]! : text);
  for (const source of sources) source.input = { ...source.input, ...read(value) };
}

function fieldNamed(definition: Definition, option: string, name: string): Definition['fields'][number] {
  const field =
    definition.fields.find((candidate) => candidate.name === name) ??
    definition.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (field) return field;
  const known = definition.fields.map((candidate) => candidate.name).join(', ');
  throw new UsageError(`${option}: no field '${name}'; there is ${known}`);
}

function sourceNamed(sources: Source[], option: string, name: string): Source {
  const source = sources.find((candidate) => candidate.name === name);
  if (source) return source;
  const known = sources.map((candidate) => candidate.name).join(', ');
  throw new UsageError(`${option}: no source '${name}'; there is ${known}`);
}
