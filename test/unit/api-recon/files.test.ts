// Files and data sources of the recon surface: each rule of the specification by its name.
import { describe, expect, it } from 'vitest';
import { multipart, openRecon, users } from './harness.ts';

async function open() {
  const recon = await openRecon();
  const token = await recon.signIn(users.user);
  const project = (await recon.call('POST', '/api/projects', { token, json: { name: 'P' } })).body.id as string;
  const upload = (content: string | Buffer = 'id,name\n1,a\n', name?: string, fields?: Record<string, string>) =>
    recon.call('POST', `/api/files/upload?project_id=${project}`, { token, ...multipart(content, name, fields) });
  return { ...recon, token, project, upload };
}

describe('recon: files', () => {
  it('upload-multipart, upload-metadata: name, size, type, who and when', async () => {
    const { upload, project, objects, clock } = await open();
    const reply = await upload('id,name\n1,a\n', 'source.csv');
    expect(reply.status).toBe(201);
    expect(reply.body.data).toEqual({
      id: reply.body.id,
      file_name: 'source.csv',
      file_size: 12,
      file_type: 'text/csv',
      project_id: project,
      uploaded_by: expect.any(String),
      uploaded_at: new Date(clock.now()).toISOString(),
      status: 'uploaded',
    });
    expect(Buffer.from((await objects.get(`uploads/default/${reply.body.id}`))!).toString()).toBe('id,name\n1,a\n');
  });

  it('upload-metadata: a type that the client does not say is taken from the name, as curl needs it', async () => {
    const { call, token, project } = await open();
    const sent = multipart('a\n1\n', 'source.csv');
    const raw = Buffer.from(sent.raw!.toString().replace('text/csv', 'application/octet-stream'));
    const { body } = await call('POST', `/api/files/upload?project_id=${project}`, { token, ...sent, raw });
    expect(body.data.file_type).toBe('text/csv');
    const json = { project_id: project, file_name: 'x.xlsx' };
    const form = await call('POST', '/api/files/presigned', { token, json });
    expect(form.body.data.file_type).toContain('spreadsheetml');
  });

  it('project_id is taken from the query or the form, and must not be two', async () => {
    const { call, token, project, upload } = await open();
    const inForm = (fields: Record<string, string>, query = '') =>
      call('POST', `/api/files/upload${query}`, { token, ...multipart('a\n', 'a.csv', fields) });
    expect((await inForm({ project_id: project })).status).toBe(201);
    expect((await upload('a\n', 'a.csv', { project_id: project })).status).toBe(201);
    expect((await inForm({})).body.details).toEqual({ field: 'project_id' });
    expect(
      (await inForm({ project_id: '0198c0de-0000-7000-8000-000000000001' }, `?project_id=${project}`)).status,
    ).toBe(400);
    expect((await inForm({ project_id: '0198c0de-0000-7000-8000-000000000001' })).status).toBe(404);
    expect((await inForm({ project_id: 'x' })).status).toBe(400);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ["quo'te.csv", "quo'te.csv"],
    ['Ünïcode – 表.csv', 'Ünïcode – 表.csv'],
  ])('a name %s is kept as %s and is no part of a key', async (given, kept) => {
    const { upload, objects } = await open();
    const reply = await upload('a\n', given);
    expect(reply.body.data.file_name).toBe(kept);
    expect(objects.keys('uploads/')).toEqual([`uploads/default/${reply.body.id}`]);
  });

  it.each(['..', 'a\u0000b.csv', 'a\u0007.csv', `${'x'.repeat(300)}.csv`])('refuses the name %j', async (name) => {
    const { upload } = await open();
    const reply = await upload('a\n', name);
    expect(reply.body).toMatchObject({ error: 'VALIDATION_ERROR', details: { field: 'file' } });
  });

  it('FILE_EMPTY: nothing in it is nothing to reconcile', async () => {
    const { upload } = await open();
    const reply = await upload('');
    expect([reply.status, reply.body.error, reply.body.details]).toEqual([
      400,
      'VALIDATION_ERROR',
      { field: 'file', code: 'FILE_EMPTY' },
    ]);
  });

  it('BODY_TOO_LARGE: over 4 MiB is 413 and names the presigned way', async () => {
    const { upload } = await open();
    const reply = await upload(Buffer.alloc(4 * 1024 * 1024 + 1, 'x'));
    expect([reply.status, reply.body.error]).toEqual([413, 'BODY_TOO_LARGE']);
    expect(reply.body.message).toContain('/api/files/presigned');
  });

  it('no-size-limits, a presigned form: the record is there at once, expected, and uploaded when the object has come', async () => {
    const { call, token, project, objects } = await open();
    const json = { project_id: project, file_name: 'big.csv', file_type: 'text/csv' };
    const { body } = await call('POST', '/api/files/presigned', { token, json });
    expect(body.data).toMatchObject({ status: 'expected', file_size: 0, upload: { max_bytes: 5 * 1024 ** 3 } });
    expect(body.data.upload.fields.key).toBe(`uploads/default/${body.id}`);
    expect((await call('GET', `/api/files/${body.id}`, { token })).body.data.status).toBe('expected');
    expect((await call('POST', `/api/files/${body.id}/process`, { token })).body.error).toBe('BATCH_MISSING');
    await objects.put(`uploads/default/${body.id}`, 'a,b\n1,2\n');
    expect((await call('GET', `/api/files/${body.id}`, { token })).body.data).toMatchObject({
      status: 'uploaded',
      file_size: 8,
    });
    expect((await call('GET', `/api/data-sources/${body.id}`, { token })).body.data.file_id).toBe(body.id);
  });

  it('file-state-machine: processing is asked for and answers at once', async () => {
    const { call, token, upload, queue, clock } = await open();
    const { id } = (await upload()).body;
    const reply = await call('POST', `/api/files/${id}/process`, { token });
    expect(reply.body.data).toEqual({
      id,
      status: 'processing',
      processing_started_at: new Date(clock.now()).toISOString(),
    });
    expect(queue.waiting.map(({ message }) => message)).toEqual([
      { kind: 'profile-upload', tenant: 'default', uploadId: id },
    ]);
    expect((await call('GET', `/api/files/${id}`, { token })).body.data.status).toBe('processing');
  });

  it('file-processing-result: records, columns and errors once it is processed', async () => {
    const { call, token, upload, deps } = await open();
    const { id } = (await upload()).body;
    const stored = (await deps.uploads.get('default', id))!;
    const errors = [{ line: 3, column: 'value', value: 'x', reason: 'r' }];
    await deps.uploads.update({
      ...stored,
      status: 'PROCESSED',
      profile: { records: 1000, columns: ['id', 'value'], errors },
    });
    expect((await call('GET', `/api/files/${id}`, { token })).body.data).toMatchObject({
      status: 'processed',
      processing_result: { records_count: 1000, columns: ['id', 'value'], errors },
    });
    expect((await call('GET', `/api/data-sources/${id}`, { token })).body.data.schema).toEqual({
      columns: ['id', 'value'],
      primary_key: null,
    });
  });

  it('file-delete-cascade: the bytes and the data source go too', async () => {
    const { call, token, upload, objects } = await open();
    const { id } = (await upload()).body;
    expect((await call('DELETE', `/api/files/${id}`, { token })).body).toEqual({
      success: true,
      message: 'File deleted successfully',
    });
    expect(objects.keys('uploads/')).toEqual([]);
    for (const path of [`/api/files/${id}`, `/api/data-sources/${id}`])
      expect((await call('GET', path, { token })).status).toBe(404);
  });

  it('another person sees neither file nor source', async () => {
    const { call, upload, signIn } = await open();
    const { id } = (await upload()).body;
    const token = await signIn(users.other);
    for (const path of [`/api/files/${id}`, `/api/data-sources/${id}`])
      expect((await call('GET', path, { token })).status).toBe(404);
    for (const path of [`/api/files/${id}`, `/api/data-sources/${id}`])
      expect((await call('DELETE', path, { token })).status).toBe(404);
  });

  it('a repeat with an Idempotency-Key uploads once', async () => {
    const { call, token, project, objects } = await open();
    const sent = multipart('a\n1\n');
    const headers = { ...sent.headers, 'idempotency-key': 'upload-1' };
    const again = () => call('POST', `/api/files/upload?project_id=${project}`, { token, ...sent, headers });
    const [first, second] = [await again(), await again()];
    expect(second.body).toEqual(first.body);
    expect(objects.keys('uploads/')).toHaveLength(1);
  });
});

describe('recon: data sources', () => {
  const schema = { columns: ['id', 'name', 'email'], primary_key: 'id' };

  it('data-source-schema: type, file and schema; created as documented', async () => {
    const { call, token, project, upload } = await open();
    const { id: fileId } = (await upload()).body;
    const json = { name: 'Customer Data', source_type: 'csv', project_id: project, file_id: fileId, schema };
    const { status, body } = await call('POST', '/api/data-sources', { token, json });
    expect(status).toBe(201);
    expect(body.data).toMatchObject({ id: body.id, ...json });
    expect((await call('GET', `/api/data-sources/${body.id}`, { token })).body.data).toEqual(body.data);
  });

  it('file-id-as-data-source-id: every file is a source of its id', async () => {
    const { call, token, upload, project } = await open();
    const { id } = (await upload('a\n', 'ledger.xlsx')).body;
    expect((await call('GET', `/api/data-sources/${id}`, { token })).body.data).toMatchObject({
      id,
      name: 'ledger.xlsx',
      source_type: 'excel',
      project_id: project,
      file_id: id,
    });
  });

  it('data-source-filters: by project and type, without pages', async () => {
    const { call, token, upload, project } = await open();
    await upload('a\n', 'a.csv');
    await upload('{}', 'b.json.gz');
    const other = (await call('POST', '/api/projects', { token, json: { name: 'Q' } })).body.id;
    await call('POST', '/api/data-sources', { token, json: { name: 'c', project_id: other } });
    const names = async (query: string) => {
      const { data } = (await call('GET', `/api/data-sources?${query}`, { token })).body;
      expect(Object.keys(data)).toEqual(['data_sources']);
      return data.data_sources.map((one: { name: string }) => one.name);
    };
    expect(await names('')).toEqual(['a.csv', 'b.json.gz', 'c']);
    expect(await names(`project_id=${project}`)).toEqual(['a.csv', 'b.json.gz']);
    expect(await names(`project_id=${project}&source_type=json`)).toEqual(['b.json.gz']);
  });

  it('project-scoped-equivalence: under the project with the same effect', async () => {
    const { call, token, project } = await open();
    const path = `/api/projects/${project}/data-sources`;
    const { body } = await call('POST', path, { token, json: { name: 'scoped', schema } });
    expect(body.data).toMatchObject({ project_id: project, schema });
    expect((await call('GET', path, { token })).body).toEqual(
      (await call('GET', `/api/data-sources?project_id=${project}`, { token })).body,
    );
    const other = '0198c0de-0000-7000-8000-000000000001';
    expect((await call('POST', path, { token, json: { name: 'x', project_id: other } })).status).toBe(400);
    expect((await call('GET', `/api/projects/${other}/data-sources`, { token })).status).toBe(404);
  });

  it('is changed and deleted; its file stays', async () => {
    const { call, token, project, upload } = await open();
    const { id: file_id } = (await upload()).body;
    const { id } = (
      await call('POST', '/api/data-sources', { token, json: { name: 'n', project_id: project, file_id, schema } })
    ).body;
    const columns = ['id', 'name', 'email', 'phone'];
    const json = { name: 'Updated Customer Data', schema: { columns, primary_key: 'id' } };
    expect((await call('PUT', `/api/data-sources/${id}`, { token, json })).body.data).toMatchObject(json);
    const wrong = await call('PUT', `/api/data-sources/${id}`, {
      token,
      json: { schema: { columns, primary_key: 'no' } },
    });
    expect(wrong.body.details).toEqual({ field: 'schema.primary_key' });
    expect((await call('DELETE', `/api/data-sources/${id}`, { token })).body.message).toBe(
      'Data source deleted successfully',
    );
    expect((await call('GET', `/api/files/${file_id}`, { token })).status).toBe(200);
  });
});
