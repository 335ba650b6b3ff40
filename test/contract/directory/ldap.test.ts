// What only a directory server does: nested groups, closed accounts as servers know them, TLS, and being slow or away.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../infra/local/emulator.ts';
import { createLdapDirectory } from '../../../shared/adapters/ldap/directory.ts';
import type { LdapSettings } from '../../../shared/adapters/ldap/settings.ts';
import { createMemoryClock } from '../../../shared/adapters/memory/clock.ts';
import { canonicalName } from '../../../shared/domain/distinguished-name.ts';
import { base, groupDn, groupsBase, now, password, userDn } from './people.ts';
import { entry, groupEntry, hasSlapd, personEntry, type Slapd, serviceDn, startSlapd } from './slapd.ts';

const clock = createMemoryClock(now);
const policyDn = `cn=strict,${base}`;
const deepest = 14;
const manyGroups = 120;

/** S-1-5-21-1-2-4294967295-<last>, as the bytes of [MS-DTYP] 2.4.2.2; some are no UTF-8. */
function sid(last: number): Buffer {
  const parts = [21, 1, 2, 0xffffffff, last];
  const bytes = Buffer.alloc(8 + 4 * parts.length);
  bytes.set([1, parts.length, 0, 0, 0, 0, 0, 5]);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + 4 * index);
  return bytes;
}

const before = [
  entry(policyDn, {
    objectClass: ['device', 'pwdPolicy'],
    cn: 'strict',
    pwdAttribute: '2.5.4.35',
    pwdLockout: 'TRUE',
    pwdMaxFailure: '3',
    pwdMaxAge: '3600',
    pwdMustChange: 'TRUE',
  }),
  personEntry('locked.lou', { pwdPolicySubentry: policyDn, pwdAccountLockedTime: '000001010000Z' }),
  personEntry('disabled.dora', { pwdAccountLockedTime: '000001010000Z' }),
  personEntry('guessed.gus', { pwdPolicySubentry: policyDn }),
  personEntry('ended.eve', { pwdEndTime: '20200101000000Z' }),
  personEntry('later.lea', { pwdStartTime: '20990101000000Z' }),
  personEntry('old.olga', { pwdPolicySubentry: policyDn, pwdChangedTime: '20200101000000Z' }),
  personEntry('reset.ruth', { pwdPolicySubentry: policyDn, pwdReset: 'TRUE' }),
  entry(userDn('empty.emil'), { objectClass: 'inetOrgPerson', cn: 'empty.emil', sn: 'x', uid: 'empty.emil' }),
  ...['nested.ned', 'deep.dan', 'many.mia', 'unique.uma', 'odd.otto', 'mail.mia'].map((name) => personEntry(name)),
  personEntry('primary.pat', { objectSid: sid(1_604), primaryGroupID: '513' }),
  personEntry('primary.tom', { objectSid: sid(1_605), primaryGroupID: '4711' }),
  personEntry('primary.odd', { objectSid: Buffer.from([1, 9, 0]), primaryGroupID: '513' }),
  // Twice the same name in two units: nobody knows who is meant.
  entry(`ou=Guests,ou=Users,${base}`, { objectClass: 'organizationalUnit', ou: 'Guests' }),
  entry(`cn=twin,ou=Guests,ou=Users,${base}`, {
    objectClass: 'inetOrgPerson',
    cn: 'twin',
    sn: 'x',
    uid: 'twin',
    userPassword: password,
  }),
  personEntry('twin'),
].join('\n');

const after = [
  groupEntry('INNER', [userDn('nested.ned'), groupDn('OUTEST')]),
  groupEntry('OUTER', [groupDn('INNER')]),
  // OUTEST is in INNER, which is in OUTER, which is in OUTEST.
  groupEntry('OUTEST', [groupDn('OUTER')]),
  groupEntry('LEVEL-00', [userDn('deep.dan')]),
  ...Array.from({ length: deepest }, (_, index) => groupEntry(level(index + 1), [groupDn(level(index))])),
  ...Array.from({ length: manyGroups }, (_, index) =>
    groupEntry(`MANY-${index}`, [userDn('many.mia')], { description: 'x' }),
  ),
  groupEntry('ABOVE-MANY', [groupDn(`MANY-${manyGroups - 1}`)]),
  // The server keeps no memberOf for these.
  entry(groupDn('UNIQUE'), { objectClass: 'groupOfUniqueNames', cn: 'UNIQUE', uniqueMember: userDn('unique.uma') }),
  entry(groupDn('ABOVE-UNIQUE'), {
    objectClass: 'groupOfUniqueNames',
    cn: 'ABOVE-UNIQUE',
    uniqueMember: groupDn('UNIQUE'),
  }),
  groupEntry('ODD\\, (group) *\\\\', [userDn('odd.otto')]).replace(/^cn::.*$/m, 'cn: ODD, (group) *\\'),
  groupEntry('PRIMARY', [userDn('guest.none')], { objectSid: sid(513) }),
  groupEntry('ABOVE-PRIMARY', [groupDn('PRIMARY')]),
  groupEntry('OTHER-513', [userDn('guest.none')], { objectSid: sid(514) }),
  groupEntry('ABOVE-ODD', [groupDn('ODD\\, (group) *\\\\')]),
].join('\n');

function level(depth: number): string {
  return `LEVEL-${String(depth).padStart(2, '0')}`;
}

describe.skipIf(!hasSlapd)('a directory server', () => {
  let slapd: Slapd;
  const directory = (changes: Partial<LdapSettings> = {}) => createLdapDirectory(slapd.settings(changes), clock);
  const plain = (changes: Partial<LdapSettings> = {}) => ({ url: `ldap://localhost:${slapd.port}`, ...changes });

  async function groupsOf(name: string, changes: Partial<LdapSettings> = {}): Promise<string[]> {
    const signedIn = await directory(changes).signIn(name, password);
    if (!signedIn.ok) throw new Error(`${signedIn.detail}: ${JSON.stringify(signedIn.fields)}`);
    const names = signedIn.value.groups.map((dn) => canonicalName(dn)!);
    expect(new Set(names).size, 'each group once').toBe(names.length);
    return names;
  }
  const named = (...names: string[]) => names.map((name) => canonicalName(groupDn(name))!);

  beforeAll(async () => {
    slapd = await startSlapd({ before, after });
  });
  afterAll(() => slapd?.stop());

  describe('auth-groups-are-dns: groups within groups', () => {
    it('all of them, through a loop, their own first', async () => {
      const groups = await groupsOf('nested.ned');
      expect(groups).toEqual(named('INNER', 'OUTER', 'OUTEST'));
    });

    it('down to the depth that is set, and no further', async () => {
      const levels = Array.from({ length: deepest + 1 }, (_, depth) => level(depth));
      expect(await groupsOf('deep.dan', { nestedDepthMax: 0 })).toEqual(named(...levels.slice(0, 1)));
      expect(await groupsOf('deep.dan')).toEqual(named(...levels.slice(0, 11)));
      expect(await groupsOf('deep.dan', { nestedDepthMax: 20 })).toEqual(named(...levels));
    });

    it('more than one filter and one page hold', async () => {
      const groups = await groupsOf('many.mia');
      expect(groups).toHaveLength(manyGroups + 1);
      expect(groups).toContain(named('ABOVE-MANY')[0]);
    });

    it('by the members that groups name, where people do not name their groups', async () => {
      expect(await groupsOf('unique.uma')).toEqual(named('UNIQUE', 'ABOVE-UNIQUE'));
    });

    it('by the groups that people name, where the groups cannot be searched', async () => {
      const hidden = { groupsBase: `ou=Guests,ou=Users,${base}` };
      expect(await groupsOf('nested.ned', hidden)).toEqual(named('INNER'));
    });

    it('with names that mean something in a filter', async () => {
      expect(await groupsOf('odd.otto')).toEqual(named('ODD\\, (group) *\\\\', 'ABOVE-ODD'));
    });

    it.each([
      ['primary.pat', ['PRIMARY', 'ABOVE-PRIMARY']],
      ['primary.tom', []],
      ['primary.odd', []],
    ])('the primary group of Active Directory, which a number alone names: %s', async (name, expected) => {
      expect(await groupsOf(name)).toEqual(named(...expected));
    });

    it('as they are now', async () => {
      const before = await directory().lookUp(userDn('checker.bob'));
      slapd.modify(
        `dn: ${groupDn('RECON_ADMIN')}\nchangetype: modify\nadd: member\nmember: ${userDn('checker.bob')}\n`,
      );
      const after = await directory().lookUp(userDn('checker.bob'));
      if (!before.ok || !after.ok) throw new Error('not found');
      expect(after.value.groups.map(canonicalName)).toEqual(
        expect.arrayContaining([...before.value.groups.map(canonicalName), ...named('RECON_ADMIN')]),
      );
      expect(after.value.groups).toHaveLength(before.value.groups.length + 1);
    });
  });

  describe('auth-ldap: accounts that must not be used', () => {
    it.each([
      ['locked.lou', 'locked'],
      ['disabled.dora', 'disabled'],
      ['ended.eve', 'expired'],
      ['later.lea', 'not yet valid'],
      ['old.olga', 'password expired'],
      ['reset.ruth', 'password must be changed'],
      ['empty.emil', 'wrong password'],
      ['twin', 'more than one person of this name'],
    ])('%s is refused', async (name, reason) => {
      const refused = await directory().signIn(name, password);
      expect(refused).toMatchObject({ ok: false, code: 'UNAUTHENTICATED', fields: { reason } });
    });

    it.each(['locked.lou', 'disabled.dora', 'ended.eve', 'later.lea', 'reset.ruth'])(
      '%s is not found later either',
      async (name) => {
        expect(await directory().lookUp(userDn(name))).toMatchObject({ ok: false, code: 'NOT_FOUND' });
      },
    );

    it('one that was locked by guesses is refused with the right password, and keeps the sessions that it has', async () => {
      expect(await directory().signIn('guessed.gus', password)).toMatchObject({ ok: true });
      for (const guess of ['a', 'b', 'c']) await directory().signIn('guessed.gus', guess);
      expect(await directory().signIn('guessed.gus', password)).toMatchObject({
        ok: false,
        fields: { reason: 'locked' },
      });
      expect(await directory().lookUp(userDn('guessed.gus'))).toMatchObject({ ok: true });
    });

    it('one that was removed is gone', async () => {
      slapd.modify(`${personEntry('short.sue').replace('\n', '\nchangetype: add\n')}`);
      expect(await directory().signIn('short.sue', password)).toMatchObject({ ok: true });
      slapd.modify(`dn: ${userDn('short.sue')}\nchangetype: delete\n`);
      expect(await directory().lookUp(userDn('short.sue'))).toMatchObject({ ok: false, code: 'NOT_FOUND' });
      expect(await directory().signIn('short.sue', password)).toMatchObject({ ok: false, code: 'UNAUTHENTICATED' });
    });
  });

  describe('TLS', () => {
    it('by StartTLS on the plain port', async () => {
      expect(await directory(plain()).signIn('analyst.jane', password)).toMatchObject({ ok: true });
      expect(await directory(plain()).signIn('analyst.jane', 'wrong')).toMatchObject({ ok: false });
    });

    it('none where it is switched off, for a server on the same machine', async () => {
      expect(await directory(plain({ startTls: false })).signIn('analyst.jane', password)).toMatchObject({ ok: true });
    });

    it.each([
      ['LDAPS, a CA that did not sign', () => ({ ca: slapd.strangeCa })],
      ['LDAPS, the CAs of the system', () => ({ ca: '' })],
      ['LDAPS, another name', () => ({ url: `ldaps://127.0.0.1:${slapd.tlsPort}` })],
      ['StartTLS, a CA that did not sign', () => plain({ ca: slapd.strangeCa })],
      ['StartTLS, another name', () => ({ url: `ldap://127.0.0.1:${slapd.port}` })],
      ['LDAPS to a port without it', () => ({ url: `ldaps://localhost:${slapd.port}`, connectTimeoutMs: 300 })],
    ])('no password goes to %s', async (_what, changes) => {
      await expect(directory(changes()).signIn('analyst.jane', password)).rejects.toMatchObject({
        name: 'DependencyFault',
      });
    });
  });

  describe('a server that is set up otherwise than told', () => {
    it.each([
      ['another password of the service account', { bindPassword: 'other' }],
      ['another service account', { bindDn: `cn=nobody,${base}` }],
      ['people somewhere else', { peopleBase: 'dc=elsewhere' }],
      ['groups somewhere else', { groupsBase: 'dc=elsewhere' }],
      ['a service account that may not read', { bindDn: userDn('guest.none'), bindPassword: password }],
    ])('%s is a fault and never a wrong password', async (_what, changes) => {
      await expect(directory(changes).signIn('analyst.jane', password)).rejects.toMatchObject({
        name: 'DependencyFault',
      });
    });

    it('people are not taken for gone where nothing may be read any more', async () => {
      const guest = directory({ bindDn: userDn('guest.none'), bindPassword: password });
      await expect(guest.lookUp(userDn('analyst.jane'))).rejects.toMatchObject({ name: 'DependencyFault' });
    });
  });

  it('the person filter keeps others out, now and later', async () => {
    const narrow = { personFilter: `(memberOf=${groupDn('RECON_PREPARERS')})` };
    expect(await directory(narrow).signIn('analyst.jane', password)).toMatchObject({ ok: true });
    expect(await directory(narrow).signIn('guest.none', password)).toMatchObject({ ok: false });
    expect(await directory(narrow).lookUp(userDn('guest.none'))).toMatchObject({ ok: false, code: 'NOT_FOUND' });
  });

  it('the first attribute that a person has is their name, whichever they signed in with', async () => {
    slapd.modify(`dn: ${userDn('mail.mia')}\nchangetype: modify\nadd: mail\nmail: mia@corp.example\n`);
    const byMail = directory({ nameAttributes: ['uid', 'mail'] });
    expect(await byMail.signIn('Mia@corp.example', password)).toMatchObject({ ok: true, value: { name: 'mail.mia' } });
  });

  it('what may search is the service account, and it is not a person', async () => {
    expect(await directory().signIn(serviceDn, 'service secret')).toMatchObject({ ok: false });
    expect(await directory().signIn('service', 'service secret')).toMatchObject({ ok: false });
    expect(await directory({ peopleBase: groupsBase }).signIn('analyst.jane', password)).toMatchObject({ ok: false });
  });
});

describe('a directory server that does not answer', () => {
  const servers: { server: Server; sockets: Set<Socket> }[] = [];
  afterAll(() => {
    for (const { server, sockets } of servers) {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      onSocket(socket);
    });
    servers.push({ server, sockets });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  }

  const settings = {
    startTls: true,
    bindDn: serviceDn,
    bindPassword: 'x',
    peopleBase: base,
    groupsBase,
    nameAttributes: ['uid'],
    personFilter: '(objectClass=person)',
    memberAttributes: ['member'],
    nestedDepthMax: 10,
    connectTimeoutMs: 300,
    operationTimeoutMs: 300,
    totalTimeoutMs: 1_000,
  };

  /** LDAPResult success to the extended request of message 2: StartTLS may begin. */
  const startTlsAccepted = Buffer.from('300c02010278070a010004000400', 'hex');

  it.each([
    ['is down, LDAPS', async () => `ldaps://127.0.0.1:${await freePort()}`, true],
    ['is down, plain', async () => `ldap://127.0.0.1:${await freePort()}`, true],
    ['has no such name', async () => 'ldaps://directory.invalid', true],
    ['accepts and is silent, LDAPS', async () => `ldaps://127.0.0.1:${await listen(() => undefined)}`, true],
    ['accepts and is silent, StartTLS', async () => `ldap://127.0.0.1:${await listen(() => undefined)}`, true],
    ['accepts and is silent, plain', async () => `ldap://127.0.0.1:${await listen(() => undefined)}`, false],
    ['hangs up', async () => `ldap://127.0.0.1:${await listen((socket) => socket.destroy())}`, false],
    [
      'speaks something else',
      async () => `ldap://127.0.0.1:${await listen((socket) => socket.end('HTTP/1.1 400\r\n'))}`,
      false,
    ],
    [
      'accepts StartTLS and is silent then',
      async () =>
        `ldap://127.0.0.1:${await listen((socket) => socket.once('data', () => socket.write(startTlsAccepted)))}`,
      true,
    ],
    [
      'accepts StartTLS and hangs up then',
      async () =>
        `ldap://127.0.0.1:${await listen((socket) => socket.once('data', () => socket.end(startTlsAccepted)))}`,
      true,
    ],
    [
      'refuses StartTLS',
      async () =>
        `ldap://127.0.0.1:${await listen((socket) => socket.once('data', () => socket.write(Buffer.from('300c02010278070a013404000400', 'hex'))))}`,
      true,
    ],
  ])('auth-ldap: one that %s is a fault within its time', async (_what, url, startTls) => {
    const directory = createLdapDirectory({ ...settings, url: await url(), startTls }, clock);
    const startedAt = performance.now();
    await expect(directory.signIn('analyst.jane', password)).rejects.toMatchObject({
      name: 'DependencyFault',
      retryable: true,
      message: expect.not.stringContaining(password),
    });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await expect(directory.lookUp(userDn('analyst.jane'))).rejects.toMatchObject({ name: 'DependencyFault' });
  });

  it('no password is sent over a second connection that has no TLS', async () => {
    const received: Buffer[] = [];
    let connections = 0;
    const port = await listen((socket) => {
      connections += 1;
      socket.on('data', (bytes) => {
        received.push(bytes);
        socket.write(startTlsAccepted, () => socket.destroy());
      });
    });
    const directory = createLdapDirectory({ ...settings, url: `ldap://127.0.0.1:${port}` }, clock);
    await expect(directory.signIn('analyst.jane', password)).rejects.toMatchObject({ name: 'DependencyFault' });
    expect(connections).toBe(1);
    expect(Buffer.concat(received).includes(settings.bindDn)).toBe(false);
  });
});
