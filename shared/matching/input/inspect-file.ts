// Says what a file is by its content: format, encoding, delimiter, header, columns and its first rows. Reads the head of
// a file only, however large it is; rejects nothing and types nothing.
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { InputFormat } from '../../domain/definition.ts';
import { FailureError, fail, ok, type Result } from '../../domain/result.ts';
import { openEngine } from '../engine.ts';
import { sampleJson } from './convert-json.ts';
import { type Content, decodeHead, detectContent } from './detect-content.ts';
import { inspectParquet } from './inspect-parquet.ts';
import {
  cutHead,
  displayName,
  expandedBytesMax,
  formatOf,
  headBytesMax,
  type InputFile,
  readHead,
  statFile,
} from './prepare-file.ts';
import { expandGzip } from './recode.ts';
import { sniffCsv } from './sniff-csv.ts';

export type InspectedFile = {
  format: 'csv' | 'json' | 'ndjson' | 'parquet' | 'xlsx';
  compression: 'none' | 'gzip';
  /** Of text formats. */
  encoding?: NonNullable<InputFormat['encoding']>;
  /** Of CSV. */
  delimiter?: string;
  quote?: string;
  header?: boolean;
  /** Physical lines before the header or, without one, the first row. */
  preambleLines?: number;
  /** Of workbooks: the names of all sheets, and the one that was read. */
  sheets?: string[];
  sheet?: string;
  columns: string[];
  /** The first rows as text, in the order of `columns`; null where a cell is empty. At most 1,000. */
  rows: (string | null)[][];
  /** Size of the file as it was sent. */
  bytes: number;
};

const rowsMax = 1000;

export async function inspectFile(
  path: string,
  options: { name?: string; input?: InputFormat } = {},
): Promise<Result<InspectedFile>> {
  const file: InputFile = { path, ...(options.name !== undefined && { name: options.name }) };
  try {
    const { size } = statFile(file);
    const head = readHead(path);
    if (detectContent(head).kind !== 'gzip')
      return ok({ ...(await inspect(file, head, options.input)), compression: 'none', bytes: size });
    return ok({ ...(await inspectGzip(file, options.input)), compression: 'gzip', bytes: size });
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
}

type Inspected = Omit<InspectedFile, 'compression' | 'bytes'>;

async function inspectGzip(file: InputFile, input: InputFormat | undefined): Promise<Inspected> {
  const name = displayName(file);
  const { head, whole } = await expandHead(file.path, name);
  if (head.length === 0) throw new FailureError(fail('FILE_EMPTY', `${name} is empty`));
  const content = detectContent(head, input?.encoding);
  if (content.kind === 'text') return inspectText(content, whole ? head : wholeLines(head), input, name);
  // Workbooks and Parquet files are read from their ends: they are unpacked for it.
  const directory = await mkdtemp(join(tmpdir(), 'tieout-inspect-'));
  try {
    const expanded = join(directory, 'expanded');
    await expandGzip(file.path, expanded, expandedBytesMax, name);
    return await inspect({ path: expanded, name }, readHead(expanded), input);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function inspect(file: InputFile, head: Buffer, input: InputFormat | undefined): Promise<Inspected> {
  const name = displayName(file);
  const content = detectContent(head, input?.encoding);
  const format = formatOf(content, input, name);
  if (format === 'parquet') {
    const directory = await mkdtemp(join(tmpdir(), 'tieout-inspect-'));
    const engine = await openEngine({ directory, allowed: [resolve(file.path)], memoryMb: 512, threads: 1 });
    try {
      const { columns, sample } = await inspectParquet(engine, resolve(file.path), name);
      return { format, columns, rows: sample };
    } finally {
      engine.close();
      await rm(directory, { recursive: true, force: true });
    }
  }
  if (format === 'xlsx') return inspectWorkbook(file.path, name, input);
  if (content.kind !== 'text') throw new Error('text was expected');
  return inspectText(content, cutHead(head, file.path), input, name);
}

function inspectText(
  content: Content & { kind: 'text' },
  head: Buffer,
  input: InputFormat | undefined,
  name: string,
): Inspected {
  const { encoding, bomBytes } = content;
  const format = formatOf(content, input, name);
  const text = decodeHead(head.subarray(bomBytes), encoding);
  if (format === 'json' || format === 'ndjson')
    return { format, encoding, ...sampleJson(`${text}\n`, format === 'ndjson') };
  const sniffed = sniffCsv(Buffer.from(text, 'utf8'), input, [], name);
  if (sniffed.columns.length === 0) throw new FailureError(fail('FILE_EMPTY', `${name} has no rows`));
  return {
    format: 'csv',
    encoding,
    ...sniffed.dialect,
    header: sniffed.header,
    preambleLines: sniffed.preambleLines,
    columns: sniffed.columns,
    rows: sniffed.rows,
  };
}

async function inspectWorkbook(path: string, name: string, input: InputFormat | undefined): Promise<Inspected> {
  const { readSheet, SheetLayout } = await import('./convert-workbook.ts');
  const layout = new SheetLayout(input, []);
  const rows: (string | null)[][] = [];
  const { sheets, sheet } = await readSheet(path, input?.sheet, name, (row) => {
    if (layout.take(row) && !layout.rowIsHeader) rows.push(layout.columns.map((_, index) => row.cells[index] ?? null));
    return rows.length >= rowsMax ? 'stop' : undefined;
  });
  if (layout.columns.length === 0) throw new FailureError(fail('FILE_EMPTY', `${name} has no rows`));
  return { format: 'xlsx', sheets, sheet, header: input?.header !== false, columns: layout.columns, rows };
}

/** The first bytes of a gzip file, and whether they are all of it. */
async function expandHead(path: string, name: string): Promise<{ head: Buffer; whole: boolean }> {
  const source = createReadStream(path);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source.pipe(gunzip)) {
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes >= headBytesMax)
        return { head: Buffer.concat(parts).subarray(0, headBytesMax), whole: bytes === headBytesMax };
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code.startsWith('Z_'))
      throw new FailureError(fail('FILE_UNREADABLE', `${name} is not a whole gzip file (${code})`));
    throw error;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  return { head: Buffer.concat(parts), whole: true };
}

function wholeLines(head: Buffer): Buffer {
  const end = Math.max(head.lastIndexOf(10), head.lastIndexOf(13));
  return end < 0 ? head : head.subarray(0, end + 1);
}
