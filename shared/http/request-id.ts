// The id that a caller quotes when something went wrong: `req_` and a ULID, so ids sort by time.
import { randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 26 characters of Crockford base 32: 48 bits of time, 80 bits of chance. */
export function ulid(nowMs: number, random: Uint8Array = randomBytes(10)): string {
  let value = BigInt(nowMs);
  for (const byte of random) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let index = 0; index < 26; index++) {
    text = alphabet[Number(value & 31n)] + text;
    value >>= 5n;
  }
  return text;
}

export function newRequestId(nowMs: number): string {
  return `req_${ulid(nowMs)}`;
}
