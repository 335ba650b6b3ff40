// Remembered replies: one item for each key, taken by a conditional write and cleared up by the table's TTL.
import { DeleteItemCommand, PutItemCommand } from 'dynamodb-toolbox';
import type { IdempotencyStore, RememberedReply } from '../../ports/idempotency-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { conditionally, getItem, keyText, openEntity, type StoreTable } from './table.ts';

type Kept = { fingerprint: string; reply?: RememberedReply };

export function createIdempotencyStore(table: StoreTable): IdempotencyStore {
  const entity = openEntity(table, 'idempotency-key');
  const keyOf = (key: string) => ({ pk: keyText('$idempotency', key), sk: 'reply' });
  const itemOf = (key: string, owner: string, until: number, kept: Kept) => ({
    ...keyOf(key),
    owner,
    leaseUntil: until,
    expiresAt: Math.ceil(until / 1000),
    ...writeDocument(kept),
  });
  return {
    async begin(key, { fingerprint, owner, now, pendingUntil }) {
      const put = entity.build(PutItemCommand).item(itemOf(key, owner, pendingUntil, { fingerprint }));
      const free = { or: [{ attr: 'pk', exists: false } as const, { attr: 'leaseUntil', lte: now } as const] };
      if (await conditionally(() => put.options({ condition: free }).send())) return { state: 'begun' };
      const item = await getItem(entity, keyOf(key));
      // Given back between the two steps: the caller's repeat will find it free.
      if (!item) return { state: 'pending' };
      const kept = readDocument<Kept>(item);
      if (kept.fingerprint !== fingerprint) return { state: 'differs' };
      return kept.reply ? { state: 'done', reply: kept.reply } : { state: 'pending' };
    },
    async finish(key, owner, reply, expiresAt) {
      const item = await getItem(entity, keyOf(key));
      if (!item) return;
      const { fingerprint } = readDocument<Kept>(item);
      const put = entity.build(PutItemCommand).item(itemOf(key, owner, expiresAt, { fingerprint, reply }));
      await conditionally(() => put.options({ condition: { attr: 'owner', eq: owner } }).send());
    },
    async release(key, owner) {
      const remove = entity.build(DeleteItemCommand).key(keyOf(key));
      await conditionally(() => remove.options({ condition: { attr: 'owner', eq: owner } }).send());
    },
  };
}
