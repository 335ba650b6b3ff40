// Batches: one item each, numbered by a counter of the reconciliation, watched by gsi2. They are listed, and found by
// their bytes, through items of their own: an index lags, and which batches there are decides what is reconciled.
import { $add, PutTransaction, UpdateItemCommand } from 'dynamodb-toolbox';
import type { Batch } from '../../domain/batch.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { BatchRef, BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import { dependency } from '../dependency-fault.ts';
import { readDocument, writeDocument } from './document.ts';
import { openFeedItems } from './feed-items.ts';
import { queryAll, queryPage } from './query.ts';
import { getItem, getItems, type ItemKey, keyText, openEntity, type StoreTable, sortable, transact } from './table.ts';

export function createBatchStore(table: StoreTable, clock: Clock): BatchStore {
  const entity = openEntity(table, 'batch');
  const checksums = openEntity(table, 'batch-checksum');
  const counters = openEntity(table, 'batch-number');
  const listed = openEntity(table, 'batch-listed');
  const feeds = openFeedItems(table);
  const keyOf = ({ tenant, reconciliationId, batchId }: BatchRef): ItemKey => ({
    pk: keyText(tenant, 'batch', reconciliationId, batchId),
    sk: 'batch',
  });
  const listOf = (ref: ReconciliationRef) => keyText(ref.tenant, 'batches-of', ref.reconciliationId);
  const checksumOf = (ref: ReconciliationRef, source: string, checksum: string) =>
    keyText(ref.tenant, 'batch-checksum', ref.reconciliationId, source, checksum);
  const itemOf = (batch: Batch) => ({
    ...keyOf(batch),
    ...(underWay.has(batch.status) && { gsi2pk: underWayPartition, gsi2sk: sortable(clock.now()) }),
    status: batch.status,
    version: batch.version,
    ...writeDocument(batch),
  });
  const nextNumber = async ({ tenant, reconciliationId }: ReconciliationRef): Promise<number> => {
    const { Attributes } = await dependency('DynamoDB', () =>
      counters
        .build(UpdateItemCommand)
        .item({ pk: keyText(tenant, 'reconciliation', reconciliationId), sk: 'batch-number', count: $add(1) })
        .options({ returnValues: 'ALL_NEW' })
        .send(),
    );
    return (Attributes as { count: number }).count;
  };
  const get = async (ref: BatchRef): Promise<Batch | undefined> => {
    const item = await getItem(entity, keyOf(ref));
    return item && readDocument<Batch>(item);
  };
  return {
    async receive(received) {
      const known = await get(received);
      if (known) return { batch: known, created: false };
      // A crash before the put leaves a gap in the numbers, which nothing minds.
      const batch = { ...received, number: await nextNumber(received), version: 1 };
      const refused = await transact([
        entity
          .build(PutTransaction)
          .item(itemOf(batch))
          .options({ condition: { attr: 'pk', exists: false } }),
        listed.build(PutTransaction).item({ pk: listOf(batch), sk: sortable(batch.number), owner: batch.batchId }),
      ]);
      const created = refused.length === 0;
      if (created) return { batch, created };
      const winner = await get(received);
      if (!winner) throw new Error('a batch that exists cannot be read');
      return { batch: winner, created };
    },
    get,
    async save(batch, feed) {
      const { checksum, source, number, batchId } = batch;
      const refused = await transact([
        entity
          .build(PutTransaction)
          .item(itemOf({ ...batch, version: batch.version + 1 }))
          .options({ condition: { attr: 'version', eq: batch.version } }),
        ...(checksum === undefined
          ? []
          : [
              checksums
                .build(PutTransaction)
                .item({ pk: checksumOf(batch, source, checksum), sk: sortable(number), owner: batchId }),
            ]),
        ...(feed ? [feeds.put(feed)] : []),
      ]);
      return refused.length === 0;
    },
    async byChecksum(ref, source, checksum) {
      const found = await queryAll(table, checksums, { partition: checksumOf(ref, source, checksum) });
      const keys = found.map(({ owner }) => keyOf({ ...ref, batchId: owner ?? '' }));
      return (await getItems(table, entity, keys)).map((item) => readDocument<Batch>(item));
    },
    async list(ref, cursor, limit = 100, upTo) {
      const range = upTo === undefined ? {} : { range: { lt: sortable(upTo + 1) } };
      const page = await queryPage(table, listed, { partition: listOf(ref), reverse: true, ...range }, limit, cursor);
      const keys = page.items.map(({ owner }) => keyOf({ ...ref, batchId: owner ?? '' }));
      const items = await getItems(table, entity, keys);
      return { ...page, items: items.map((item) => readDocument<Batch>(item)) };
    },
    feed: feeds.read,
    async stalled(before, limit) {
      const query = { index: 'gsi2' as const, partition: underWayPartition, range: { lt: sortable(before) } };
      const { items } = await queryPage(table, entity, query, limit);
      const current = await getItems(table, entity, items);
      return current.filter(({ status }) => underWay.has(status ?? '')).map((item) => readDocument<Batch>(item));
    },
  };
}
const underWay = new Set<string>(['RECEIVED', 'PROCESSING'] satisfies Batch['status'][]);
/** Of gsi2, over all tenants: the sweep alone reads it. */
const underWayPartition = 'batches-under-way';
