// What a directory is set up with: faults named by field, never by value.
import { describe, expect, it } from 'vitest';
import { readLdapSettings } from '../../../shared/adapters/ldap/settings.ts';
import { readListedPeople } from '../../../shared/adapters/memory/directory.ts';

const settings = {
  url: 'ldaps://dc.corp.example:636',
  bindDn: 'CN=service,DC=corp,DC=example',
  bindPassword: 'hidden-1',
  peopleBase: 'OU=Users,DC=corp,DC=example',
  groupsBase: 'DC=corp,DC=example',
};

describe('the settings of a directory server', () => {
  it('need five, and know the rest', () => {
    expect(readLdapSettings(settings)).toEqual({
      ...settings,
      startTls: true,
      nameAttributes: ['sAMAccountName', 'uid'],
      personFilter: '(objectClass=person)',
      memberAttributes: ['member', 'uniqueMember'],
      nestedDepthMax: 10,
      connectTimeoutMs: 3_000,
      operationTimeoutMs: 5_000,
      totalTimeoutMs: 12_000,
    });
  });

  it.each([
    [
      undefined,
      /url is missing; bindDn is missing; bindPassword is missing; peopleBase is missing; groupsBase is missing/,
    ],
    [{ ...settings, bindPassword: '' }, /bindPassword is missing/],
    [{ ...settings, bindPassword: 7 }, /bindPassword must be a string/],
    [{ ...settings, url: 'https://dc.corp.example' }, /url must be ldap/],
    [{ ...settings, url: 'ldap://user:hidden-1@dc' }, /url must be ldap/],
    [{ ...settings, url: 'ldap://dc/dc=corp' }, /url must be ldap/],
    [{ ...settings, peopleBase: 'Users' }, /peopleBase is no DN/],
    [{ ...settings, personFilter: '(objectClass=person' }, /personFilter is no filter/],
    [{ ...settings, nameAttributes: [] }, /nameAttributes must be a list of attribute names/],
    [{ ...settings, nameAttributes: ['uid=*)(x'] }, /nameAttributes must be a list of attribute names/],
    [{ ...settings, startTls: 'off' }, /startTls must be a boolean/],
    [{ ...settings, nestedDepthMax: -1 }, /nestedDepthMax must be a whole number/],
    [{ ...settings, bindPasword: 'hidden-1' }, /bindPasword is no setting/],
  ])('%j', (given, fault) => {
    expect(() => readLdapSettings(given)).toThrow(fault);
    expect(() => readLdapSettings(given)).not.toThrow(/hidden-1/);
  });
});

describe('the people of a directory that is a list', () => {
  const person = {
    name: 'a',
    dn: 'CN=a',
    displayName: 'A',
    passwordHash: '$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA',
    groups: ['CN=g'],
  };
  it.each([
    [{}, /must be a list/],
    [[null], /people\[0\] has no name; people\[0\] has no dn/],
    [[{ ...person, dn: 'a' }], /people\[0\] has a dn that is none/],
    [[{ ...person, groups: ['g'] }], /people\[0\] has groups/],
    [[{ ...person, groups: 'CN=g' }], /people\[0\] has groups/],
    [[{ ...person, passwordHash: 'Sup3rSecret!' }], /people\[0\] has a passwordHash that is not argon2id/],
    [[{ ...person, expiresAt: 'soon' }], /people\[0\] has an expiresAt/],
    [[person, { ...person, dn: 'CN=b', name: ' A ' }], /people\[1\] is there twice/],
    [[person, { ...person, dn: 'cn = A', name: 'b' }], /people\[1\] is there twice/],
  ])('%j', (given, fault) => {
    expect(() => readListedPeople(given)).toThrow(fault);
    expect(() => readListedPeople(given)).not.toThrow(/Sup3rSecret/);
  });

  it('is read as it is', () => {
    expect(readListedPeople([person])).toEqual([person]);
  });
});
