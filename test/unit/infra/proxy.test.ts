// The proxy in front of the emulator: bytes through as they came, and the refusals of AWS in its words.
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headerBytesMax, payloadBytes, payloadBytesMax, requestBytesMax } from '../../../infra/local/limits.ts';
import { type SurfaceProxy, startProxy } from '../../../infra/local/proxy.ts';

type Received = { method: string; target: string; headers: IncomingHttpHeaders; body: Buffer };
type Reply = { status: number; headers: string[]; body: Buffer; afterMs?: number };

let gateway: Server;
let proxy: SurfaceProxy;
let received: Received[];
let reply: Reply;

beforeEach(async () => {
  received = [];
  reply = { status: 200, headers: ['Content-Type', 'application/json'], body: Buffer.from('{}') };
  gateway = createServer({ maxHeaderSize: 64 * 1024 }, async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    received.push({
      method: incoming.method!,
      target: incoming.url!,
      headers: incoming.headers,
      body: Buffer.concat(parts),
    });
    setTimeout(() => outgoing.writeHead(reply.status, reply.headers).end(reply.body), reply.afterMs ?? 0);
  });
  gateway.on('upgrade', (incoming, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${incoming.url} `,
    );
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  proxy = await startProxy({ port: 0, endpoint, apiId: 'abc' });
});
afterEach(async () => {
  await proxy.close();
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
});

type Question = { method?: string; path?: string; headers?: string[]; body?: Buffer };
/** By node:http and not fetch, which would tidy the path and the headers. */
function ask({ method = 'GET', path = '/', headers = [], body }: Question) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; raw: string[]; body: Buffer }>(
    (resolve, reject) => {
      const length = body ? ['Content-Length', String(body.length)] : [];
      const host = ['Host', `127.0.0.1:${proxy.port}`];
      const question = request(
        { host: '127.0.0.1', port: proxy.port, method, path, headers: [...host, ...headers, ...length] },
        async (answer) => {
          const parts: Buffer[] = [];
          for await (const part of answer) parts.push(part as Buffer);
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            raw: answer.rawHeaders,
            body: Buffer.concat(parts),
          });
        },
      );
      question.on('error', reject);
      question.end(body);
    },
  );
}

describe('what goes through', () => {
  it.each(['/', '/api/x?y=1&y=2&z=%20+', '/a%2Fb/%C3%A9?redirect=http://elsewhere/', '//double//slash/../dots', '/?'])(
    'the path %s',
    async (path) => {
      expect((await ask({ path })).status).toBe(200);
      expect(received[0]?.target).toBe(`/_aws/execute-api/abc/$default${path}`);
    },
  );

  it('every byte of a body, in both directions', async () => {
    const all = Buffer.from(Array.from({ length: 1_024 }, (_, index) => index % 256));
    reply = {
      status: 201,
      headers: ['Content-Type', 'application/octet-stream', 'X-One', '1', 'X-One', '2'],
      body: all,
    };
    const answer = await ask({ method: 'PUT', headers: ['Content-Type', 'application/pdf', 'X-Own', 'a'], body: all });
    expect(received[0]?.body.equals(all)).toBe(true);
    expect(received[0]?.headers).toMatchObject({ 'x-own': 'a', 'content-type': 'application/pdf' });
    expect(answer).toMatchObject({ status: 201, headers: { 'x-one': '1, 2' } });
    expect(answer.body.equals(all)).toBe(true);
  });

  it('an answer without a body', async () => {
    reply = { status: 204, headers: [], body: Buffer.alloc(0) };
    expect(await ask({ method: 'DELETE' })).toMatchObject({ status: 204 });
    expect((await ask({ method: 'HEAD' })).body).toHaveLength(0);
  });

  it('a WebSocket, as bytes', async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.write('GET /live?token=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    let text = '';
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        if (text === '') setTimeout(() => socket.write('ping'), 10);
        text += chunk.toString();
        if (text.endsWith('ping')) resolve();
      });
    });
    socket.destroy();
    expect(text).toContain('101 Switching Protocols');
    expect(text).toContain('/_aws/execute-api/abc/$default/live?token=1');
  });
});

const json = ['Content-Type', 'application/json'];
const binary = ['Content-Type', 'application/octet-stream'];
const refused: [string, Question, Partial<Reply>, number, string][] = [
  [
    'headers over their limit',
    { headers: ['X-Long', 'a'.repeat(headerBytesMax)] },
    {},
    431,
    'Request Header Fields Too Large',
  ],
  ['a query over it too', { path: `/?${'a'.repeat(headerBytesMax)}` }, {}, 431, 'Request Header Fields Too Large'],
  [
    'a request over 10 MB',
    { method: 'POST', headers: json, body: Buffer.alloc(requestBytesMax + 1, 'a') },
    {},
    413,
    'Request Entity Too Large',
  ],
  [
    'text over an event',
    { method: 'POST', headers: json, body: Buffer.alloc(payloadBytesMax, 'a') },
    {},
    413,
    'Request Entity Too Large',
  ],
  [
    'binary that is over an event in base64',
    { method: 'POST', headers: binary, body: Buffer.alloc(4.6 * 1024 * 1024) },
    {},
    413,
    'Request Entity Too Large',
  ],
  ['an answer in text over a response', {}, { body: Buffer.alloc(payloadBytesMax, 'a') }, 500, 'Internal Server Error'],
  [
    'a binary answer over a response in base64',
    {},
    { headers: binary, body: Buffer.alloc(4.6 * 1024 * 1024) },
    500,
    'Internal Server Error',
  ],
];

describe('what is refused', () => {
  it.each(refused)('%s', async (_name, question, answer, status, message) => {
    reply = { ...reply, ...answer };
    const got = await ask(question);
    expect([got.status, JSON.parse(got.body.toString())]).toEqual([status, { message }]);
    if (status === 413 || status === 431) expect(received).toEqual([]);
  });

  it('nothing of 4 MiB, which is what the surfaces take', async () => {
    const body = Buffer.alloc(4 * 1024 * 1024, 1);
    expect((await ask({ method: 'POST', headers: binary, body })).status).toBe(200);
    expect(received[0]?.body).toHaveLength(body.length);
  });

  it('an answer that does not come in time', async () => {
    reply = { ...reply, afterMs: 60_000 };
    await proxy.close();
    const endpoint = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    proxy = await startProxy({ port: 0, endpoint, apiId: 'abc', timeoutMs: 100 });
    const got = await ask({});
    expect([got.status, got.body.toString()]).toEqual([503, '{"message":"Service Unavailable"}']);
  });

  it('a gateway that is gone', async () => {
    gateway.closeAllConnections();
    await new Promise((resolve) => gateway.close(resolve));
    expect((await ask({})).status).toBe(500);
  });
});

describe('bytes of a payload', () => {
  it.each([
    ['text as JSON escapes it', Buffer.from('a"b\n'), { 'content-type': 'text/csv' }, 8],
    ['binary as base64', Buffer.alloc(4), { 'content-type': 'image/png' }, 10],
    ['what is compressed is binary', Buffer.alloc(4), { 'content-type': 'text/csv', 'content-encoding': 'gzip' }, 10],
    ['what has no type is binary', Buffer.alloc(3), {}, 6],
    ['a problem is JSON', Buffer.from('é'), { 'content-type': 'application/problem+json' }, 4],
  ])('%s', (_name, body, headers, bytes) => {
    expect(payloadBytes(body, headers)).toBe(bytes);
  });
});
