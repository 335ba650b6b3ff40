// Breaks: one item each in 16 partitions per reconciliation, by the last hexadecimal digit of the break's number: breaks
// that are opened together lie apart. A break outlives the
// run that found it, so it lies under the reconciliation. gsi1 holds those that are not closed.
import { PutItemCommand } from 'dynamodb-toolbox';
import { type Break, type BreakRef, breakShardOf, breaksPerSettleWriteMax } from '../../domain/break.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { BreakStore } from '../../ports/break-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { openSettleLanes } from './settle-lanes.ts';
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
  sortable,
  transact,
} from './table.ts';

export function createBreakStore(table: StoreTable): BreakStore {
  const entity = openEntity(table, 'break');
  const lanes = openSettleLanes(table);
  const partitionOf = (ref: ReconciliationRef, shard: string, kind = 'breaks') =>
    keyText(ref.tenant, kind, ref.reconciliationId, shard);
  const openOf = (ref: ReconciliationRef, shard: string) => partitionOf(ref, shard, 'open-breaks');
  const keyOf = (ref: BreakRef): ItemKey => ({
    pk: partitionOf(ref, breakShardOf(ref.breakId)),
    sk: sortable(Number(ref.breakId)),
  });
  const itemOf = (item: Break) => ({
    ...keyOf(item),
    ...(item.status !== 'CLOSED' && { gsi1pk: openOf(item, breakShardOf(item.breakId)), gsi1sk: keyOf(item).sk }),
    version: item.version,
    status: item.status,
    type: item.type,
    firstRunNumber: item.firstRunNumber,
    lastRunNumber: item.lastRunNumber,
    ...writeDocument(item),
  });
  return {
    enterLane: lanes.enter,
    async settle(lane, move, writes) {
      if (writes.length > breaksPerSettleWriteMax) throw new Error(`at most ${breaksPerSettleWriteMax} breaks at once`);
      const puts = writes.map((write) => plainPut(entity, itemOf(write.break), write.expected));
      const refused = await transact([lanes.move(lane, move), ...puts]);
      if (refused.length === 0) return 'written';
      if (!refused.includes(0)) return 'conflict';
      return (await lanes.stands(lane, move.to)) ? 'written' : 'fenced';
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
        if (cursor !== undefined && shard < breakShardOf(cursor)) continue;
        if (items.length > limit) break;
        const query = {
          partition: openOnly ? openOf(ref, shard) : partitionOf(ref, shard),
          ...(openOnly && { index: 'gsi1' as const }),
          ...(cursor !== undefined && shard === breakShardOf(cursor) && { range: { gt: sortable(Number(cursor)) } }),
          ...(conditions.length > 0 && { filter: { and: conditions } }),
        };
        items.push(...(await queryPage(table, entity, query, limit + 1 - items.length)).items);
      }
      const page = items.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((item) => readDocument<Break>(item)),
        ...(items.length > limit && last && { cursor: String(Number(last.sk)) }),
      };
    },
  };
}
const shards = [...'0123456789abcdef'];
