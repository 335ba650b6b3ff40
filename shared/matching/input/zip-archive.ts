// A zip archive, read by its directory: the names in it, and the content of an entry as a stream. Counts what it really
// unpacks: a directory may lie.
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { FailureError, fail } from '../../domain/result.ts';

/** Names are found in any case: programs that write workbooks do not agree on it. */
export type ZipArchive = {
  has(entry: string): boolean;
  /** FILE_TOO_LARGE as soon as all that was read of the archive is more than `bytesMax`; nothing of an entry that is not there. */
  read(entry: string): AsyncGenerator<Buffer>;
};

type Entry = { name: string; method: number; compressedBytes: number; declaredBytes: number; offset: number };

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locatorSignature = 0x07064b50;
const entrySignature = 0x02014b50;
/** The end record and its longest comment. */
const endBytesMax = 22 + 65_535;
const entriesMax = 10_000;
const directoryBytesMax = 1 << 24;
/** Stands for a size that is in the extra field, where 4 bytes could not hold it. */
const elsewhere = 0xffffffff;

/** FILE_UNREADABLE when it has no whole directory, FILE_TOO_LARGE when that declares more than `bytesMax` in all. */
export async function openZip(path: string, name: string, bytesMax: number): Promise<ZipArchive> {
  const entries = new Map((await readEntries(path, name)).map((entry) => [entry.name.toLowerCase(), entry]));
  const tooLarge = () =>
    new FailureError(fail('FILE_TOO_LARGE', `${name} expands to more than ${bytesMax} bytes`, { bytesMax }));
  let left = bytesMax;
  if ([...entries.values()].reduce((sum, entry) => sum + entry.declaredBytes, 0) > bytesMax) throw tooLarge();
  return {
    has: (entry) => entries.has(entry.toLowerCase()),
    async *read(wanted) {
      const entry = entries.get(wanted.toLowerCase());
      if (!entry || entry.compressedBytes === 0) return;
      try {
        for await (const chunk of unpack(path, entry, await contentStart(path, entry))) {
          left -= chunk.length;
          if (left < 0) throw tooLarge();
          yield chunk;
        }
      } catch (error) {
        if (error instanceof FailureError || !isDamage(error)) throw error;
        throw new FailureError(fail('FILE_UNREADABLE', `${name} is damaged: ${wanted} cannot be unpacked`));
      }
    },
  };
}

function isDamage(error: unknown): boolean {
  return /^Z_/.test((error as NodeJS.ErrnoException).code ?? '');
}

async function* unpack(path: string, entry: Entry, start: number): AsyncGenerator<Buffer> {
  const packed = createReadStream(path, { start, end: start + entry.compressedBytes - 1 });
  if (entry.method === 0) {
    yield* packed;
    return;
  }
  const inflate = createInflateRaw();
  packed.on('error', (error) => inflate.destroy(error));
  try {
    yield* packed.pipe(inflate);
  } finally {
    packed.destroy();
    inflate.destroy();
  }
}

/** The local header has names and extra fields of its own, and they need not be those of the directory. */
async function contentStart(path: string, { offset }: Entry): Promise<number> {
  const file = await open(path);
  try {
    const header = await bytesAt(file, offset, 30);
    return offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, at);
  return bytes;
}

async function readEntries(path: string, name: string): Promise<Entry[]> {
  const broken = (what: string) =>
    new FailureError(fail('FILE_UNREADABLE', `${name} is not a whole zip archive: ${what}`));
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = await bytesAt(file, Math.max(0, size - endBytesMax), Math.min(size, endBytesMax));
    let end = tail.length - 22;
    while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end--;
    if (end < 0) throw broken('it has no directory');
    let [count, bytes, start] = [
      tail.readUInt16LE(end + 10),
      tail.readUInt32LE(end + 12),
      tail.readUInt32LE(end + 16),
    ] as const;
    const locator = end - 20;
    if (locator >= 0 && tail.readUInt32LE(locator) === locatorSignature) {
      const at = Number(tail.readBigUInt64LE(locator + 8));
      const record = await bytesAt(file, Math.min(at, size), 56);
      if (record.readUInt32LE(0) !== end64Signature) throw broken('its directory is out of bounds');
      [count, bytes, start] = [32, 40, 48].map((field) => Number(record.readBigUInt64LE(field))) as [
        number,
        number,
        number,
      ];
    }
    if (count > entriesMax || bytes > directoryBytesMax || start + bytes > size)
      throw broken('its directory is out of bounds');
    const directory = await bytesAt(file, start, bytes);
    const entries: Entry[] = [];
    let at = 0;
    for (let index = 0; index < count; index++) {
      if (at + 46 > bytes || directory.readUInt32LE(at) !== entrySignature) throw broken('its directory is damaged');
      const extraAt = at + 46 + directory.readUInt16LE(at + 28);
      const next = extraAt + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
      const extra = directory.subarray(extraAt, extraAt + directory.readUInt16LE(at + 30));
      const [declaredBytes, compressedBytes, offset] = widened(
        [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)],
        extra,
      );
      const entryName = directory.toString('utf8', at + 46, extraAt);
      entries.push({
        name: entryName,
        method: directory.readUInt16LE(at + 10),
        compressedBytes,
        declaredBytes,
        offset,
      });
      at = next;
    }
    return entries;
  } finally {
    await file.close();
  }
}

/** Sizes of 8 bytes stand in the extra field 1, in this order, each only where it is needed. */
function widened(sizes: [number, number, number], extra: Buffer): [number, number, number] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let field = at + 4;
    return sizes.map((size) => {
      if (size !== elsewhere || field + 8 > extra.length) return size;
      field += 8;
      return Number(extra.readBigUInt64LE(field - 8));
    }) as [number, number, number];
  }
  return sizes;
}
