// The feed of a reconciliation as an item: batches and runs write it in their own transactions, under its version.
import { ConditionCheck, PutTransaction } from 'dynamodb-toolbox';
import { emptyFeed, type Feed } from '../../domain/feed.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import { readDocument, writeDocument } from './document.ts';
import { getItem, type ItemKey, keyText, openEntity, type StoreTable } from './table.ts';

export function openFeedItems(table: StoreTable) {
  const entity = openEntity(table, 'feed');
  const keyOf = ({ tenant, reconciliationId }: ReconciliationRef): ItemKey => ({
    pk: keyText(tenant, 'reconciliation', reconciliationId),
    sk: 'feed',
  });
  return {
    entity,
    keyOf,
    async read(ref: ReconciliationRef): Promise<Feed> {
      const item = await getItem(entity, keyOf(ref));
      return item ? readDocument<Feed>(item) : emptyFeed(ref);
    },
    /** Holds while the given feed is the stored one. */
    check(feed: Feed) {
      return entity.build(ConditionCheck).key(keyOf(feed)).condition({ attr: 'version', eq: feed.version });
    },
    /** Writes the next version where the stored one is the given; version 0 is the feed that was never written. */
    put(feed: Feed) {
      const next = { ...feed, version: feed.version + 1 };
      const condition =
        feed.version === 0 ? { attr: 'pk', exists: false as const } : { attr: 'version', eq: feed.version };
      return entity
        .build(PutTransaction)
        .item({ ...keyOf(feed), version: next.version, fence: feed.fence, ...writeDocument(next) })
        .options({ condition });
    },
  };
}
