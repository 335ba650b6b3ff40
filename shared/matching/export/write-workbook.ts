// Streams the rows of a query into an XLSX workbook; what is over one sheet's limit goes on to further sheets.
// Excel numbers are binary floats of 15 digits: a decimal with more is written as text, so that no digit is lost.
import type { Engine } from '../engine.ts';

/** Rows of a sheet including its header, as the file format has it. */
const sheetRowsMax = 1_048_576;
const exactDigitsMax = 15;
/** Characters of a cell, as the file format has it. */
const cellCharactersMax = 32_767;

type Cell = string | number | boolean | Date | null;

/** Gives the number of rows written, headers not counted. */
export async function writeWorkbook(
  engine: Engine,
  query: string,
  outputPath: string,
  rowsPerSheet: number = sheetRowsMax - 1,
): Promise<number> {
  const { default: excel } = await import('exceljs');
  const workbook = new excel.stream.xlsx.WorkbookWriter({
    filename: outputPath,
    useSharedStrings: false,
    useStyles: true,
  });
  const result = await engine.connection.stream(query);
  const names = result.columnNames();
  const types = result.columnTypes().map(String);
  let sheets = 0;
  const openSheet = () => {
    sheets += 1;
    const sheet = workbook.addWorksheet(`Sheet${sheets}`, { views: [{ state: 'frozen', ySplit: 1 }] });
    sheet.columns = types.map((type) => ({ width: 16, ...(type === 'DATE' && { style: { numFmt: 'yyyy-mm-dd' } }) }));
    sheet.addRow(names).commit();
    return sheet;
  };
  let sheet = openSheet();
  let rows = 0;
  for await (const chunk of result.yieldRowsJson()) {
    for (const row of chunk) {
      if (rows > 0 && rows % rowsPerSheet === 0) {
        sheet.commit();
        sheet = openSheet();
      }
      sheet.addRow(row.map((value, index) => cellOf(value, types[index]!))).commit();
      rows += 1;
    }
  }
  sheet.commit();
  await workbook.commit();
  return rows;
}

function cellOf(value: unknown, type: string): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  const text = String(value);
  if (type.startsWith('DECIMAL') || type === 'BIGINT' || type === 'HUGEINT') return numberOrText(text);
  if (type === 'DATE' && /^\d{4}-\d\d-\d\d$/.test(text) && text >= '1900-03-01') return new Date(`${text}T00:00:00Z`);
  return printable(text);
}

function numberOrText(text: string): number | string {
  return text.replace(/[^\d]/g, '').replace(/^0+/, '').length <= exactDigitsMax ? Number(text) : text;
}

/** XML holds no control characters: they are written in the escape that the file format has for them. */
function printable(text: string): string {
  const escaped = text.replace(/_x[0-9A-Fa-f]{4}_/g, '_x005F$&').replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, escapeOf);
  return escaped.length <= cellCharactersMax ? escaped : `${escaped.slice(0, cellCharactersMax - 1)}…`;
}

function escapeOf(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}
