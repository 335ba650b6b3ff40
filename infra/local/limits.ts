// What API Gateway and Lambda refuse and an emulator lets through, in bytes as AWS counts them. The proxy of the local
// stack holds them, so that what works here works there.

/** HTTP API quotas: request payload; request line and header values together; integration timeout. */
export const requestBytesMax = 10 * 1024 * 1024;
export const headerBytesMax = 10_240;
export const integrationTimeoutMs = 30_000;
/** Lambda's invocation payload, request and response each: the JSON event, with a binary body in base64. */
export const payloadBytesMax = 6 * 1024 * 1024;

export function headerBytes(method: string, target: string, rawHeaders: readonly string[]): number {
  const values = rawHeaders.filter((_text, index) => index % 2 === 1);
  return (
    Buffer.byteLength(`${method} ${target} HTTP/1.1`) +
    values.reduce((sum, value) => sum + Buffer.byteLength(value, 'latin1'), 0)
  );
}

/** Bytes of the JSON that carries a body: escaped text, or base64. */
export function payloadBytes(
  body: Uint8Array,
  headers: { 'content-type'?: string | undefined; 'content-encoding'?: string | undefined },
): number {
  return isText(headers)
    ? Buffer.byteLength(JSON.stringify(Buffer.from(body).toString('utf8')))
    : 4 * Math.ceil(body.length / 3) + 2;
}

/** The content types that an HTTP API hands on as text; all others are binary, and so is anything compressed. */
function isText(headers: { 'content-type'?: string | undefined; 'content-encoding'?: string | undefined }): boolean {
  if (headers['content-encoding']) return false;
  return /^(text\/|application\/(json|javascript|xml)|[^;]+\+(json|xml))/i.test(headers['content-type'] ?? '');
}
