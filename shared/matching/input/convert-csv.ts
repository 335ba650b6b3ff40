// Converts a CSV that has faults by the strict scanner: good rows to a clean CSV, each faulty row to the rejects.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { type CleanRows, LineSink, rejectLine } from './clean-csv.ts';
import { type CsvDialect, type CsvFault, type CsvRecord, recordBytesMax, scanFile } from './csv-scanner.ts';
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
    if (!record.fault) {
      const wait = good.write(cleanLine(record, indexes, dialect.quote));
      if (wait) await wait;
      continue;
    }
    clean.rejected++;
    const value = record.bytes.toString('utf8', record.start, Math.min(record.end, record.start + 4096));
    const reason = faultReason(record.fault, record.cells.length / 3, columns.length);
    const wait = bad.write(rejectLine({ line: record.line, column: '', value, reason }));
    if (wait) await wait;
  }
  await good.close();
  await bad.close();
  return clean;
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
    case 'bad-encoding':
      return 'bad-encoding: the bytes are not valid UTF-8';
    case 'cell-too-long':
      return `cell-too-long: the row has more than ${recordBytesMax} bytes`;
  }
}

/**
 * Whether a file that began as ASCII is UTF-8 at all. Bytes beyond ASCII that are never valid UTF-8 in any line mean
 * another encoding; a few bad ones among good ones mean bad rows.
 */
async function holdsUtf8(path: string): Promise<boolean> {
  let rest = Buffer.alloc(0);
  let invalid = 0;
  const judge = (bytes: Buffer): boolean => {
    if (bytes.every((byte) => byte < 128)) return false;
    if (isUtf8(bytes)) return true;
    invalid++;
    return false;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let at = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
      if (judge(bytes.subarray(at, end))) return true;
      at = end + 1;
    }
    rest = bytes.length - at > recordBytesMax ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }
  return judge(rest) || invalid === 0;
}
