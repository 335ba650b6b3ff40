// Both directories keep what the port promises: the list of people, and a real OpenLDAP server by LDAPS.
import { afterAll, beforeAll, describe } from 'vitest';
import { createArgon2Hasher } from '../../../shared/adapters/crypto/argon2-hasher.ts';
import { createLdapDirectory } from '../../../shared/adapters/ldap/directory.ts';
import { createMemoryClock } from '../../../shared/adapters/memory/clock.ts';
import { createListedDirectory, readListedPeople } from '../../../shared/adapters/memory/directory.ts';
import type { Directory } from '../../../shared/ports/directory.ts';
import { directorySuite } from './directory-suite.ts';
import { groupDn, now, password, people, userDn } from './people.ts';
import { hasSlapd, type Slapd, startSlapd } from './slapd.ts';

const clock = createMemoryClock(now);

describe('in a list', () => {
  let directory: Directory;
  beforeAll(async () => {
    const hasher = createArgon2Hasher({ memoryKiB: 8, passes: 1, lanes: 1 });
    const passwordHash = await hasher.hash(password);
    const listed = people.map(({ groups, expiresAt, ...person }) => ({
      ...person,
      dn: userDn(person.name),
      groups: groups.map(groupDn),
      passwordHash,
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    }));
    directory = createListedDirectory(readListedPeople(JSON.parse(JSON.stringify(listed))), hasher, clock);
  });
  directorySuite(() => directory);
});

describe.skipIf(!hasSlapd)('on a server', () => {
  let slapd: Slapd | undefined;
  beforeAll(async () => {
    slapd = await startSlapd();
  });
  afterAll(() => slapd?.stop());
  directorySuite(() => createLdapDirectory(slapd!.settings(), clock));
});
