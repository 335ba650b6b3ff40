// The function that asks the directory: what its secret may hold, what it answers, and what its log never says.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/directory/handler.ts';
import { openDirectory } from '../../../functions/directory/open-directory.ts';
import { demoPassword, demoPeople, sampleDirectory } from '../../../infra/local/directory.ts';
import { createArgon2Hasher } from '../../../shared/adapters/crypto/argon2-hasher.ts';
import { createMemoryClock } from '../../../shared/adapters/memory/clock.ts';

const sample = readFileSync(sampleDirectory, 'utf8');

function openFunction(text: string) {
  const lines: unknown[] = [];
  let held = text;
  const secret = { read: async () => Buffer.from(held) };
  const directory = openDirectory({ secret, hasher: createArgon2Hasher(), clock: createMemoryClock() });
  const log = {
    line: (fields: object) => void lines.push(fields),
    fault: (error: unknown, fields: object) => void lines.push({ error: String(error), ...fields }),
  };
  return { handler: createHandler(directory, log), lines, hold: (other: string) => (held = other) };
}

describe('auth-ldap: the demo people', () => {
  it.each(demoPeople)('%s signs in with the password that is shown', async (name) => {
    const { handler } = openFunction(sample);
    expect(await handler({ operation: 'signIn', name, password: demoPassword })).toMatchObject({
      ok: true,
      value: { name },
    });
  });

  it('are the document’s, with hashes and no password in the file', async () => {
    const { handler } = openFunction(sample);
    expect(sample).not.toContain(demoPassword);
    expect(sample.match(/\$argon2id\$v=19\$m=19456,t=2,p=1\$/g)).toHaveLength(demoPeople.length);
    expect(await handler({ operation: 'signIn', name: 'analyst.jane', password: demoPassword })).toEqual({
      ok: true,
      value: {
        name: 'analyst.jane',
        dn: 'CN=analyst.jane,OU=Users,DC=corp,DC=example',
        displayName: 'Jane Analyst',
        groups: ['CN=RECON_PREPARERS,OU=Groups,DC=corp,DC=example', 'CN=RECON_APPROVERS,OU=Groups,DC=corp,DC=example'],
      },
    });
  });
});

describe('the log of the directory function', () => {
  it('says how each question ended and never what was asked or answered', async () => {
    const { handler, lines } = openFunction(sample);
    const dn = 'CN=analyst.jane,OU=Users,DC=corp,DC=example';
    await handler({ operation: 'signIn', name: 'analyst.jane', password: demoPassword });
    await handler({ operation: 'signIn', name: 'analyst.jane', password: 'not-the-password' });
    await handler({ operation: 'signIn', name: 'nobody.known', password: demoPassword });
    await handler({ operation: 'lookUp', dn });
    expect(lines).toMatchObject([
      { operation: 'signIn', groups: 2 },
      { operation: 'signIn', refused: 'wrong password' },
      { operation: 'signIn', refused: 'no such person' },
      { operation: 'lookUp', groups: 2 },
    ]);
    const written = JSON.stringify(lines);
    for (const secret of ['jane', 'nobody.known', demoPassword, 'not-the-password', 'RECON_', 'corp'])
      expect(written).not.toContain(secret);
  });

  it.each([
    ['nothing set yet', '{}', /must hold "ldap" or "people"/],
    ['both', '{"ldap":{},"people":[]}', /must hold "ldap" or "people"/],
    ['no JSON', 'hidden-password', /is not JSON/],
    ['no object', 'null', /must hold "ldap" or "people"/],
    ['a setting that is none', '{"ldap":{"bindPassword":"hidden-password"}}', /url is missing/],
    ['a person without a hash', '{"people":[{"name":"hidden-password"}]}', /people\[0\] has no passwordHash|has no dn/],
  ])('a secret with %s is a fault that the log explains, without quoting it', async (_what, text, fault) => {
    const { handler, lines } = openFunction(text);
    await expect(handler({ operation: 'signIn', name: 'analyst.jane', password: demoPassword })).rejects.toThrow(
      'the directory does not answer',
    );
    expect((lines[0] as { error: string }).error).toMatch(fault);
    expect(JSON.stringify(lines)).not.toMatch(/hidden-password|analyst|Sup3r/);
  });

  it('a secret that was changed holds without a new start', async () => {
    const { handler, hold } = openFunction('{}');
    const request = { operation: 'signIn' as const, name: 'analyst.jane', password: demoPassword };
    await expect(handler(request)).rejects.toThrow();
    hold(sample);
    expect(await handler(request)).toMatchObject({ ok: true });
    hold('{"people":[]}');
    expect(await handler(request)).toMatchObject({ ok: false });
  });
});
