// The directory that the deployment's secret describes: `{"ldap": {…}}` for a server, `{"people": […]}` for a list. The secret
// is read again from time to time, so that a changed password of the service account needs no deployment.
import { createLdapDirectory } from '../../shared/adapters/ldap/directory.ts';
import { readLdapSettings } from '../../shared/adapters/ldap/settings.ts';
import { createListedDirectory, readListedPeople } from '../../shared/adapters/memory/directory.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Directory } from '../../shared/ports/directory.ts';
import type { PasswordHasher } from '../../shared/ports/password-hasher.ts';
import type { SecretSource } from '../../shared/ports/secret-source.ts';

type Parts = { secret: SecretSource; hasher: Pick<PasswordHasher, 'verify' | 'pretend'>; clock: Clock };

export function openDirectory(parts: Parts): Directory {
  let opened: { text: string; directory: Directory } | undefined;
  async function current(): Promise<Directory> {
    const text = Buffer.from(await parts.secret.read()).toString('utf8');
    if (opened?.text !== text) opened = { text, directory: directoryOf(text, parts) };
    return opened.directory;
  }
  return {
    signIn: async (name, password) => (await current()).signIn(name, password),
    lookUp: async (dn) => (await current()).lookUp(dn),
  };
}

function directoryOf(text: string, { hasher, clock }: Parts): Directory {
  const { ldap, people } = parsed(text);
  if (ldap !== undefined && people === undefined) return createLdapDirectory(readLdapSettings(ldap), clock);
  if (people !== undefined && ldap === undefined) return createListedDirectory(readListedPeople(people), hasher, clock);
  throw new Error('nobody can sign in yet: the secret of the directory must hold "ldap" or "people"');
}

/** What JSON.parse says of a fault would quote the secret. */
function parsed(text: string): { ldap?: unknown; people?: unknown } {
  try {
    return Object(JSON.parse(text)) as { ldap?: unknown; people?: unknown };
  } catch {
    throw new Error('the secret of the directory is not JSON');
  }
}
