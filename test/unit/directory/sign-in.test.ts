// Signing in to the break surface: each rule of its document by its name.
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { failuresPerAccountMax, failuresPerAddressMax, signInWindowMs } from '../../../shared/app/identity/sign-in.ts';
import { breaksRoutes } from '../../../shared/contracts/breaks/routes.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import { groupDn, openSignIn, password, secret } from './surface.ts';

const hourMs = 3_600_000;

describe('breaks: signing in', () => {
  it('auth-ldap, auth-groups-are-dns: the reply is the document’s, field for field', async () => {
    const { login } = await openSignIn();
    expect(await login('analyst.jane')).toEqual({
      status: 200,
      body: {
        token: expect.stringMatching(/^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.[\w-]+\.[\w-]+$/),
        displayName: 'Jane Analyst',
        groups: ['CN=RECON_PREPARERS,OU=Groups,DC=corp,DC=example', 'CN=RECON_APPROVERS,OU=Groups,DC=corp,DC=example'],
      },
    });
  });

  it('auth-jwt-hs256: the token’s header is the sample’s, and it carries a session id and no groups', async () => {
    const { tokenOf, clock } = await openSignIn();
    const token = await tokenOf('analyst.jane');
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' });
    const claims = decodeJwt(token);
    expect(Object.keys(claims).sort()).toEqual(['exp', 'iat', 'iss', 'jti', 'kind', 'sid', 'sub', 'tenant']);
    expect(claims).toMatchObject({ sub: 'analyst.jane', tenant: 'default', exp: (clock.now() + 8 * hourMs) / 1000 });
    expect(token).not.toContain(Buffer.from('RECON').toString('base64url').slice(0, 5));
    expect(token.length).toBeLessThan(500);
  });

  it('auth-groups-vocabulary: a member of RECON_ADMIN is an administrator, everybody else a user', async () => {
    const { tokenOf, whoAmI } = await openSignIn();
    expect((await whoAmI(await tokenOf('admin.ops'))).body).toMatchObject({ role: 'admin' });
    expect((await whoAmI(await tokenOf('analyst.jane'))).body).toEqual({
      tenant: 'default',
      userId: 'analyst.jane',
      role: 'user',
      dn: 'CN=analyst.jane,OU=Users,DC=corp,DC=example',
      groups: [groupDn('RECON_PREPARERS'), groupDn('RECON_APPROVERS')],
      name: 'Jane Analyst',
      sessionId: expect.any(String),
    });
  });

  it('auth-groups-vocabulary: the administrators’ group is settable, by full name', async () => {
    const adminGroup = 'cn=recon_admin, ou=other, dc=corp, dc=example';
    const { tokenOf, whoAmI } = await openSignIn({ directoryPolicy: { tenant: 'default', adminGroup } });
    expect((await whoAmI(await tokenOf('admin.ops'))).body).toMatchObject({ role: 'user' });
  });

  it('auth-groups-are-dns: a person in no group signs in, with an empty list', async () => {
    const { login, whoAmI } = await openSignIn();
    const reply = await login('guest.none');
    expect(reply).toMatchObject({ status: 200, body: { displayName: 'Guest None', groups: [] } });
    expect((await whoAmI(reply.body.token)).body).toMatchObject({ role: 'user', groups: [] });
  });

  it('err-401: a wrong password, nobody and a closed account are told alike', async () => {
    const { login, people } = await openSignIn();
    people[2]!.closed = true;
    const replies = [
      await login('analyst.jane', 'wrong'),
      await login('nobody'),
      await login('guest.none'),
      await login('*'),
      await login('analyst.jane)(cn=*'),
    ];
    for (const { status, body } of replies) {
      expect(status).toBe(401);
      expect(body).toMatchObject({ error: 'UNAUTHENTICATED', message: 'Invalid user name or password', detail: {} });
    }
  });

  it.each([
    ['answers at once', 0, 7, 1_000],
    ['hashes slowly', 5, 640, 1_000],
    ['is slow altogether', 1_030, 1_900, 2_000],
  ])(
    'err-401: how long it takes does not tell which names exist, where the directory %s',
    async (_how, unknown, known, takes) => {
      const { login, people, clock, takesMs } = await openSignIn();
      people[2]!.closed = true;
      Object.assign(takesMs, { nobody: unknown, 'analyst.jane': known, 'guest.none': known + 3 });
      const taken = async (name: string, given?: string) => {
        const startedAt = clock.now();
        expect((await login(name, given)).status).toBe(401);
        return clock.now() - startedAt;
      };
      expect([await taken('nobody'), await taken('analyst.jane', 'wrong'), await taken('guest.none')]).toEqual([
        takes,
        takes,
        takes,
      ]);
      const startedAt = clock.now();
      expect((await login('analyst.jane')).status).toBe(200);
      expect(clock.now() - startedAt).toBe(known);
    },
  );

  it.each([
    {},
    { username: 'analyst.jane' },
    { username: 'analyst.jane', password: '' },
    { username: '', password },
    { username: 'a'.repeat(257), password },
    { username: 'analyst.jane', password: 'x'.repeat(1_025) },
    { username: ['analyst.jane'], password },
    { username: 'analyst.jane', password: { $ne: '' } },
    { username: 'analyst.jane', password, groups: [groupDn('RECON_ADMIN')] },
  ])('err-422: %j is refused before anybody is asked', async (json) => {
    const { call, asked } = await openSignIn();
    expect((await call('POST', '/api/auth/login', { json })).status).toBe(422);
    expect(asked).toEqual([]);
  });

  it('a directory that is away is told as such, logged, and no failed attempt', async () => {
    const { login, setAway, faults } = await openSignIn();
    setAway(true);
    for (let attempt = 0; attempt < failuresPerAddressMax + 2; attempt++)
      expect(await login('analyst.jane')).toMatchObject({ status: 503, body: { error: 'SERVICE_UNAVAILABLE' } });
    expect(faults).toHaveLength(failuresPerAddressMax + 2);
    setAway(false);
    expect((await login('analyst.jane')).status).toBe(200);
  });

  it('neither logs nor throws what was sent', async () => {
    const { login, lines, thrown, faults, setAway } = await openSignIn();
    await login('analyst.jane');
    await login('analyst.jane', 'wrong-password');
    setAway(true);
    await login('analyst.jane');
    expect(lines).toHaveLength(3);
    const written = JSON.stringify([lines, thrown.map(String), faults.map(String)]);
    for (const sent of ['analyst.jane', password, 'wrong-password']) expect(written).not.toContain(sent);
  });
});

describe('breaks: too many attempts', () => {
  it('lock a name for an address, in any spelling, before the directory is asked; the window’s end unlocks it', async () => {
    const { login, asked, clock } = await openSignIn();
    const spellings = ['analyst.jane', 'Analyst.Jane', ' analyst.jane ', 'ＡＮＡＬＹＳＴ.jane'];
    for (let attempt = 0; attempt < failuresPerAddressMax; attempt++)
      expect((await login(spellings[attempt % spellings.length]!, 'wrong')).status).toBe(401);
    expect(asked).toHaveLength(failuresPerAddressMax);
    const locked = await login('analyst.jane');
    expect(locked).toMatchObject({
      status: 429,
      body: { error: 'RATE_LIMITED', detail: { retry_at: expect.any(String) } },
    });
    expect(asked).toHaveLength(failuresPerAddressMax);
    expect((await login('analyst.jane', password, '192.0.2.2')).status).toBe(200);
    expect((await login('admin.ops')).status).toBe(200);
    clock.advance(signInWindowMs);
    expect((await login('analyst.jane')).status).toBe(200);
  });

  it('lock a name everywhere after many from many addresses', async () => {
    const { login } = await openSignIn();
    for (let attempt = 0; attempt < failuresPerAccountMax; attempt++)
      await login('analyst.jane', 'wrong', `198.51.100.${attempt}`);
    expect((await login('analyst.jane', password, '203.0.113.1')).status).toBe(429);
  });

  it('of the same instant do not all slip in', async () => {
    const { login, asked } = await openSignIn();
    const replies = await Promise.all(Array.from({ length: 30 }, () => login('analyst.jane', 'wrong')));
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(30 - failuresPerAddressMax);
    expect(asked).toHaveLength(failuresPerAddressMax);
  });

  it('are not counted where the sign-in succeeds', async () => {
    const { login } = await openSignIn();
    for (let attempt = 0; attempt < failuresPerAddressMax * 2; attempt++)
      expect((await login('analyst.jane')).status).toBe(200);
  });
});

describe('breaks: who a token is of', () => {
  const routes: [string, Route][] = Object.entries(breaksRoutes);

  it('auth-all-but-login: every route but the sign-in and the probes asks for a token', () => {
    const open = routes.filter(([, route]) => route.auth === 'none').map(([, { method, path }]) => `${method} ${path}`);
    expect(open.sort()).toEqual(['GET /api/openapi.json', 'GET /health', 'GET /health/ready', 'POST /api/auth/login']);
    expect(routes.filter(([, route]) => route.auth === 'none' && !route.extension)).toHaveLength(1);
  });

  it('auth-all-but-login, err-401: a missing, malformed, foreign or touched token is nobody’s', async () => {
    const { call, tokenOf, clock } = await openSignIn();
    const token = await tokenOf('analyst.jane');
    expect((await call('GET', '/api/who-am-i', { token })).status).toBe(200);
    const [header, claims, signature] = token.split('.') as [string, string, string];
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = (key: string, alg: string, more: object = {}) =>
      new SignJWT({ ...decodeJwt(token), ...more }).setProtectedHeader({ alg }).sign(new TextEncoder().encode(key));
    const tokens = [
      '',
      'x',
      `${header}.${claims}.`,
      `${header}.${claims}.${signature.slice(0, -2)}aa`,
      `${header}.${encoded({ ...decodeJwt(token), sub: 'admin.ops' })}.${signature}`,
      `${encoded({ alg: 'none', typ: 'JWT' })}.${claims}.`,
      await signed('another secret of the same length as ours', 'HS256'),
      await signed(secret.padEnd(64, '.'), 'HS512'),
      await signed(secret, 'HS256', { kind: 'refresh' }),
      await signed(secret, 'HS256', { sid: 'another session' }),
      await signed(secret, 'HS256', { tenant: 'another' }),
      await signed(secret, 'HS256', { exp: clock.now() / 1000 - 1 }),
    ];
    for (const one of tokens)
      expect(await call('GET', '/api/who-am-i', { token: one }), one).toMatchObject({
        status: 401,
        body: { status: 401, error: 'UNAUTHENTICATED' },
      });
    expect((await call('GET', '/api/who-am-i')).status).toBe(401);
    expect((await call('GET', '/api/who-am-i', { headers: { authorization: `Basic ${token}` } })).status).toBe(401);
  });

  it('err-401: a token expires after 8 hours, and at once when its session is ended', async () => {
    const { call, tokenOf, whoAmI, clock } = await openSignIn();
    const [first, second] = [await tokenOf('analyst.jane'), await tokenOf('analyst.jane')];
    expect(await call('POST', '/api/auth/logout', { token: first })).toEqual({ status: 200, body: { ended: true } });
    expect((await whoAmI(first)).status).toBe(401);
    expect((await whoAmI(second)).status).toBe(200);
    clock.advance(8 * hourMs - 1_000);
    expect((await whoAmI(second)).status).toBe(200);
    clock.advance(1_000);
    expect((await whoAmI(second)).status).toBe(401);
  });

  it('err-401: a session of another surface is nobody here', async () => {
    const { deps, whoAmI, clock } = await openSignIn();
    const ref = { tenant: 'default', userId: 'u', sessionId: 's' };
    const expiresAt = clock.now() + hourMs;
    const other = { ...ref, surface: 'recon' as const, role: 'admin', permissions: [], name: 'U', refreshId: 'r' };
    await deps.sessions.create({ ...other, createdAt: '2026-01-05T09:00:00.000Z', expiresAt });
    const token = await deps.signer.sign({ ...ref, kind: 'access', tokenId: 't' }, clock.now(), expiresAt);
    expect((await whoAmI(token)).status).toBe(401);
  });
});
