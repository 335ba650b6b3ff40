// Byte-level changes of a whole file, streamed into the scratch directory: inflating, recoding to UTF-8, cutting lines off.

import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, open, truncate } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FailureError, fail } from '../../domain/result.ts';
import type { TextEncoding } from './detect-content.ts';

export async function expandGzip(from: string, to: string, bytesMax: number, name: string): Promise<void> {
  let bytes = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax)
        done(new FailureError(fail('FILE_TOO_LARGE', `${name} expands to more than ${bytesMax} bytes`)));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(from), createGunzip(), guard, createWriteStream(to));
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code.startsWith('Z_'))
      throw new FailureError(fail('FILE_UNREADABLE', `${name} is not a whole gzip file (${code})`));
    throw error;
  }
}

/** Bytes that the encoding does not have become U+FFFD, as the standard has it. */
export async function recode(from: string, to: string, encoding: TextEncoding, bomBytes: number): Promise<void> {
  const decoder = encoding === 'iso-8859-1' ? undefined : new TextDecoder(encoding);
  const decode = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, Buffer.from(decoder ? decoder.decode(chunk, { stream: true }) : chunk.toString('latin1'), 'utf8'));
    },
    flush(done) {
      done(null, Buffer.from(decoder?.decode() ?? '', 'utf8'));
    },
  });
  await pipeline(createReadStream(from, { start: bomBytes }), decode, createWriteStream(to));
}

/** Copies the file without its last lines and gives those lines. A line end at the very end begins no line. */
export async function cutFooter(from: string, to: string, lines: number): Promise<string[]> {
  await copyFile(from, to);
  const file = await open(to, 'r+');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, 1 << 20));
    await file.read(tail, 0, tail.length, size - tail.length);
    let end = tail.length;
    const isEnd = (at: number) => tail[at] === 10 || tail[at] === 13;
    const lineEndBefore = (at: number) => (at >= 2 && tail[at - 2] === 13 && tail[at - 1] === 10 ? at - 2 : at - 1);
    if (end > 0 && isEnd(end - 1)) end = lineEndBefore(end);
    const found: string[] = [];
    let cut = end;
    for (let line = 0; line < lines && cut > 0; line++) {
      let start = cut;
      while (start > 0 && !isEnd(start - 1)) start--;
      found.unshift(tail.toString('utf8', start, cut));
      cut = start > 0 ? lineEndBefore(start) : 0;
    }
    await truncate(to, size - tail.length + cut);
    return found;
  } finally {
    await file.close();
  }
}
