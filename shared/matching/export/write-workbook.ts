// Streams sheets of rows into an XLSX workbook: typed cells, a frozen header with filter buttons, values that differ coloured.
// What is over one sheet's limit goes on to further sheets. Memory does not grow with the rows.
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Fill, Font, Style, stream } from 'exceljs';
import type { Engine } from '../engine.ts';
import { createSheetNames } from './sheet-names.ts';
import { type Cell, cellFormat, cellOf, itemsOf, kindOfType, printable } from './workbook-cell.ts';

export type SheetColumn = {
  title: string;
  /** As `numberFormatOf` reads it; one that does not fit the values is not used. */
  formattingHint?: string | null | undefined;
  /** The text of the column is that of a number. */
  numeric?: boolean;
  /** The cell is coloured in rows that name this in their `differingColumn`. */
  differsAs?: string | undefined;
};

export type WorkbookSheet = {
  /** Made safe and unique. */
  title: string;
  /** SELECTs of the same columns, one after the other, whose names are the header when `columns` is absent; or the rows themselves. */
  rows: { queries: string[] } | { cells: Cell[][] };
  columns?: SheetColumn[];
  /** Excel's filter buttons in the header. */
  autoFilter?: boolean;
};

/** The last column of a query may have this name: a list of what differs in the row. It is not shown. */
export const differingColumn = '$differing';

/** Rows of a sheet including its header, as the file format has it. */
const sheetRowsMax = 1_048_576;
/** Between two looks at whether the compressor keeps up; some hundred KB. */
const rowsAtOnce = 64;

type SheetWriter = ReturnType<stream.xlsx.WorkbookWriter['addWorksheet']>;

/** Gives the number of rows written, headers not counted. `outputPath` is overwritten, and worthless when this throws. */
export async function writeWorkbook(
  engine: Engine,
  sheets: WorkbookSheet[],
  outputPath: string,
  rowsPerSheet: number = sheetRowsMax - 1,
): Promise<number> {
  const { default: excel } = await import('exceljs');
  const file = createWriteStream(outputPath);
  const failed = failureOf(file);
  try {
    const workbook = new excel.stream.xlsx.WorkbookWriter({ stream: file, useSharedStrings: false, useStyles: true });
    const nameOf = createSheetNames();
    let written = 0;
    for (const sheet of sheets) {
      const table = await openTable(engine, sheet);
      let open = openSheet(workbook, nameOf(sheet.title), table);
      let inSheet = 0;
      const close = () => {
        if (sheet.autoFilter)
          open.autoFilter = { from: { row: 1, column: 1 }, to: { row: inSheet + 1, column: table.columns.length } };
        open.commit();
      };
      for await (const rows of table.chunks()) {
        for (let row = 0; row < rows.count; row += 1) {
          if (inSheet === rowsPerSheet) {
            close();
            open = openSheet(workbook, nameOf(sheet.title), table);
            inSheet = 0;
          }
          addRow(open, rows, row);
          inSheet += 1;
          written += 1;
        }
        await Promise.race([untilTaken(open), failed]);
      }
      close();
    }
    await Promise.race([workbook.commit(), failed]);
    return written;
  } finally {
    file.destroy();
  }
}

/** Rejects when the file cannot be written, and stays pending otherwise. */
function failureOf(file: WriteStream): Promise<never> {
  const failed = new Promise<never>((_, reject) => file.once('error', reject));
  // It counts where it is waited for.
  failed.catch(() => undefined);
  return failed;
}

type Column = {
  title: string;
  width: number;
  plain: Partial<Style>;
  dated: Partial<Style>;
  differs: Partial<Style>;
  differsAs?: string;
};
type Table = { columns: Column[]; chunks(): AsyncGenerator<Rows> };
/** Some rows, of which each cell is made when it is written: all at once they would be more than is written meanwhile. */
type Rows = {
  columns: Column[];
  count: number;
  cell(row: number, column: number): Cell;
  differing(row: number): readonly unknown[];
};

async function openTable(engine: Engine, { rows, columns }: WorkbookSheet): Promise<Table> {
  if ('cells' in rows) {
    const { cells } = rows;
    const cell: Rows['cell'] = (row, column) => safeCell(cells[row]![column] ?? null);
    const made = (columns ?? []).map((column) => columnOf(column, 'VARCHAR'));
    return {
      columns: made,
      async *chunks() {
        yield { columns: made, count: cells.length, cell, differing: () => [] };
      },
    };
  }
  const [first = ''] = rows.queries;
  const described = await engine.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${first}`);
  const names = described.map(({ column_name: name }) => name);
  const last = names.at(-1) === differingColumn ? names.length - 1 : names.length;
  const titled = names.slice(0, last).map((title, index) => columns?.[index] ?? { title });
  return {
    columns: titled.map((column, index) => columnOf(column, described[index]!.column_type)),
    async *chunks() {
      for (const query of rows.queries) {
        const result = await engine.connection.stream(query);
        const types = result.columnTypes().map((type, index) => (titled[index]?.numeric ? 'DECIMAL' : String(type)));
        const kinds = types.map(kindOfType);
        // One query may have another type than the next: a source's own, or the one that holds the values of several.
        const styled = titled.map((column, index) => columnOf(column, types[index]!));
        for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
          const whole = names.map((_, index) => chunk.getColumnVector(index));
          for (let from = 0; from < chunk.rowCount; from += rowsAtOnce) {
            const count = Math.min(rowsAtOnce, chunk.rowCount - from);
            // A vector keeps each value that it has given.
            const vectors = whole.map((vector) => vector.slice(from, count));
            yield {
              columns: styled,
              count,
              cell: (row, column) => cellOf(vectors[column]!.getItem(row), kinds[column]!),
              differing: (row) => itemsOf(vectors[last]?.getItem(row)) ?? [],
            };
          }
        }
      }
    },
  };
}

function safeCell(cell: Cell): Cell {
  return typeof cell === 'string' ? printable(cell) : cell;
}

const widths = { text: 22, number: 16, date: 12, datetime: 20, boolean: 10 };
const titleWidthMax = 40;
const differsFill: Fill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFFFC7CE' } };
const differsFont: Partial<Font> = { color: { argb: 'FF9C0006' } };
/** Where the values of a column have no one type: a date without a format is shown as a number. */
const datedStyle: Partial<Style> = { numFmt: cellFormat('TIMESTAMP')! };
const headerStyle: Partial<Style> = {
  font: { bold: true },
  fill: { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFD9E1F2' } },
  alignment: { vertical: 'top' },
};

/** Styles are made once for each column: exceljs knows one that it has seen by the object. */
function columnOf({ title, formattingHint, differsAs }: SheetColumn, type: string): Column {
  const numFmt = cellFormat(type, formattingHint);
  const plain: Partial<Style> = numFmt === undefined ? {} : { numFmt };
  return {
    title: printable(title),
    width: Math.max(widths[kindOfType(type)], Math.min(title.length + 4, titleWidthMax)),
    plain,
    dated: plain.numFmt === undefined ? datedStyle : plain,
    differs: { ...plain, fill: differsFill, font: differsFont },
    ...(differsAs !== undefined && { differsAs }),
  };
}

function openSheet(workbook: stream.xlsx.WorkbookWriter, name: string, { columns }: Table): SheetWriter {
  const sheet = workbook.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map(({ width }) => ({ width }));
  const header = sheet.addRow(columns.map(({ title }) => title));
  header.eachCell((cell) => {
    cell.style = headerStyle;
  });
  header.commit();
  return sheet;
}

function addRow(sheet: SheetWriter, rows: Rows, number: number): void {
  const differing = rows.differing(number);
  const row = sheet.addRow([]);
  for (const [index, column] of rows.columns.entries()) {
    const differs = column.differsAs !== undefined && differing.includes(column.differsAs);
    const value = rows.cell(number, index);
    // A value that is not there differs too, and is shown by its colour alone.
    if (value === null && !differs) continue;
    const cell = row.getCell(index + 1);
    cell.value = value;
    cell.style = differs ? column.differs : value instanceof Date ? column.dated : column.plain;
  }
  row.commit();
}

/**
 * exceljs takes rows however fast they come, and keeps in memory what the compressor has not taken: 3 GB for a full sheet. Its
 * stream says nothing of that, so the one behind it is asked.
 */
async function untilTaken(sheet: SheetWriter): Promise<void> {
  const [compressor] = (sheet as unknown as { stream: { pipes: NodeJS.WritableStream[] } }).stream.pipes;
  const { needDrain } = (compressor as unknown as { _writableState: { needDrain: boolean } })._writableState;
  if (needDrain) await once(compressor!, 'drain');
}
