// Guesses the dialect of a CSV text from its first lines: delimiter, quote, header, lines before it.
import type { InputFormat } from '../../domain/definition.ts';
import { type CsvDialect, cellText, scanRecords } from './csv-scanner.ts';

export type LineEnd = '\n' | '\r\n' | '\r';

export type SniffedCsv = {
  dialect: CsvDialect;
  header: boolean;
  /** Of the header or first row. */
  lineEnd: LineEnd;
  /** Physical lines before the header, or before the first row when there is none. */
  preambleLines: number;
  columns: string[];
  /** Rows after the header. */
  rows: (string | null)[][];
  /** Physical lines up to the first row: preamble and header. */
  linesBeforeRows: number;
};

const delimiters = [',', ';', '\t', '|', '%', '^', '~', ':'];
/** Enough to tell delimiters apart, past a preamble. */
const rowsScored = 60;
const rowsSampled = 1000;

/**
 * `head` is UTF-8 and ends at a line end unless it is the whole file. `wanted` are columns known to be in the
 * header: they tell a header from a row, and the header from the preamble.
 */
export function sniffCsv(head: Buffer, input: InputFormat | undefined, wanted: string[], name: string): SniffedCsv {
  const quote = input?.quote ?? sniffQuote(head);
  const skip = input?.preambleLines ?? 0;
  const order = /\.tsv(\.gz)?$/i.test(name) ? ['\t', ...delimiters.filter((one) => one !== '\t')] : delimiters;
  // One that is nowhere in the text scores like the first of them.
  const able = order.filter((delimiter, index) => index === 0 || head.includes(delimiter));
  let best: { score: number; delimiter: string } | undefined;
  for (const delimiter of input?.delimiter ? [input.delimiter] : able) {
    const score = scoreOf(readLines(head, { delimiter, quote }, skip, rowsScored), wanted);
    if (!best || score > best.score) best = { score, delimiter };
  }
  const { delimiter } = best!;
  const dialect = { delimiter, quote };
  const rows = readLines(head, dialect, skip, rowsSampled);
  const headerAt = findHeader(rows, input, wanted);
  const width = rows[headerAt.index]?.cells.length ?? 0;
  const first = rows[headerAt.index];
  const columns = headerAt.header
    ? (first?.cells ?? []).map((cell, index) => cell?.trim() || `column${index + 1}`)
    : Array.from({ length: width }, (_, index) => `column${index + 1}`);
  const data = rows.slice(headerAt.index + (headerAt.header ? 1 : 0));
  const preambleLines = input?.preambleLines ?? (headerAt.index > 0 ? (first?.line ?? 1) - 1 : 0);
  const linesBeforeRows = headerAt.header && first ? first.line - 1 + first.lines : preambleLines;
  return {
    dialect,
    header: headerAt.header,
    lineEnd: first?.lineEnd ?? '\n',
    preambleLines,
    columns,
    rows: data.map((row) => columns.map((_, index) => row.cells[index] ?? null)),
    linesBeforeRows,
  };
}

type Line = { line: number; lines: number; lineEnd: LineEnd; cells: (string | null)[]; fault: boolean };

function readLines(head: Buffer, dialect: CsvDialect, skipLines: number, rowsMax: number): Line[] {
  const rows: Line[] = [];
  for (const record of scanRecords([head], { dialect, skipLines })) {
    const cells = Array.from({ length: record.cells.length / 3 }, (_, i) => cellText(record, i, dialect.quote) || null);
    const lines = countLineEnds(record.bytes.toString('latin1', record.start, record.end)) + 1;
    const after = record.bytes.toString('latin1', record.end, record.end + 2);
    const lineEnd = after.startsWith('\r') ? (after === '\r\n' ? '\r\n' : '\r') : '\n';
    rows.push({ line: record.line, lines, lineEnd, cells, fault: record.fault !== undefined });
    if (rows.length >= rowsMax) break;
  }
  return rows;
}

function countLineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

/** Higher for more columns in more of the lines; the wanted columns being there outweighs all else. */
function scoreOf(rows: Line[], wanted: string[]): number {
  const counts = new Map<number, number>();
  for (const row of rows) if (!row.fault) counts.set(row.cells.length, (counts.get(row.cells.length) ?? 0) + 1);
  let score = 0;
  for (const [width, count] of counts) {
    if (width > 1) score = Math.max(score, (count / rows.length) ** 2 * (1 + Math.min(width, 50) / 50));
  }
  if (wanted.length > 0 && rows.some((row) => holds(row, wanted))) score += 10;
  return score;
}

function holds(row: Line, wanted: string[]): boolean {
  const names = new Set(row.cells.map((cell) => cell?.trim()));
  return wanted.every((column) => names.has(column));
}

function findHeader(
  rows: Line[],
  input: InputFormat | undefined,
  wanted: string[],
): { index: number; header: boolean } {
  if (input?.header === false) return { index: 0, header: false };
  if (input?.preambleLines === undefined && wanted.length > 0) {
    const index = rows.findIndex((row) => holds(row, wanted));
    if (index >= 0 && (index === 0 || index < 100)) return { index, header: true };
  }
  if (input?.header === true || input?.preambleLines !== undefined) return { index: 0, header: true };
  // Lines of a preamble are narrower than the rows; the first line as wide as most is the header or the first row.
  const widths = rows.slice(0, 200).map((row) => row.cells.length);
  const usual = widths.toSorted((a, b) => a - b)[Math.floor(widths.length / 2)] ?? 0;
  const index = Math.max(
    0,
    widths.findIndex((width) => width >= usual),
  );
  const cells = rows[index]?.cells ?? [];
  const named = cells.filter((cell) => cell !== null);
  const looksLikeRow =
    named.length === 0 ||
    named.some((cell) => /^[-+(]?[$€£]?\d[\d.,' /:-]*[-)]?$/.test(cell.trim()) && cell.length < 40);
  return { index, header: !looksLikeRow };
}

/** The quote that more cells begin with; single quotes only where they are many, for they are apostrophes too. */
function sniffQuote(head: Buffer): string {
  const text = head.toString('latin1');
  const doubles = text.match(/(^|[,;\t|\r\n])"/g)?.length ?? 0;
  const singles = text.match(/(^|[,;\t|\r\n])'(?=([^'\r\n]|'')*'([,;\t|\r\n]|$))/g)?.length ?? 0;
  return singles >= 4 && singles > doubles ? "'" : '"';
}
