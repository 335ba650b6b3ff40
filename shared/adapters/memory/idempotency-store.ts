// Remembered replies in memory: the twin of the table's.
import { FailureError, fail } from '../../domain/result.ts';
import type { IdempotencyStore, RememberedReply } from '../../ports/idempotency-store.ts';

/** About what an item holds compressed. */
const bodyCharactersMax = 400_000;

type Entry = { fingerprint: string; owner: string; until: number; reply?: RememberedReply };

export function createMemoryIdempotencyStore(): IdempotencyStore {
  const entries = new Map<string, Entry>();
  return {
    async begin(key, { fingerprint, owner, now, pendingUntil }) {
      const entry = entries.get(key);
      if (entry && entry.until > now) {
        if (entry.fingerprint !== fingerprint) return { state: 'differs' };
        return entry.reply ? { state: 'done', reply: entry.reply } : { state: 'pending' };
      }
      entries.set(key, { fingerprint, owner, until: pendingUntil });
      return { state: 'begun' };
    },
    async finish(key, owner, reply, expiresAt) {
      if ((reply.body?.length ?? 0) > bodyCharactersMax) throw new FailureError(fail('DOCUMENT_TOO_LARGE'));
      const entry = entries.get(key);
      if (entry?.owner === owner) entries.set(key, { ...entry, reply, until: expiresAt });
    },
    async release(key, owner) {
      if (entries.get(key)?.owner === owner) entries.delete(key);
    },
  };
}
