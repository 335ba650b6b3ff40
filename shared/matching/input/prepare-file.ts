// Makes a file ready for DuckDB: what it is, its columns and first rows, and a UTF-8 CSV or Parquet to read it from.
// Copies into the scratch directory only what DuckDB cannot read as it is. Throws FailureError on what nobody can read.
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { InputFormat } from '../../domain/definition.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import type { CleanRows } from './clean-csv.ts';
import { convertCsv } from './convert-csv.ts';
import { convertJson } from './convert-json.ts';
import type { CsvDialect } from './csv-scanner.ts';
import { type Content, detectContent } from './detect-content.ts';
import { inspectParquet } from './inspect-parquet.ts';
import { cutFooter, expandGzip, recode } from './recode.ts';
import { type LineEnd, sniffCsv } from './sniff-csv.ts';

export type InputFile = { path: string; name?: string };

/** Guards against small files that become huge: a gzip may fill a disk, a workbook is partly held in memory. */
export const expandedBytesMax = 32 * 2 ** 30;

export type Reader =
  /** DuckDB reads it in parallel; on any fault it is converted instead. */
  | { kind: 'csv'; path: string; dialect: CsvDialect; header: boolean; lineEnd: LineEnd; linesBeforeRows: number }
  | { kind: 'parquet'; path: string }
  /** Columns `row`, `line`, then one per entry of `indexes` into the file's columns. */
  | { kind: 'clean'; clean: CleanRows; indexes: number[] };

export type PreparedFile = {
  /** As people know it. */
  name: string;
  reader: Reader;
  columns: string[];
  sample: (string | null)[][];
  /** The format itself says what a number is. */
  settled: boolean;
  preamble: string[];
  footer: string[];
};

/** What a file is, and what its columns hold, is guessed from this many bytes. */
export const headBytesMax = 65_536;

export function displayName(file: InputFile): string {
  return file.name ?? basename(file.path);
}

/** `needed` are the column names that the mapping uses. Scratch files start with `prefix` in the engine's directory. */
export async function prepareFile(
  engine: Engine,
  file: InputFile,
  input: InputFormat | undefined,
  needed: string[],
  prefix: string,
): Promise<PreparedFile> {
  const name = displayName(file);
  statFile(file);
  let path = file.path;
  let head = readHead(path);
  let content = detectContent(head, input?.encoding);
  if (content.kind === 'gzip') {
    const expanded = `${prefix}.expanded`;
    await expandGzip(path, expanded, expandedBytesMax, name);
    path = expanded;
    head = readHead(path);
    content = detectContent(head, input?.encoding);
    if (content.kind === 'gzip') throw new FailureError(fail('FILE_TYPE_MISMATCH', `${name} is compressed twice`));
  }
  if (head.length === 0) throw new FailureError(fail('FILE_EMPTY', `${name} is empty`));
  const format = formatOf(content, input, name);
  if (format === 'parquet') {
    const { columns, sample } = await inspectParquet(engine, path, name);
    return { name, reader: { kind: 'parquet', path }, columns, sample, settled: true, preamble: [], footer: [] };
  }
  if (format === 'xlsx') {
    const { convertWorkbook } = await import('./convert-workbook.ts');
    return { name, ...(await convertWorkbook(path, input, needed, prefix, name)), settled: true };
  }
  if (content.kind !== 'text') throw new Error('text was expected');
  if (content.encoding !== 'utf-8') {
    const recoded = `${prefix}.utf8`;
    await recode(path, recoded, content.encoding, content.bomBytes);
    path = recoded;
    head = readHead(path);
  }
  if (format === 'json' || format === 'ndjson') {
    const converted = await convertJson(path, format, needed, prefix, name);
    return { name, ...converted, settled: true, preamble: [], footer: [] };
  }
  return prepareCsv(
    path,
    head,
    input,
    needed,
    prefix,
    name,
    content.encoding === 'utf-8' && input?.encoding === undefined,
  );
}

async function prepareCsv(
  whole: string,
  head: Buffer,
  input: InputFormat | undefined,
  needed: string[],
  prefix: string,
  name: string,
  encodingGuessed: boolean,
): Promise<PreparedFile> {
  let path = whole;
  let footer: string[] = [];
  if (input?.footerLines) {
    const cut = `${prefix}.cut`;
    footer = await cutFooter(path, cut, input.footerLines);
    path = cut;
  }
  const sniffed = sniffCsv(cutHead(head, path), input, needed, name);
  if (sniffed.columns.length === 0) throw new FailureError(fail('FILE_EMPTY', `${name} has no rows`));
  const preamble = head
    .toString('utf8')
    .split(/\r\n|\r|\n/)
    .slice(0, sniffed.preambleLines);
  const { dialect, header, lineEnd, preambleLines, linesBeforeRows, columns, rows } = sniffed;
  const csv: Reader = { kind: 'csv', path, dialect, header, lineEnd, linesBeforeRows };
  const prepared: PreparedFile = { name, reader: csv, columns, sample: rows, settled: false, preamble, footer };
  // DuckDB was seen to lose rows silently after skipped lines with a quote in them, and after a stretch that holds
  // nothing but blank lines; a column of its own has blank rows.
  const doubtful =
    columns.length < 2 ||
    linesBeforeRows - preambleLines > 1 ||
    preambleLines > 0 ||
    dialect.quote === '' ||
    hasBlankStretch(path);
  return doubtful ? convertPrepared(prepared, needed, prefix, encodingGuessed) : prepared;
}

/** Reads the CSV by the strict scanner instead: needed when DuckDB found a fault in it. */
export async function convertPrepared(
  prepared: PreparedFile,
  needed: string[],
  prefix: string,
  encodingGuessed: boolean,
): Promise<PreparedFile> {
  if (prepared.reader.kind !== 'csv') throw new Error('only a CSV is converted');
  const indexes = [...new Set(needed.map((column) => prepared.columns.indexOf(column)).filter((index) => index >= 0))];
  const clean = await convertCsv(prepared.reader, prepared.columns, indexes, prefix, encodingGuessed);
  return { ...prepared, reader: { kind: 'clean', clean, indexes } };
}

export function statFile(file: InputFile): Stats {
  const name = displayName(file);
  if (file.path.includes('\0')) throw new FailureError(fail('FILE_UNREADABLE', 'A path cannot hold a NUL'));
  let stats: Stats;
  try {
    stats = statSync(file.path);
    if (stats.isFile()) closeSync(openSync(file.path, 'r'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EACCES' || code === 'EPERM'
          ? 'may not be read'
          : `cannot be read (${code})`;
    throw new FailureError(fail('FILE_UNREADABLE', `${name} ${reason}`));
  }
  if (stats.isDirectory()) throw new FailureError(fail('FILE_UNREADABLE', `${name} is a directory`));
  if (!stats.isFile()) throw new FailureError(fail('FILE_UNREADABLE', `${name} is not a file`));
  if (stats.size === 0) throw new FailureError(fail('FILE_EMPTY', `${name} is empty`));
  return stats;
}

export function readHead(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const head = Buffer.alloc(Math.min(headBytesMax, fstatSync(descriptor).size));
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Far less than the 8 MB that DuckDB gives to a thread, far more than people leave blank. */
const blankStretchBytes = 1 << 20;
const blankProbeBytes = 64;

/** Whether blank lines may fill more than a megabyte: then they fill what is at a multiple of it. A GB is looked at in 5 ms. */
function hasBlankStretch(path: string): boolean {
  const descriptor = openSync(path, 'r');
  try {
    const probe = Buffer.alloc(blankProbeBytes);
    const { size } = fstatSync(descriptor);
    for (let at = blankStretchBytes; at + blankProbeBytes <= size; at += blankStretchBytes) {
      readSync(descriptor, probe, 0, blankProbeBytes, at);
      if (probe.every((byte) => byte === 10 || byte === 13 || byte === 32 || byte === 9)) return true;
    }
    return false;
  } finally {
    closeSync(descriptor);
  }
}

/** The head up to its last whole line, or all of it when the file ends there. */
export function cutHead(head: Buffer, path: string): Buffer {
  if (statSync(path).size <= head.length) return head.subarray(0, statSync(path).size);
  const end = Math.max(head.lastIndexOf(10), head.lastIndexOf(13));
  return end < 0 ? head : head.subarray(0, end + 1);
}

/** What a file of this name may be; undefined for names that promise nothing. A wrong one tells of a wrong export. */
function formatsOfName(name: string): string[] | undefined {
  const extension = /\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === 'csv' || extension === 'tsv') return ['csv'];
  if (extension === 'json' || extension === 'ndjson' || extension === 'jsonl') return ['json', 'ndjson'];
  return extension === 'xlsx' || extension === 'parquet' ? [extension] : undefined;
}

/** The format of the content, held against what was promised by the definition or, without one, by the name. */
export function formatOf(
  content: Content,
  input: InputFormat | undefined,
  name: string,
): NonNullable<InputFormat['format']> {
  if (content.kind === 'foreign')
    throw new FailureError(fail('FILE_TYPE_MISMATCH', `${name} is ${content.what}, not a table`));
  if (content.kind === 'gzip') throw new FailureError(fail('FILE_TYPE_MISMATCH', `${name} is compressed`));
  const found = content.kind === 'text' ? content.opening : content.kind === 'zip' ? 'xlsx' : content.kind;
  const given = input?.format;
  if (!given) {
    const named = formatsOfName(name);
    if (named && !named.includes(found))
      throw new FailureError(fail('FILE_TYPE_MISMATCH', `${name} is ${found} by its content, not what its name says`));
    return found;
  }
  if (given === found) return found;
  // Text may be read as any text format that somebody insists on.
  if (content.kind === 'text' && given !== 'parquet' && given !== 'xlsx') return given;
  throw new FailureError(fail('FILE_TYPE_MISMATCH', `${name} is ${found} by its content, not ${given}`));
}
