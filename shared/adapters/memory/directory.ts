// A directory that is a list of people: for the local stack, for small deployments without a server, and the twin of the
// LDAP directory in tests. The list holds argon2id hashes, never a password.
import { canonicalName, canonicalText } from '../../domain/distinguished-name.ts';
import { type Failure, fail, ok } from '../../domain/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Directory, DirectoryPerson } from '../../ports/directory.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';

export type ListedPerson = DirectoryPerson & {
  /** PHC string. */
  passwordHash: string;
  /** True: nobody signs in with it. */
  closed?: boolean;
  /** ISO 8601; the account is closed from then on. */
  expiresAt?: string;
};

export function createListedDirectory(
  people: readonly ListedPerson[],
  hasher: Pick<PasswordHasher, 'verify' | 'pretend'>,
  clock: Clock,
): Directory {
  function closedReason({ closed, expiresAt }: ListedPerson): string | undefined {
    if (closed) return 'disabled';
    return expiresAt !== undefined && clock.now() >= Date.parse(expiresAt) ? 'expired' : undefined;
  }

  return {
    async signIn(name, password) {
      if (password === '' || canonicalText(name) === '') return refused('no name or no password');
      const person = people.find((one) => canonicalText(one.name) === canonicalText(name));
      if (!person) {
        await hasher.pretend(password);
        return refused('no such person');
      }
      const { matches } = await hasher.verify(password, person.passwordHash);
      const reason = matches ? closedReason(person) : 'wrong password';
      return reason ? refused(reason) : ok(shown(person));
    },
    async lookUp(dn) {
      const canonical = canonicalName(dn);
      const person = canonical && people.find((one) => canonicalName(one.dn) === canonical);
      const reason = person ? closedReason(person) : 'no such person';
      if (!person || reason) return fail('NOT_FOUND', 'The directory has no such person', { reason });
      return ok(shown(person));
    },
  };
}

function refused(reason: string): Failure {
  return fail('UNAUTHENTICATED', 'The directory refuses this name and password', { reason });
}

function shown({ name, dn, displayName, groups }: ListedPerson): DirectoryPerson {
  return { name, dn, displayName, groups: [...groups] };
}

/** Reads the list as it is kept, JSON. Throws with every fault, naming people by their place. */
export function readListedPeople(given: unknown): ListedPerson[] {
  if (!Array.isArray(given)) throw new Error('the people of the directory must be a list');
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [index, one] of given.entries()) {
    const person = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
    const texts = ['name', 'dn', 'displayName', 'passwordHash'].filter(
      (field) => !person[field] || !isText(person[field]),
    );
    const says = (fault: string) => faults.push(`people[${index}] ${fault}`);
    for (const field of texts) says(`has no ${field}`);
    if (isText(person.dn) && canonicalName(person.dn) === undefined) says('has a dn that is none (RFC 4514)');
    if (!Array.isArray(person.groups) || !person.groups.every((dn) => isText(dn) && canonicalName(dn) !== undefined))
      says('has groups that are no list of full names (RFC 4514)');
    if (isText(person.passwordHash) && !person.passwordHash.startsWith('$argon2id$'))
      says('has a passwordHash that is not argon2id');
    if (person.expiresAt !== undefined && Number.isNaN(Date.parse(String(person.expiresAt))))
      says('has an expiresAt that is no time');
    for (const key of [
      isText(person.name) && canonicalText(person.name),
      isText(person.dn) && canonicalName(person.dn),
    ]) {
      if (key && seen.has(key)) says('is there twice');
      if (key) seen.add(key);
    }
  }
  if (faults.length > 0) throw new Error(`the people of the directory: ${faults.join('; ')}`);
  return given as ListedPerson[];
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
