// Signing in and out of the recon surface, tokens, registering: each rule of the specification by its name.
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createArgon2Hasher } from '../../../shared/adapters/crypto/argon2-hasher.ts';
import { passwordFault } from '../../../shared/domain/password-policy.ts';
import { accessTokenSeconds, sessionDays } from '../../../shared/domain/session.ts';
import type { PasswordHasher } from '../../../shared/ports/password-hasher.ts';
import { openRecon, quickHasher, users } from './harness.ts';

const credentials = { email: users.user.email, password: users.user.password };

async function openSignedIn() {
  const recon = await openRecon();
  const login = await recon.call('POST', '/api/auth/login', { json: credentials });
  return { ...recon, login, token: login.body.access_token as string, refresh: login.body.refresh_token as string };
}

describe('recon: signing in', () => {
  it('auth-example-top-level-token, auth-token-type, auth-access-lifetime: the flat shape', async () => {
    const { login } = await openSignedIn();
    expect(login.status).toBe(200);
    expect(login.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(login.body.access_token.split('.')).toHaveLength(3);
    expect(login.body.refresh_token.split('.')).toHaveLength(3);
  });

  it('auth-expires-at: the enveloped shape in the same body, with a real time one hour ahead', async () => {
    const { login, clock } = await openSignedIn();
    expect(login.body.success).toBe(true);
    expect(login.body.data.token).toBe(login.body.access_token);
    expect(Date.parse(login.body.data.expires_at)).toBe(clock.now() + 3_600_000);
    expect(login.body.data.user).toEqual(login.body.user);
  });

  it('auth-user-permissions, roles-vocabulary: the user has a role and permissions as resource:action', async () => {
    const { login } = await openSignedIn();
    expect(login.body.user).toMatchObject({
      email: 'user@example.com',
      role: 'user',
      permissions: expect.arrayContaining(['reconciliation:read', 'reconciliation:write']),
    });
  });

  it('email-validation, error-details-field, error-validation-400: an invalid address is named as the specification words it', async () => {
    const { call } = await openRecon();
    for (const json of [{ email: 'nothing', password: 'x' }, { password: 'x' }, { email: 7, password: 'x' }]) {
      const reply = await call('POST', '/api/auth/login', { json });
      expect(reply.status).toBe(400);
      expect(reply.body).toMatchObject({
        error: 'VALIDATION_ERROR',
        message: 'Email address is invalid',
        details: { field: 'email' },
      });
    }
  });

  it('error-unauthorized-401: wrong password, unknown account and closed account are told alike', async () => {
    const { call, deps } = await openRecon();
    const user = (await deps.users.byEmail(users.other.email))!;
    await deps.users.update({ ...user, active: false });
    const bodies = [
      { ...credentials, password: 'Password123?' },
      { email: 'nobody@example.com', password: 'Password123!' },
      { email: users.other.email, password: users.other.password },
    ];
    for (const json of bodies) {
      const reply = await call('POST', '/api/auth/login', { json });
      expect(reply.body).toMatchObject({ error: 'UNAUTHORIZED', message: 'Invalid email or password' });
    }
  });

  it('an account without a grant for this surface cannot sign in', async () => {
    const { call, deps } = await openRecon();
    const user = (await deps.users.byEmail(users.other.email))!;
    await deps.users.update({ ...user, grants: { breaks: 'admin' } });
    expect((await call('POST', '/api/auth/login', { json: users.other })).status).toBe(400);
    const { email, password } = users.other;
    expect((await call('POST', '/api/auth/login', { json: { email, password } })).status).toBe(401);
  });

  it('the address is not case sensitive', async () => {
    const { call } = await openRecon();
    expect(
      (await call('POST', '/api/auth/login', { json: { ...credentials, email: 'USER@Example.com' } })).status,
    ).toBe(200);
  });

  it('RATE_LIMITED: ten failures lock the account for that address, and for it alone, until the window ends', async () => {
    const { call, clock } = await openRecon();
    const wrong = { ...credentials, password: 'wrong' };
    const replies = [];
    for (let attempt = 0; attempt < 11; attempt += 1)
      replies.push(await call('POST', '/api/auth/login', { json: wrong }));
    expect(replies.map(({ status }) => status)).toEqual([...Array(10).fill(401), 429]);
    expect(replies.at(-1)?.body).toMatchObject({ error: 'RATE_LIMIT_EXCEEDED' });
    expect((await call('POST', '/api/auth/login', { json: credentials })).status).toBe(429);
    expect((await call('POST', '/api/auth/login', { json: credentials, from: '198.51.100.9' })).status).toBe(200);
    clock.advance(15 * 60_000);
    expect((await call('POST', '/api/auth/login', { json: credentials })).status).toBe(200);
  });

  it('many sign-ins that succeed lock nobody', async () => {
    const { call } = await openRecon();
    for (let attempt = 0; attempt < 25; attempt += 1)
      expect((await call('POST', '/api/auth/login', { json: credentials })).status).toBe(200);
  });

  it('failures at the same instant cannot all slip in', async () => {
    const { call } = await openRecon();
    const wrong = { json: { ...credentials, password: 'wrong' } };
    const replies = await Promise.all(Array.from({ length: 30 }, () => call('POST', '/api/auth/login', wrong)));
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(10);
  });

  it('a hash of weaker parameters is made anew while the password is at hand', async () => {
    const hasher = createArgon2Hasher({ memoryKiB: 16, passes: 1, lanes: 1 });
    const { call, deps } = await openRecon({ hasher });
    const weak = (await deps.users.byEmail(users.user.email))!;
    await deps.users.update({ ...weak, passwordHash: await quickHasher.hash(users.user.password) });
    expect((await deps.users.byEmail(users.user.email))?.passwordHash).toContain('m=8,');
    await call('POST', '/api/auth/login', { json: credentials });
    expect((await deps.users.byEmail(users.user.email))?.passwordHash).toContain('m=16,');
    expect((await call('POST', '/api/auth/login', { json: credentials })).status).toBe(200);
  });
});

describe('recon: tokens', () => {
  it('auth-header: a bearer token is asked for, and only in the header', async () => {
    const { call, token } = await openSignedIn();
    expect((await call('GET', '/api/auth/me', { token })).body.data.email).toBe('user@example.com');
    const headers = [{}, { authorization: token }, { authorization: 'Basic eDp5' }, { authorization: 'Bearer' }];
    for (const one of headers) expect((await call('GET', '/api/auth/me', { headers: one })).status).toBe(401);
    expect((await call('GET', `/api/auth/me?token=${token}`)).status).toBe(401);
  });

  it('an access token ends after 3600 seconds', async () => {
    const { call, token, clock } = await openSignedIn();
    clock.advance((accessTokenSeconds - 1) * 1000);
    expect((await call('GET', '/api/auth/me', { token })).status).toBe(200);
    clock.advance(1000);
    expect((await call('GET', '/api/auth/me', { token })).status).toBe(401);
  });

  it('a token of another key, algorithm, kind or session is none', async () => {
    const { call, token, refresh } = await openSignedIn();
    const [head, payload, signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
    const sign = (key: string, alg = 'HS256', more = {}) =>
      new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg }).sign(Buffer.from(key.padEnd(64, '.')));
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const secret = 'a secret of the tests, more than 32 bytes long';
    const forged = [
      await sign('another key'),
      none,
      `${head}.${payload}.`,
      `${head}.${Buffer.from(JSON.stringify({ ...claims, tenant: 'other' })).toString('base64url')}.${signature}`,
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS384' }).sign(Buffer.from(secret.padEnd(48, '.'))),
      refresh,
      await new SignJWT({ ...claims, sid: 'no-such-session' })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(secret)),
    ];
    for (const one of forged) expect((await call('GET', '/api/auth/me', { token: one })).status).toBe(401);
  });

  it('a token carries no role, group or permission', async () => {
    const { token } = await openSignedIn();
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    expect(Object.keys(claims).sort()).toEqual(['exp', 'iat', 'iss', 'jti', 'kind', 'sid', 'sub', 'tenant']);
  });

  it('auth-rotation: refreshing gives a new pair, in both shapes', async () => {
    const { call, token, refresh } = await openSignedIn();
    const reply = await call('POST', '/api/auth/refresh', { json: { refresh_token: refresh } });
    expect(reply.status).toBe(200);
    expect(reply.body.data.token).toBe(reply.body.access_token);
    expect(reply.body.access_token).not.toBe(token);
    expect(reply.body.refresh_token).not.toBe(refresh);
    expect((await call('GET', '/api/auth/me', { token: reply.body.access_token })).status).toBe(200);
    const again = await call('POST', '/api/auth/refresh', { json: { refresh_token: reply.body.refresh_token } });
    expect(again.status).toBe(200);
  });

  it('auth-rotation: an old refresh token that comes again ends the whole family', async () => {
    const { call, token, refresh } = await openSignedIn();
    const second = await call('POST', '/api/auth/refresh', { json: { refresh_token: refresh } });
    const stolen = await call('POST', '/api/auth/refresh', { json: { refresh_token: refresh } });
    expect(stolen.status).toBe(401);
    const newest = { refresh_token: second.body.refresh_token };
    expect((await call('POST', '/api/auth/refresh', { json: newest })).status).toBe(401);
    for (const one of [token, second.body.access_token])
      expect((await call('GET', '/api/auth/me', { token: one })).status).toBe(401);
  });

  it('of two refreshes at once with one token, at most one gets a pair', async () => {
    const { call, refresh } = await openSignedIn();
    const json = { refresh_token: refresh };
    const replies = await Promise.all([1, 2].map(() => call('POST', '/api/auth/refresh', { json })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('an access token refreshes nothing, and a session ends after thirty days', async () => {
    const { call, token, refresh, clock } = await openSignedIn();
    expect((await call('POST', '/api/auth/refresh', { json: { refresh_token: token } })).status).toBe(401);
    clock.advance(sessionDays * 86_400_000);
    expect((await call('POST', '/api/auth/refresh', { json: { refresh_token: refresh } })).status).toBe(401);
  });

  it('auth-logout-invalidates: access and refresh token stop working at once', async () => {
    const { call, token, refresh } = await openSignedIn();
    const reply = await call('POST', '/api/auth/logout', { token });
    expect(reply.body).toEqual({ success: true, message: 'Logged out successfully' });
    expect((await call('GET', '/api/auth/me', { token })).status).toBe(401);
    expect((await call('POST', '/api/auth/refresh', { json: { refresh_token: refresh } })).status).toBe(401);
  });
});

describe('recon: registering', () => {
  const json = { email: 'new@example.com', password: 'SecurePassword123!', first_name: 'John', last_name: 'Doe' };

  it('register-defaults: id, role user, active, and a token usable at once', async () => {
    const { call } = await openRecon();
    const reply = await call('POST', '/api/auth/register', { json });
    expect(reply.status).toBe(201);
    expect(reply.body.data.user).toMatchObject({
      email: json.email,
      first_name: 'John',
      role: 'user',
      is_active: true,
    });
    expect((await call('GET', '/api/auth/me', { token: reply.body.data.token })).body.data.id).toBe(
      reply.body.data.user.id,
    );
  });

  it('REGISTRATION_CLOSED where the deployment has it off', async () => {
    const { call } = await openRecon({ registration: {} });
    const reply = await call('POST', '/api/auth/register', { json });
    expect([reply.status, reply.body.error]).toEqual([403, 'REGISTRATION_CLOSED']);
  });

  it('EMAIL_TAKEN, also in another case', async () => {
    const { call } = await openRecon();
    const reply = await call('POST', '/api/auth/register', { json: { ...json, email: 'User@Example.com' } });
    expect([reply.status, reply.body.error]).toEqual([409, 'EMAIL_TAKEN']);
  });

  it.each([
    ['short', 'Passw0rd!'],
    ['without a digit', 'SecurePassword!'],
    ['without upper case', 'securepassword123'],
    ['without lower case', 'SECUREPASSWORD123'],
    ['too long', `Aa1${'x'.repeat(130)}`],
    ['with the name of the address', 'Somebody-New-1'],
  ])('refuses a password %s', async (_case, password) => {
    const { call } = await openRecon();
    const reply = await call('POST', '/api/auth/register', {
      json: { ...json, email: 'somebody@example.com', password },
    });
    expect(reply.body).toMatchObject({ error: 'VALIDATION_ERROR', details: { field: 'password' } });
  });

  it('a role in the body is refused, not obeyed', async () => {
    const { call } = await openRecon();
    const reply = await call('POST', '/api/auth/register', { json: { ...json, role: 'admin' } });
    expect(reply.body).toMatchObject({ error: 'VALIDATION_ERROR', details: { field: 'role' } });
  });
});

describe('recon: policies', () => {
  it('password-policy-published: the policy in force, and the sample passwords pass it', async () => {
    const { call, token } = await openSignedIn();
    const { data } = (await call('GET', '/api/security/config', { token })).body;
    expect(data.password_policy).toEqual({
      min_length: 10,
      max_length: 128,
      requires: ['lower case', 'upper case', 'digit'],
    });
    expect(data.session_policy.access_token_seconds).toBe(3600);
    for (const password of ['SecurePassword123!', 'Password123!'])
      expect(passwordFault(password, 'user@example.com')).toBeUndefined();
  });

  it('an account that does not exist costs the work of one that does', async () => {
    const asked: string[] = [];
    const hasher: PasswordHasher = {
      hash: quickHasher.hash,
      verify: (...given) => {
        asked.push('verify');
        return quickHasher.verify(...given);
      },
      pretend: (...given) => {
        asked.push('pretend');
        return quickHasher.pretend(...given);
      },
    };
    const { call } = await openRecon({ hasher });
    for (const email of [users.user.email, 'nobody@example.com'])
      await call('POST', '/api/auth/login', { json: { email, password: 'wrong' } });
    expect(asked).toEqual(['verify', 'pretend']);
  });
});

describe('recon: changing the password', () => {
  it('change-password-fields: takes exactly current and new, ends every other session', async () => {
    const { call, token, signIn } = await openSignedIn();
    const elsewhere = await signIn(users.user);
    const json = { current_password: users.user.password, new_password: 'AnotherPassword1' };
    expect((await call('POST', '/api/auth/change-password', { token, json: { ...json, email: 'x' } })).status).toBe(
      400,
    );
    expect((await call('POST', '/api/auth/change-password', { token, json })).status).toBe(200);
    expect((await call('GET', '/api/auth/me', { token })).status).toBe(200);
    expect((await call('GET', '/api/auth/me', { token: elsewhere })).status).toBe(401);
    expect((await call('POST', '/api/auth/login', { json: credentials })).status).toBe(401);
    expect(await signIn({ ...users.user, password: 'AnotherPassword1' })).toBeTruthy();
  });

  it('a wrong current password or a weak new one is named', async () => {
    const { call, token } = await openSignedIn();
    const change = (json: object) => call('POST', '/api/auth/change-password', { token, json });
    const wrong = await change({ current_password: 'wrong', new_password: 'AnotherPassword1' });
    expect(wrong.body.details).toEqual({ field: 'current_password' });
    const weak = await change({ current_password: users.user.password, new_password: 'weak' });
    expect(weak.body.details).toEqual({ field: 'new_password' });
  });
});
