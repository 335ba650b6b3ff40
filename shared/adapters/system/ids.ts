// UUIDv7 (RFC 9562 §5.7): 48 bits of time, then chance. Node has one only from a later 24 than Lambda promises.
import { randomBytes } from 'node:crypto';
import type { Clock, Ids } from '../../ports/clock.ts';

export function createIds(clock: Clock): Ids {
  return {
    uuid() {
      const bytes = randomBytes(16);
      bytes.writeUIntBE(clock.now(), 0, 6);
      bytes[6] = 0x70 | (bytes[6]! & 0x0f);
      bytes[8] = 0x80 | (bytes[8]! & 0x3f);
      const hex = bytes.toString('hex');
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    },
    secret: () => randomBytes(32).toString('base64url'),
  };
}
