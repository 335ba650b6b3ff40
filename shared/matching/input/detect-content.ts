// Says what bytes are: a known format, an encoding of text, or nothing that holds rows. Names are not believed.
import { isUtf8 } from 'node:buffer';
import type { InputFormat } from '../../domain/definition.ts';

export type TextEncoding = NonNullable<InputFormat['encoding']>;

export type Content =
  | { kind: 'gzip' | 'zip' | 'parquet' }
  | { kind: 'text'; encoding: TextEncoding; bomBytes: number; opening: 'json' | 'ndjson' | 'csv' }
  /** `what` names the kind for a person: "a PDF document". */
  | { kind: 'foreign'; what: string };

const foreignMagic: [string, string][] = [
  ['25504446', 'a PDF document'],
  ['d0cf11e0', 'a workbook of the old .xls format'],
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
  if (countControls(opening) > opening.length / 10) return { kind: 'foreign', what: 'not text' };
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
  return { encoding: isUtf8Start(head) ? 'utf-8' : 'windows-1252', bomBytes: 0 };
}

/** Whether these are the first bytes of UTF-8: the last character may be cut off. */
function isUtf8Start(head: Buffer): boolean {
  for (let cut = 0; cut < 4 && cut <= head.length; cut++) if (isUtf8(head.subarray(0, head.length - cut))) return true;
  return false;
}

/** Text of bytes that may end within a character. */
export function decodeHead(bytes: Buffer, encoding: TextEncoding): string {
  if (encoding === 'iso-8859-1') return bytes.toString('latin1');
  return new TextDecoder(encoding).decode(bytes, { stream: true });
}
