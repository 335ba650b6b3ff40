// One value of a query as a cell of a workbook, and how it is shown. Excel numbers are binary floats of 15 digits: one with more
// is written as text, so that no digit is lost, and so is a time that a date cell would round. Text never becomes a formula.
import type { DuckDBDateValue, DuckDBDecimalValue, DuckDBTimestampValue } from '@duckdb/node-api';
import { numberFormatOf } from '../../domain/graph/number-format.ts';
import type { ColumnKind } from '../../domain/graph/report-template.ts';
import { decimalShape } from '../match/exact-decimal.ts';

export type Cell = string | number | boolean | Date | null;

const exactDigitsMax = 15;
/** Characters of a cell, as the file format has it. */
const cellCharactersMax = 32_767;

/** `value` as DuckDB gives it. */
export function cellOf(value: unknown, kind: ColumnKind): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return kind === 'number' ? numberOrText(value) : printable(value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (kind === 'number') return decimalOrText(value as bigint | DuckDBDecimalValue);
  if (kind === 'date') return serialOrText(value as DuckDBDateValue, (value as DuckDBDateValue).days);
  if (kind === 'datetime') {
    const moment = value as DuckDBTimestampValue;
    return serialOrText(moment, Number(moment.micros / 1000n) / dayMs, moment.micros % 1000n === 0n);
  }
  return printable(itemsOf(value)?.join('; ') ?? String(value));
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
  if (text.length <= exactDigitsMax) return Number(text);
  return text.replace(/[^\d]/g, '').replace(/^0+/, '').length <= exactDigitsMax ? Number(text) : text;
}

/** Both parts of the quotient are exact, so that it is the number nearest to the decimal. */
function decimalOrText(value: bigint | DuckDBDecimalValue): number | string {
  const [digits, scale] = typeof value === 'bigint' ? [value, 0] : [value.value, value.scale];
  const exact = digits < unitsMax && digits > -unitsMax && scale <= exactPowerMax;
  return exact ? Number(digits) / 10 ** scale : numberOrText(String(value));
}
const unitsMax = 10n ** BigInt(exactDigitsMax);
/** 10²² is the last power of ten that a binary float holds exactly. */
const exactPowerMax = 22;

/**
 * As the number that a spreadsheet keeps for a date: days from the end of 1899. Excel counts a 29 February 1900 that never was, so that
 * dates before March of that year are another day there; after 9999 it has none.
 */
function serialOrText(value: DuckDBDateValue | DuckDBTimestampValue, epochDays: number, exact = true): number | string {
  const serial = epochDays + epochSerial;
  if (exact && serial >= firstSerial && serial < lastSerial) return serial;
  // Its own text would be the last day that it can count.
  if (!value.isFinite) return serial > 0 ? 'infinity' : '-infinity';
  return String(value);
}
const dayMs = 24 * 60 * 60 * 1000;
const epochSerial = 25_569;
const firstSerial = 61;
const lastSerial = 2_958_466;

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
