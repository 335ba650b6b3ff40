// Files handed in for a source over HTTP: loaded by the real engine, waited for, refused with the engine's reason.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { batchBody, type Call, openBreaks, sampleBody } from './harness.ts';

const path = '/api/admin/reconciliations';
const rows = 'trade_id,net_amount,currency\nT-1001,125000.00,USD\nT-1002,88000.50,USD\n';
const metadata = { adapterType: 'CSV_FILE', label: 'custody-2024-04-01', options: { delimiter: ',' } };

async function openWithSample(change: (sample: ReturnType<typeof sampleBody>) => object = (sample) => sample) {
  const breaks = await openBreaks();
  const token = await breaks.signIn();
  const created = await breaks.call('POST', path, { token, json: change(sampleBody()) });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const send = (method: string, target: string, call: Call = {}) => breaks.call(method, target, { token, ...call });
  const batches = (source = 'CUSTODY_FEED') => `${path}/1/sources/${source}/batches`;
  return {
    ...breaks,
    token,
    send,
    batches,
    upload: (call: Call, source?: string) => send('POST', batches(source), call),
  };
}

describe('an upload', () => {
  it('batch-upload-parts, batch-response, batch-checksum, ids-integers: the document’s sample', async () => {
    const { upload, clock, send, activity } = await openWithSample();
    const { status, body } = await upload(batchBody(rows, metadata));
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toEqual({
      id: 1_000_000_001,
      label: 'custody-2024-04-01',
      status: 'COMPLETE',
      recordCount: 2,
      checksum: createHash('sha256').update(rows).digest('hex'),
      ingestedAt: new Date(clock.now()).toISOString(),
      rejectedCount: 0,
      rejects: [],
      sameAs: null,
    });
    const listed = await send('GET', path);
    expect(listed.body.items[0].lastIngestionAt).toBe(body.ingestedAt);
    expect((await activity.newest('default', undefined, 1))[0]).toMatchObject({
      eventType: 'BATCH_INGESTED',
      details: 'Batch 1000000001 of source CUSTODY_FEED: 2 records, 0 rejected',
      actorDn: 'CN=admin.ops,OU=Users,DC=corp,DC=example',
    });
  });

  it('batch-upload-parts: metadata may come as a Blob, or not at all', async () => {
    const { upload } = await openWithSample();
    expect((await upload(batchBody(rows, metadata, { asBlob: true }))).body.label).toBe('custody-2024-04-01');
    expect((await upload(batchBody(rows))).body.label).toBe('custody.csv');
  });

  it('options hold for the one file', async () => {
    const { upload } = await openWithSample();
    const semicolons = rows.replaceAll(',', ';');
    expect((await upload(batchBody(semicolons, { options: { delimiter: ';' } }))).body.recordCount).toBe(2);
    expect((await upload(batchBody(semicolons, { options: { delimiter: ',' } }))).body.error).toBe('BATCH_FAILED');
    expect((await upload(batchBody(rows))).body.recordCount).toBe(2);
  });

  it('adapter-types: what a DATABASE exported may be any file', async () => {
    const { upload } = await openWithSample();
    const json = await upload(
      batchBody('[{"trade_id":"1"}]', { adapterType: 'JSON' }, { fileName: 'x.json' }),
      'GL_LEDGER',
    );
    expect(json.body).toMatchObject({ status: 'COMPLETE', recordCount: 1 });
    const fixed = await upload(batchBody('x', { adapterType: 'FIXED_WIDTH' }), 'GL_LEDGER');
    expect(fixed.body.detail.faults[0].path).toBe('metadata.adapterType');
  });

  it('sameAs: equal bytes are a batch that says so; redelivery of a request is the first answer again', async () => {
    const { upload } = await openWithSample();
    const headers = { 'idempotency-key': 'once' };
    const call = batchBody(rows, metadata);
    const first = await upload({ ...call, headers: { ...call.headers, ...headers } });
    const again = await upload({ ...call, headers: { ...call.headers, ...headers } });
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect((await upload(call)).body).toMatchObject({ id: 1_000_000_002, status: 'COMPLETE', sameAs: 1_000_000_001 });
  });

  it('sameAs: an increment whose bytes came before is held until it is released', async () => {
    const { upload, send, batches, drain } = await openWithSample((sample) => ({
      ...sample,
      sources: sample.sources.map((source) => ({ ...source, load: 'increment' })),
    }));
    await upload(batchBody(rows));
    const held = await upload(batchBody(rows));
    expect(held.body).toMatchObject({ status: 'HELD', sameAs: 1_000_000_001 });
    const released = await send('POST', `${batches()}/${held.body.id}/release`);
    expect([released.status, released.headers.location]).toEqual([202, `${batches()}/${held.body.id}`]);
    await drain();
    const now = await send('GET', released.headers.location!);
    expect(now.body).toMatchObject({ status: 'COMPLETE', recordCount: 2 });
    expect((await send('POST', `${batches()}/1000000001/release`)).body.error).toBe('BATCH_NOT_HELD');
  });

  it('rejected rows are counted and shown', async () => {
    const { upload } = await openWithSample();
    const { body } = await upload(batchBody('trade_id,x\n1,a\n,b\n3,c,d\n'));
    expect(body).toMatchObject({ recordCount: 1, rejectedCount: 2 });
    expect(body.rejects).toMatchObject([
      { line: 3, column: 'trade_id', reason: 'missing: the field must have a value' },
      { line: 4, reason: expect.stringMatching(/^too-many-cells/) },
    ]);
  });

  it('202 with a Location where loading takes longer than the request', async () => {
    const { upload, deps, drain, send, activity } = await openWithSample();
    const { pause } = deps;
    deps.pause = async (ms) => (deps.clock as unknown as { advance(ms: number): void }).advance(ms);
    const { status, headers, body } = await upload(batchBody(rows, metadata));
    expect([status, body]).toEqual([202, { id: 1_000_000_001, label: 'custody-2024-04-01', status: 'RECEIVED' }]);
    expect((await send('GET', headers.location!)).status).toBe(202);
    deps.pause = pause;
    await drain();
    expect((await send('GET', headers.location!)).body).toMatchObject({ status: 'COMPLETE', recordCount: 2 });
    expect(activity.entries.at(-1)).toMatchObject({
      details: 'Batch 1000000001 of source CUSTODY_FEED: 2 records, 0 rejected',
      actorDn: 'CN=admin.ops,OU=Users,DC=corp,DC=example',
    });
  });
});

describe('what is refused', () => {
  it('BATCH_FAILED, err-422: a wrong header, with the engine’s reason; it is listed', async () => {
    const { upload, send, batches } = await openWithSample();
    const { status, body } = await upload(batchBody('tradeid,amount\n1,2\n'));
    expect([status, body.error, body.detail.reason]).toEqual([422, 'BATCH_FAILED', 'COLUMN_MISSING']);
    expect(body.message).toBe('custody.csv has no column "trade_id"; it has "tradeid", "amount"');
    const [listed] = (await send('GET', batches())).body.items;
    expect(listed).toMatchObject({ status: 'FAILED', failure: { code: 'COLUMN_MISSING' }, recordCount: null });
    expect((await send('GET', `${batches()}/${listed.id}`)).body.error).toBe('BATCH_FAILED');
  });

  it.each([
    ['an empty file', '', 'FILE_EMPTY'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'FILE_TYPE_MISMATCH'],
    ['a header alone', 'trade_id\n', 'FILE_EMPTY'],
  ])('BATCH_FAILED: %s', async (_name, content, reason) => {
    const { upload } = await openWithSample();
    const { status, body } = await upload(batchBody(content));
    expect([status, body.detail.reason]).toEqual([422, reason]);
  });

  it.each([
    ['another type than the source’s', { adapterType: 'XLSX' }, 'metadata.adapterType'],
    ['an option of another type', { options: { sheet: 'x' } }, 'metadata.options.sheet'],
    ['a delimiter of two letters', { options: { delimiter: '||' } }, 'metadata.options.delimiter'],
    ['an unknown field', { colour: 'red' }, 'metadata.colour'],
    ['an unknown type', { adapterType: 'FTP' }, 'metadata.adapterType'],
    ['an empty label', { label: ' ' }, 'metadata.label'],
    ['what is no JSON', '{', 'metadata'],
    ['what is no object', '[]', 'metadata'],
  ])('err-422: metadata with %s', async (_name, given, faultPath) => {
    const { upload, state } = await openWithSample();
    const { status, body } = await upload(batchBody(rows, given));
    expect([status, body.detail.faults[0].path]).toEqual([422, faultPath]);
    expect(state.batches.size).toBe(0);
  });

  it('err-404: an unknown source or definition', async () => {
    const { upload, send, batches } = await openWithSample();
    expect((await upload(batchBody(rows), 'NONE')).body.error).toBe('NOT_FOUND');
    expect((await upload(batchBody(rows), 'custody_feed')).body.error).toBe('NOT_FOUND');
    expect((await send('POST', `${path}/2/sources/CUSTODY_FEED/batches`, batchBody(rows))).status).toBe(404);
    expect((await send('GET', `${batches()}/1000000009`)).status).toBe(404);
    expect((await send('GET', `${batches()}/5`)).status).toBe(404);
    expect((await send('GET', batches('NONE'))).status).toBe(404);
  });

  it('LIFECYCLE_CONFLICT: a retired definition; DEFINITION_INVALID: a draft that cannot be run', async () => {
    const { upload, send, batches } = await openWithSample((sample) => ({
      ...sample,
      sources: sample.sources.slice(0, 1),
      canonicalFields: [{ ...sample.canonicalFields[0], mappings: sample.canonicalFields[0]!.mappings.slice(0, 1) }],
    }));
    expect((await upload(batchBody(rows))).body).toMatchObject({ status: 422, error: 'DEFINITION_INVALID' });
    await send('DELETE', `${path}/1`);
    expect((await upload(batchBody(rows))).body.error).toBe('LIFECYCLE_CONFLICT');
    expect((await send('POST', `${batches()}/form`, { json: { fileName: 'a.csv' } })).body.error).toBe(
      'LIFECYCLE_CONFLICT',
    );
  });

  it('BODY_TOO_LARGE: over 4 MiB the other way is named, and it leads to the drop folder', async () => {
    const { upload, send, batches } = await openWithSample();
    const large = await upload(batchBody(Buffer.alloc(4 * 1024 * 1024, 'a'), metadata));
    expect([large.status, large.body.message]).toEqual([413, expect.stringContaining('/batches/form')]);
    const form = await send('POST', `${batches()}/form`, { json: { fileName: '../../large file.csv' } });
    expect(form.status).toBe(200);
    expect(JSON.stringify(form.body)).toContain('drop/default/custody_gl/CUSTODY_FEED/large file.csv');
    expect((await send('POST', `${batches()}/form`, { json: { fileName: '..' } })).status).toBe(422);
  });

  it('a body that is not multipart, a part too many, no file', async () => {
    const { upload } = await openWithSample();
    expect((await upload({ json: metadata })).status).toBe(422);
    const twice = batchBody(rows, metadata);
    const raw = twice
      .raw!.toString()
      .replace(
        '------BOUNDARY--',
        '------BOUNDARY\r\nContent-Disposition: form-data; name="more"\r\n\r\nx\r\n------BOUNDARY--',
      );
    expect((await upload({ ...twice, raw })).body.detail.faults[0].path).toBe('more');
  });
});

describe('a change of mappings', () => {
  it('loads the newest snapshot again, and leaves what it does not touch', async () => {
    const { upload, send, drain, batches, state, activity } = await openWithSample();
    await upload(batchBody('trade_id,ref\n1,a\n'));
    await upload(batchBody('trade_id\n1\n'), 'GL_LEDGER');
    const { body } = await send('GET', `${path}/1`);
    const [key] = body.canonicalFields;
    const remapped = { ...key, mappings: [{ ...key.mappings[0], sourceColumn: 'ref' }, key.mappings[1]] };
    await send('PUT', `${path}/1`, { json: { ...body, canonicalFields: [remapped] } });
    await drain();
    const items = (await send('GET', batches())).body.items;
    expect(items).toMatchObject([{ id: 1_000_000_001, status: 'COMPLETE', recordCount: 1, sameAs: null }]);
    expect(activity.entries.flatMap(({ details }) => (details.includes('again') ? [details] : []))).toEqual([
      'Batch 1000000001 of source CUSTODY_FEED loaded again: 1 records, 0 rejected',
    ]);
    expect([...state.runs.values()]).toEqual([]);
  });
});
