// Signing in to the break surface on the deployed platform: the demo people, and then a real OpenLDAP server with its own CA in
// their place, as an administrator would put it there. Each function has only the rights of its role.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { region } from '../../../infra/local/connection.ts';
import { demoPassword, demoPeople } from '../../../infra/local/directory.ts';
import { canonicalName } from '../../../shared/domain/distinguished-name.ts';
import { groupDn, userDn } from '../../contract/directory/people.ts';
import { hasSlapd, type Slapd, startSlapd } from '../../contract/directory/slapd.ts';
import { openDirectorySecret } from './directory-secret.ts';
import { tellStory } from './story.ts';

const { endpoint, urls } = inject('stack');
const stage = 'local';
const { putServer, putDemoPeople, startAnew } = openDirectorySecret(inject('stack'));

// biome-ignore lint/suspicious/noExplicitAny: a body is whatever came over the wire; tests look into it freely.
type Reply = { status: number; body: any };

async function call(method: string, path: string, options: { token?: string; json?: unknown } = {}): Promise<Reply> {
  const { token, json } = options;
  const answer = await fetch(urls.breaks + path, {
    method,
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  return { status: answer.status, body: await answer.json() };
}
const login = (username: string, password: string = demoPassword) =>
  call('POST', '/api/auth/login', { json: { username, password } });

/** What a function has written, as CloudWatch Logs has it. */
async function logOf(name: string): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/logs/aws4_request, SignedHeaders=host, Signature=x`,
    },
    body: JSON.stringify({ logGroupName: `/tieout/${stage}/${name}` }),
  });
  const { events = [] } = (await answer.json()) as { events?: { message: string }[] };
  return events.map(({ message }) => message).join('\n');
}

describe('auth-ldap: the demo people', () => {
  it('auth-groups-are-dns, auth-jwt-hs256: the sample of the document', async () => {
    expect(await login('analyst.jane')).toEqual({
      status: 200,
      body: {
        token: expect.stringMatching(/^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\./),
        displayName: 'Jane Analyst',
        groups: ['CN=RECON_PREPARERS,OU=Groups,DC=corp,DC=example', 'CN=RECON_APPROVERS,OU=Groups,DC=corp,DC=example'],
      },
    });
  });

  it('all four sign in, and out', async () => {
    for (const name of demoPeople) {
      const { status, body } = await login(name);
      expect(status, name).toBe(200);
      expect((await call('POST', '/api/auth/logout', { token: body.token })).status).toBe(200);
      expect((await call('POST', '/api/auth/logout', { token: body.token })).status).toBe(401);
    }
  });

  it('err-401: wrong and unknown are told alike', async () => {
    for (const [name, password] of [
      ['analyst.jane', 'wrong-password'],
      ['nobody.known', demoPassword],
    ] as const)
      expect(await login(name, password)).toMatchObject({
        status: 401,
        body: { status: 401, error: 'UNAUTHENTICATED', message: 'Invalid user name or password' },
      });
    expect((await call('POST', '/api/auth/logout')).status).toBe(401);
  });

  it('no log holds a name, a password or a group', async () => {
    const logs = (await logOf('directory')) + (await logOf('api-breaks'));
    expect(logs).toContain('"operation":"signIn"');
    expect(logs).toContain('/api/auth/login');
    for (const sent of ['jane', 'nobody.known', demoPassword, 'wrong-password', 'RECON_', 'argon2'])
      expect(logs).not.toContain(sent);
  });
});

describe.skipIf(!hasSlapd)('auth-ldap: a directory server in their place', () => {
  let slapd: Slapd | undefined;
  beforeAll(async () => {
    slapd = await startSlapd();
  });
  afterAll(async () => {
    await putDemoPeople();
    await slapd?.stop();
  });

  it('by LDAPS with its CA: the same people, by the names that the server gives', async () => {
    await putServer(slapd!.settings());
    const { status, body } = await login('analyst.jane');
    expect(status).toBe(200);
    expect(body.displayName).toBe('Jane Analyst');
    expect(new Set(body.groups.map(canonicalName))).toEqual(
      new Set(['RECON_PREPARERS', 'RECON_APPROVERS'].map(groupDn).map(canonicalName)),
    );
    for (const [name, expected] of [
      ['com,ma', 200],
      ['star*man', 200],
      ['guest.none', 200],
      ['*', 401],
      ['closed.carl', 401],
      ['past.pia', 401],
      [userDn('analyst.jane'), 401],
    ] as const)
      expect((await login(name)).status, name).toBe(expected);
    expect((await login('analyst.jane', 'wrong-password')).status).toBe(401);
  });

  it('the samples of the document in order, by the people of the server', async () => {
    await putServer(slapd!.settings());
    await tellStory(urls.breaks!, `CUSTODY_${randomUUID().slice(0, 8).toUpperCase()}`);
  }, 180_000);

  it('by StartTLS', async () => {
    await putServer(slapd!.settings({ url: `ldap://localhost:${slapd!.port}` }));
    expect((await login('checker.bob')).status).toBe(200);
  });

  it('one whose certificate another CA signed gets no password: 503, and the log says why', async () => {
    await putServer(slapd!.settings({ ca: slapd!.strangeCa }));
    expect(await login('checker.bob')).toMatchObject({ status: 503, body: { error: 'SERVICE_UNAVAILABLE' } });
    expect(await logOf('directory')).toMatch(/certificate/);
  });

  it('one that is down is 503, and who is signed in goes on', async () => {
    await putServer(slapd!.settings());
    const { token } = (await login('checker.bob')).body;
    await slapd!.stop();
    slapd = undefined;
    await startAnew();
    expect((await login('checker.bob')).status).toBe(503);
    expect((await call('POST', '/api/auth/logout', { token })).status).toBe(200);
  });
});
