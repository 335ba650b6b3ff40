// Reconciliation definitions over HTTP: the document's samples, versions, the lifecycle, lists, what is audited.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { writeDocument } from '../../../shared/adapters/dynamodb/document.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import { openBreaks, sampleBody } from './harness.ts';
import { openWithSample, path } from './open-definition.ts';

describe('creating', () => {
  it('def-create-201-version-0, val-acl-optional, adapter-types, field-metadata: answers with the whole graph in version 0', async () => {
    const { created, clock } = await openWithSample();
    const sample = sampleBody();
    expect(created).toMatchObject({
      ...sample,
      id: 1,
      version: 0,
      createdBy: 'admin.ops',
      updatedBy: 'admin.ops',
      updatedAt: new Date(clock.now()).toISOString(),
      lastIngestionAt: null,
    });
    expect(created.sources).toMatchObject([
      {
        id: 1,
        ingestionEndpoint: '/api/admin/reconciliations/1/sources/CUSTODY_FEED/batches',
        dropFolder: 'drop/default/custody_gl/CUSTODY_FEED/',
      },
      { id: 2, arrivalExpectation: null, arrivalTimezone: null, arrivalSlaMinutes: null, connectionConfig: null },
    ]);
  });

  it('ids-integers: definitions and sources are numbered on, and a refused one takes no number', async () => {
    const { send } = await openWithSample();
    await send('POST', path, { ...sampleBody(), code: 'X', sources: [] });
    const second = await send('POST', path, { ...sampleBody(), code: 'SECOND' });
    expect([second.body.id, second.body.sources[0].id]).toEqual([2, 3]);
  });

  it('CODE_TAKEN: a code is given once, without regard to case', async () => {
    const { send } = await openWithSample();
    const { status, body } = await send('POST', path, { ...sampleBody(), code: 'custody_gl' });
    expect([status, body.error, body.detail.faults[0].path]).toEqual([409, 'CODE_TAKEN', 'code']);
  });

  it('DEFINITION_INVALID: all faults come at once, each with its path', async () => {
    const { call, signIn } = await openBreaks();
    const sample = sampleBody();
    const key = sample.canonicalFields[0]!;
    const json = {
      ...sample,
      autoTriggerCron: 'never',
      sources: [
        { ...sample.sources[0], anchor: false },
        { ...sample.sources[1], adapterType: 'FTP' },
      ],
      accessControlEntries: [{ ...sample.accessControlEntries[0], role: 'OWNER' }],
      canonicalFields: [
        { ...key, dataType: 'MONEY', thresholdPercentage: 1 },
        {
          ...key,
          canonicalName: 'TRADEID',
          role: 'ID',
          comparisonLogic: 'FUZZY',
          mappings: [{ sourceCode: 'NONE', sourceColumn: 'x' }],
        },
        { ...key, canonicalName: 'empty', mappings: [] },
      ],
    };
    const { status, body } = await call('POST', path, { token: await signIn(), json });
    expect([status, body.error]).toEqual([422, 'DEFINITION_INVALID']);
    expect(body.detail.faults.map((fault: { path: string }) => fault.path)).toEqual([
      'sources[1].adapterType',
      'canonicalFields[0].dataType',
      'canonicalFields[1].role',
      'canonicalFields[1].comparisonLogic',
      'accessControlEntries[0].role',
      'autoTriggerCron',
      'sources',
      'canonicalFields[0].thresholdPercentage',
      'canonicalFields[1].canonicalName',
      'canonicalFields[1].mappings[0].sourceCode',
      'canonicalFields[2].mappings',
    ]);
  });

  it('the shape is refused by path too', async () => {
    const { call, signIn } = await openBreaks();
    const sample = sampleBody();
    const json = {
      ...sample,
      sources: [{ ...sample.sources[0], anchor: 'yes' }],
      canonicalFields: [{ ...sample.canonicalFields[0], mappings: [{ sourceCode: 1 }] }],
    };
    const { status, body } = await call('POST', path, { token: await signIn(), json });
    expect([status, body.error]).toEqual([422, 'REQUEST_INVALID']);
    expect(body.detail.faults.map((fault: { path: string }) => fault.path)).toEqual([
      'sources[0].anchor',
      'canonicalFields[0].mappings[0].sourceCode',
    ]);
  });

  it('what is published must be fit to run; a draft need not be', async () => {
    const { send } = await openWithSample();
    const sample = sampleBody();
    const half = {
      ...sample,
      code: 'HALF',
      canonicalFields: [{ ...sample.canonicalFields[0], mappings: [sample.canonicalFields[0]!.mappings[0]] }],
    };
    const draft = await send('POST', path, half);
    expect(draft.status).toBe(201);
    const published = await send('PATCH', `${path}/${draft.body.id}`, { status: 'PUBLISHED' });
    expect([published.status, published.body.error]).toEqual([422, 'DEFINITION_INVALID']);
    expect(published.body.detail.faults).toEqual([
      { path: 'canonicalFields[0].mappings', message: 'a key must be mapped for the source "GL_LEDGER"' },
    ]);
    expect((await send('GET', `${path}/${draft.body.id}`)).body).toMatchObject({ status: 'DRAFT', version: 0 });
  });
});

describe('who may', () => {
  it.each(['analyst.jane', 'guest.none'] as const)('admin-role, err-403: %s may not', async (name) => {
    const { call, one, signIn } = await openWithSample();
    const token = await signIn(name);
    for (const [method, target] of [
      ['GET', path],
      ['POST', path],
      ['GET', one],
      ['PUT', one],
      ['PATCH', one],
      ['DELETE', one],
      ['GET', `${one}/schema`],
      ['POST', `${one}/sources/CUSTODY_FEED/batches`],
    ] as const)
      expect((await call(method, target, { token, json: {} })).body.error).toBe('FORBIDDEN');
  });

  it('auth-all-but-login, err-401: nobody without a token', async () => {
    const { call, one } = await openWithSample();
    expect((await call('GET', one)).status).toBe(401);
    expect((await call('GET', path, { token: 'x.y.z' })).body.error).toBe('UNAUTHENTICATED');
  });

  it.each(['/2', '/0', '/-1', '/abc', '/9007199254740993', '/1e0'])('err-404: there is nothing at %s', async (id) => {
    const { send } = await openWithSample();
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const json = method === 'PATCH' ? { notes: 'x' } : undefined;
      expect((await send(method, path + id, json)).status).toBe(404);
    }
    expect((await send('GET', `${path}${id}/schema`)).status).toBe(404);
  });

  it('a reconciliation of another surface is none here, and a definition none there', async () => {
    const { send, state } = await openWithSample();
    const [kept] = state.reconciliations.values();
    const { graph: _, ...plain } = kept!;
    state.reconciliations.set('other', { ...plain, reconciliationId: 'other', code: 'other' });
    expect((await send('GET', path)).body.totalElements).toBe(1);
  });
});

describe('replacing', () => {
  it('def-put-optimistic-lock, def-put-replaces-graph: what GET gave can be changed and sent back', async () => {
    const { send, one, clock } = await openWithSample();
    clock.advance(60_000);
    const { body: read } = await send('GET', one);
    const amount = {
      canonicalName: 'amount',
      role: 'COMPARE',
      dataType: 'DECIMAL',
      comparisonLogic: 'NUMERIC_THRESHOLD',
      thresholdPercentage: 0.5,
      mappings: [
        { sourceCode: 'CUSTODY_FEED', sourceColumn: 'net_amount' },
        { sourceCode: 'GL_LEDGER', sourceColumn: 'amount' },
      ],
    };
    const replaced = await send('PUT', one, {
      ...read,
      name: 'New name',
      canonicalFields: [...read.canonicalFields, amount],
      sources: [...read.sources, { code: 'THIRD', adapterType: 'JSON' }],
      accessControlEntries: [],
    });
    expect(replaced.status, JSON.stringify(replaced.body)).toBe(200);
    expect(replaced.body).toMatchObject({
      name: 'New name',
      version: 1,
      updatedAt: new Date(clock.now()).toISOString(),
      accessControlEntries: [],
    });
    expect(replaced.body.sources.map(({ id }: { id: number }) => id)).toEqual([1, 2, 3]);
    expect((await send('GET', one)).body).toEqual(replaced.body);
    const stale = await send('PUT', one, read);
    expect([stale.status, stale.body.error, stale.body.detail.version]).toEqual([409, 'CONCURRENT_CHANGE', 1]);
  });

  it('def-put-optimistic-lock: of two at once one wins, and the other is told', async () => {
    const { send, one } = await openWithSample();
    const { body } = await send('GET', one);
    const replies = await Promise.all(['a', 'b'].map((name) => send('PUT', one, { ...body, name })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await send('GET', one)).body.version).toBe(1);
  });

  it('the data of a reconciliation moves under a change without stopping it', async () => {
    const { send, one, state, deps } = await openWithSample();
    const { body } = await send('GET', one);
    const { update } = deps.reconciliations;
    let once = true;
    deps.reconciliations.update = async (given) => {
      const [[key, kept]] = [...state.reconciliations] as [[string, Reconciliation]];
      if (once) state.reconciliations.set(key, { ...kept, version: kept.version + 1 });
      once = false;
      return update(given);
    };
    expect((await send('PUT', one, { ...body, name: 'Over' })).body).toMatchObject({ name: 'Over', version: 1 });
  });

  it('a code never changes, a version must be given, an id must be its own', async () => {
    const { send, one } = await openWithSample();
    const { body } = await send('GET', one);
    const faultOf = async (json: object) => {
      const reply = await send('PUT', one, json);
      return [reply.status, reply.body.detail.faults?.[0].path];
    };
    expect(await faultOf({ ...body, code: 'OTHER' })).toEqual([422, 'code']);
    expect(await faultOf({ ...body, version: undefined })).toEqual([422, 'version']);
    expect(await faultOf({ ...body, id: 7 })).toEqual([422, 'id']);
    expect(await faultOf({ ...body, unknown: 1 })).toEqual([422, 'unknown']);
  });
});

describe('the lifecycle', () => {
  it('def-status, def-patch-scope: PATCH changes three settings and nothing else', async () => {
    const { send, one } = await openWithSample();
    const patched = await send('PATCH', one, { makerCheckerEnabled: false, notes: null, status: 'PUBLISHED' });
    expect(patched.body).toMatchObject({ makerCheckerEnabled: false, notes: null, status: 'PUBLISHED', version: 1 });
    expect((await send('PATCH', one, { name: 'x' })).body.detail.faults[0].path).toBe('name');
    expect((await send('PATCH', one, {})).status).toBe(422);
    expect((await send('PATCH', one, { status: 'GONE' })).status).toBe(422);
  });

  it.each([
    ['DRAFT', 'PUBLISHED', 200],
    ['DRAFT', 'RETIRED', 200],
    ['PUBLISHED', 'DRAFT', 409],
    ['PUBLISHED', 'RETIRED', 200],
    ['RETIRED', 'DRAFT', 409],
    ['RETIRED', 'PUBLISHED', 409],
  ])('def-status, LIFECYCLE_CONFLICT: %s to %s is %i', async (from, to, status) => {
    const { send, one } = await openWithSample();
    if (from !== 'DRAFT') await send('PATCH', one, { status: from });
    expect((await send('PATCH', one, { status: to })).status).toBe(status);
  });

  it('def-delete-soft: retired, still there, and deleting again changes nothing', async () => {
    const { send, one, activity } = await openWithSample();
    const retired = await send('DELETE', one);
    expect([retired.status, retired.body.status, retired.body.version]).toEqual([200, 'RETIRED', 1]);
    expect((await send('DELETE', one)).body.version).toBe(1);
    expect((await send('GET', one)).body.status).toBe('RETIRED');
    const put = await send('PUT', one, (await send('GET', one)).body);
    expect([put.status, put.body.error]).toEqual([409, 'LIFECYCLE_CONFLICT']);
    expect((await activity.newest('default', undefined, 9)).map(({ eventType }) => eventType)).toEqual([
      'DEFINITION_RETIRED',
      'DEFINITION_CREATED',
    ]);
  });

  it('audit-trail, notify-publish-failure: each change is recorded with its difference, publishing is mailed', async () => {
    const { send, one, activity, queue } = await openWithSample();
    const { body } = await send('GET', one);
    await send('PUT', one, {
      ...body,
      owner: 'Others',
      sources: [body.sources[1], { ...body.sources[0], displayName: 'X' }],
    });
    await send('PATCH', one, { status: 'PUBLISHED' });
    const entries = await activity.newest('default', undefined, 9);
    expect(entries).toMatchObject([
      {
        eventType: 'DEFINITION_PUBLISHED',
        details: 'Definition 1 (CUSTODY_GL) published in version 2',
        actorDn: 'CN=admin.ops,OU=Users,DC=corp,DC=example',
        difference: { status: { before: 'DRAFT', after: 'PUBLISHED' } },
      },
      {
        eventType: 'DEFINITION_CHANGED',
        difference: {
          owner: { before: 'Custody Ops', after: 'Others' },
          'sources[CUSTODY_FEED].displayName': { before: 'Custody CSV', after: 'X' },
          'sources[order]': { before: 'CUSTODY_FEED, GL_LEDGER', after: 'GL_LEDGER, CUSTODY_FEED' },
        },
      },
      { eventType: 'DEFINITION_CREATED' },
    ]);
    expect(Object.keys(entries[1]!.difference!)).toHaveLength(3);
    expect(queue.waiting.map(({ message }) => message.kind)).toEqual(['send-mail']);
  });

  it('audit-trail: a change that is larger than an entry is told in several, and nothing of it is left out', async () => {
    const { send, one, activity } = await openWithSample();
    const { body } = await send('GET', one);
    const [key] = body.canonicalFields;
    const fields = (name: string) =>
      Array.from({ length: 999 }, (_, index) => ({
        ...key,
        role: 'COMPARE',
        canonicalName: `${name}${index}`,
        displayName: createHash('sha512').update(`${name} ${index}`).digest('base64'),
      }));
    await send('PUT', one, { ...body, canonicalFields: [key, ...fields('a')] });
    const reply = await send('PUT', one, { ...body, version: 1, canonicalFields: [key, ...fields('b')] });
    expect(reply.status).toBe(200);
    const told = activity.entries.filter(({ details }) => details.includes('changed in version 2'));
    expect(told.length).toBeGreaterThan(2);
    expect(told[0]!.details).toBe(`Definition 1 (CUSTODY_GL) changed in version 2, part 1 of ${told.length}`);
    for (const entry of told) expect(writeDocument(entry)).toBeDefined();
    const paths = told.flatMap(({ difference }) => Object.keys(difference!));
    expect(new Set(paths).size).toBe(paths.length);
    const shown = (name: string) => paths.filter((at) => at.startsWith(`canonicalFields[${name}`));
    expect(shown('a').length).toBe(shown('b').length);
    expect(shown('a').length).toBeGreaterThan(999 * 10);
  });
});
