// The HTTP kernel over a small table of routes, for the tests of it.
import { z } from 'zod';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { route } from '../../../shared/contracts/route.ts';
import { DependencyFault } from '../../../shared/domain/dependency-fault.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import { createApi, type RefusedRequest } from '../../../shared/http/api.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { PendingReply, replyBytesMax } from '../../../shared/http/message.ts';

const common = { tag: 't', summary: 's', errors: [], status: 200 } as const;
export const routes = {
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
export const id = '0198c0de-0000-7000-8000-000000000001';
export const faults: unknown[] = [];

export function build(limits = { auth: 10, general: 100, upload: 20 }, idempotency = createMemoryIdempotencyStore()) {
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
export function request(
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

export const read = (reply: { body: string | Uint8Array }) => JSON.parse(String(reply.body));
export const echo = (json: unknown, over: Parameters<typeof request>[2] = {}) =>
  request('POST', `/echo/${id}`, { json, ...over, headers: { authorization: 'Bearer user', ...over.headers } });
