// A directory server (OpenLDAP, Active Directory, 389) as the directory. A password is proved by binding as the person and
// is never compared, kept or logged here; an empty one is refused before anything, because servers take it for anonymous.
import {
  AndFilter,
  type Client,
  type Entry,
  EqualityFilter,
  FilterParser,
  InvalidCredentialsError,
  OrFilter,
  PasswordPolicyControl,
  ResultCodeError,
} from 'ldapts';
import { canonicalName, canonicalText } from '../../domain/distinguished-name.ts';
import { type Failure, fail, ok } from '../../domain/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Directory, DirectoryPerson } from '../../ports/directory.ts';
import { dependency } from '../dependency-fault.ts';
import { accountAttributes, closedReason } from './account-state.ts';
import { withConnection } from './connection.ts';
import { firstValueOf, valuesOf } from './entry.ts';
import { binaryGroupAttributes, groupAttributes, groupsOf } from './groups.ts';
import type { LdapSettings } from './settings.ts';

/** More than one is refused anyway; a few may match by the looser rules of the server alone. */
const foundMax = 10;
const displayNames = ['displayName', 'cn'];

export function createLdapDirectory(settings: LdapSettings, clock: Clock): Directory {
  const attributes = [...settings.nameAttributes, ...displayNames, ...groupAttributes, ...accountAttributes];
  const asService = (client: Client) => client.bind(settings.bindDn, settings.bindPassword);
  const connected = <T>(work: (client: Client) => Promise<T>) =>
    dependency('LDAP', () => withConnection(settings, work));

  async function personOf(client: Client, entry: Entry): Promise<DirectoryPerson> {
    const name = settings.nameAttributes.flatMap((attribute) => valuesOf(entry, attribute))[0] ?? '';
    const displayName = displayNames.flatMap((attribute) => firstValueOf(entry, attribute) ?? [])[0] ?? name;
    return { name, dn: entry.dn, displayName, groups: await groupsOf(client, settings, entry) };
  }

  /** Servers compare names more loosely than we count attempts (accents, invisible letters): such a name finds nobody. */
  function isNamed(entry: Entry, name: string): boolean {
    const names = settings.nameAttributes.flatMap((attribute) => valuesOf(entry, attribute));
    return canonicalName(entry.dn) !== undefined && names.some((one) => canonicalText(one) === canonicalText(name));
  }

  return {
    async signIn(name, password) {
      if (password === '' || canonicalText(name) === '') return refused('no name or no password');
      return connected(async (client) => {
        await asService(client);
        const { searchEntries } = await client.search(settings.peopleBase, {
          scope: 'sub',
          filter: filterOfName(settings, name.trim()),
          attributes,
          explicitBufferAttributes: binaryGroupAttributes,
          sizeLimit: foundMax,
        });
        const [entry, other] = searchEntries.filter((one) => isNamed(one, name));
        if (!entry) return refused('no such person');
        if (other) return refused('more than one person of this name');
        const refusal = (await bindRefusal(client, entry.dn, password)) ?? closedReason(entry, clock.now());
        if (refusal) return refused(refusal);
        // Not everybody may read groups, so the rest is asked as before.
        await asService(client);
        return ok(await personOf(client, entry));
      });
    },
    async lookUp(dn) {
      return connected(async (client) => {
        await asService(client);
        const entry = await readEntry(client, dn, settings.personFilter, attributes);
        // Gone, or no longer shown to the service account? The base is there as long as anything is.
        if (!entry) await client.search(settings.peopleBase, { scope: 'base', attributes: ['1.1'] });
        const reason = entry ? closedReason(entry, clock.now()) : 'no such person';
        if (!entry || reason) return fail('NOT_FOUND', 'The directory has no such person', { reason });
        return ok(await personOf(client, entry));
      });
    },
  };
}

function refused(reason: string): Failure {
  return fail('UNAUTHENTICATED', 'The directory refuses this name and password', { reason });
}

/** Values travel apart from the filter's form: nothing in a name can change what is asked (RFC 4511 §4.5.1). */
function filterOfName(settings: LdapSettings, name: string): AndFilter {
  const filters = settings.nameAttributes.map((attribute) => new EqualityFilter({ attribute, value: name }));
  return new AndFilter({ filters: [FilterParser.parseString(settings.personFilter), new OrFilter({ filters })] });
}

/** noSuchObject: gone since it was found, or from the start. */
const noSuchObject = 32;

async function readEntry(client: Client, dn: string, filter: string, attributes: string[]): Promise<Entry | undefined> {
  try {
    const read = { attributes, explicitBufferAttributes: binaryGroupAttributes };
    const options = { scope: 'base', filter: FilterParser.parseString(filter), ...read } as const;
    return (await client.search(dn, options)).searchEntries[0];
  } catch (error) {
    if (error instanceof ResultCodeError && error.code === noSuchObject) return undefined;
    throw error;
  }
}

/**
 * Result codes of a bind that say no to this person, as servers use them: constraintViolation and unwillingToPerform for
 * locked accounts (389), inappropriateAuthentication for an entry without a password, insufficientAccessRights.
 */
const refusingCodes = [19, noSuchObject, 48, 49, 50, 53];

/** Why the server will not have them; undefined when the password is right and good. */
async function bindRefusal(client: Client, dn: string, password: string): Promise<string | undefined> {
  // A server that has a policy says by this control what the result code does not: a password that must be changed first.
  const policy = new PasswordPolicyControl();
  try {
    await client.bind(dn, password, policy);
  } catch (error) {
    if (!(error instanceof ResultCodeError) || !refusingCodes.includes(error.code)) throw error;
    return error instanceof InvalidCredentialsError && policy.value?.error === undefined
      ? 'wrong password'
      : policyReason(policy.value?.error ?? accountLocked);
  }
  return policy.value?.error === undefined ? undefined : policyReason(policy.value.error);
}

/** draft-behera-ldap-password-policy §6.2. */
const accountLocked = 1;

function policyReason(error: number): string {
  return ['password expired', 'locked', 'password must be changed'][error] ?? 'refused by the password policy';
}
