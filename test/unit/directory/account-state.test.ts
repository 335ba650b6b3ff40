// Which accounts are closed, by what servers of three makers write into an entry.
import { describe, expect, it } from 'vitest';
import { closedReason } from '../../../shared/adapters/ldap/account-state.ts';

const now = Date.parse('2026-03-02T12:00:00Z');
/** 100 ns since 1601. */
const fileTime = (iso: string) => String((BigInt(Date.parse(iso)) + 11_644_473_600_000n) * 10_000n);

describe('auth-ldap: an account', () => {
  it.each([
    ['without any such attribute', {}, undefined],
    ['normal, Active Directory', { userAccountControl: '512', accountExpires: '9223372036854775807' }, undefined],
    ['without an end, Active Directory', { userAccountControl: '66048', accountExpires: '0' }, undefined],
    ['disabled, Active Directory', { userAccountControl: '514' }, 'disabled'],
    ['attribute names in another case', { USERACCOUNTCONTROL: '514' }, 'disabled'],
    ['password expired, Active Directory', { 'msDS-User-Account-Control-Computed': '8388608' }, 'password expired'],
    ['locked for a while, Active Directory', { 'msDS-User-Account-Control-Computed': '16' }, undefined],
    ['ended, Active Directory', { accountExpires: fileTime('2026-03-02T12:00:00Z') }, 'expired'],
    ['about to end, Active Directory', { accountExpires: fileTime('2026-03-02T12:00:01Z') }, undefined],
    ['locked for good, OpenLDAP', { pwdAccountLockedTime: '000001010000Z' }, 'disabled'],
    ['locked for a while, OpenLDAP', { pwdAccountLockedTime: '20260302115900Z' }, undefined],
    ['to be changed, OpenLDAP', { pwdReset: 'TRUE' }, 'password must be changed'],
    ['changed, OpenLDAP', { pwdReset: 'FALSE' }, undefined],
    ['ended, OpenLDAP', { pwdEndTime: '20260302120000Z' }, 'expired'],
    ['ended, with a fraction', { pwdEndTime: '20260302115959.123456Z' }, 'expired'],
    ['ended, without seconds', { pwdEndTime: '202603021200Z' }, 'expired'],
    ['about to end, OpenLDAP', { pwdEndTime: '20260302120001Z' }, undefined],
    ['not begun, OpenLDAP', { pwdStartTime: '20260302120001Z' }, 'not yet valid'],
    ['begun, OpenLDAP', { pwdStartTime: '20260302120000Z' }, undefined],
    ['inactivated, 389', { nsAccountLock: 'true' }, 'disabled'],
    ['activated, 389', { nsAccountLock: 'false' }, undefined],
    ['ended today, RFC 2307', { shadowExpire: '20514' }, 'expired'],
    ['ending tomorrow, RFC 2307', { shadowExpire: '20515' }, undefined],
    ['without an end, RFC 2307', { shadowExpire: '-1' }, undefined],
    ['with an attribute without values', { pwdReset: [], shadowExpire: [], accountExpires: [] }, undefined],
  ])('%s', (_what, attributes, reason) => {
    expect(closedReason({ dn: 'cn=x', ...(attributes as Record<string, string>) }, now)).toBe(reason);
  });
});
