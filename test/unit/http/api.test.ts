// The HTTP kernel with a small table of routes: validation, errors, limits, repeats, uploads, downloads.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { route } from '../../../shared/contracts/route.ts';
import { DependencyFault } from '../../../shared/domain/dependency-fault.ts';
import { FailureError, fail, ok } from '../../../shared/domain/result.ts';
import { createApi, type RefusedRequest } from '../../../shared/http/api.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { PendingReply, replyBytesMax } from '../../../shared/http/message.ts';

const common = { tag: 't', summary: 's', errors: [], status: 200 } as const;
const routes = {
  echo: route({
    ...common,
    method: 'POST',
    path: '/echo/{id}',
    auth: 'bearer',
    idempotent: true,
    params: z.object({ id: z.uuid() }),
    query: z.object({ page: z.coerce.number<number>().int().min(1).default(1), tag: z.array(z.string()).optional() }),
    body: z.strictObject({ name: z.string(), nested: z.strictObject({ size: z.int() }).optional() }),
    result: z.object({ id: z.string(), page: z.int(), tags: z.array(z.string()), name: z.string(), call: z.int() }),
    pending: z.object({ call: z.int() }),
  }),
  upload: route({
    ...common,
    method: 'POST',
    path: '/upload',
    auth: 'none',
    rate: 'upload',
    multipart: { file: 'file' },
    body: z.strictObject({ note: z.string().optional() }),
    result: z.object({ name: z.string(), bytes: z.int(), note: z.string().optional() }),
  }),
  words: route({
    ...common,
    method: 'POST',
    path: '/words',
    auth: 'none',
    body: z.strictObject({
      text: z.string().min(1).max(5).optional(),
      long: z.string().min(3).optional(),
      count: z.int().min(1).max(9).optional(),
      list: z.array(z.int()).min(1).max(2).optional(),
      colour: z.enum(['RED', 'BLUE']).optional(),
      when: z.iso.datetime().optional(),
    }),
    result: z.object({}),
  }),
  admin: route({ ...common, method: 'GET', path: '/admin', auth: 'bearer', roles: ['admin'], result: z.object({}) }),
  boom: route({ ...common, method: 'GET', path: '/boom', auth: 'none', rate: 'probe', result: z.object({}) }),
  away: route({
    ...common,
    method: 'GET',
    path: '/away',
    auth: 'bearer',
    query: z.object({ how: z.string().optional() }),
    result: z.object({}),
  }),
  large: route({ ...common, method: 'GET', path: '/large', auth: 'none', result: z.object({ text: z.string() }) }),
  file: route({
    ...common,
    method: 'GET',
    path: '/file',
    auth: 'none',
    query: z.object({ how: z.string() }),
    result: { download: ['text/csv'], link: z.object({ url: z.string() }), pending: z.object({ wait: z.boolean() }) },
  }),
};

type Actor = { tenant: string; userId: string; role: string };
const id = '0198c0de-0000-7000-8000-000000000001';
const faults: unknown[] = [];

function build(limits = { auth: 10, general: 100, upload: 20 }, idempotency = createMemoryIdempotencyStore()) {
  let calls = 0;
  const handlers: Handlers<typeof routes, Actor> = {
    async echo({ params, query, body }) {
      calls += 1;
      if (body.name === 'conflict') return fail('CONCURRENT_CHANGE');
      if (body.name === 'pending') return ok(new PendingReply({ call: calls }, '/things/7', 3));
      if (body.name === 'throw') throw new Error('database password is hunter2');
      return ok({ id: params.id, page: query.page, tags: query.tag ?? [], name: body.name, call: calls });
    },
    upload: async ({ file, body }) =>
      ok({ name: file.fileName, bytes: file.bytes.byteLength, ...(body.note !== undefined && { note: body.note }) }),
    words: async () => ok({}),
    admin: async () => ok({}),
    boom: async () => {
      throw new Error('database password is hunter2');
    },
    async away({ query }) {
      if (query.how === 'told') return fail('SERVICE_UNAVAILABLE', 'The directory does not answer');
      if (query.how === 'silent') return new Promise(() => undefined);
      throw new DependencyFault('DynamoDB', new Error('throttled, hunter2'), query.how === 'throttled');
    },
    large: async () => ok({ text: 'x'.repeat(replyBytesMax) }),
    file: async ({ query }) => {
      if (query.how === 'redirect') return ok({ redirect: 'https://store.example/object' });
      if (query.how === 'pending') return ok({ pending: { wait: true }, retryAfterSeconds: 7 });
      if (query.how === 'link') return ok({ link: { url: 'https://store.example/object' } });
      return ok({ contentType: 'text/csv', fileName: 'résults "1".csv', bytes: Buffer.from('a,b\n') });
    },
  };
  return createApi({
    surface: 'recon',
    routes,
    handlers,
    limits,
    counter: createMemoryRateCounter(),
    idempotency,
    authenticate: async (request) => {
      const role = /^Bearer (\w+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (role === 'anybody') throw new DependencyFault('directory', new Error('no answer'), true);
      return role ? ok({ tenant: 't', userId: role, role }) : fail('UNAUTHENTICATED');
    },
    envelope: {
      failure: (failure) => ({ code: failure.code, detail: failure.detail, fields: failure.fields }),
      fault: () => ({ code: 'FAULT' }),
      tooLarge: fail('BODY_TOO_LARGE'),
    },
    onFault: (error) => faults.push(error),
    replyWithinMs: 50,
  });
}

let serial = 0;
function request(
  method: string,
  path: string,
  over: Partial<RefusedRequest> & { json?: unknown } = {},
): RefusedRequest {
  const { json, ...rest } = over;
  serial += 1;
  return {
    method,
    path,
    query: '',
    headers: { authorization: 'Bearer user', ...rest.headers },
    body: json === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(json)),
    sourceAddress: '192.0.2.1',
    requestId: `req_${serial}`,
    receivedAt: 1_700_000_000_000,
    ...rest,
  } as RefusedRequest;
}

const read = (reply: { body: string | Uint8Array }) => JSON.parse(String(reply.body));
const echo = (json: unknown, over: Parameters<typeof request>[2] = {}) =>
  request('POST', `/echo/${id}`, { json, ...over, headers: { authorization: 'Bearer user', ...over.headers } });

describe('an API', () => {
  it('hands a handler its typed input, repeated query keys from the raw string', async () => {
    const reply = await build()(echo({ name: 'n' }, { query: 'page=2&tag=a&tag=b&unknown=1' }));
    expect(reply.status).toBe(200);
    expect(read(reply)).toEqual({ id, page: 2, tags: ['a', 'b'], name: 'n', call: 1 });
    expect(reply.headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^req_/),
      'cache-control': 'no-store',
    });
  });

  it.each([
    ['an unknown field', { name: 'n', extra: 1 }, {}, 'extra'],
    ['an unknown nested field', { name: 'n', nested: { size: 1, wide: 2 } }, {}, 'nested.wide'],
    ['a missing field', {}, {}, 'name'],
    ['a field of another type', { name: 'n', nested: { size: 'x' } }, {}, 'nested.size'],
    ['a query key out of range', { name: 'n' }, { query: 'page=0' }, 'page'],
    ['a query key twice', { name: 'n' }, { query: 'page=1&page=2' }, 'page'],
  ])('refuses %s and names it', async (_case, json, over, field) => {
    const reply = await build()(echo(json, over));
    expect(reply.status).toBe(400);
    expect(read(reply)).toMatchObject({ code: 'REQUEST_INVALID', fields: { field } });
  });

  it.each([
    [{ text: '' }, 'text must not be empty'],
    [{ text: 'abcdef' }, 'text must have at most 5 characters'],
    [{ long: 'ab' }, 'long must have at least 3 characters'],
    [{ count: 0 }, 'count must be at least 1'],
    [{ count: 10 }, 'count must be at most 9'],
    [{ list: [] }, 'list must hold at least 1'],
    [{ list: [1, 2, 3] }, 'list must hold at most 2'],
    [{ list: [2 ** 53] }, 'list.0 must be at most 9007199254740991'],
    [{ colour: 'red' }, 'colour must be one of RED, BLUE'],
    [{ count: '1' }, 'count: Invalid input: expected number, received string'],
    [{ when: 'yesterday' }, 'when: Invalid ISO datetime'],
  ])('says of %j in a sentence what it must be', async (json, detail) => {
    const reply = await build()(request('POST', '/words', { json }));
    expect([reply.status, read(reply).detail]).toEqual([400, detail]);
  });

  it('lists all faults of a body', async () => {
    const reply = await build()(echo({ extra: 1, other: 2 }));
    expect(read(reply).fields.faults).toHaveLength(3);
  });

  it.each([
    ['no body', '', 'A JSON body is required'],
    ['broken JSON', '{"name":', 'The body is not valid JSON'],
    ['an array', '[]', 'The body must be a JSON object'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'The body is not valid UTF-8'],
    ['brackets without end', '['.repeat(1_000_000), 'The body is not valid JSON'],
    [
      'nesting without end',
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'The body is nested more than 100 deep',
    ],
  ])('refuses %s', async (_case, body, detail) => {
    const reply = await build()(echo(undefined, { body: Buffer.from(body as string) }));
    expect(reply.status).toBe(400);
    expect(read(reply).detail).toBe(detail);
  });

  it('answers 404 for an id that cannot be one, 401 before looking at the body, 403 for another role', async () => {
    const api = build();
    expect((await api(request('POST', '/echo/nothing', { json: { name: 'n' } }))).status).toBe(404);
    const unsigned = await api(
      request('POST', `/echo/${id}`, { headers: { authorization: '' }, body: Buffer.from('{') }),
    );
    expect([unsigned.status, unsigned.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect((await api(request('GET', '/admin'))).status).toBe(403);
    expect((await api(request('GET', '/admin', { headers: { authorization: 'Bearer admin' } }))).status).toBe(200);
  });

  it('METHOD_NOT_ALLOWED carries Allow; OPTIONS and HEAD are answered from it', async () => {
    const api = build();
    const wrong = await api(request('PUT', '/admin'));
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const options = await api(request('OPTIONS', '/admin'));
    expect([options.status, options.headers.allow, options.body]).toEqual([204, 'GET, HEAD, OPTIONS', '']);
    const head = await api(request('HEAD', '/admin', { headers: { authorization: 'Bearer admin' } }));
    expect([head.status, head.body]).toEqual([200, '']);
  });

  it('answers 500 for anything thrown, tells the log and not the caller', async () => {
    const reply = await build()(request('GET', '/boom'));
    expect(reply.status).toBe(500);
    expect(JSON.stringify(reply)).not.toContain('hunter2');
    expect(String(faults.at(-1))).toContain('hunter2');
    expect(reply.headers['x-ratelimit-limit']).toBe('100');
  });

  it.each([
    ['it throttles', 'how=throttled', 'user', 'throttled, hunter2'],
    ['it is silent', 'how=silent', 'user', 'no answer within 50 ms'],
    ['a handler says so', 'how=told', 'user', undefined],
    ['nobody can say who asks', '', 'anybody', 'no answer'],
  ])('SERVICE_UNAVAILABLE with Retry-After where a service does not answer: %s', async (_case, query, role, fault) => {
    faults.length = 0;
    const reply = await build()(request('GET', '/away', { query, headers: { authorization: `Bearer ${role}` } }));
    expect([reply.status, read(reply).code, reply.headers['retry-after']]).toEqual([503, 'SERVICE_UNAVAILABLE', '2']);
    expect(JSON.stringify(reply)).not.toContain('hunter2');
    expect(faults.map(String).join()).toContain(fault ?? '');
    expect(faults).toHaveLength(fault === undefined ? 0 : 1);
  });

  it('a service that refuses us for good is our own fault: 500', async () => {
    const reply = await build()(request('GET', '/away', { query: 'how=refused' }));
    expect([reply.status, reply.headers['retry-after']]).toEqual([500, undefined]);
  });

  it('BODY_TOO_LARGE is told by the envelope; PAGE_TOO_LARGE takes its place in a reply', async () => {
    const refused = await build()(echo({ name: 'n' }, { refusal: fail('BODY_TOO_LARGE') }));
    expect([refused.status, read(refused).code]).toEqual([413, 'BODY_TOO_LARGE']);
    const large = await build()(request('GET', '/large'));
    expect([large.status, read(large).code]).toEqual([413, 'PAGE_TOO_LARGE']);
  });

  it('does not start with one route declared under two names', () => {
    const twice = { a: routes.admin, b: routes.admin };
    expect(() => createApi({ routes: twice } as unknown as Parameters<typeof createApi>[0])).toThrow('duplicate route');
  });
});

describe('a download', () => {
  it('is bytes with a name that cannot break the header, a redirect, or a link', async () => {
    const api = build();
    const bytes = await api(request('GET', '/file', { query: 'how=bytes' }));
    expect(Buffer.from(bytes.body).toString()).toBe('a,b\n');
    expect(bytes.headers['content-disposition']).toBe(
      `attachment; filename="r_sults__1_.csv"; filename*=UTF-8''r%C3%A9sults%20%221%22.csv`,
    );
    const pending = await api(request('GET', '/file', { query: 'how=pending' }));
    expect([pending.status, pending.headers['retry-after'], read(pending)]).toEqual([202, '7', { wait: true }]);
    const redirect = await api(request('GET', '/file', { query: 'how=redirect' }));
    expect([redirect.status, redirect.headers.location]).toEqual([307, 'https://store.example/object']);
    expect(read(await api(request('GET', '/file', { query: 'how=link' })))).toEqual({
      url: 'https://store.example/object',
    });
  });
});

describe('rate limits', () => {
  it('RATE_LIMITED after the last request of the window, per caller and class, with headers on every reply', async () => {
    const api = build({ auth: 1, general: 2, upload: 1 });
    const remaining = async (over: Parameters<typeof request>[2] = {}) => {
      const reply = await api(request('GET', '/admin', over));
      return [reply.status, reply.headers['x-ratelimit-remaining']];
    };
    expect(await remaining()).toEqual([403, '1']);
    expect(await remaining()).toEqual([403, '0']);
    expect(await remaining()).toEqual([429, '0']);
    expect(await remaining({ headers: { authorization: 'Bearer other' } })).toEqual([403, '1']);
    expect(await remaining({ receivedAt: 1_700_000_000_000 + 60_000 })).toEqual([403, '1']);
  });

  it('the reset is a Unix time in seconds and Retry-After says how long', async () => {
    const api = build({ auth: 1, general: 1, upload: 1 });
    await api(request('GET', '/nothing', { receivedAt: 90_000 }));
    const reply = await api(request('GET', '/nothing', { receivedAt: 90_000 }));
    expect(reply.headers).toMatchObject({ 'x-ratelimit-reset': '120', 'retry-after': '30' });
  });

  it('a probe is never refused', async () => {
    const api = build({ auth: 0, general: 0, upload: 0 });
    expect((await api(request('GET', '/boom'))).status).toBe(500);
  });
});

describe('Idempotency-Key', () => {
  const keyed = (json: unknown, key = 'k1', over = {}) => echo(json, { headers: { 'idempotency-key': key }, ...over });

  it('answers a repeat as the first time, without doing it again', async () => {
    const api = build();
    const first = await api(keyed({ name: 'n' }));
    const again = await api(keyed({ name: 'n' }));
    expect(again.body).toBe(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(read(await api(keyed({ name: 'n' }, 'k2'))).call).toBe(2);
  });

  it('answers a repeat of work that goes on with its Location too', async () => {
    const api = build();
    const first = await api(keyed({ name: 'pending' }));
    const again = await api(keyed({ name: 'pending' }));
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(again.headers).toMatchObject({
      'content-type': first.headers['content-type'],
      location: '/things/7',
      'retry-after': '3',
      'idempotent-replayed': 'true',
    });
  });

  it('IDEMPOTENCY_KEY_REUSED for another request, and each caller has keys of their own', async () => {
    const api = build();
    await api(keyed({ name: 'n' }));
    const other = await api(keyed({ name: 'm' }));
    expect([other.status, read(other).code]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
    const headers = { authorization: 'Bearer someone', 'idempotency-key': 'k1' };
    expect((await api(echo({ name: 'm' }, { headers }))).status).toBe(200);
  });

  it('REQUEST_IN_PROGRESS while the first works', async () => {
    const api = build();
    const replies = await Promise.all([api(keyed({ name: 'n' })), api(keyed({ name: 'n' }))]);
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, 409]);
  });

  it.each([
    ['failed', 'conflict', 409],
    ['threw', 'throw', 500],
  ])('is given back when the work %s', async (_case, name, status) => {
    const api = build();
    expect((await api(keyed({ name }))).status).toBe(status);
    expect((await api(keyed({ name }))).status).toBe(status);
    expect((await api(keyed({ name: 'n' }))).status).toBe(200);
  });

  it('REPLY_NOT_KEPT: where the first reply was too large to be kept, a repeat is told so and does nothing', async () => {
    const store = createMemoryIdempotencyStore();
    const { finish } = store;
    store.finish = async (key, owner, reply, expiresAt) => {
      if (reply.body !== null) throw new FailureError(fail('DOCUMENT_TOO_LARGE'));
      await finish(key, owner, reply, expiresAt);
    };
    const api = build(undefined, store);
    const first = await api(keyed({ name: 'n' }));
    expect([first.status, read(first).call]).toEqual([200, 1]);
    const again = await api(keyed({ name: 'n' }));
    expect([again.status, read(again).code]).toEqual([409, 'REPLY_NOT_KEPT']);
    expect(read(await api(keyed({ name: 'n' }, 'k2'))).call).toBe(2);
  });

  it('what is done is answered, although its reply cannot be remembered now', async () => {
    const store = createMemoryIdempotencyStore();
    store.finish = async () => {
      throw new DependencyFault('DynamoDB', new Error('throttled'), true);
    };
    faults.length = 0;
    const api = build(undefined, store);
    const first = await api(keyed({ name: 'n' }));
    expect([first.status, read(first).call, faults.map(String)]).toEqual([
      200,
      1,
      ['DependencyFault: DynamoDB: Error: throttled'],
    ]);
    expect((await api(keyed({ name: 'n' }))).status).toBe(409);
  });

  it('is forgotten after a day', async () => {
    const api = build();
    await api(keyed({ name: 'n' }));
    const later = await api(keyed({ name: 'n' }, 'k1', { receivedAt: 1_700_000_000_000 + 25 * 3_600_000 }));
    expect(read(later).call).toBe(2);
  });

  it('refuses a key with a line break in it', async () => {
    expect((await build()(keyed({ name: 'n' }, 'a\nb'))).status).toBe(400);
  });
});

describe('a multipart body', () => {
  const boundary = 'xXx';
  const part = (name: string, content: string, fileName?: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: text/csv`}\r\n\r\n${content}\r\n`;
  const upload = (parts: string[], end = `--${boundary}--\r\n`, type = `multipart/form-data; boundary=${boundary}`) =>
    build()(request('POST', '/upload', { headers: { 'content-type': type }, body: Buffer.from(parts.join('') + end) }));

  it('is one file with fields', async () => {
    const reply = await upload([part('note', 'hello'), part('file', 'a\r\n1\r\n', '../../etc/source.csv')]);
    expect(read(reply)).toEqual({ name: 'source.csv', bytes: 6, note: 'hello' });
  });

  it.each([
    ['no file', [part('note', 'x')], 'file'],
    ['two files', [part('file', 'a', 'a.csv'), part('file', 'b', 'b.csv')], 'file'],
    ['a file elsewhere', [part('other', 'a', 'a.csv')], 'other'],
    ['an unknown field', [part('file', 'a', 'a.csv'), part('extra', 'x')], 'extra'],
    ['a field twice', [part('file', 'a', 'a.csv'), part('note', 'x'), part('note', 'y')], 'note'],
    ['a field named __proto__', [part('file', 'a', 'a.csv'), part('__proto__', 'x')], '__proto__'],
  ])('refuses %s', async (_case, parts, field) => {
    const reply = await upload(parts);
    expect(reply.status).toBe(400);
    expect(read(reply).fields.field).toBe(field);
  });

  it.each([
    ['cut off in the middle', [part('file', 'abc', 'a.csv')], '', undefined],
    ['without a boundary', [part('file', 'abc', 'a.csv')], undefined, 'multipart/form-data; x=y'],
    ['of another type', [part('file', 'abc', 'a.csv')], undefined, 'text/csv'],
  ])('refuses a body %s', async (_case, parts, end, type) => {
    expect((await upload(parts, end, type)).status).toBe(400);
  });
});
