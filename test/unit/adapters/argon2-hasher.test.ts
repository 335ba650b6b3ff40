// Passwords as argon2id, held to a published vector of another implementation.
import { describe, expect, it } from 'vitest';
import { createArgon2Hasher, owaspParameters } from '../../../shared/adapters/crypto/argon2-hasher.ts';

describe('the password hasher', () => {
  const hasher = createArgon2Hasher();

  it('works as OWASP asks, says so in its strings, and knows its own', async () => {
    expect(owaspParameters).toEqual({ memoryKiB: 19_456, passes: 2, lanes: 1 });
    const hash = await hasher.hash('Password123!');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await hasher.hash('Password123!')).not.toBe(hash);
    expect(await hasher.verify('Password123!', hash)).toEqual({ matches: true, outdated: false });
    expect(await hasher.verify('Password123?', hash)).toEqual({ matches: false, outdated: false });
  });

  // The reference implementation's test.c: argon2id, version 19, m = 65536, t = 2, p = 1, "password", "somesalt".
  const published = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

  it('reads what another implementation wrote', async () => {
    expect(await hasher.verify('password', published)).toEqual({ matches: true, outdated: false });
    expect(await hasher.verify('passwore', published)).toMatchObject({ matches: false });
  });

  it('reports weaker parameters as outdated', async () => {
    const weak = await createArgon2Hasher({ memoryKiB: 64, passes: 1, lanes: 1 }).hash('x');
    expect(await hasher.verify('x', weak)).toEqual({ matches: true, outdated: true });
  });

  it('takes one password typed on two keyboards for the same', async () => {
    const hash = await hasher.hash('Ångström');
    expect((await hasher.verify('A\u030angstro\u0308m', hash)).matches).toBe(true);
  });

  it.each([
    '',
    'plain',
    '$2b$10$abc',
    '$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA',
    '$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA',
  ])('refuses the stored text %j', async (text) => {
    await expect(hasher.verify('x', text)).rejects.toThrow('not argon2id');
  });
});
