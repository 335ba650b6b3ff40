// Breaks and their history. A break outlives the run that found it, so it lies under the reconciliation.
import { type Break, type BreakEntry, type BreakStatus, breakPartsPerWriteMax } from '../../domain/break.ts';
import { isTarget, resolveBulk, resolveStatus } from '../../domain/break-bulk.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { BreakStore } from '../../ports/break-store.ts';
import { openActivityItems } from './activity-items.ts';
import { breakShards, openBreakItems } from './break-items.ts';
import { openBulkItems } from './bulk-items.ts';
import { readDocument } from './document.ts';
import { openFeedItems } from './feed-items.ts';
import { queryAll, queryPage } from './query.ts';
import { openSettleLanes } from './settle-lanes.ts';
import { getItems, type StoredItem, type StoreTable, type TransactionPart, transact } from './table.ts';

export function createBreakStore(table: StoreTable): BreakStore {
  const items = openBreakItems(table);
  const lanes = openSettleLanes(table);
  const bulks = openBulkItems(table);
  const feeds = openFeedItems(table);
  const activity = openActivityItems(table);

  async function readMany(ref: ReconciliationRef, breakIds: string[]): Promise<Break[]> {
    const keys = breakIds.map((breakId) => items.keyOf({ ...ref, breakId }));
    return (await getItems(table, items.breaks, keys)).map((item) => readDocument<Break>(item));
  }

  /**
   * A bulk may be committed while its breaks are read one after the other: those that were read before they were marked are
   * read again, because every break of a committed bulk bears its mark or its change.
   */
  async function resolved(ref: ReconciliationRef, found: Break[]): Promise<Break[]> {
    let current = found;
    const known = new Set<string>();
    for (;;) {
      const marks = new Set(current.flatMap(({ bulk }) => bulk?.bulkId ?? []));
      const read = await bulks.getMany(ref.tenant, [...marks]);
      const fresh = [...read.values()].filter(({ bulkId, state }) => state === 'COMMITTED' && !known.has(bulkId));
      for (const { bulkId } of fresh) known.add(bulkId);
      const late = current.filter(
        (item) => !known.has(item.bulk?.bulkId ?? '') && fresh.some((bulk) => isTarget(bulk, ref, item.breakId)),
      );
      if (late.length === 0) return current.map((item) => resolveBulk(item, read.get(item.bulk?.bulkId ?? '')));
      const again = new Map(
        (
          await readMany(
            ref,
            late.map(({ breakId }) => breakId),
          )
        ).map((item) => [item.breakId, item]),
      );
      current = current.map((item) => again.get(item.breakId) ?? item);
    }
  }

  return {
    enterLane: lanes.enter,
    async settle(lane, move, writes) {
      const puts = writes.flatMap((write) => items.partsOf(write, write.expected === 0 ? 'any' : write.expected));
      checkSize(puts);
      const refused = await transact([lanes.move(lane, move), ...puts]);
      if (refused.length === 0) return 'written';
      if (!refused.includes(0)) return 'conflict';
      return (await lanes.stands(lane, move.to)) ? 'written' : 'fenced';
    },
    async getMany(ref, breakIds) {
      return resolved(ref, await readMany(ref, breakIds));
    },
    async save(writes, feed, told) {
      const puts = writes.flatMap((write) => items.partsOf(write, write.expected === 0 ? 'absent' : write.expected));
      checkSize(puts);
      const beside = [...(feed ? [feeds.check(feed)] : []), ...activity.partsOf(told)];
      return (await transact([...puts, ...beside])).length === 0;
    },
    async list(ref, cursor, limit = 100) {
      const [from = '0', within] = cursor === undefined ? [] : [cursor.slice(0, 1), cursor.slice(1)];
      const found: { shard: string; item: StoredItem }[] = [];
      for (const shard of breakShards.slice(breakShards.indexOf(from))) {
        if (found.length > limit) break;
        const range = shard === from && within ? { range: { gt: within } } : {};
        const query = { partition: items.partitionOf(ref, shard), ...range };
        const page = await queryPage(table, items.breaks, query, limit + 1 - found.length);
        found.push(...page.items.map((item) => ({ shard, item })));
      }
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const breaks = await resolved(
        ref,
        page.map(({ item }) => readDocument<Break>(item)),
      );
      return { items: breaks, ...(found.length > limit && last && { cursor: last.shard + last.item.sk }) };
    },
    async touched(ref) {
      const known = new Set<string>();
      for (;;) {
        const placed = await queryAll(table, items.places, { partition: items.touchedOf(ref) });
        const read = await bulks.getMany(ref.tenant, [...new Set(placed.flatMap(({ owner }) => owner ?? []))]);
        const fresh = [...read.values()].filter(({ bulkId, state }) => state === 'COMMITTED' && !known.has(bulkId));
        // As above: a place that was read before its break was marked is read again.
        for (const { bulkId } of fresh) known.add(bulkId);
        if (fresh.length > 0) continue;
        return placed.map(({ sk, status, owner }) => ({
          breakId: String(Number(sk)),
          status: resolveStatus(status as BreakStatus, read.get(owner ?? '')),
        }));
      }
    },
    async entries(ref, ranges) {
      const wanted = ranges.flatMap(({ breakId, from, to }) =>
        Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({ breakId, number: from + index })),
      );
      const keys = wanted.map(({ breakId, number }) => items.entryKeyOf({ ...ref, breakId }, number));
      const read = await getItems(table, items.entries, keys);
      return read.map((item) => ({
        breakId: String(Number(decodeURIComponent(item.sk).slice(0, 16))),
        ...readDocument<BreakEntry>(item),
      }));
    },
  };
}

function checkSize(parts: TransactionPart[]): void {
  if (parts.length > breakPartsPerWriteMax) throw new Error(`at most ${breakPartsPerWriteMax} parts at once`);
}
