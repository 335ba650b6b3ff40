// Ids that follow from what they name, so that a repeat mints nothing new.
import { createHash } from 'node:crypto';

/** A UUID (version 8: by own rule) from the first 128 bits of SHA-256; only the last part may hold U+001F. */
export function derivedId(...parts: string[]): string {
  return uuidOfHash(sha256(parts.join('\u001f')));
}

export function uuidOfHash(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
