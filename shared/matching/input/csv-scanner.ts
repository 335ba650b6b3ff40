// A strict CSV scanner over UTF-8 bytes: says of every record where it begins, what its cells are, or why it is none.
// It is the meaning of CSV here; DuckDB's faster reader is used where it cannot differ. It never guesses a dialect.
import { createReadStream } from 'node:fs';

export type CsvDialect = {
  /** One ASCII character. */
  delimiter: string;
  /** One ASCII character, or '' where nothing is ever quoted. */
  quote: string;
};

export type CsvFault = 'bad-quote' | 'too-few-cells' | 'too-many-cells' | 'cell-too-long';

/** Cells are byte ranges of `bytes`; valid only until the next record is asked for. */
export type CsvRecord = {
  /** Physical line where the record begins, 1-based. */
  line: number;
  /** 1-based number among the records, faulty ones included, blank lines not. */
  row: number;
  bytes: Buffer;
  /** Triples: start, end, 1 when the cell holds doubled quotes. */
  cells: number[];
  fault?: CsvFault;
  /** The whole record, or its first line when it is faulty. */
  start: number;
  end: number;
};

/** DuckDB's own limit of a line; a record beyond it is rejected, not read. */
export const recordBytesMax = 2_000_000;

const LF = 10;
const CR = 13;
const SPACE = 32;

export function cellText(record: CsvRecord, index: number, quote: string): string {
  const at = index * 3;
  const text = record.bytes.toString('utf8', record.cells[at]!, record.cells[at + 1]!);
  return record.cells[at + 2] ? text.replaceAll(quote + quote, quote) : text;
}

type Parsed = { next: number; end: number; lines: number; fault?: CsvFault } | 'incomplete';

/** Where the next line begins after the line end at `at`: LF, CRLF and a lone CR all end lines. */
function afterLineEnd(bytes: Buffer, at: number): number {
  return bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
}

/** The first line end in [from, to); -1 when there is none. */
function findLineEnd(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (bytes[at] === LF || bytes[at] === CR) return at;
  return -1;
}

/**
 * One record from `start`. One space before a quoted cell and all spaces after it are dropped, as DuckDB does. `cells`
 * is filled. Line ends, those inside quotes too, are counted in `lines`. 'incomplete' asks for more bytes.
 */
function parseRecord(
  bytes: Buffer,
  start: number,
  last: boolean,
  delimiter: number,
  quote: number,
  cells: number[],
): Parsed {
  cells.length = 0;
  let at = start;
  let lines = 0;
  for (;;) {
    const open = bytes[at] === SPACE && delimiter !== SPACE && bytes[at + 1] === quote ? at + 1 : at;
    if (bytes[open] === quote) {
      let doubled = 0;
      let close = open + 1;
      for (;;) {
        const found = bytes.indexOf(quote, close);
        if (found < 0)
          return last ? { next: bytes.length, end: bytes.length, lines, fault: 'bad-quote' } : 'incomplete';
        if (found + 1 >= bytes.length && !last) return 'incomplete';
        if (bytes[found + 1] === quote) {
          doubled = 1;
          close = found + 2;
        } else {
          close = found;
          break;
        }
      }
      for (let i = findLineEnd(bytes, open, close); i >= 0; i = findLineEnd(bytes, afterLineEnd(bytes, i), close))
        lines++;
      cells.push(open + 1, close, doubled);
      at = close + 1;
      while (bytes[at] === SPACE && delimiter !== SPACE) at++;
      if (at >= bytes.length) return last ? { next: at, end: at, lines } : 'incomplete';
      if (bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR)
        return { next: at, end: at, lines, fault: 'bad-quote' };
    } else {
      const from = at;
      while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR) at++;
      if (at >= bytes.length && !last) return 'incomplete';
      cells.push(from, at, 0);
      if (at >= bytes.length) return { next: at, end: at, lines };
    }
    if (bytes[at] === delimiter) {
      at++;
      continue;
    }
    // A CR at the end of the bytes may be half of a CRLF.
    if (bytes[at] === CR && at + 1 >= bytes.length && !last) return 'incomplete';
    return { next: afterLineEnd(bytes, at), end: at, lines: lines + 1 };
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== SPACE && byte !== 9) return false;
  }
  return true;
}

export type ScanOptions = {
  dialect: CsvDialect;
  /** Physical lines to leave out at the start. */
  skipLines: number;
  /** How many cells a record has; unknown when absent (sniffing). */
  cellsExpected?: number;
};

/**
 * Records in the order of the file. A record with a fault of quoting ends with the physical line where it began, so
 * that the rows below it are still read. Empty cells beyond the expected ones are trailing delimiters: nothing is lost.
 */
export function* scanRecords(chunks: Iterable<Buffer>, options: ScanOptions): Generator<CsvRecord> {
  const scanner = new CsvScan(options);
  for (const chunk of chunks) yield* scanner.push(chunk, false);
  yield* scanner.push(Buffer.alloc(0), true);
}

export async function* scanFile(path: string, options: ScanOptions): AsyncGenerator<CsvRecord> {
  const scanner = new CsvScan(options);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) yield* scanner.push(chunk, false);
  yield* scanner.push(Buffer.alloc(0), true);
}

class CsvScan {
  private rest: Buffer = Buffer.alloc(0);
  private line = 1;
  private row = 0;
  private toSkip: number;
  private started = false;
  /** Inside a line that is beyond the limit: bytes are dropped until it ends. */
  private dropping = false;
  private readonly cells: number[] = [];
  private readonly delimiter: number;
  private readonly quote: number;
  private readonly options: ScanOptions;

  constructor(options: ScanOptions) {
    this.options = options;
    this.toSkip = options.skipLines;
    this.delimiter = options.dialect.delimiter.charCodeAt(0);
    // 256 is no byte: without a quote character nothing is ever quoted.
    this.quote = options.dialect.quote === '' ? 256 : options.dialect.quote.charCodeAt(0);
  }

  *push(chunk: Buffer, last: boolean): Generator<CsvRecord> {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    if (!this.started) {
      if (bytes.length < 3 && !last) {
        this.rest = bytes;
        return;
      }
      this.started = true;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
    }
    while (at < bytes.length) {
      if (this.dropping || this.toSkip > 0) {
        const end = findLineEnd(bytes, at, bytes.length);
        if (end < 0 || (end + 1 >= bytes.length && !last)) {
          at = end < 0 ? bytes.length : end;
          break;
        }
        at = afterLineEnd(bytes, end);
        this.line++;
        if (this.dropping) this.dropping = false;
        else this.toSkip--;
        continue;
      }
      // Files are padded with blank lines by the million: no record has to be tried for them.
      if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) {
        at = afterLineEnd(bytes, at);
        this.line++;
        continue;
      }
      let parsed = parseRecord(bytes, at, last, this.delimiter, this.quote, this.cells);
      if (parsed === 'incomplete') {
        if (bytes.length - at <= recordBytesMax) break;
        parsed = { next: at, end: at, lines: 0, fault: 'cell-too-long' };
      } else if (parsed.next - at > recordBytesMax) parsed = { ...parsed, fault: 'cell-too-long' };
      if (this.cells.length === 3 && !parsed.fault) {
        if (isBlank(bytes, at, parsed.end) && this.cells[0] === at) {
          at = parsed.next;
          this.line += parsed.lines;
          continue;
        }
      }
      const expected = this.options.cellsExpected;
      let fault = parsed.fault;
      if (!fault && expected !== undefined) fault = this.countFault(expected);
      let { next, end, lines } = parsed;
      const waits = !last && bytes.length - at <= recordBytesMax;
      if ((fault === 'too-few-cells' || fault === 'too-many-cells') && lines > 1) {
        const below = this.startsRecord(bytes, at, last, expected!);
        if (below === 'incomplete' && waits) break;
        if (below === true) fault = 'bad-quote';
      }
      if (fault === 'bad-quote' || fault === 'cell-too-long') {
        const lineEnd = findLineEnd(bytes, at, bytes.length);
        if ((lineEnd < 0 || lineEnd + 1 >= bytes.length) && waits) break;
        // A line beyond the limit without an end in sight is dropped up to its end.
        this.dropping = lineEnd < 0 && !last;
        next = lineEnd < 0 ? bytes.length : afterLineEnd(bytes, lineEnd);
        end = lineEnd < 0 ? bytes.length : lineEnd;
        lines = lineEnd < 0 ? 0 : 1;
      }
      this.row++;
      yield { line: this.line, row: this.row, bytes, cells: this.cells, start: at, end, ...(fault && { fault }) };
      at = next;
      this.line += lines;
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : Buffer.alloc(0);
  }

  private countFault(expected: number): CsvFault | undefined {
    if (this.cells.length < expected * 3) return 'too-few-cells';
    for (let extra = expected * 3; extra < this.cells.length; extra += 3) {
      if (this.cells[extra] !== this.cells[extra + 1]) return 'too-many-cells';
    }
    this.cells.length = expected * 3;
    return undefined;
  }

  /** Whether a whole record begins in the line after `at`: then a stray quote has swallowed it. */
  private startsRecord(bytes: Buffer, at: number, last: boolean, expected: number): boolean | 'incomplete' {
    const lineEnd = findLineEnd(bytes, at, bytes.length);
    if (lineEnd < 0) return false;
    const cells: number[] = [];
    const parsed = parseRecord(bytes, afterLineEnd(bytes, lineEnd), last, this.delimiter, this.quote, cells);
    if (parsed === 'incomplete') return 'incomplete';
    if (parsed.fault || cells.length !== expected * 3) return false;
    // A quote within an unquoted cell is where the quoted cell above ends: this line is part of it.
    for (let cell = 0; cell < cells.length; cell += 3) {
      const [from, to] = [cells[cell]!, cells[cell + 1]!];
      if (bytes[from - 1] !== this.quote && bytes.subarray(from, to).includes(this.quote)) return false;
    }
    return true;
  }
}
