// Gives each surface a base URL of its own, by forwarding bytes to the emulator's API gateway: path, query, headers and
// body as they came, WebSocket upgrades too. It changes nothing and answers only what AWS would refuse and an emulator does not.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import {
  headerBytes,
  headerBytesMax,
  integrationTimeoutMs,
  payloadBytes,
  payloadBytesMax,
  requestBytesMax,
} from './limits.ts';

export type SurfaceProxy = { port: number; close(): Promise<void> };

export type ProxyOptions = {
  /** 0: a free one. */
  port: number;
  endpoint: string;
  apiId: string;
  timeoutMs?: number;
};

/** Throws `EADDRINUSE` when the port is taken. */
export async function startProxy(options: ProxyOptions): Promise<SurfaceProxy> {
  const gateway = new URL(options.endpoint);
  const prefix = `/_aws/execute-api/${options.apiId}/$default`;
  // Node itself must not refuse headers first, in its own words.
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (incoming, outgoing) => {
    forward(incoming, outgoing, gateway, prefix, options.timeoutMs ?? integrationTimeoutMs).catch(() =>
      refuse(outgoing, 500),
    );
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) =>
    upgrade(incoming, socket, head, gateway, prefix),
  );
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  gateway: URL,
  prefix: string,
  timeoutMs: number,
): Promise<void> {
  const { method = 'GET', url: target = '/' } = incoming;
  if (headerBytes(method, target, incoming.rawHeaders) > headerBytesMax) return refuse(outgoing, 431);
  const body = await collect(incoming, requestBytesMax);
  if (!body) return refuse(outgoing, 413);
  // The event also carries the headers and the path, some twice.
  const aroundBody = 2 * JSON.stringify([incoming.headers, target]).length + 1_024;
  if (payloadBytes(body, incoming.headers) + aroundBody > payloadBytesMax) return refuse(outgoing, 413);
  const answer = await ask(gateway, {
    method,
    path: prefix + target,
    headers: [...endToEnd(incoming.rawHeaders), 'Content-Length', String(body.length)],
    body,
    timeoutMs,
  });
  if (!answer) return refuse(outgoing, 503);
  if (!answer.body || payloadBytes(answer.body, answer.message.headers) > payloadBytesMax) return refuse(outgoing, 500);
  outgoing.writeHead(answer.message.statusCode ?? 502, [
    ...endToEnd(answer.message.rawHeaders),
    'Content-Length',
    String(answer.body.length),
  ]);
  outgoing.end(method === 'HEAD' ? undefined : answer.body);
}

type Question = { method: string; path: string; headers: string[]; body: Buffer; timeoutMs: number };

/** Undefined when there was no answer in time; a body that is longer than a function can give is undefined. */
function ask(
  gateway: URL,
  { method, path, headers, body, timeoutMs }: Question,
): Promise<{ message: IncomingMessage; body: Buffer | undefined } | undefined> {
  return new Promise((resolve, reject) => {
    const question = request({
      host: gateway.hostname,
      port: gateway.port,
      method,
      path,
      headers: [...headers, 'Host', gateway.host],
      setHost: false,
    });
    const timer = setTimeout(() => {
      resolve(undefined);
      question.destroy();
    }, timeoutMs);
    question.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    question.on('response', (message) => {
      collect(message, payloadBytesMax).then((received) => {
        clearTimeout(timer);
        resolve({ message, body: received });
      }, reject);
    });
    question.end(body);
  });
}

/** All of a message's body; undefined when it is longer than allowed (the rest is read and dropped, as HTTP asks). */
async function collect(message: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= bytesMax) parts.push(part);
  }
  return bytes <= bytesMax ? Buffer.concat(parts) : undefined;
}

const ofOneConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
]);

/** Names and values in turn, without those that speak of one connection only. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!ofOneConnection.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}

/** Status and words of API Gateway's own refusals. */
const refusals: Record<number, string> = {
  413: 'Request Entity Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

function refuse(outgoing: ServerResponse, status: number): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const body = JSON.stringify({ message: refusals[status] });
  outgoing.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}

function upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer, gateway: URL, prefix: string): void {
  const upstream = connect(Number(gateway.port), gateway.hostname, () => {
    const headers: string[] = [];
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
      const name = incoming.rawHeaders[index] ?? '';
      headers.push(`${name}: ${name.toLowerCase() === 'host' ? gateway.host : incoming.rawHeaders[index + 1]}`);
    }
    upstream.write(`GET ${prefix}${incoming.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket);
    socket.pipe(upstream);
  });
  const end = () => {
    upstream.destroy();
    socket.destroy();
  };
  for (const one of [upstream, socket]) one.on('error', end).on('close', end);
}
