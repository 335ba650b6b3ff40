// An Idempotency-Key: the first success is remembered for a day and given to every repeat. A failure is not remembered,
// since it had no effect; a second request that comes while the first still works is told so.
import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../domain/result.ts';
import type { IdempotencyStore } from '../ports/idempotency-store.ts';
import type { HttpReply, HttpRequest } from './message.ts';
import type { RawInput } from './validate.ts';

const rememberedMs = 24 * 60 * 60 * 1000;
/** Longer than an API function may run, so that a key is only taken over from a process that died. */
const pendingMs = 60_000;
const keyLengthMax = 255;

type Repeatable = { key: string; scope: string; input: RawInput; request: HttpRequest };

export async function withIdempotency(
  store: IdempotencyStore,
  { key, scope, input, request }: Repeatable,
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
  if (begun.state === 'done')
    return ok({ ...begun.reply, headers: { ...begun.reply.headers, 'idempotent-replayed': 'true' } });
  let reply: HttpReply;
  try {
    reply = await work();
  } catch (error) {
    await store.release(scoped, request.requestId);
    throw error;
  }
  if (reply.status < 300 && typeof reply.body === 'string')
    await store.finish(
      scoped,
      request.requestId,
      { status: reply.status, headers: reply.headers, body: reply.body },
      request.receivedAt + rememberedMs,
    );
  else await store.release(scoped, request.requestId);
  return ok(reply);
}

/** Of what was understood, not of the bytes: a repeated upload has another multipart boundary. */
function fingerprintOf({ params, query, body, file }: RawInput): string {
  const hash = createHash('sha256').update(JSON.stringify({ params, query, body, file: file?.fileName }));
  if (file) hash.update(file.bytes);
  return hash.digest('hex');
}
