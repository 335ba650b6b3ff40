// Says what bytes are: a known format, an encoding of text, or nothing that holds rows. Names are not believed.
import { isAscii, isUtf8 } from 'node:buffer';
import type { InputFormat } from '../../domain/definition.ts';

export type TextEncoding = NonNullable<InputFormat['encoding']>;

export type Content =
  | { kind: 'gzip' | 'zip' | 'parquet' }
  | { kind: 'text'; encoding: TextEncoding; bomBytes: number; opening: 'json' | 'ndjson' | 'csv' }
  /** `what` names the kind for a person: "a PDF document". */
  | { kind: 'foreign'; what: string };

const foreignMagic: [string, string][] = [
  ['25504446', 'a PDF document'],
  ['d0cf11e0', 'a workbook of the old .xls format, or one with a password'],
  ['377abcaf', 'a 7-Zip archive'],
  ['28b52ffd', 'Zstandard-compressed'],
  ['425a68', 'bzip2-compressed'],
  ['fd377a58', 'XZ-compressed'],
  ['89504e47', 'a PNG image'],
  ['ffd8ff', 'a JPEG image'],
  ['7f454c46', 'a program'],
  ['4f626a01', 'an Avro file'],
  ['4f5243', 'an ORC file'],
];

/** A small text may hold some NULs and still be one. */
const controlsMin = 32;

/** Judges by the first bytes of a file (64 KB is plenty). */
export function detectContent(head: Buffer, given?: TextEncoding): Content {
  if (head[0] === 0x1f && head[1] === 0x8b) return { kind: 'gzip' };
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return { kind: 'parquet' };
  if (head.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') return { kind: 'zip' };
  const hex = head.subarray(0, 8).toString('hex');
  for (const [magic, what] of foreignMagic) if (hex.startsWith(magic)) return { kind: 'foreign', what };
  const { encoding, bomBytes } = detectEncoding(head, given);
  const text = decodeHead(head.subarray(bomBytes), encoding);
  const opening = text.trimStart();
  if (/^<(!doctype|html|\?xml|head|body|table)/i.test(opening))
    return { kind: 'foreign', what: 'an HTML or XML document' };
  // Control characters other than tab and line ends: a few happen in text, many mean that this is none.
  if (countControls(opening) > Math.max(controlsMin, opening.length / 10)) return { kind: 'foreign', what: 'not text' };
  return { kind: 'text', encoding, bomBytes, opening: openingOf(opening) };
}

function countControls(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 9 || (code > 13 && code < 32)) count++;
  }
  return count;
}

function openingOf(text: string): 'json' | 'ndjson' | 'csv' {
  if (/^\[\s*(\{|\]|$)/.test(text)) return 'json';
  if (!/^\{\s*("|\}|$)/.test(text)) return 'csv';
  const end = text.search(/[\r\n]/);
  if (end < 0) return 'ndjson';
  try {
    JSON.parse(text.slice(0, end));
    return 'ndjson';
  } catch {
    return 'json';
  }
}

function detectEncoding(head: Buffer, given?: TextEncoding): { encoding: TextEncoding; bomBytes: number } {
  const bom: { encoding: TextEncoding; bomBytes: number } | undefined =
    head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf
      ? { encoding: 'utf-8', bomBytes: 3 }
      : head[0] === 0xff && head[1] === 0xfe
        ? { encoding: 'utf-16le', bomBytes: 2 }
        : head[0] === 0xfe && head[1] === 0xff
          ? { encoding: 'utf-16be', bomBytes: 2 }
          : undefined;
  if (bom && (given === undefined || given === bom.encoding)) return bom;
  if (given !== undefined) return { encoding: given, bomBytes: 0 };
  // UTF-16 without a mark: western text has every other byte zero.
  const zeros = [0, 0];
  const looked = Math.min(head.length, 4096) & ~1;
  for (let at = 0; at < looked; at++) if (head[at] === 0) zeros[at & 1]!++;
  if (looked >= 4 && zeros[1]! > looked * 0.35 && zeros[0]! < looked * 0.05)
    return { encoding: 'utf-16le', bomBytes: 0 };
  if (looked >= 4 && zeros[0]! > looked * 0.35 && zeros[1]! < looked * 0.05)
    return { encoding: 'utf-16be', bomBytes: 0 };
  return { encoding: looksUtf8(head) ? 'utf-8' : 'windows-1252', bomBytes: 0 };
}

/**
 * Whether text is UTF-8, perhaps with some bad rows: of its lines beyond ASCII as many are valid as are not. The last
 * line is left out unless it is the only one, because its last character may be cut off.
 */
function looksUtf8(head: Buffer): boolean {
  if (isUtf8(head)) return true;
  const judge = new Utf8Judge();
  judge.push(head);
  return judge.sawLine ? judge.holds() : [1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));
}

/** Counts whole lines beyond ASCII that are valid UTF-8, and those that are not. */
export class Utf8Judge {
  sawLine = false;
  private valid = 0;
  private invalid = 0;
  private rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    // Most of most files is ASCII, whose lines say nothing.
    if (isAscii(bytes)) {
      at = bytes.lastIndexOf(10) + 1;
      this.sawLine ||= at > 0;
    } else
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
        this.judge(bytes.subarray(at, end));
        at = end + 1;
      }
    // A line without an end is judged in parts: it cannot fill the memory.
    this.rest = bytes.length - at > 1 << 22 ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }

  end(): void {
    this.judge(this.rest);
  }

  holds(): boolean {
    return this.valid >= this.invalid;
  }

  private judge(line: Buffer): void {
    this.sawLine = true;
    if (!isUtf8(line)) this.invalid++;
    else if (!isAscii(line)) this.valid++;
  }
}

/** Text of bytes that may end within a character. */
export function decodeHead(bytes: Buffer, encoding: TextEncoding): string {
  if (encoding === 'iso-8859-1') return bytes.toString('latin1');
  return new TextDecoder(encoding).decode(bytes, { stream: true });
}
