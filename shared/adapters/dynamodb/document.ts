// A value as it is kept in an item: JSON text, compressed when long. Map attributes would refuse an empty name
// (the bucket of sums without currency) and round through another number type; text comes back as it went.
import { gunzipSync, gzipSync } from 'node:zlib';
import { FailureError, fail } from '../../domain/result.ts';

export type StoredDocument = { body?: string; packed?: Uint8Array };

export function writeDocument(value: unknown): StoredDocument {
  const body = JSON.stringify(value);
  if (body.length <= plainCharactersMax) return { body };
  const packed = gzipSync(body);
  if (packed.length > packedBytesMax) {
    throw new FailureError(
      fail('DOCUMENT_TOO_LARGE', `${packed.length} bytes compressed; the limit is ${packedBytesMax}`),
    );
  }
  return { packed };
}

export function readDocument<T>({ body, packed }: { body?: string | undefined; packed?: Uint8Array | undefined }): T {
  if (packed) return JSON.parse(gunzipSync(packed).toString('utf8')) as T;
  if (body === undefined) throw new Error('an item has no document');
  return JSON.parse(body) as T;
}

/** Readable in the console below this; above it compression saves more than it costs. */
const plainCharactersMax = 8_192;
/** An item holds 400 KB (409,600 bytes) with its keys and the other attributes; a task has two documents. */
const packedBytesMax = 190_000;
