// Where the directory server is and how people and groups are found in it. Read from JSON once; a fault is named by its
// field and never by its value, because one of them is a password.
import { FilterParser } from 'ldapts';
import { canonicalName } from '../../domain/distinguished-name.ts';

export type LdapSettings = {
  /** `ldaps://host:port`, or `ldap://host:port`, which is upgraded by StartTLS unless that is switched off. */
  url: string;
  startTls: boolean;
  /** Certificates (PEM) of who signed the server's; those that the system trusts when absent. */
  ca?: string;
  /** The account that searches. It needs to read people, groups and their members, and nothing more. */
  bindDn: string;
  bindPassword: string;
  peopleBase: string;
  groupsBase: string;
  /** What people may sign in with; the first that a person has is their name here. */
  nameAttributes: string[];
  /** Besides the name; narrows who may sign in. */
  personFilter: string;
  /** Of a group: attributes that hold the full names of its members. */
  memberAttributes: string[];
  /** How many groups away a group within a group within … may be; 0 for a person's own alone. */
  nestedDepthMax: number;
  connectTimeoutMs: number;
  operationTimeoutMs: number;
  /** Of one sign-in or look-up, whatever it has to ask. */
  totalTimeoutMs: number;
};

const required = { url: '', bindDn: '', bindPassword: '', peopleBase: '', groupsBase: '' };

/** The function that asks has 20 s; whoever waits for it has 29 s. */
const optional = {
  startTls: true,
  ca: '',
  nameAttributes: ['sAMAccountName', 'uid'],
  personFilter: '(objectClass=person)',
  memberAttributes: ['member', 'uniqueMember'],
  nestedDepthMax: 10,
  connectTimeoutMs: 3_000,
  operationTimeoutMs: 5_000,
  totalTimeoutMs: 12_000,
};

/** Throws with every fault at once. */
export function readLdapSettings(given: unknown): LdapSettings {
  const faults: string[] = [];
  const known: Record<string, unknown> = { ...required, ...optional };
  const values: Record<string, unknown> = typeof given === 'object' && given !== null ? { ...given } : {};
  for (const name of Object.keys(values)) if (!Object.hasOwn(known, name)) faults.push(`${name} is no setting`);
  for (const name of Object.keys(required)) if (!values[name]) faults.push(`${name} is missing`);
  const settings = { ...known, ...values } as LdapSettings;
  for (const [name, example] of Object.entries(known)) {
    if (!isLike(example, values[name] ?? example)) faults.push(`${name} must be ${described(example)}`);
  }
  if (faults.length === 0) faults.push(...faultsOf(settings));
  if (faults.length > 0) throw new Error(`the settings of the directory server: ${faults.join('; ')}`);
  if (settings.ca === '') delete settings.ca;
  return settings;
}

function isLike(example: unknown, value: unknown): boolean {
  if (Array.isArray(example)) return Array.isArray(value) && value.length > 0 && value.every(isAttribute);
  if (typeof example === 'number') return Number.isSafeInteger(value) && (value as number) >= 0;
  return typeof value === typeof example;
}

function described(example: unknown): string {
  if (Array.isArray(example)) return 'a list of attribute names';
  return typeof example === 'number' ? 'a whole number' : `a ${typeof example}`;
}

function isAttribute(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z][a-z0-9-]*$/i.test(value);
}

function faultsOf({ url, personFilter, bindDn, peopleBase, groupsBase }: LdapSettings): string[] {
  const names = Object.entries({ bindDn, peopleBase, groupsBase });
  return [
    ...(/^ldaps?:\/\/[^/?#@]+\/?$/i.test(url) ? [] : ['url must be ldap://host:port or ldaps://host:port']),
    ...(isFilter(personFilter) ? [] : ['personFilter is no filter (RFC 4515)']),
    ...names.filter(([, dn]) => canonicalName(dn) === undefined).map(([name]) => `${name} is no DN (RFC 4514)`),
  ];
}

function isFilter(text: string): boolean {
  try {
    FilterParser.parseString(text);
    return true;
  } catch {
    return false;
  }
}
