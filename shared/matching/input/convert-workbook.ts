// One sheet of an .xlsx workbook as rows. The archive is looked through before it is unpacked; the sheet is streamed.
import type { InputFormat } from '../../domain/definition.ts';
import { FailureError, fail } from '../../domain/result.ts';
import { type CleanRows, LineSink, quoted, rejectLine } from './clean-csv.ts';
import { type ConvertedRows, plainNumber } from './convert-json.ts';
import { guardExpansion, readZipEntries } from './zip-guard.ts';

/** Shared strings and styles are held in memory while a sheet is streamed. */
export const workbookBytesMax = 512 * 2 ** 20;

const sampleRows = 1000;

export type SheetRow = { line: number; cells: (string | null)[] };

/** Names of the sheets in the order of the workbook. Throws FailureError on what is no workbook. */
export async function guardWorkbook(path: string, name: string): Promise<void> {
  const entries = await readZipEntries(path, name);
  if (!entries.some((entry) => entry.name === 'xl/workbook.xml')) {
    const what = entries.some((entry) => entry.name === 'mimetype') ? 'an OpenDocument file' : 'a zip archive';
    throw new FailureError(fail('FILE_TYPE_MISMATCH', `${name} is ${what}, not an .xlsx workbook`));
  }
  await guardExpansion(path, entries, workbookBytesMax, name);
}

/** The named sheet, or the only one; `onRow` is called for each row that has a cell. Gives the names of all sheets. */
export async function readSheet(
  path: string,
  wanted: string | undefined,
  name: string,
  onRow: (row: SheetRow) => Promise<void> | undefined | 'stop',
): Promise<{ sheets: string[]; sheet: string }> {
  await guardWorkbook(path, name);
  const sheets = await sheetNames(path, name);
  const sheet = wanted ?? sheets[0];
  const listed = sheets.map((one) => `"${one}"`).join(', ');
  if (wanted === undefined && sheets.length > 1) {
    throw new FailureError(fail('SHEET_REQUIRED', `${name} has ${sheets.length} sheets: ${listed}`, { sheets }));
  }
  if (sheet === undefined || !sheets.includes(sheet)) {
    throw new FailureError(
      fail('SHEET_REQUIRED', `${name} has no sheet "${sheet ?? ''}"; it has ${listed}`, { sheets }),
    );
  }
  await eachSheet(path, name, 'emit', async (worksheet) => {
    if (worksheet.name !== sheet) return;
    for await (const row of worksheet) {
      const values = row.values as unknown[];
      const cells = Array.from({ length: Math.max(values.length - 1, 0) }, (_, index) => cellText(values[index + 1]));
      if (cells.every((cell) => cell === null)) continue;
      const wait = onRow({ line: row.number, cells });
      if (wait === 'stop') return 'stop';
      if (wait) await wait;
    }
    return 'stop';
  });
  return { sheets, sheet };
}

type StreamedSheet = AsyncIterable<{ number: number; values: unknown }> & { name: string };

async function eachSheet(
  path: string,
  name: string,
  sharedStrings: 'emit' | 'ignore',
  visit: (worksheet: StreamedSheet) => Promise<'stop' | undefined>,
): Promise<void> {
  const options = {
    sharedStrings: sharedStrings === 'emit' ? 'cache' : 'ignore',
    styles: 'cache',
    hyperlinks: 'ignore',
    worksheets: 'emit',
    entries: 'ignore',
  } as const;
  // Half a second of loading that only workbooks should cost.
  const { default: ExcelJS } = await import('exceljs');
  try {
    const reader = new ExcelJS.stream.xlsx.WorkbookReader(path, options as never);
    for await (const worksheet of reader) if ((await visit(worksheet as unknown as StreamedSheet)) === 'stop') return;
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw new FailureError(
      fail(
        'FILE_UNREADABLE',
        `${name} cannot be read as a workbook: ${String((error as Error).message).slice(0, 200)}`,
      ),
    );
  }
}

async function sheetNames(path: string, name: string): Promise<string[]> {
  const names: string[] = [];
  await eachSheet(path, name, 'ignore', async (worksheet) => {
    names.push(worksheet.name);
    return undefined;
  });
  return names;
}

/** Text as Excel means it: numbers to the 15 digits that it keeps, dates as ISO, results of formulas. */
export function cellText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return plainNumber(String(Number(value.toPrecision(15))));
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return null;
    const text = value.toISOString();
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 23).replace(/\.000$/, '');
  }
  if (typeof value !== 'object') return String(value);
  if ('richText' in value) return (value.richText as { text: string }[]).map((part) => part.text).join('') || null;
  if ('error' in value) return String(value.error);
  if ('result' in value) return cellText(value.result);
  if ('text' in value) return cellText(value.text);
  return null;
}

export async function convertWorkbook(
  path: string,
  input: InputFormat | undefined,
  needed: string[],
  prefix: string,
  name: string,
): Promise<ConvertedRows> {
  const clean: CleanRows = { path: `${prefix}.clean.csv`, rejectsPath: `${prefix}.rejects.csv`, read: 0, rejected: 0 };
  const good = new LineSink(clean.path, 'utf8');
  const bad = new LineSink(clean.rejectsPath, 'utf8');
  const layout = new SheetLayout(input, needed);
  const sample: (string | null)[][] = [];
  const held: SheetRow[] = [];
  const footerLines = input?.footerLines ?? 0;
  let indexes: number[] = [];
  const write = (row: SheetRow): Promise<void> | undefined => {
    clean.read++;
    const extra = row.cells.findIndex((cell, index) => index >= layout.columns.length && cell !== null);
    if (extra >= 0) {
      clean.rejected++;
      const reason = `too-many-cells: ${row.cells.length} cells where the header has ${layout.columns.length}`;
      return bad.write(
        rejectLine({ line: row.line, column: '', value: row.cells.map((cell) => cell ?? '').join(','), reason }),
      );
    }
    if (sample.length < sampleRows) sample.push(layout.columns.map((_, index) => row.cells[index] ?? null));
    return good.write(
      `${clean.read},${row.line}${indexes.map((index) => `,${quoted(row.cells[index] ?? '')}`).join('')}\n`,
    );
  };
  await readSheet(path, input?.sheet, name, (row) => {
    if (!layout.take(row)) return undefined;
    if (layout.rowIsHeader) return undefined;
    if (clean.read === 0 && indexes.length === 0)
      indexes = needed.flatMap((column) => (layout.columns.includes(column) ? [layout.columns.indexOf(column)] : []));
    held.push(row);
    return held.length > footerLines ? write(held.shift()!) : undefined;
  });
  await good.close();
  await bad.close();
  // Without a row that has the wanted columns the first one is shown: the caller says which column is missing.
  if (layout.columns.length === 0) layout.columns = namesOf(layout.preamble[0]?.cells ?? []);
  if (layout.columns.length === 0) throw new FailureError(fail('FILE_EMPTY', `${name} has no rows`));
  const text = (row: SheetRow) => row.cells.map((cell) => cell ?? '').join(',');
  return {
    reader: { kind: 'clean', clean, indexes },
    columns: layout.columns,
    sample,
    preamble: layout.preamble.map(text),
    footer: held.map(text),
  };
}

const preambleRowsMax = 50;

function namesOf(cells: (string | null)[]): string[] {
  return cells.map((cell, index) => cell?.trim() || `column${index + 1}`);
}

/** Finds the header among the first rows of a sheet: by the lines given, by the columns wanted, or the first row. */
export class SheetLayout {
  columns: string[] = [];
  preamble: SheetRow[] = [];
  rowIsHeader = false;
  private readonly input: InputFormat | undefined;
  private readonly wanted: string[];

  constructor(input: InputFormat | undefined, wanted: string[]) {
    this.input = input;
    this.wanted = wanted;
  }

  /** False while the row is before the header. */
  take(row: SheetRow): boolean {
    this.rowIsHeader = false;
    if (this.columns.length > 0) return true;
    const skip = this.input?.preambleLines;
    const names = row.cells.map((cell) => cell?.trim());
    const isHeader = this.input?.header === false || this.wanted.every((column) => names.includes(column));
    if (skip !== undefined ? row.line <= skip : !isHeader) {
      if (this.preamble.length < preambleRowsMax) this.preamble.push(row);
      return false;
    }
    this.columns = namesOf(this.input?.header === false ? row.cells.map(() => null) : row.cells);
    this.rowIsHeader = this.input?.header !== false;
    return true;
  }
}
