// One value of a query as a cell of a workbook, and how it is shown. Excel numbers are binary floats of 15 digits: one with more
// is written as text, so that no digit is lost, and so is a time that a date cell would round. Text never becomes a formula.
import { numberFormatOf } from '../../domain/graph/number-format.ts';
import type { ColumnKind } from '../../domain/graph/report-template.ts';
import { decimalShape } from '../match/exact-decimal.ts';

export type Cell = string | number | boolean | Date | null;

const exactDigitsMax = 15;
/** Characters of a cell, as the file format has it. */
const cellCharactersMax = 32_767;

/** `value` as DuckDB's JSON rows have it, of this SQL type. */
export function cellOf(value: unknown, type: string): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return printable(value.join('; '));
  const text = String(value);
  const kind = kindOfType(type);
  if (kind === 'number') return numberOrText(text);
  if (kind === 'date' || kind === 'datetime') return dateOrText(text);
  return printable(text);
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

/** XML holds no control characters: they are written in the escape that the file format has for them. */
export function printable(text: string): string {
  const escaped = text.replace(/_x[0-9A-Fa-f]{4}_/g, '_x005F$&').replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, escapeOf);
  return escaped.length <= cellCharactersMax ? escaped : `${escaped.slice(0, cellCharactersMax - 1)}…`;
}

function escapeOf(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}
