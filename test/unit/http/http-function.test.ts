// From an event of API Gateway to a request and back: base path, encodings, size limit, one log line.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { fail } from '../../../shared/domain/result.ts';
import type { RefusedRequest } from '../../../shared/http/api.ts';
import { bodyBytesMax, type HttpRequest } from '../../../shared/http/message.ts';
import { ulid } from '../../../shared/http/request-id.ts';
import { createHttpFunction } from '../../../shared/lambda/http-function.ts';

const event = (over: Partial<APIGatewayProxyEventV2> & { method?: string } = {}): APIGatewayProxyEventV2 =>
  ({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/api/things',
    rawQueryString: 'a=1&a=2',
    headers: { Authorization: 'Bearer x', 'content-type': 'application/json' },
    requestContext: { http: { method: over.method ?? 'GET', sourceIp: '192.0.2.7' }, stage: '$default' },
    isBase64Encoded: false,
    ...over,
  }) as APIGatewayProxyEventV2;

function build(basePath = '', reply: (request: HttpRequest) => string | Uint8Array = () => 'ok') {
  const seen: RefusedRequest[] = [];
  const lines: Record<string, unknown>[] = [];
  const faults: unknown[] = [];
  const handler = createHttpFunction({
    basePath,
    envelope: {
      fault: (request) => ({ code: 'FAULT', id: request.requestId }),
      tooLarge: fail('BODY_TOO_LARGE', 'send it another way'),
    },
    log: { line: (fields) => lines.push(fields), fault: (error) => faults.push(error) },
    api: async (request) => {
      seen.push(request);
      return { status: 200, headers: {}, body: reply(request) };
    },
  });
  return { invoke: (sent: APIGatewayProxyEventV2) => handler(sent, {}), seen, lines, faults };
}

describe('an API function', () => {
  it.each([
    ['/recon', '/recon/api/things', '/api/things'],
    ['/recon', '/recon', '/'],
    ['/recon', '/reconciliation/x', '/reconciliation/x'],
    ['/recon', '/api/things', '/api/things'],
    ['', '/recon/api/things', '/recon/api/things'],
  ])('with base path "%s" sees %s as %s', async (basePath, rawPath, path) => {
    const { invoke, seen } = build(basePath);
    await invoke(event({ rawPath }));
    expect(seen[0]).toMatchObject({
      path,
      query: 'a=1&a=2',
      sourceAddress: '192.0.2.7',
      headers: { authorization: 'Bearer x' },
    });
    expect(seen[0]?.requestId).toMatch(/^req_[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('decodes a base64 body and encodes a binary reply', async () => {
    const bytes = Buffer.from([0, 255, 128]);
    const { invoke, seen } = build('', () => bytes);
    const reply = await invoke(event({ method: 'POST', body: bytes.toString('base64'), isBase64Encoded: true }));
    expect(Buffer.from(seen[0]!.body)).toEqual(bytes);
    expect(reply).toMatchObject({ isBase64Encoded: true, body: bytes.toString('base64') });
  });

  it.each([
    ['text', 'x'.repeat(bodyBytesMax), false, undefined],
    ['text over', 'x'.repeat(bodyBytesMax + 1), false, 'BODY_TOO_LARGE'],
    ['base64', Buffer.alloc(bodyBytesMax).toString('base64'), true, undefined],
    ['base64 over', Buffer.alloc(bodyBytesMax + 1).toString('base64'), true, 'BODY_TOO_LARGE'],
  ])('holds a body to 4 MiB: %s', async (_case, body, isBase64Encoded, code) => {
    const { invoke, seen } = build();
    await invoke(event({ method: 'POST', body, isBase64Encoded }));
    expect(seen[0]?.refusal?.code).toBe(code);
    if (code) expect(seen[0]?.refusal?.detail).toBe('send it another way');
  });

  it('writes exactly one line for each invocation, without query, headers or body', async () => {
    const { invoke, lines } = build();
    await invoke(event());
    expect(lines).toEqual([
      {
        requestId: expect.stringMatching(/^req_/),
        method: 'GET',
        path: '/api/things',
        status: 200,
        durationMs: expect.any(Number),
      },
    ]);
  });

  it('answers 500 and one line when anything throws, saying nothing of the cause', async () => {
    const { invoke, lines, faults } = build('', () => {
      throw new Error('secret hunter2');
    });
    const reply = await invoke(event());
    expect(reply.statusCode).toBe(500);
    expect(JSON.stringify(reply)).not.toContain('hunter2');
    expect(JSON.parse(reply.body!).id).toMatch(/^req_[0-9A-Z]{26}$/);
    expect(lines).toMatchObject([{ status: 500 }]);
    expect(faults).toHaveLength(1);
  });

  it('answers 500 to an event that is none of ours', async () => {
    const { invoke, lines } = build();
    const reply = await invoke({} as APIGatewayProxyEventV2);
    expect(reply.statusCode).toBe(500);
    expect(lines).toHaveLength(1);
  });
});

describe('a request id', () => {
  it('sorts by time and is a ULID', () => {
    // The example of the ULID specification: 01ARYZ6S41 is 1469918176385 ms.
    expect(ulid(1469918176385, new Uint8Array(10))).toBe('01ARYZ6S410000000000000000');
    expect(ulid(0, new Uint8Array(10).fill(255))).toBe('0000000000ZZZZZZZZZZZZZZZZ');
  });
});
