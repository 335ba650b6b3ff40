// Breaks: one item each in 16 partitions per reconciliation, by the first digit of the break's id. A break outlives the
// run that found it, so it lies under the reconciliation. gsi1 holds those that are not closed.
import { ConditionCheck, PutItemCommand } from 'dynamodb-toolbox';
import { type Break, type BreakRef, breaksPerSettleWriteMax } from '../../domain/break.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { BreakStore } from '../../ports/break-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { openFeedItems } from './feed-items.ts';
import { queryPage } from './query.ts';
import {
  conditionally,
  getItem,
  getItems,
  type ItemKey,
  keyText,
  openEntity,
  plainPut,
  type StoredItem,
  type StoreTable,
  transact,
} from './table.ts';
import { chunksOf } from './transaction-chunks.ts';

export function createBreakStore(table: StoreTable): BreakStore {
  const entity = openEntity(table, 'break');
  const feeds = openFeedItems(table);
  const partitionOf = (ref: ReconciliationRef, shard: string, kind = 'breaks') =>
    keyText(ref.tenant, kind, ref.reconciliationId, shard);
  const openOf = (ref: ReconciliationRef, shard: string) => partitionOf(ref, shard, 'open-breaks');
  const keyOf = (ref: BreakRef): ItemKey => ({ pk: partitionOf(ref, shardOf(ref.breakId)), sk: ref.breakId });
  const itemOf = (item: Break) => ({
    ...keyOf(item),
    ...(item.status !== 'CLOSED' && { gsi1pk: openOf(item, shardOf(item.breakId)), gsi1sk: item.breakId }),
    version: item.version,
    status: item.status,
    type: item.type,
    firstRunNumber: item.firstRunNumber,
    lastRunNumber: item.lastRunNumber,
    ...writeDocument(item),
  });
  const conditionOf = (expected: number, version: number) =>
    expected > 0
      ? { expression: '#version = :expected', values: { ':expected': expected } }
      : { expression: 'attribute_not_exists(#pk) OR #version = :version', values: { ':version': version } };
  return {
    async settle(fence, writes) {
      if (writes.length > breaksPerSettleWriteMax) throw new Error(`at most ${breaksPerSettleWriteMax} breaks at once`);
      // A reconciliation whose feed was never written has fence 0, and nothing to settle.
      const check = feeds.entity
        .build(ConditionCheck)
        .key(feeds.keyOf(fence))
        .condition({ attr: 'fence', eq: fence.fence });
      const items = writes.map((write) => ({ ...itemOf(write.break), expected: write.expected }));
      // Long values can pass 4 MB together: then more than one transaction, each fenced and each repeatable.
      for (const chunk of chunksOf(items, breaksPerSettleWriteMax)) {
        const puts = chunk.map(({ expected, ...item }) => plainPut(entity, item, conditionOf(expected, item.version)));
        const refused = await transact([check, ...puts]);
        if (refused.includes(0)) return 'fenced';
        if (refused.length > 0) return 'conflict';
      }
      return 'written';
    },
    async get(ref) {
      const item = await getItem(entity, keyOf(ref));
      return item && readDocument<Break>(item);
    },
    async getMany(ref, breakIds) {
      const keys = breakIds.map((breakId) => keyOf({ ...ref, breakId }));
      return (await getItems(table, entity, keys)).map((item) => readDocument<Break>(item));
    },
    save(item) {
      const put = entity.build(PutItemCommand).item(itemOf({ ...item, version: item.version + 1 }));
      return conditionally(() => put.options({ condition: { attr: 'version', eq: item.version } }).send());
    },
    async list(ref, { status, type, runNumber }, cursor, limit = 100) {
      const openOnly = status !== undefined && !status.includes('CLOSED');
      const conditions = [
        ...(status ? [{ attr: 'status' as const, in: status }] : []),
        ...(type ? [{ attr: 'type' as const, eq: type }] : []),
        ...(runNumber === undefined
          ? []
          : [
              { attr: 'firstRunNumber' as const, lte: runNumber },
              { attr: 'lastRunNumber' as const, gte: runNumber },
            ]),
      ];
      const items: StoredItem[] = [];
      for (const shard of shards) {
        if (cursor !== undefined && shard < shardOf(cursor)) continue;
        if (items.length > limit) break;
        const query = {
          partition: openOnly ? openOf(ref, shard) : partitionOf(ref, shard),
          ...(openOnly && { index: 'gsi1' as const }),
          ...(cursor !== undefined && { range: { gt: cursor } }),
          ...(conditions.length > 0 && { filter: { and: conditions } }),
        };
        items.push(...(await queryPage(table, entity, query, limit + 1 - items.length)).items);
      }
      const page = items.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((item) => readDocument<Break>(item)),
        ...(items.length > limit && last && { cursor: last.sk }),
      };
    },
  };
}
const shards = [...'0123456789abcdef'];

/** The shards in order hold the breaks in the order of their ids, so that an id is the cursor of a list. */
function shardOf(breakId: string): string {
  const digit = breakId[0] ?? '';
  if (!shards.includes(digit)) {
    throw new FailureError(fail('REQUEST_INVALID', 'The id or cursor of a break begins with a hex digit'));
  }
  return digit;
}
