// JSON arrays of objects and NDJSON as rows: a streaming splitter finds each object, numbers keep their written digits.
// Nothing beyond one object is held in memory.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { FailureError, fail } from '../../domain/result.ts';
import { type CleanRows, LineSink, quoted, rejectLine } from './clean-csv.ts';
import { recordBytesMax } from './csv-scanner.ts';
import type { Reader } from './prepare-file.ts';

export type ConvertedRows = {
  reader: Reader;
  columns: string[];
  sample: (string | null)[][];
  preamble: string[];
  footer: string[];
};

/** Names beyond this are not listed; a mapped one is found all the same. */
const columnsMax = 5000;
const sampleRows = 1000;

export async function convertJson(
  path: string,
  format: 'json' | 'ndjson',
  needed: string[],
  prefix: string,
  name: string,
): Promise<ConvertedRows> {
  const clean: CleanRows = { path: `${prefix}.clean.csv`, rejectsPath: `${prefix}.rejects.csv`, read: 0, rejected: 0 };
  const good = new LineSink(clean.path, 'utf8');
  const bad = new LineSink(clean.rejectsPath, 'utf8');
  const columns = new Map<string, number>(needed.map((column, index) => [column, index]));
  const seen = new Set<string>();
  const objects: Map<string, string>[] = [];
  for await (const { text, line } of splitValues(path, format === 'ndjson', name)) {
    clean.read++;
    const cells = parseObject(text);
    if (typeof cells === 'string') {
      clean.rejected++;
      const wait = bad.write(rejectLine({ line, column: '', value: text.slice(0, 4096), reason: cells }));
      if (wait) await wait;
      continue;
    }
    for (const column of cells.keys()) {
      if (seen.size < columnsMax || columns.has(column)) seen.add(column);
    }
    if (objects.length < sampleRows) objects.push(cells);
    let row = `${clean.read},${line}`;
    for (const column of columns.keys()) row += `,${quoted(cells.get(column) ?? '')}`;
    const wait = good.write(`${row}\n`);
    if (wait) await wait;
  }
  await good.close();
  await bad.close();
  if (clean.read === 0) throw new FailureError(fail('FILE_EMPTY', `${name} has no rows`));
  const names = [...seen];
  // The clean file holds all that was needed; a column that no object has stays without a name there.
  const indexes = needed.map((column, at) => (seen.has(column) ? names.indexOf(column) : names.length + at));
  return {
    reader: { kind: 'clean', clean, indexes },
    columns: names,
    sample: objects.map((cells) => names.map((column) => cells.get(column) || null)),
    preamble: [],
    footer: [],
  };
}

/** Columns and rows of the whole objects in the first text of a file. */
export function sampleJson(head: string, byLine: boolean): { columns: string[]; rows: (string | null)[][] } {
  const columns = new Set<string>();
  const objects: Map<string, string>[] = [];
  for (const { text } of new ValueSplitter(byLine).push(head)) {
    const cells = parseObject(text);
    if (typeof cells === 'string') continue;
    for (const column of cells.keys()) columns.add(column);
    if (objects.push(cells) >= sampleRows) break;
  }
  return {
    columns: [...columns],
    rows: objects.map((cells) => [...columns].map((column) => cells.get(column) || null)),
  };
}

/**
 * Texts of the members of an object, or why it is none. Numbers keep the digits that are written: to parse they are strings, told from
 * others by a mark that no file can know.
 */
function parseObject(text: string): Map<string, string> | string {
  const marked = text.replace(stringOrNumber, (token) => (token.startsWith('"') ? token : `"${mark}${token}"`));
  if (numberAsName.test(marked)) return 'bad-json: a number is no name';
  let value: unknown;
  try {
    value = JSON.parse(marked);
  } catch (error) {
    return `bad-json: ${String((error as Error).message)
      .replaceAll(mark, '')
      .slice(0, 200)}`;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'bad-json: not an object';
  const cells = new Map<string, string>();
  for (const [key, member] of Object.entries(value)) if (member !== null) cells.set(key, memberText(member));
  return cells;
}

function memberText(member: unknown): string {
  if (typeof member === 'string') return member.startsWith(mark) ? plainNumber(member.slice(mark.length)) : member;
  return typeof member === 'object' ? JSON.stringify(member).replace(markedNumber, '$1') : String(member);
}

const mark = `number ${randomUUID()} `;
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const markedNumber = new RegExp(`"${mark}([^"]*)"`, 'g');
const numberAsName = new RegExp(`"${mark}[^"]*"\\s*:`);

/** Without an exponent, exactly; beyond 60 digits it stays as it is, and is rejected where a number is wanted. */
export function plainNumber(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text);
  if (!match) return text;
  const exponent = Number(match[4]);
  if (Math.abs(exponent) > 60) return text;
  const digits = match[2]! + (match[3] ?? '');
  const point = match[2]!.length + exponent;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const whole = padded.slice(0, Math.max(point, 1)).replace(/^0+(?=\d)/, '');
  const fraction = padded.slice(Math.max(point, 1)).replace(/0+$/, '');
  return `${match[1]}${whole}${fraction ? `.${fraction}` : ''}`;
}

/**
 * The values of an array at the top, or of a sequence of values (NDJSON), each with the line where it begins. A value
 * that is no JSON ends with its line, so that the ones below it are still read.
 */
async function* splitValues(
  path: string,
  byLine: boolean,
  name: string,
): AsyncGenerator<{ text: string; line: number }> {
  const decoder = new StringDecoder('utf8');
  const splitter = new ValueSplitter(byLine);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }))
    yield* splitter.push(decoder.write(chunk));
  yield* splitter.push(decoder.end());
  // What is cut within a value shows as a broken one.
  if (splitter.isCutOff())
    throw new FailureError(fail('FILE_UNREADABLE', `${name} is not whole: its array does not end`));
  yield* splitter.end();
}

class ValueSplitter {
  private text = '';
  private line = 1;
  private startLine = 1;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private inArray = false;
  private ended = false;
  private begun = false;
  private overlong = false;
  /** NDJSON: every line is a value, so that a broken one cannot swallow the next. */
  private readonly byLine: boolean;

  constructor(byLine: boolean) {
    this.byLine = byLine;
  }

  *push(chunk: string): Generator<{ text: string; line: number }> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (code === 10) this.line++;
      if (this.byLine) {
        if (code === 10) {
          yield* this.emit(chunk.slice(from, at), this.line - 1);
          from = at + 1;
        }
        this.begun = true;
        this.startLine = this.line;
        continue;
      }
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (code === 92) this.escaped = true;
        else if (code === 34) this.inString = false;
        // A string cannot hold a line end: the value is broken, and ends here.
        else if (code === 10 && this.begun) {
          yield* this.emit(chunk.slice(from, at), this.startLine);
          this.inString = false;
          this.depth = 0;
          from = at + 1;
        }
        continue;
      }
      if (!this.begun) {
        from = at;
        if (code === 0xfeff || code === 32 || code === 9 || code === 10 || code === 13 || code === 44) continue;
        if (code === 91 && !this.inArray) {
          this.inArray = true;
          continue;
        }
        if (code === 93 && this.inArray) {
          this.ended = true;
          continue;
        }
        this.begun = true;
        this.startLine = this.line;
      }
      if (code === 34) this.inString = true;
      else if (code === 123 || code === 91) this.depth++;
      else if (code === 125 || code === 93) {
        this.depth--;
        if (this.depth <= 0) {
          // It may have ended a value that lacks its own end.
          if (code === 93) this.ended = true;
          yield* this.emit(chunk.slice(from, at + (this.depth < 0 ? 0 : 1)), this.startLine);
          this.depth = 0;
          from = at + 1;
        }
      } else if (this.depth === 0 && (code === 44 || code === 10)) {
        yield* this.emit(chunk.slice(from, at), this.startLine);
        from = at + 1;
      }
    }
    if (this.begun && from < chunk.length && !this.overlong) this.text += chunk.slice(from);
    if (this.text.length > recordBytesMax) {
      this.overlong = true;
      this.text = this.text.slice(0, 4096);
    }
  }

  /** Of an array that was begun and not ended; a value that was begun tells of it by itself. */
  isCutOff(): boolean {
    return this.inArray && !this.ended && !this.begun;
  }

  *end(): Generator<{ text: string; line: number }> {
    if (this.begun) yield* this.emit('', this.startLine);
  }

  private *emit(tail: string, line: number): Generator<{ text: string; line: number }> {
    const text = this.overlong ? this.text : this.text + tail;
    this.text = '';
    this.begun = false;
    this.overlong = false;
    if (text.replace(/^\ufeff/, '').trim() !== '') yield { text, line };
  }
}
