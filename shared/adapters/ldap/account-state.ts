// Whether an account may be used, by what its entry says: for look-ups without a password, and for servers that let closed
// accounts bind. A lock for a while, after wrong passwords, is the server's to judge at the bind: here it would let anybody
// who guesses end the sessions of another.
import type { Entry } from 'ldapts';
import { firstValueOf } from './entry.ts';

/** Operational attributes are given only when they are asked for by name. */
export const accountAttributes = [
  // Active Directory
  'userAccountControl',
  'msDS-User-Account-Control-Computed',
  'accountExpires',
  // OpenLDAP's password policy
  'pwdAccountLockedTime',
  'pwdReset',
  'pwdStartTime',
  'pwdEndTime',
  // 389 Directory Server
  'nsAccountLock',
  // RFC 2307
  'shadowExpire',
];

/** Why it may not be used; undefined when it may. */
export function closedReason(entry: Entry, nowMs: number): string | undefined {
  const control = Number(firstValueOf(entry, 'userAccountControl') ?? 0);
  const computed = Number(firstValueOf(entry, 'msDS-User-Account-Control-Computed') ?? 0);
  if ((control & accountDisabled) !== 0) return 'disabled';
  if ((computed & passwordExpired) !== 0) return 'password expired';
  if (isTrue(entry, 'nsAccountLock')) return 'disabled';
  if (firstValueOf(entry, 'pwdAccountLockedTime') === lockedForGood) return 'disabled';
  if (isTrue(entry, 'pwdReset')) return 'password must be changed';
  if (endsAt(entry).some((end) => nowMs >= end)) return 'expired';
  const start = generalizedTime(firstValueOf(entry, 'pwdStartTime'));
  return start !== undefined && nowMs < start ? 'not yet valid' : undefined;
}

/** [MS-ADTS] 2.2.16: ADS_UF_ACCOUNT_DISABLE, ADS_UF_PASSWORD_EXPIRED. */
const accountDisabled = 0x2;
const passwordExpired = 0x800000;
/** draft-behera-ldap-password-policy §5.3.3: only an administrator can unlock it. */
const lockedForGood = '000001010000Z';

function isTrue(entry: Entry, attribute: string): boolean {
  return firstValueOf(entry, attribute)?.toLowerCase() === 'true';
}

function endsAt(entry: Entry): number[] {
  const shadowDays = firstValueOf(entry, 'shadowExpire');
  return [
    activeDirectoryTime(firstValueOf(entry, 'accountExpires')),
    generalizedTime(firstValueOf(entry, 'pwdEndTime')),
    // Days since 1970; shadow(5): the account is closed from that day on, and -1 is never.
    shadowDays !== undefined && /^\d+$/.test(shadowDays) ? Number(shadowDays) * 86_400_000 : undefined,
  ].filter((end) => end !== undefined);
}

/** Intervals of 100 ns since 1601; 0 and the largest number are never ([MS-ADA1] accountExpires). */
function activeDirectoryTime(text: string | undefined): number | undefined {
  if (!text || !/^\d{1,19}$/.test(text)) return undefined;
  const intervals = BigInt(text);
  if (intervals === 0n || intervals === 0x7fffffffffffffffn) return undefined;
  return Number(intervals / 10_000n - 11_644_473_600_000n);
}

/** RFC 4517 §3.3.13, in UTC, as password policies write it. */
function generalizedTime(text: string | undefined): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?(?:[.,]\d+)?Z$/.exec(text ?? '');
  if (!match) return undefined;
  const [year, month, day, hour, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}
