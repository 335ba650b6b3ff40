// The HTTP kernel with a small table of routes: validation, errors, limits, uploads, downloads.
import { describe, expect, it } from 'vitest';
import { fail } from '../../../shared/domain/result.ts';
import { createApi } from '../../../shared/http/api.ts';
import { build, echo, faults, id, read, request, routes } from './kernel.ts';

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
