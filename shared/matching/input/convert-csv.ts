// Converts a CSV that has faults by the strict scanner: good rows to a clean CSV, each faulty row to the rejects.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { type CleanRows, LineSink, rejectLine } from './clean-csv.ts';
import { type CsvDialect, type CsvFault, type CsvRecord, recordBytesMax, scanFile } from './csv-scanner.ts';
import { Utf8Judge } from './detect-content.ts';
import { recode } from './recode.ts';

type CsvFile = { path: string; dialect: CsvDialect; linesBeforeRows: number };

export async function convertCsv(
  file: CsvFile,
  columns: string[],
  indexes: number[],
  prefix: string,
  encodingGuessed: boolean,
): Promise<CleanRows> {
  let path = file.path;
  if (encodingGuessed && !(await holdsUtf8(path))) {
    path = `${prefix}.recoded`;
    await recode(file.path, path, 'windows-1252', 0);
  }
  const clean: CleanRows = { path: `${prefix}.clean.csv`, rejectsPath: `${prefix}.rejects.csv`, read: 0, rejected: 0 };
  const good = new LineSink(clean.path, 'latin1');
  const bad = new LineSink(clean.rejectsPath, 'utf8');
  const { dialect, linesBeforeRows } = file;
  for await (const record of scanFile(path, { dialect, skipLines: linesBeforeRows, cellsExpected: columns.length })) {
    clean.read++;
    // Cells that nothing is taken from may hold any bytes: DuckDB does not look at them either.
    const unreadable = record.fault ? undefined : indexes.find((index) => !isUtf8(cellBytes(record, index)));
    if (!record.fault && unreadable === undefined) {
      const wait = good.write(cleanLine(record, indexes, dialect.quote));
      if (wait) await wait;
      continue;
    }
    clean.rejected++;
    const bytes =
      unreadable === undefined ? record.bytes.subarray(record.start, record.end) : cellBytes(record, unreadable);
    const value = bytes.subarray(0, 4096).toString('utf8');
    const column = unreadable === undefined ? '' : columns[unreadable]!;
    const reason = record.fault
      ? faultReason(record.fault, record.cells.length / 3, columns.length)
      : 'bad-encoding: the bytes are not valid UTF-8';
    const wait = bad.write(rejectLine({ line: record.line, column, value, reason }));
    if (wait) await wait;
  }
  await good.close();
  await bad.close();
  return clean;
}

function cellBytes(record: CsvRecord, index: number): Buffer {
  return record.bytes.subarray(record.cells[index * 3], record.cells[index * 3 + 1]);
}

/** Bytes pass through as Latin-1, so that nothing is decoded and encoded again. */
function cleanLine(record: CsvRecord, indexes: number[], quote: string): string {
  let line = `${record.row},${record.line}`;
  for (const index of indexes) {
    const at = index * 3;
    let text = record.bytes.toString('latin1', record.cells[at], record.cells[at + 1]);
    if (record.cells[at + 2]) text = text.replaceAll(quote + quote, quote);
    line += text.includes('"') ? `,"${text.replaceAll('"', '""')}"` : `,"${text}"`;
  }
  return `${line}\n`;
}

function faultReason(fault: CsvFault, found: number, expected: number): string {
  switch (fault) {
    case 'too-few-cells':
      return `too-few-cells: ${found} cells where the header has ${expected}`;
    case 'too-many-cells':
      return `too-many-cells: ${found} cells where the header has ${expected}`;
    case 'bad-quote':
      return 'bad-quote: a quote is not closed, or is followed by more text';
    case 'cell-too-long':
      return `cell-too-long: the row has more than ${recordBytesMax} bytes`;
  }
}

/** Whether a file that began as ASCII is UTF-8 at all: bad rows among good ones, or another encoding throughout. */
async function holdsUtf8(path: string): Promise<boolean> {
  const judge = new Utf8Judge();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) judge.push(chunk);
  judge.end();
  return judge.holds();
}
