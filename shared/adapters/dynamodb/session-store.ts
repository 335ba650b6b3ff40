// Sessions: one item each in their person's partition, removed by the table's TTL some time after they ended.
// The current refresh token's id is the attribute `owner`, so that rotating it is one conditional write.
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from 'dynamodb-toolbox';
import type { Session, SessionRef } from '../../domain/session.ts';
import type { SessionStore } from '../../ports/session-store.ts';
import { dependency } from '../dependency-fault.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryAll } from './query.ts';
import { conditionally, getItem, keyText, openEntity, type StoredItem, type StoreTable } from './table.ts';

type Kept = Omit<Session, 'refreshId' | 'expiresAt'>;

export function createSessionStore(table: StoreTable): SessionStore {
  const entity = openEntity(table, 'session');
  const partitionOf = ({ tenant, userId }: { tenant: string; userId: string }) =>
    keyText(tenant, 'sessions-of', userId);
  const keyOf = (ref: SessionRef) => ({ pk: partitionOf(ref), sk: ref.sessionId });
  const sessionOf = (item: StoredItem): Session => ({
    ...readDocument<Kept>(item),
    refreshId: item.owner!,
    // leaseUntil is the exact end in ms; expiresAt, in seconds, only tells the table when to clear up.
    expiresAt: item.leaseUntil!,
  });
  const endOf = (expiresAt: number) => ({ leaseUntil: expiresAt, expiresAt: Math.ceil(expiresAt / 1000) });

  const itemOf = ({ refreshId, expiresAt, ...kept }: Session) => ({
    ...keyOf(kept),
    owner: refreshId,
    // Of a person whom a directory knows: what it said then, and a later answer, are told apart by their time.
    ...(kept.groupsAt !== undefined && { version: kept.groupsAt }),
    ...endOf(expiresAt),
    ...writeDocument(kept),
  });

  async function revoke(ref: SessionRef): Promise<void> {
    await dependency('DynamoDB', () => entity.build(DeleteItemCommand).key(keyOf(ref)).send());
  }

  return {
    revoke,
    async create(session) {
      await dependency('DynamoDB', () => entity.build(PutItemCommand).item(itemOf(session)).send());
    },
    async get(ref) {
      const item = await getItem(entity, keyOf(ref));
      return item && sessionOf(item);
    },
    rotate(ref, { from, to }, expiresAt) {
      const update = entity.build(UpdateItemCommand).item({ ...keyOf(ref), owner: to, ...endOf(expiresAt) });
      return conditionally(() => update.options({ condition: { attr: 'owner', eq: from } }).send());
    },
    renew(session, groupsAt) {
      const put = entity.build(PutItemCommand).item(itemOf(session));
      const condition = {
        and: [
          { attr: 'version', eq: groupsAt },
          { attr: 'owner', eq: session.refreshId },
        ],
      };
      return conditionally(() => put.options({ condition }).send());
    },
    async revokeAll(person, keepSessionId) {
      const items = await queryAll(table, entity, { partition: partitionOf(person) });
      const ended = items.map(sessionOf).filter(({ sessionId }) => sessionId !== keepSessionId);
      for (const session of ended) await revoke(session);
    },
  };
}
