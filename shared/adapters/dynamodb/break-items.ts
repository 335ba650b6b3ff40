// The items of a break: itself, one per entry of its history, and its place among the touched ones, which is small so that all of
// a reconciliation are read at once. Each lies in 16 partitions per reconciliation, but for the places, by the last hexadecimal
// digit of the break's number: breaks that are opened together lie apart.
import { type Break, type BreakEntry, type BreakRef, breakShardOf, isTouched } from '../../domain/break.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { BreakWrite } from '../../ports/break-store.ts';
import { writeDocument } from './document.ts';
import {
  type ItemKey,
  keyText,
  openEntity,
  plainDelete,
  plainPut,
  type StoreTable,
  sortable,
  type TransactionPart,
} from './table.ts';

export const breakShards = [...'0123456789abcdef'];

export function openBreakItems(table: StoreTable) {
  const breaks = openEntity(table, 'break');
  const entries = openEntity(table, 'break-entry');
  const places = openEntity(table, 'touched-break');
  const partitionOf = (ref: ReconciliationRef, shard: string, kind = 'breaks') =>
    keyText(ref.tenant, kind, ref.reconciliationId, shard);
  const keyOf = (ref: BreakRef): ItemKey => ({
    pk: partitionOf(ref, breakShardOf(ref.breakId)),
    sk: sortable(Number(ref.breakId)),
  });
  const touchedOf = (ref: ReconciliationRef) => keyText(ref.tenant, 'touched-breaks', ref.reconciliationId);
  const entryKeyOf = (ref: BreakRef, number: number): ItemKey => ({
    pk: partitionOf(ref, breakShardOf(ref.breakId), 'break-entries'),
    sk: keyText(sortable(Number(ref.breakId)), sortable(number)),
  });
  const putEntry = (ref: BreakRef, entry: BreakEntry) =>
    plainPut(entries, { ...entryKeyOf(ref, entry.number), ...writeDocument(entry) }, 'any');
  const placed = (item: Break): TransactionPart[] => {
    const key = { pk: touchedOf(item), sk: sortable(Number(item.breakId)) };
    const { status, bulk } = item;
    if (isTouched(item)) return [plainPut(places, { ...key, status, ...(bulk && { owner: bulk.bulkId }) }, 'any')];
    return (item.entries ?? 0) > 0 ? [plainDelete(places, key)] : [];
  };
  return {
    breaks,
    entries,
    places,
    partitionOf,
    keyOf,
    entryKeyOf,
    touchedOf,
    /** At most `partsOf` parts. */
    partsOf({ break: item, entries: added = [] }: BreakWrite, expected: number | 'any' | 'absent'): TransactionPart[] {
      const { bulk, ...unmarked } = item;
      const stored = bulk && !bulk.unwritten ? item : unmarked;
      const { version, status } = stored;
      return [
        plainPut(breaks, { ...keyOf(stored), version, status, ...writeDocument(stored) }, expected),
        ...placed(stored),
        ...(bulk?.unwritten ? [putEntry(item, bulk.unwritten)] : []),
        ...added.map((entry) => putEntry(item, entry)),
      ];
    },
  };
}
