// The rows of one sheet of a workbook as text, streamed: what Excel shows by a value, or what stands in the cell where it has none.
import { FailureError, fail } from '../../domain/result.ts';
import { plainNumber } from './convert-json.ts';
import { pieces, type SheetWords, unescaped, type Workbook } from './workbook-parts.ts';
import { attributeOf, type XmlHandler } from './xml-reader.ts';

/** `line` is the row of the sheet. Cells end with the last that holds something. */
export type SheetRow = { line: number; cells: (string | null)[] };

/** XFD, as far as a sheet goes. */
const columnsMax = 16_384;

type Cell = { column: number; type: string | undefined; style: number; value?: string; formula?: string };

/** Rows that have a cell, in their order. Throws FailureError on what is no sheet. */
export async function* sheetRows(workbook: Workbook, part: string, words: SheetWords): AsyncGenerator<SheetRow> {
  const sheet = sheetHandler((cell) => cellText(cell, words, workbook.from1904));
  for await (const _ of pieces(workbook.archive, part, sheet.handler)) {
    yield* sheet.take();
    if (sheet.hasEnded()) return;
  }
}

function sheetHandler(textOf: (cell: Cell) => string | null) {
  let rows: SheetRow[] = [];
  let [inData, ended, inPhonetic] = [false, false, false];
  let [line, column] = [0, 0];
  let cells: (string | null)[] = [];
  let cell: Cell | undefined;
  let text: string | undefined;
  const handler: XmlHandler = {
    open(element, attributes) {
      if (element === 'sheetData') inData = true;
      if (!inData) return;
      if (element === 'row') {
        // The names of places may be left out: then it is the next one.
        line = Number(attributeOf(attributes, 'r') ?? line + 1);
        column = 0;
        cells = [];
      } else if (element === 'c') {
        const place = attributeOf(attributes, 'r');
        column = place === undefined ? column + 1 : columnOf(place);
        cell = { column, type: attributeOf(attributes, 't'), style: Number(attributeOf(attributes, 's') ?? 0) };
      } else if (element === 'rPh') inPhonetic = true;
      else if (element === 'v' || element === 't' || element === 'f') text = '';
    },
    text(piece) {
      if (text !== undefined) text += piece;
    },
    close(element) {
      if (element === 'v' && cell) cell.value = text ?? '';
      else if (element === 'f' && cell) cell.formula = text ?? '';
      // A rich text has several.
      else if (element === 't' && cell && !inPhonetic) cell.value = (cell.value ?? '') + text;
      else if (element === 'rPh') inPhonetic = false;
      else if (element === 'c' && cell) {
        const found = textOf(cell);
        if (found !== null) {
          while (cells.length < cell.column - 1) cells.push(null);
          cells[cell.column - 1] = found;
        }
        cell = undefined;
      } else if (element === 'row' && cells.length > 0) {
        rows.push({ line, cells });
        cells = [];
      } else if (element === 'sheetData') ended = true;
      if (element === 'v' || element === 't' || element === 'f') text = undefined;
    },
  };
  return {
    handler,
    hasEnded: () => ended,
    take(): SheetRow[] {
      const found = rows;
      rows = [];
      return found;
    },
  };
}

function columnOf(place: string): number {
  let column = 0;
  for (const letter of /^[A-Za-z]{1,3}/.exec(place)?.[0] ?? '')
    column = column * 26 + (Number.parseInt(letter, 36) - 9);
  if (column >= 1 && column <= columnsMax) return column;
  throw new FailureError(
    fail('FILE_UNREADABLE', `A cell of the workbook is at ${place.slice(0, 20)}, which is no place`),
  );
}

function cellText({ type, style, value, formula }: Cell, words: SheetWords, from1904: boolean): string | null {
  // A formula that nothing has worked out has no value: to read it as an empty cell would be a guess.
  if (formula !== undefined && (value === undefined || (value === '' && type !== 'str'))) return `=${formula}`;
  if (value === undefined) return null;
  switch (type) {
    case 's':
      return sharedString(words.strings, value);
    case 'str':
    case 'inlineStr':
      return unescaped(value) || null;
    case 'b':
      return String(value === '1' || value === 'true');
    case 'e':
      return value || null;
    case 'd':
      return value.replace(/T00:00:00(\.0+)?Z?$/, '') || null;
    default:
      return numberText(value, words.showsDate[style] === true, from1904);
  }
}

function sharedString(strings: string[], index: string): string | null {
  const text = strings[Number(index)];
  if (text !== undefined) return text || null;
  throw new FailureError(fail('FILE_UNREADABLE', `The workbook has no text of the number ${index.slice(0, 20)}`));
}

/** Numbers to the 15 digits that Excel keeps, dates as ISO. */
function numberText(value: string, showsDate: boolean, from1904: boolean): string | null {
  const number = Number(value);
  if (value.trim() === '') return null;
  if (Number.isNaN(number)) return value;
  return (showsDate && dateText(number, from1904)) || plainNumber(String(Number(number.toPrecision(15))));
}

const dayMs = 24 * 60 * 60 * 1000;
/** 1970-01-01, counted as Excel does. */
const epochSerial = 25_569;
const days1904 = 1_462;
/** Excel counts a 29 February 1900 that never was. */
const leapSerial = 60;
/** 10000-01-01: Excel shows no date from there on. */
const lastSerial = 2_958_466;

/** Undefined for what Excel shows as no date. */
function dateText(number: number, from1904: boolean): string | undefined {
  const serial = from1904 ? number + days1904 : number;
  if (!(serial >= 0 && serial < lastSerial)) return undefined;
  const day = !from1904 && serial >= 1 && serial < leapSerial ? serial + 1 : serial;
  const text = new Date(Math.round((day - epochSerial) * dayMs)).toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 23).replace(/\.000$/, '');
}
