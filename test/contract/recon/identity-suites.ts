// The suites of the ports behind the recon surface; each is run on memory and on the emulator.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DataSource } from '../../../shared/domain/data-source.ts';
import type { User } from '../../../shared/domain/principal.ts';
import type { Project } from '../../../shared/domain/project.ts';
import type { Session } from '../../../shared/domain/session.ts';
import type { DataSourceStore } from '../../../shared/ports/data-source-store.ts';
import type { IdempotencyStore } from '../../../shared/ports/idempotency-store.ts';
import type { ProjectStore } from '../../../shared/ports/project-store.ts';
import type { RateCounter } from '../../../shared/ports/rate-counter.ts';
import type { SessionStore } from '../../../shared/ports/session-store.ts';
import type { UserStore } from '../../../shared/ports/user-store.ts';

export type ReconStores = {
  users: UserStore;
  sessions: SessionStore;
  projects: ProjectStore;
  dataSources: DataSourceStore;
  counter: RateCounter;
  idempotency: IdempotencyStore;
};
type Open = () => Promise<ReconStores>;

const user = (userId: string, changes: Partial<User> = {}): User => ({
  tenant: 'one',
  userId,
  email: `${userId}@example.com`,
  firstName: 'Ann',
  lastName: 'Lee',
  passwordHash: '$argon2id$x',
  active: true,
  grants: { recon: 'user' },
  createdAt: '2026-01-05T09:00:00.000Z',
  version: 1,
  ...changes,
});

export function userStoreSuite(open: Open): void {
  test('keeps a person under id and address, and nobody else’s', async () => {
    const { users } = await open();
    expect(await users.create(user('a'))).toBe(true);
    expect(await users.get('one', 'a')).toEqual(user('a'));
    expect(await users.byEmail('a@example.com')).toEqual(user('a'));
    expect(await users.get('two', 'a')).toBeUndefined();
    expect(await users.byEmail('b@example.com')).toBeUndefined();
  });

  test('an address belongs to one person over all tenants, of many who ask at once too', async () => {
    const { users } = await open();
    const email = 'same@example.com';
    const created = await Promise.all(
      ['a', 'b', 'c', 'd'].map((id, index) => users.create(user(id, { email, tenant: `t${index}` }))),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
    expect((await users.byEmail(email))?.tenant).toBe(`t${created.indexOf(true)}`);
  });

  test('changes only the version that was read', async () => {
    const { users } = await open();
    await users.create(user('a'));
    expect(await users.update(user('a', { active: false }))).toBe(true);
    expect(await users.update(user('a', { firstName: 'late' }))).toBe(false);
    expect(await users.get('one', 'a')).toEqual(user('a', { active: false, version: 2 }));
    expect(await users.update(user('none'))).toBe(false);
  });

  test('a deleted person’s address is free again', async () => {
    const { users } = await open();
    await users.create(user('a'));
    await users.delete(user('a'));
    expect(await users.byEmail('a@example.com')).toBeUndefined();
    expect(await users.create(user('b', { email: 'a@example.com' }))).toBe(true);
  });

  test('lists a tenant in pages', async () => {
    const { users } = await open();
    for (const id of ['a', 'b', 'c']) await users.create(user(id));
    await users.create(user('d', { tenant: 'two' }));
    const first = await users.list('one', undefined, 2);
    expect(first.items.map(({ userId }) => userId)).toEqual(['a', 'b']);
    const second = await users.list('one', first.cursor, 2);
    expect([second.items.map(({ userId }) => userId), second.cursor]).toEqual([['c'], undefined]);
  });
}

const session = (sessionId: string, changes: Partial<Session> = {}): Session => ({
  tenant: 'one',
  userId: 'a',
  sessionId,
  surface: 'recon',
  role: 'user',
  permissions: ['reconciliation:read'],
  name: 'Ann Lee',
  refreshId: 'r1',
  createdAt: '2026-01-05T09:00:00.000Z',
  expiresAt: 1_800_000_000_123,
  ...changes,
});

export function sessionStoreSuite(open: Open): void {
  test('keeps a session whole and for its person alone', async () => {
    const { sessions } = await open();
    await sessions.create(session('s'));
    expect(await sessions.get(session('s'))).toEqual(session('s'));
    expect(await sessions.get(session('s', { tenant: 'two' }))).toBeUndefined();
    expect(await sessions.get(session('s', { userId: 'b' }))).toBeUndefined();
  });

  test('rotates from the current refresh token only, of many at once for one', async () => {
    const { sessions } = await open();
    await sessions.create(session('s'));
    const rotated = await Promise.all(
      ['r2', 'r3', 'r4'].map((to) => sessions.rotate(session('s'), { from: 'r1', to }, 1_900_000_000_456)),
    );
    expect(rotated.filter(Boolean)).toHaveLength(1);
    const refreshId = ['r2', 'r3', 'r4'][rotated.indexOf(true)]!;
    expect(await sessions.get(session('s'))).toEqual(session('s', { refreshId, expiresAt: 1_900_000_000_456 }));
    expect(await sessions.rotate(session('none'), { from: 'r1', to: 'r2' }, 1)).toBe(false);
    expect(await sessions.get(session('none'))).toBeUndefined();
  });

  test('renews the groups of a directory person over the very ones that were read, and never a session that ended', async () => {
    const { sessions } = await open();
    const first = session('s', { dn: 'CN=a', groups: ['CN=g'], groupsAt: 1_000 });
    await sessions.create(first);
    const long = Array.from({ length: 400 }, (_, index) => `CN=group ${index},OU=Groups,DC=corp,DC=example`);
    const second = { ...first, groups: long, groupsAt: 2_000, role: 'admin' };
    expect(await sessions.renew(second, 1_500)).toBe(false);
    const renewed = await Promise.all(
      [second, { ...second, groupsAt: 2_001 }].map((one) => sessions.renew(one, 1_000)),
    );
    expect(renewed.filter(Boolean)).toHaveLength(1);
    const groupsAt = renewed[0] ? 2_000 : 2_001;
    expect(await sessions.get(first)).toEqual({ ...second, groupsAt });
    // Back to few groups, and a try that failed, at the same time of groups.
    const third = { ...first, groupsAt: 3_000 };
    expect(await sessions.renew(third, groupsAt)).toBe(true);
    expect(await sessions.renew({ ...third, groupsTriedAt: 4_000 }, 3_000)).toBe(true);
    expect(await sessions.get(first)).toEqual({ ...third, groupsTriedAt: 4_000 });
    expect(await sessions.rotate(first, { from: 'r1', to: 'r2' }, 9)).toBe(true);
    expect(await sessions.renew({ ...third, groupsAt: 5_000 }, 3_000)).toBe(false);
    await sessions.revoke(first);
    expect(await sessions.renew({ ...third, refreshId: 'r2' }, 3_000)).toBe(false);
    expect(await sessions.get(first)).toBeUndefined();
  });

  test('revokes one, or all of a person but one', async () => {
    const { sessions } = await open();
    for (const id of ['s', 't', 'u']) await sessions.create(session(id));
    await sessions.create(session('v', { userId: 'b' }));
    await sessions.revoke(session('s'));
    expect(await sessions.rotate(session('s'), { from: 'r1', to: 'r2' }, 1)).toBe(false);
    await sessions.revokeAll({ tenant: 'one', userId: 'a' }, 'u');
    const left = await Promise.all(['s', 't', 'u'].map((id) => sessions.get(session(id))));
    expect(left.map((one) => one?.sessionId)).toEqual([undefined, undefined, 'u']);
    expect(await sessions.get(session('v', { userId: 'b' }))).toBeDefined();
  });
}

const project = (projectId: string, changes: Partial<Project> = {}): Project => ({
  tenant: 'one',
  projectId,
  name: 'P',
  description: '',
  ownerId: 'a',
  settings: { collaborationEnabled: true, maxConcurrentUsers: 5 },
  createdAt: '2026-01-05T09:00:00.000Z',
  updatedAt: '2026-01-05T09:00:00.000Z',
  version: 1,
  ...changes,
});

export function projectStoreSuite(open: Open): void {
  test('keeps, changes, lists and removes projects of a tenant', async () => {
    const { projects } = await open();
    for (const id of ['a', 'b', 'c']) await projects.create(project(id));
    await projects.create(project('a', { tenant: 'two', name: 'other' }));
    expect(await projects.get('one', 'a')).toEqual(project('a'));
    expect(await projects.update(project('a', { name: 'Q' }))).toBe(true);
    expect(await projects.update(project('a', { name: 'R' }))).toBe(false);
    expect(await projects.get('one', 'a')).toEqual(project('a', { name: 'Q', version: 2 }));
    await projects.delete('one', 'b');
    const first = await projects.list('one', undefined, 1);
    const second = await projects.list('one', first.cursor, 1);
    expect([...first.items, ...second.items].map(({ projectId }) => projectId)).toEqual(['a', 'c']);
    expect(second.cursor).toBeUndefined();
    expect(await projects.get('two', 'a')).toMatchObject({ name: 'other' });
  });
}

const source = (dataSourceId: string, changes: Partial<DataSource> = {}): DataSource => ({
  tenant: 'one',
  dataSourceId,
  projectId: 'p',
  name: 'S',
  sourceType: 'csv',
  columns: ['id', ''],
  createdAt: '2026-01-05T09:00:00.000Z',
  version: 1,
  ...changes,
});

export function dataSourceStoreSuite(open: Open): void {
  test('keeps, changes, lists and removes the data sources of a project', async () => {
    const { dataSources } = await open();
    for (const id of ['a', 'b']) await dataSources.create(source(id));
    await dataSources.create(source('c', { projectId: 'q', uploadId: 'u', primaryKey: 'id' }));
    expect(await dataSources.get('one', 'c')).toEqual(source('c', { projectId: 'q', uploadId: 'u', primaryKey: 'id' }));
    expect(await dataSources.get('two', 'c')).toBeUndefined();
    expect(await dataSources.update(source('a', { name: 'T' }))).toBe(true);
    expect(await dataSources.update(source('a', { name: 'U' }))).toBe(false);
    expect((await dataSources.list('one', 'p')).items).toEqual([source('a', { name: 'T', version: 2 }), source('b')]);
    await dataSources.delete(source('a'));
    expect((await dataSources.list('one', 'p')).items.map(({ dataSourceId }) => dataSourceId)).toEqual(['b']);
  });
}

export function rateCounterSuite(open: Open): void {
  test('counts in one step, per key and window', async () => {
    const { counter } = await open();
    const window = { now: 90_000, windowMs: 60_000 };
    const many = await Promise.all(Array.from({ length: 12 }, () => counter.add('k', window, 1)));
    expect(many.map(({ count }) => count).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(many[0]?.resetAt).toBe(120_000);
    expect((await counter.add('k', window, -2)).count).toBe(10);
    expect((await counter.add('other', window, 1)).count).toBe(1);
    expect((await counter.add('k', { ...window, now: 120_000 }, 1)).count).toBe(1);
  });
}

export function idempotencyStoreSuite(open: Open): void {
  const request = (owner: string, now = 1_000, fingerprint = 'f') => ({
    fingerprint,
    owner,
    now,
    pendingUntil: now + 60_000,
  });
  const reply = { status: 201, headers: { location: '/a/1' }, body: '{"a":"ü"}' };

  test('gives a key to one, and its reply to the others', async () => {
    const { idempotency } = await open();
    const begun = await Promise.all(['a', 'b', 'c'].map((owner) => idempotency.begin('k', request(owner))));
    expect(begun.map(({ state }) => state).sort()).toEqual(['begun', 'pending', 'pending']);
    const owner = ['a', 'b', 'c'][begun.findIndex(({ state }) => state === 'begun')]!;
    await idempotency.finish('k', 'another', { ...reply, status: 500 }, 9_000_000);
    await idempotency.finish('k', owner, reply, 9_000_000);
    expect(await idempotency.begin('k', request('d', 200_000))).toEqual({ state: 'done', reply });
    expect(await idempotency.begin('k', request('d', 200_000, 'g'))).toEqual({ state: 'differs' });
    expect(await idempotency.begin('k', request('d', 9_000_000))).toEqual({ state: 'begun' });
  });

  test('a reply that is too large is refused, and that it was is kept in its place', async () => {
    const { idempotency } = await open();
    await idempotency.begin('k', request('a'));
    const large = { ...reply, body: randomBytes(400_000).toString('base64') };
    await expect(idempotency.finish('k', 'a', large, 9_000_000)).rejects.toMatchObject({
      failure: { code: 'DOCUMENT_TOO_LARGE' },
    });
    await idempotency.finish('k', 'a', { ...reply, body: null }, 9_000_000);
    expect(await idempotency.begin('k', request('b'))).toEqual({ state: 'done', reply: { ...reply, body: null } });
  });

  test('a key is given back, or taken from one who died; the dead cannot answer for it', async () => {
    const { idempotency } = await open();
    await idempotency.begin('k', request('a'));
    await idempotency.release('k', 'b');
    expect((await idempotency.begin('k', request('b'))).state).toBe('pending');
    await idempotency.release('k', 'a');
    expect((await idempotency.begin('k', request('b'))).state).toBe('begun');
    expect((await idempotency.begin('k', request('c', 61_000))).state).toBe('begun');
    await idempotency.finish('k', 'b', reply, 9_000_000);
    await idempotency.release('k', 'b');
    expect((await idempotency.begin('k', request('d', 62_000))).state).toBe('pending');
  });
}
