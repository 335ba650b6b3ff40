// A real OpenLDAP server for one test file: its own configuration, database, ports and certificates in a folder of its own,
// removed with it. The people come from people.ts; what only a server has is given as LDIF by the test.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../infra/local/emulator.ts';
import { type LdapSettings, readLdapSettings } from '../../../shared/adapters/ldap/settings.ts';
import { base, groupDn, groupNames, groupsBase, password, people, userDn, usersBase } from './people.ts';

const slapdPath = '/usr/sbin/slapd';
/** Debian's packages `slapd` and `ldap-utils`, and `openssl`. */
export const hasSlapd = [slapdPath, '/usr/bin/ldapadd', '/usr/bin/openssl'].every((path) => existsSync(path));

const rootDn = `cn=root,${base}`;
export const serviceDn = `cn=service,${base}`;
const servicePassword = 'service secret';
const modules = '/usr/lib/ldap';

export type Slapd = {
  /** Certificate of the CA that signed the server's, for `localhost`. */
  ca: string;
  strangeCa: string;
  port: number;
  tlsPort: number;
  settings(changes?: Partial<LdapSettings>): LdapSettings;
  /** As the administrator of the server. */
  modify(ldif: string): void;
  stop(): Promise<void>;
};

export async function startSlapd(ldif: { before?: string; after?: string } = {}): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-slapd-'));
  mkdirSync(join(folder, 'database'));
  const ca = makeCertificates(folder);
  writeFileSync(join(folder, 'slapd.conf'), configuration(folder));
  writeFileSync(join(folder, 'people.ldif'), `${peopleLdif()}\n${ldif.before ?? ''}`);
  // As the files of a server that has been running: operational attributes too.
  execFileSync(slapdPath, ['-T', 'add', '-f', join(folder, 'slapd.conf'), '-l', join(folder, 'people.ldif')]);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const server = spawn(
    slapdPath,
    ['-d', '0', '-f', join(folder, 'slapd.conf'), '-h', `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const client = (command: string, input: string) =>
    execFileSync(command, ['-x', '-H', `ldap://127.0.0.1:${port}`, '-D', rootDn, '-w', 'root'], {
      input,
      stdio: 'pipe',
    });
  async function stop(): Promise<void> {
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await untilListening(port, () => server.exitCode);
    // As a person's change: the server keeps memberOf by itself.
    client('ldapadd', `${groupsLdif()}\n${ldif.after ?? ''}`);
  } catch (error) {
    await stop();
    throw error;
  }
  const given = { bindDn: serviceDn, bindPassword: servicePassword, peopleBase: usersBase, groupsBase };
  return {
    ...ca,
    port,
    tlsPort,
    settings: (changes = {}) =>
      readLdapSettings({
        ...given,
        url: `ldaps://localhost:${tlsPort}`,
        ca: ca.ca,
        nameAttributes: ['uid'],
        ...changes,
      }),
    modify: (text) => void client('ldapmodify', text),
    stop,
  };
}

async function untilListening(port: number, exitCode: () => number | null): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await answers(port))) {
    if (exitCode() !== null) throw new Error(`slapd ended with ${exitCode()}`);
    if (Date.now() > deadline) throw new Error('slapd does not listen');
    await sleep(25);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** How Active Directory names a primary group; OpenLDAP's own file of its schema cannot be searched by objectSid. */
const activeDirectory = [
  "attributetype ( 1.2.840.113556.1.4.146 NAME 'objectSid' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )",
  "attributetype ( 1.2.840.113556.1.4.98 NAME 'primaryGroupID' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )",
  "objectclass ( 1.2.840.113556.1.5.6 NAME 'securityPrincipal' AUXILIARY MAY ( objectSid $ primaryGroupID ) )",
];

function configuration(folder: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson', 'nis', 'openldap'];
  return [
    ...schemas.map((name) => `include /etc/ldap/schema/${name}.schema`),
    ...activeDirectory,
    `modulepath ${modules}`,
    'moduleload back_mdb',
    'moduleload memberof',
    'moduleload ppolicy',
    `TLSCACertificateFile ${folder}/ca.pem`,
    `TLSCertificateFile ${folder}/server.pem`,
    `TLSCertificateKeyFile ${folder}/server.key`,
    'sizelimit 500',
    'database mdb',
    `suffix "${base}"`,
    `rootdn "${rootDn}"`,
    'rootpw root',
    `directory ${folder}/database`,
    'index objectClass,uid,member,uniqueMember eq',
    // People may only prove who they are: what they are in, the service account reads.
    'access to attrs=userPassword by anonymous auth by * none',
    `access to * by dn.exact="${serviceDn}" read by * none`,
    'overlay memberof',
    'overlay ppolicy',
    'ppolicy_use_lockout',
    '',
  ].join('\n');
}

export const base64 = (value: string | Buffer) => Buffer.from(value as string).toString('base64');

type Attributes = Record<string, string | Buffer | readonly string[]>;

/** One entry as LDIF (RFC 2849); base64 keeps any character. */
export function entry(dn: string, attributes: Attributes): string {
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}:: ${base64(value as string | Buffer)}`),
  );
  return `${[`dn:: ${base64(dn)}`, ...lines].join('\n')}\n`;
}

export function personEntry(name: string, more: Attributes = {}): string {
  return entry(userDn(name), {
    objectClass: ['inetOrgPerson', 'shadowAccount', 'securityPrincipal'],
    cn: name,
    sn: name,
    uid: name,
    userPassword: password,
    ...more,
  });
}

export function groupEntry(name: string, members: string[], more: Attributes = {}): string {
  return entry(groupDn(name), {
    objectClass: ['groupOfNames', 'securityPrincipal'],
    cn: name,
    member: members,
    ...more,
  });
}

function peopleLdif(): string {
  const unit = (dn: string, ou: string) => entry(dn, { objectClass: 'organizationalUnit', ou });
  return [
    entry(base, { objectClass: ['dcObject', 'organization'], dc: 'corp', o: 'Corp' }),
    unit(usersBase, 'Users'),
    unit(groupsBase, 'Groups'),
    entry(serviceDn, {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      cn: 'service',
      userPassword: servicePassword,
    }),
    ...people.map(({ name, displayName, closed, expiresAt }) =>
      personEntry(name, {
        displayName,
        ...(closed && { pwdAccountLockedTime: '000001010000Z' }),
        ...(expiresAt !== undefined && { shadowExpire: String(Math.floor(expiresAt / 86_400_000)) }),
      }),
    ),
  ].join('\n');
}

function groupsLdif(): string {
  return groupNames
    .map((name) => {
      const members = people.filter(({ groups }) => groups.includes(name)).map((person) => userDn(person.name));
      return groupEntry(name, members);
    })
    .join('\n');
}

function makeCertificates(folder: string): { ca: string; strangeCa: string } {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['ca', 'strange']) {
    const subject = `/CN=tests ${name}`;
    openssl('req', '-x509', ...newKey, '-days', '2', '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  }
  openssl('req', ...newKey, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(folder, 'extensions'), 'subjectAltName=DNS:localhost\n');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'extensions'];
  openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { ca: read('ca.pem'), strangeCa: read('strange.pem') };
}
