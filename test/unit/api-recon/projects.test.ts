// Projects and users of the recon surface: each rule of the specification by its name.
import { describe, expect, it } from 'vitest';
import { multipart, openRecon, users } from './harness.ts';

const sample = {
  name: 'New Project',
  description: 'Project description',
  settings: { collaboration_enabled: false, max_concurrent_users: 7 },
};

async function open() {
  const recon = await openRecon();
  const token = await recon.signIn(users.user);
  const create = async (json: object, by = token) =>
    (await recon.call('POST', '/api/projects', { token: by, json })).body;
  return { ...recon, token, create };
}

describe('recon: projects', () => {
  it('projects-create-top-level-id, envelope-data, ids-uuid: the id is at .id and at .data.id', async () => {
    const { call, token } = await open();
    const reply = await call('POST', '/api/projects', { token, json: sample });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({ success: true, id: reply.body.data.id, data: sample });
    expect(reply.body.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('projects-settings: created without settings as the workflow does', async () => {
    const { create } = await open();
    const body = await create({ name: 'Quarterly Reconciliation', description: 'Q4 close' });
    expect(body.data.settings).toEqual({ collaboration_enabled: true, max_concurrent_users: 5 });
  });

  it('projects-owner: owner and the owner’s full name; filters by owner and search', async () => {
    const { call, create, token, signIn } = await open();
    const analyst = await signIn(users.analyst);
    const mine = await create({ name: 'Alpha ledger', description: 'x' });
    await create({ name: 'Beta', description: 'about the LEDGER' });
    await create({ name: 'Gamma' });
    await create({ name: 'Ledger of the analyst' }, analyst);
    expect(mine.data.owner_name).toBe('Test user');
    const names = async (query: string, by = token) =>
      (await call('GET', `/api/projects?${query}`, { token: by })).body.data.projects.map(
        (one: { name: string }) => one.name,
      );
    expect(await names('search=ledger')).toEqual(['Alpha ledger', 'Beta']);
    expect(await names('search=ledger', analyst)).toEqual(['Alpha ledger', 'Beta', 'Ledger of the analyst']);
    expect(await names(`search=ledger&owner_id=${mine.data.owner_id}`, analyst)).toEqual(['Alpha ledger', 'Beta']);
  });

  it('pagination-params, pagination-object: pages from 1, 20 by default, total_pages rounded up', async () => {
    const { call, create, token } = await open();
    for (let index = 0; index < 50; index += 1) await create({ name: `P${index}` });
    const page = async (query: string) => (await call('GET', `/api/projects${query}`, { token })).body.data;
    expect((await page('')).pagination).toEqual({ page: 1, per_page: 20, total: 50, total_pages: 3 });
    expect((await page('?page=3')).projects.map((one: { name: string }) => one.name)).toEqual(
      Array.from({ length: 10 }, (_, index) => `P${40 + index}`),
    );
    expect((await page('?page=4')).projects).toEqual([]);
    expect((await page('?per_page=7')).pagination.total_pages).toBe(8);
    for (const query of ['?page=0', '?per_page=0', '?per_page=1001', '?page=x'])
      expect((await call('GET', `/api/projects${query}`, { token })).status).toBe(400);
  });

  it('projects-status-filter: the filter that the SDK sends is accepted', async () => {
    const { call, token } = await open();
    expect((await call('GET', '/api/projects?status=active', { token })).status).toBe(200);
  });

  it('projects-detail-embeds: data sources with file count and jobs with status', async () => {
    const { call, create, token } = await open();
    const { id } = await create({ name: 'P' });
    const file = await call('POST', `/api/files/upload?project_id=${id}`, { token, ...multipart('a\n1\n') });
    await call('POST', '/api/data-sources', { token, json: { name: 'to come', project_id: id } });
    const json = {
      name: 'Job 1',
      project_id: id,
      source_data_source_id: file.body.id,
      target_data_source_id: file.body.id,
    };
    const job = await call('POST', '/api/reconciliation/jobs', { token, json });
    const { data } = (await call('GET', `/api/projects/${id}`, { token })).body;
    expect(data.data_sources).toEqual([
      { id: file.body.id, name: 'data.csv', source_type: 'csv', file_count: 1 },
      { id: expect.any(String), name: 'to come', source_type: 'csv', file_count: 0 },
    ]);
    expect(data.reconciliation_jobs).toEqual([
      { id: job.body.id, name: 'Job 1', status: 'pending', created_at: job.body.data.created_at },
    ]);
  });

  it('changes only what is given', async () => {
    const { call, create, token } = await open();
    const { id } = await create(sample);
    const json = { name: 'Updated', settings: { max_concurrent_users: 9 } };
    const { data } = (await call('PUT', `/api/projects/${id}`, { token, json })).body;
    expect(data).toMatchObject({
      name: 'Updated',
      description: 'Project description',
      settings: { collaboration_enabled: false, max_concurrent_users: 9 },
    });
  });

  it('error-not-found-404: another person’s, another tenant’s and no project are told alike', async () => {
    const { call, create, token, signIn, addUser } = await open();
    const mine = await create(sample);
    const other = await signIn(users.other);
    await addUser({ email: 'root@elsewhere.com', password: 'Password123!', role: 'admin' }, 'elsewhere');
    const foreign = await signIn({ email: 'root@elsewhere.com', password: 'Password123!' });
    const ask = async (by: string, id: string) => {
      const reply = await call('GET', `/api/projects/${id}`, { token: by });
      return { status: reply.status, error: reply.body.error, message: reply.body.message };
    };
    const missing = await ask(token, '0198c0de-0000-7000-8000-00000000ffff');
    expect(missing).toMatchObject({ status: 404, error: 'NOT_FOUND' });
    expect(await ask(other, mine.id)).toEqual(missing);
    expect(await ask(foreign, mine.id)).toEqual(missing);
    for (const [method, json] of [
      ['PUT', { name: 'x' }],
      ['DELETE', undefined],
    ] as const)
      expect((await call(method, `/api/projects/${mine.id}`, { token: foreign, json })).status).toBe(404);
    expect((await call('GET', `/api/projects/${mine.id}`, { token: await signIn(users.analyst) })).status).toBe(200);
    expect((await call('GET', '/api/projects', { token: foreign })).body.data.projects).toEqual([]);
  });

  it('envelope-message: deleting takes files, sources and jobs along', async () => {
    const { call, create, token, objects } = await open();
    const { id } = await create(sample);
    const file = await call('POST', `/api/files/upload?project_id=${id}`, { token, ...multipart('a\n1\n') });
    const json = {
      name: 'J',
      project_id: id,
      source_data_source_id: file.body.id,
      target_data_source_id: file.body.id,
    };
    const job = await call('POST', '/api/reconciliation/jobs', { token, json });
    expect(objects.keys('uploads/')).toHaveLength(1);
    const reply = await call('DELETE', `/api/projects/${id}`, { token });
    expect(reply.body).toEqual({ success: true, message: 'Project deleted successfully' });
    for (const path of [
      `/api/projects/${id}`,
      `/api/files/${file.body.id}`,
      `/api/data-sources/${file.body.id}`,
      `/api/reconciliation/jobs/${job.body.id}`,
    ])
      expect((await call('GET', path, { token })).status).toBe(404);
    expect(objects.keys('uploads/')).toEqual([]);
  });

  it('RUN_ACTIVE: is not deleted under a running job', async () => {
    const { call, create, token } = await open();
    const { id } = await create(sample);
    const file = await call('POST', `/api/files/upload?project_id=${id}`, { token, ...multipart('a\n1\n') });
    const json = {
      name: 'J',
      project_id: id,
      source_data_source_id: file.body.id,
      target_data_source_id: file.body.id,
    };
    const job = await call('POST', '/api/reconciliation/jobs', { token, json });
    await call('POST', `/api/reconciliation/jobs/${job.body.id}/start`, { token });
    expect((await call('DELETE', `/api/projects/${id}`, { token })).body.error).toBe('RUN_ACTIVE');
    expect((await call('DELETE', `/api/reconciliation/jobs/${job.body.id}`, { token })).body.error).toBe('RUN_ACTIVE');
  });
});

describe('recon: users', () => {
  it('users-admin-only, error-forbidden-403', async () => {
    const { call, token, deps } = await open();
    const other = (await deps.users.byEmail(users.other.email))!;
    const calls = [
      ['GET', '/api/users'],
      ['GET', '/api/users/search?q=x'],
      ['PUT', `/api/users/${other.userId}`, { first_name: 'X' }],
      ['DELETE', `/api/users/${other.userId}`],
    ] as const;
    for (const [method, path, json] of calls) {
      const reply = await call(method, path, { token, json });
      expect([reply.status, reply.body.error]).toEqual([403, 'FORBIDDEN']);
    }
    expect((await call('GET', `/api/users/${other.userId}`, { token })).status).toBe(404);
  });

  it('users-filters, users-search, users-last-login', async () => {
    const { call, signIn } = await open();
    const admin = await signIn();
    const list = async (path: string) => (await call('GET', path, { token: admin })).body.data;
    const emails = async (path: string) => (await list(path)).users.map((one: { email: string }) => one.email).sort();
    expect(await emails('/api/users')).toHaveLength(4);
    expect(await emails('/api/users?role=user')).toEqual(['other@example.com', 'user@example.com']);
    expect(await emails('/api/users?search=ANALYST')).toEqual(['analyst@example.com']);
    expect(await emails('/api/users/search?q=other@')).toEqual(['other@example.com']);
    expect(await emails('/api/users?is_active=false')).toEqual([]);
    expect((await list('/api/users?per_page=3')).pagination).toEqual({
      page: 1,
      per_page: 3,
      total: 4,
      total_pages: 2,
    });
    const byMail = (email: string) => list(`/api/users/search?q=${email}`).then(({ users: [one] }) => one);
    expect((await byMail('admin@example.com')).last_login).toEqual(expect.any(String));
    expect((await byMail('other@example.com')).last_login).toBeNull();
  });

  it('an administrator makes, changes and deletes accounts; what they lose, their sessions lose at once', async () => {
    const { call, signIn } = await open();
    const token = await signIn();
    const json = {
      email: 'Maker@example.com',
      password: 'Password123!',
      first_name: 'A',
      last_name: 'B',
      role: 'analyst',
    };
    const { body } = await call('POST', '/api/users', { token, json });
    const theirs = await signIn({ email: 'maker@example.com', password: 'Password123!' });
    expect((await call('POST', '/api/users', { token, json })).body.error).toBe('EMAIL_TAKEN');
    const named = await call('PUT', `/api/users/${body.id}`, { token, json: { last_name: 'Smith' } });
    expect(named.body.data).toMatchObject({ first_name: 'A', last_name: 'Smith', role: 'analyst' });
    expect((await call('GET', '/api/auth/me', { token: theirs })).status).toBe(200);
    await call('PUT', `/api/users/${body.id}`, { token, json: { role: 'user' } });
    expect((await call('GET', '/api/auth/me', { token: theirs })).status).toBe(401);
    const again = await signIn({ email: 'maker@example.com', password: 'Password123!' });
    const deleted = await call('DELETE', `/api/users/${body.id}`, { token });
    expect(deleted.body).toEqual({ success: true, message: 'User deleted successfully' });
    expect((await call('GET', '/api/auth/me', { token: again })).status).toBe(401);
    expect((await call('GET', `/api/users/${body.id}`, { token })).status).toBe(404);
  });

  it('nobody takes their own role or account away', async () => {
    const { call, signIn } = await open();
    const token = await signIn();
    const { id } = (await call('GET', '/api/auth/me', { token })).body.data;
    expect((await call('PUT', `/api/users/${id}`, { token, json: { role: 'user' } })).status).toBe(403);
    expect((await call('PUT', `/api/users/${id}`, { token, json: { is_active: false } })).status).toBe(403);
    expect((await call('DELETE', `/api/users/${id}`, { token })).status).toBe(403);
  });
});
