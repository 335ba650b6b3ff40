// When two names of a directory are the same one: rows of spellings that are, and of names that only look alike.
import { describe, expect, it } from 'vitest';
import { canonicalName, isGroup, isSameName } from '../../../shared/domain/distinguished-name.ts';

const approvers = 'CN=RECON_APPROVERS,OU=Groups,DC=corp,DC=example';

describe('break-maker-checker, auth-groups-are-dns: spellings of one name', () => {
  it.each([
    ['case of types and values', approvers, 'cn=recon_approvers,ou=GROUPS,dc=Corp,dc=EXAMPLE'],
    ['spaces round separators', approvers, '  CN = RECON_APPROVERS , OU=Groups ,  DC=corp,DC=example '],
    ['semicolons, as before RFC 4514', approvers, 'CN=RECON_APPROVERS;OU=Groups;DC=corp;DC=example'],
    ['types by number', approvers, '2.5.4.3=RECON_APPROVERS,OID.2.5.4.11=Groups,DC=corp,DC=example'],
    ['types by long name', approvers, 'commonName=RECON_APPROVERS,organizationalUnitName=Groups,DC=corp,DC=example'],
    ['a domain component by number', 'DC=corp', '0.9.2342.19200300.100.1.25=corp'],
    ['repeated spaces', 'CN=Jane  van   Dyk', 'CN=Jane van Dyk'],
    ['an escaped space at the ends', 'CN=\\ Jane\\ ', 'CN=Jane'],
    ['an escaped comma by sign, by number and in quotes', 'CN=Smith\\, John,DC=x', 'CN=Smith\\2C John,DC=x'],
    ['a value in quotes', 'CN=Smith\\, John,DC=x', 'CN="Smith, John",DC=x'],
    ['an escaped quote in quotes', 'CN=a\\"b', 'CN="a\\"b"'],
    ['a letter by number', 'CN=jane', 'CN=\\6aane'],
    ['bytes of UTF-8', 'CN=Lučić', 'CN=Lu\\C4\\8Di\\C4\\87'],
    ['two compositions of a letter', 'CN=Ångström', 'CN=A\u030angstro\u0308m'],
    ['two widths of a letter', 'CN=jane', 'CN=ｊａｎｅ'],
    ['attributes of a relative name in any order', 'CN=Jane+UID=7,DC=x', 'uid=7 + cn=jane,dc=x'],
    ['a value as BER', 'CN=Hi', 'CN=#0C024869'],
    ['an equals sign in a value, escaped or not', 'CN=a=b', 'CN=a\\=b'],
    ['an escaped plus', 'CN=a\\+b', 'CN=a\\2bb'],
    ['a NUL by number', 'CN=a\\00b', 'cn=A\\00B'],
  ])('%s', (_what, one, other) => {
    expect(canonicalName(one)).toBeDefined();
    expect(canonicalName(other)).toBe(canonicalName(one));
    expect(isSameName(one, other)).toBe(true);
    expect(isSameName(other, one)).toBe(true);
  });

  it('reads its own canonical form as the same name', () => {
    for (const name of [approvers, 'CN=a\\=b\\\\c\\+d\\,e+UID=1,O=\\#x', 'CN= ,DC=x', 'CN=\\<\\>\\;\\"']) {
      const canonical = canonicalName(name)!;
      expect(canonicalName(canonical), canonical).toBe(canonical);
    }
  });
});

describe('names that only look alike', () => {
  it.each([
    ['another unit', 'CN=a,OU=Groups,DC=x', 'CN=a,OU=Users,DC=x'],
    ['another order', 'CN=a,OU=b,DC=x', 'OU=b,CN=a,DC=x'],
    ['a part more', 'CN=a,DC=x', 'CN=a,DC=x,DC=y'],
    ['an escaped separator', 'CN=a\\,OU=b,DC=x', 'CN=a,OU=b,DC=x'],
    ['an escaped plus', 'CN=a\\+UID=b', 'CN=a+UID=b'],
    ['another type', 'CN=jane', 'UID=jane'],
    ['no space and a space', 'CN=Jane Doe', 'CN=JaneDoe'],
    ['a NUL', 'CN=RECON_ADMIN', 'CN=RECON_ADMIN\\00'],
    ['a letter without its dot', 'CN=RECON_ADMIN', 'CN=RECON_ADM\u0131N'],
    ['an accent', 'CN=jane', 'CN=jané'],
    ['an invisible letter', 'CN=jane', 'CN=ja\u200bne'],
    ['a letter of another script', 'CN=jane', 'CN=j\u0430ne'],
  ])('%s', (_what, one, other) => {
    expect(canonicalName(one)).toBeDefined();
    expect(isSameName(one, other)).toBe(false);
  });
});

describe('texts that are no name', () => {
  it.each([
    '',
    '   ',
    'jane',
    'CN',
    '=jane',
    'CN=jane,',
    ',CN=jane',
    'CN=jane,,DC=x',
    'CN=jane+,DC=x',
    'CN=a\\',
    'CN=a\\zz',
    'CN=a"b',
    'CN="a',
    'CN=a<b',
    'CN=#zz',
    'CN=\\C4',
    'CN=a\0',
    '1=a',
    `CN=${'a'.repeat(9_000)}`,
  ])('%j', (text) => {
    expect(canonicalName(text)).toBeUndefined();
    expect(isSameName(text, text)).toBe(false);
    expect(isGroup(text, approvers)).toBe(false);
    expect(isGroup(approvers, text)).toBe(false);
  });

  it('a long hostile text is judged at once', () => {
    const startedAt = performance.now();
    for (const text of [
      'CN='.repeat(2_700),
      `CN=${'\\'.repeat(8_000)}`,
      ' '.repeat(8_000),
      `CN="${'\\"'.repeat(4_000)}`,
    ])
      canonicalName(text);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('auth-groups-vocabulary: a group that was set', () => {
  it.each([
    ['CN=RECON_ADMIN', 'cn=recon_admin,OU=Groups,DC=corp,DC=example', true],
    ['CN=RECON_ADMIN,OU=Groups,DC=corp,DC=example', 'cn=recon_admin, ou=groups,dc=corp,dc=example', true],
    ['CN=RECON_ADMIN,OU=Groups,DC=corp,DC=example', 'CN=RECON_ADMIN,OU=Other,DC=corp,DC=example', false],
    ['CN=RECON_ADMIN', 'CN=RECON_ADMINS,OU=Groups,DC=corp,DC=example', false],
    ['CN=RECON_ADMIN', 'CN=x,CN=RECON_ADMIN,DC=corp', false],
    ['CN=RECON_ADMIN', 'OU=RECON_ADMIN,DC=corp', false],
    ['CN=RECON_ADMIN', 'CN=RECON_ADMIN+UID=1,DC=corp', false],
    ['RECON_ADMIN', 'CN=RECON_ADMIN,DC=corp', false],
  ])('%s and %s: %s', (wanted, group, same) => {
    expect(isGroup(wanted, group)).toBe(same);
  });
});
