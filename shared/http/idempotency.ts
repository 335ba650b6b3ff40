// An Idempotency-Key: the first success is remembered for a day and given to every repeat. A failure is not remembered,
// since it had no effect; a second request that comes while the first still works is told so.
import { createHash } from 'node:crypto';
import { FailureError, fail, ok, type Result } from '../domain/result.ts';
import type { IdempotencyStore, RememberedReply } from '../ports/idempotency-store.ts';
import type { HttpReply, HttpRequest } from './message.ts';
import type { RawInput } from './validate.ts';

const rememberedMs = 24 * 60 * 60 * 1000;
/** Longer than an API function may run, so that a key is only taken over from a process that died. */
const pendingMs = 60_000;
const keyLengthMax = 255;

type Repeatable = {
  key: string;
  scope: string;
  input: RawInput;
  request: HttpRequest;
  onFault(error: unknown): void;
};

export async function withIdempotency(
  store: IdempotencyStore,
  { key, scope, input, request, onFault }: Repeatable,
  work: () => Promise<HttpReply>,
): Promise<Result<HttpReply>> {
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > keyLengthMax)
    return fail('REQUEST_INVALID', `Idempotency-Key must be 1 to ${keyLengthMax} visible ASCII characters`, {
      field: 'Idempotency-Key',
    });
  const scoped = createHash('sha256').update(`${scope}#${key}`).digest('hex');
  const begun = await store.begin(scoped, {
    fingerprint: fingerprintOf(input),
    owner: request.requestId,
    now: request.receivedAt,
    pendingUntil: request.receivedAt + pendingMs,
  });
  if (begun.state === 'pending') return fail('REQUEST_IN_PROGRESS');
  if (begun.state === 'differs') return fail('IDEMPOTENCY_KEY_REUSED');
  if (begun.state === 'done') {
    const { body, headers, ...rest } = begun.reply;
    if (body === null) return fail('REPLY_NOT_KEPT');
    return ok({ ...rest, body, headers: { ...headers, 'idempotent-replayed': 'true' } });
  }
  let reply: HttpReply;
  try {
    reply = await work();
  } catch (error) {
    await store.release(scoped, request.requestId);
    throw error;
  }
  const { status, headers, body } = reply;
  // What was done is answered, whatever becomes of the memory of it.
  if (status < 300 && typeof body === 'string')
    await remember(store, scoped, request, { status, headers, body }).catch(onFault);
  else await store.release(scoped, request.requestId);
  return ok(reply);
}

async function remember(
  store: IdempotencyStore,
  key: string,
  { requestId, receivedAt }: HttpRequest,
  reply: RememberedReply,
): Promise<void> {
  const until = receivedAt + rememberedMs;
  try {
    await store.finish(key, requestId, reply, until);
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== 'DOCUMENT_TOO_LARGE') throw error;
    await store.finish(key, requestId, { ...reply, body: null }, until);
  }
}

/** Of what was understood, not of the bytes: a repeated upload has another multipart boundary. */
function fingerprintOf({ params, query, body, file }: RawInput): string {
  const hash = createHash('sha256').update(JSON.stringify({ params, query, body, file: file?.fileName }));
  if (file) hash.update(file.bytes);
  return hash.digest('hex');
}
