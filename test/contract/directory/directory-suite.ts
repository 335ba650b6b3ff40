// The suite of Directory: the same people in a list and on a real server.
import { describe, expect, it } from 'vitest';
import { canonicalName, isSameName } from '../../../shared/domain/distinguished-name.ts';
import type { Directory } from '../../../shared/ports/directory.ts';
import { groupDn, hostileNames, password, people, userDn } from './people.ts';

const groupsOf = (name: string) =>
  people
    .find((person) => person.name === name)!
    .groups.map(groupDn)
    .map(canonicalName);

export function directorySuite(open: () => Directory): void {
  it.each(['analyst.jane', 'checker.bob', 'admin.ops', 'guest.none'])(
    'auth-ldap, auth-groups-are-dns: %s signs in with the password and is told by full names',
    async (name) => {
      const signedIn = await open().signIn(name, password);
      if (!signedIn.ok) throw new Error(signedIn.detail);
      const { dn, displayName, groups } = signedIn.value;
      expect(signedIn.value.name).toBe(name);
      expect(displayName).toBe(people.find((person) => person.name === name)!.displayName);
      expect(isSameName(dn, userDn(name))).toBe(true);
      expect(groups.map(canonicalName)).toHaveLength(groupsOf(name).length);
      expect(new Set(groups.map(canonicalName))).toEqual(new Set(groupsOf(name)));
      expect(await open().lookUp(dn)).toEqual(signedIn);
    },
  );

  it.each([
    ['a wrong password', 'analyst.jane', 'Sup3rSecret?', 'wrong password'],
    ['the password in another case', 'analyst.jane', password.toLowerCase(), 'wrong password'],
    ['an empty password: a bind with it is anonymous', 'analyst.jane', '', 'no name or no password'],
    ['an empty name', '', password, 'no name or no password'],
    ['a name of spaces', '  ', password, 'no name or no password'],
    ['nobody', 'analyst.john', password, 'no such person'],
    ['a full name instead of a name', userDn('analyst.jane'), password, 'no such person'],
    ['a closed account', 'closed.carl', password, undefined],
    ['an expired account', 'past.pia', password, 'expired'],
    ['everybody', '*', password, 'no such person'],
    ['a beginning', 'analyst*', password, 'no such person'],
    ['a filter', 'analyst.jane)(uid=*', password, 'no such person'],
    ['a filter that is closed', '*)(objectClass=*))(|(uid=*', password, 'no such person'],
    ['a NUL at the end', 'analyst.jane\0', password, 'no such person'],
    ['a NUL and a filter', 'analyst.jane\0)(uid=*', password, 'no such person'],
    ['an escaped star', '\\2a', password, 'no such person'],
    ['an invisible letter', 'analyst.ja\u200bne', password, 'no such person'],
    ['an accent', 'analyst.jané', password, 'no such person'],
    ['a very long name', 'a'.repeat(100_000), password, 'no such person'],
  ])('auth-ldap: refuses %s', async (_what, name, given, reason) => {
    const refused = await open().signIn(name, given);
    expect(refused).toMatchObject({ ok: false, code: 'UNAUTHENTICATED' });
    if (reason && !refused.ok) expect(refused.fields).toEqual({ reason });
  });

  it.each(['Analyst.JANE', '  analyst.jane ', 'ａｎａｌｙｓｔ.jane'])(
    'auth-ldap: takes %j for the same person',
    async (name) => {
      const signedIn = await open().signIn(name, password);
      expect(signedIn).toMatchObject({ ok: true, value: { name: 'analyst.jane', displayName: 'Jane Analyst' } });
    },
  );

  it.each(hostileNames)('auth-ldap: the name %j finds its own person and no other', async (name) => {
    const signedIn = await open().signIn(name, password);
    if (!signedIn.ok) throw new Error(signedIn.detail);
    expect(isSameName(signedIn.value.dn, userDn(name))).toBe(true);
    expect(signedIn.value.groups.map(canonicalName)).toEqual(groupsOf(name));
    expect(await open().lookUp(signedIn.value.dn)).toEqual(signedIn);
    expect(await open().signIn(name, 'wrong')).toMatchObject({ ok: false, code: 'UNAUTHENTICATED' });
  });

  it('an account that is not yet expired is open', async () => {
    expect(await open().signIn('future.finn', password)).toMatchObject({ ok: true });
  });

  describe('later, without the password', () => {
    it.each([
      ['closed', userDn('closed.carl')],
      ['expired', userDn('past.pia')],
      ['gone', userDn('analyst.john')],
      ['a group', groupDn('RECON_APPROVERS')],
    ])('a person who is %s is not found', async (_what, dn) => {
      expect(await open().lookUp(dn)).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    });

    it('any spelling of the full name finds the person', async () => {
      const found = await open().lookUp('CN=ANALYST.JANE , ou=users,DC=Corp,dc=EXAMPLE');
      expect(found).toMatchObject({ ok: true, value: { name: 'analyst.jane' } });
    });
  });
}
