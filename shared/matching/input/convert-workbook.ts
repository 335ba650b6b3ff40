// One sheet of an .xlsx workbook as a CSV for the engine: its header is found, rows that are none are rejected. It is streamed.
import type { InputFormat } from '../../domain/definition.ts';
import { FailureError, fail } from '../../domain/result.ts';
import { type CleanRows, LineSink, quoted, rejectLine } from './clean-csv.ts';
import type { ConvertedRows } from './convert-json.ts';
import { recordBytesMax } from './csv-scanner.ts';
import { type SheetRow, sheetRows } from './sheet-rows.ts';
import { openWorkbook, readSheetWords } from './workbook-parts.ts';

const sampleRows = 1000;

/** The named sheet, or the only one; `onRow` is called for each row that has a cell. Gives the names of all sheets. */
export async function readSheet(
  path: string,
  wanted: string | undefined,
  name: string,
  onRow: (row: SheetRow) => Promise<void> | undefined | 'stop',
): Promise<{ sheets: string[]; sheet: string }> {
  const workbook = await openWorkbook(path, name);
  const sheets = workbook.sheets.map((sheet) => sheet.name);
  const listed = sheets.map((one) => `"${one}"`).join(', ');
  if (wanted === undefined && sheets.length > 1) {
    throw new FailureError(fail('SHEET_REQUIRED', `${name} has ${sheets.length} sheets: ${listed}`, { sheets }));
  }
  const sheet = wanted === undefined ? workbook.sheets[0] : workbook.sheets.find((one) => one.name === wanted);
  if (sheets.length === 0) throw new FailureError(fail('FILE_UNREADABLE', `${name} has no sheet with cells`));
  if (!sheet) {
    throw new FailureError(
      fail('SHEET_REQUIRED', `${name} has no sheet "${wanted ?? ''}"; it has ${listed}`, { sheets }),
    );
  }
  for await (const row of sheetRows(workbook, sheet.part, await readSheetWords(workbook))) {
    const wait = onRow(row);
    if (wait === 'stop') break;
    if (wait) await wait;
  }
  return { sheets, sheet: sheet.name };
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
    const reject = (reason: string) => {
      clean.rejected++;
      const value = row.cells.map((cell) => cell ?? '').join(',');
      return bad.write(rejectLine({ line: row.line, column: '', value, reason }));
    };
    const extra = row.cells.findIndex((cell, index) => index >= layout.columns.length && cell !== null);
    if (extra >= 0)
      return reject(`too-many-cells: ${row.cells.length} cells where the header has ${layout.columns.length}`);
    if (row.cells.reduce((sum, cell) => sum + (cell?.length ?? 0), 0) > recordBytesMax)
      return reject(`cell-too-long: the row has more than ${recordBytesMax} characters`);
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
