// Requests with an Idempotency-Key: done once, answered alike.
import { describe, expect, it } from 'vitest';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { DependencyFault } from '../../../shared/domain/dependency-fault.ts';
import { FailureError, fail } from '../../../shared/domain/result.ts';
import { build, echo, faults, read } from './kernel.ts';

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
