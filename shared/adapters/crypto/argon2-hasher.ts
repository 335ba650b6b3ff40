// Passwords as argon2id in the PHC string format, by node:crypto. Parameters: OWASP Password Storage Cheat Sheet
// (19 MiB, 2 passes, 1 lane); a hash made with others is verified as it says and reported as outdated.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordHasher } from '../../ports/password-hasher.ts';

export type Argon2Parameters = { memoryKiB: number; passes: number; lanes: number };
export const owaspParameters: Argon2Parameters = { memoryKiB: 19_456, passes: 2, lanes: 1 };

const tagBytes = 32;
const saltBytes = 16;
/** A stored hash can ask for any work; one beyond this is no hash of ours. */
const memoryKiBMax = 1_048_576;
const derive = promisify(argon2);

export function createArgon2Hasher(parameters: Argon2Parameters = owaspParameters): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      return write(parameters, salt, await tagOf(password, salt, parameters));
    },
    async verify(password, hash) {
      const stored = read(hash);
      const tag = await tagOf(password, stored.salt, stored.parameters);
      const outdated =
        stored.parameters.memoryKiB < parameters.memoryKiB || stored.parameters.passes < parameters.passes;
      return { matches: tag.length === stored.tag.length && timingSafeEqual(tag, stored.tag), outdated };
    },
    async pretend(password) {
      await tagOf(password, Buffer.alloc(saltBytes), parameters);
    },
  };
}

/** NFKC, so that the same password typed on two keyboards is the same bytes. */
function tagOf(password: string, salt: Uint8Array, { memoryKiB, passes, lanes }: Argon2Parameters): Promise<Buffer> {
  const message = Buffer.from(password.normalize('NFKC'));
  return derive('argon2id', {
    message,
    nonce: salt,
    memory: memoryKiB,
    passes,
    parallelism: lanes,
    tagLength: tagBytes,
  });
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

function write({ memoryKiB, passes, lanes }: Argon2Parameters, salt: Uint8Array, tag: Uint8Array): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${base64(salt)}$${base64(tag)}`;
}

function read(hash: string): { parameters: Argon2Parameters; salt: Buffer; tag: Buffer } {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash);
  const [, memory, passes, lanes, salt, tag] = match ?? [];
  if (!match || Number(memory) > memoryKiBMax) throw new Error('a stored password hash is not argon2id');
  return {
    parameters: { memoryKiB: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag!, 'base64'),
  };
}
