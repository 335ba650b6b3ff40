// One value of a query as a cell of a workbook, and how it is shown. Excel numbers are binary floats of 15 digits: one with more
// is written as text, so that no digit is lost, and so is a time that a date cell would round. Text never becomes a formula.
import { numberFormatOf } from '../../domain/graph/number-format.ts';
import type { ColumnKind } from '../../domain/graph/report-template.ts';
import { decimalShape } from '../match/exact-decimal.ts';

export type Cell = string | number | boolean | Date | null;

const exactDigitsMax = 15;
/** Characters of a cell, as the file format has it. */
const cellCharactersMax = 32_767;

/** `value` as DuckDB gives it: what is no JavaScript value of its own says itself exactly as text. */
export function cellOf(value: unknown, kind: ColumnKind): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return kind === 'number' ? numberOrText(value) : printable(value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  const items = itemsOf(value);
  if (items) return printable(items.join('; '));
  if (kind === 'number') return numberOrText(String(value));
  return kind === 'date' || kind === 'datetime' ? dateOrText(String(value)) : printable(String(value));
}

/** Of a list; undefined for any other value. */
export function itemsOf(value: unknown): readonly unknown[] | undefined {
  const { items } = (value ?? {}) as { items?: unknown };
  return Array.isArray(items) ? items : undefined;
}

/** Of a column of this SQL type; undefined where a cell needs none. */
export function cellFormat(type: string, formattingHint?: string | null): string | undefined {
  const kind = kindOfType(type);
  const asked = formattingHint == null ? undefined : numberFormatOf(formattingHint, kind);
  if (asked !== undefined) return asked;
  if (kind === 'date') return 'yyyy-mm-dd';
  if (kind === 'datetime') return 'yyyy-mm-dd hh:mm:ss';
  const scale = decimalShape(type)?.scale ?? 0;
  // Two decimals are always shown, further ones where there are any.
  return scale === 0 ? undefined : `#,##0.${'0'.repeat(Math.min(scale, 2))}${'#'.repeat(Math.max(scale - 2, 0))}`;
}

export function kindOfType(type: string): ColumnKind {
  if (type === 'DATE') return 'date';
  if (type === 'TIMESTAMP') return 'datetime';
  if (type === 'BOOLEAN') return 'boolean';
  return type.startsWith('DECIMAL') || numericTypes.has(type) ? 'number' : 'text';
}
const numericTypes = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UBIGINT', 'HUGEINT', 'FLOAT', 'DOUBLE']);

export function numberOrText(text: string): number | string {
  return text.replace(/[^\d]/g, '').replace(/^0+/, '').length <= exactDigitsMax ? Number(text) : text;
}

/** Excel counts a 29 February 1900 that never was, so dates before March of that year are another day there. */
function dateOrText(text: string): Date | string {
  const found = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d(?:\.\d{1,3}0*)?))?$/.exec(text);
  if (!found || text < '1900-03-01') return text;
  return new Date(`${found[1]}T${found[2] ?? '00:00:00'}Z`);
}

/** Control characters, those that XML refuses, and what would be read as the escape of one. Most texts have none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const special = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_/;

/** XML holds no control characters: they are written in the escape that the file format has for them. */
export function printable(text: string): string {
  const escaped = special.test(text)
    ? text.replace(/_x[0-9A-Fa-f]{4}_/g, '_x005F$&').replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, escapeOf)
    : text;
  return escaped.length <= cellCharactersMax ? escaped : `${escaped.slice(0, cellCharactersMax - 1)}…`;
}

function escapeOf(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}
