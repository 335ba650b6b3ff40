// Looks through a zip archive before anything unpacks it: what is inside, and how much it really becomes.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { FailureError, fail } from '../../domain/result.ts';

export type ZipEntry = { name: string; method: number; compressedBytes: number; declaredBytes: number; offset: number };

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
/** The end record and its longest comment. */
const endBytesMax = 22 + 65_535;
const entriesMax = 10_000;

/** Entries of the central directory; FILE_UNREADABLE when there is no whole one. */
export async function readZipEntries(path: string, name: string): Promise<ZipEntry[]> {
  const broken = (what: string) =>
    new FailureError(fail('FILE_UNREADABLE', `${name} is not a whole zip archive: ${what}`));
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, endBytesMax));
    await file.read(tail, 0, tail.length, size - tail.length);
    let end = tail.length - 22;
    while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end--;
    if (end < 0) throw broken('it has no directory');
    const count = tail.readUInt16LE(end + 10);
    const bytes = tail.readUInt32LE(end + 12);
    const start = tail.readUInt32LE(end + 16);
    if (count > entriesMax || bytes > 1 << 24 || start + bytes > size) throw broken('its directory is out of bounds');
    const directory = Buffer.alloc(bytes);
    await file.read(directory, 0, bytes, start);
    const entries: ZipEntry[] = [];
    let at = 0;
    for (let index = 0; index < count; index++) {
      if (at + 46 > bytes || directory.readUInt32LE(at) !== entrySignature) throw broken('its directory is damaged');
      const nameBytes = directory.readUInt16LE(at + 28);
      const entry = {
        name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
        method: directory.readUInt16LE(at + 10),
        compressedBytes: directory.readUInt32LE(at + 20),
        declaredBytes: directory.readUInt32LE(at + 24),
        offset: directory.readUInt32LE(at + 42),
      };
      entries.push(entry);
      at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    return entries;
  } finally {
    await file.close();
  }
}

/** FILE_TOO_LARGE when the entries declare, or really become, more than `bytesMax` in all: a directory may lie. */
export async function guardExpansion(path: string, entries: ZipEntry[], bytesMax: number, name: string): Promise<void> {
  const tooLarge = () =>
    new FailureError(fail('FILE_TOO_LARGE', `${name} expands to more than ${bytesMax} bytes`, { bytesMax }));
  if (entries.reduce((sum, entry) => sum + entry.declaredBytes, 0) > bytesMax) throw tooLarge();
  let expanded = 0;
  for (const entry of entries) {
    if (entry.compressedBytes === 0) continue;
    const header = Buffer.alloc(30);
    const file = await open(path);
    try {
      await file.read(header, 0, 30, entry.offset);
    } finally {
      await file.close();
    }
    const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const packed = createReadStream(path, { start, end: start + entry.compressedBytes - 1 });
    if (entry.method === 0) {
      packed.destroy();
      expanded += entry.compressedBytes;
    } else {
      const inflate = createInflateRaw();
      packed.on('error', (error) => inflate.destroy(error));
      try {
        for await (const chunk of packed.pipe(inflate)) {
          expanded += chunk.length;
          if (expanded > bytesMax) throw tooLarge();
        }
      } catch (error) {
        if (error instanceof FailureError) throw error;
        throw new FailureError(fail('FILE_UNREADABLE', `${name} is damaged: ${entry.name} cannot be unpacked`));
      } finally {
        packed.destroy();
        inflate.destroy();
      }
    }
    if (expanded > bytesMax) throw tooLarge();
  }
}
