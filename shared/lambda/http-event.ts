// Between an API Gateway HTTP event (payload 2.0) and a request or reply of ours: base path, raw query, body bytes, size limit.
// It trusts nothing about the event's encoding: emulators decode paths and keep header case.
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Failure } from '../domain/result.ts';
import type { RefusedRequest } from '../http/api.ts';
import { bodyBytesMax, type HttpReply } from '../http/message.ts';
import { newRequestId } from '../http/request-id.ts';

/** `tooLarge` answers a body over the limit. */
export function toRequest(
  event: APIGatewayProxyEventV2,
  { basePath, tooLarge, now }: { basePath: string; tooLarge: Failure; now: number },
): RefusedRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  const request = {
    method: event.requestContext.http.method.toUpperCase(),
    path: withoutBasePath(event.rawPath, basePath),
    query: event.rawQueryString ?? '',
    headers,
    sourceAddress: event.requestContext.http.sourceIp ?? 'unknown',
    requestId: newRequestId(now),
    receivedAt: now,
  };
  // Measured before decoding, so that a body over the limit is never copied.
  const text = event.body ?? '';
  const bytes = Buffer.byteLength(text, event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes > bodyBytesMax) return { ...request, body: new Uint8Array(), refusal: tooLarge };
  return { ...request, body: event.isBase64Encoded ? Buffer.from(text, 'base64') : Buffer.from(text) };
}

/** A custom domain maps `/<surface>` to an API and keeps the prefix in `rawPath`. */
export function withoutBasePath(path: string, basePath: string): string {
  if (basePath === '' || basePath === '/') return path;
  if (path === basePath) return '/';
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
}

export function toResult(reply: HttpReply): APIGatewayProxyStructuredResultV2 {
  const binary = typeof reply.body !== 'string';
  return {
    statusCode: reply.status,
    headers: reply.headers,
    body: binary ? Buffer.from(reply.body as Uint8Array).toString('base64') : (reply.body as string),
    isBase64Encoded: binary,
  };
}
