// Breaks that are items with the newest of their comments, for whoever shows them. Reads what the page needs and no more.
import type { Break, BreakEntry, BreakStatus } from '../../domain/break.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Deps } from '../deps.ts';

/** `comments`: those among the newest entries that were looked at, the oldest first. */
export type BreakDetails = { item: Break; comments: BreakEntry[] };

export const entriesLookedAtMax = 50;

/** By `breakId`. Of breaks that are no items there is nothing to tell. */
export async function breakDetails(
  deps: Pick<Deps, 'breaks'>,
  { tenant, reconciliationId }: ReconciliationRef,
  breakIds: string[],
): Promise<Map<string, BreakDetails>> {
  const ref = { tenant, reconciliationId };
  const items = breakIds.length === 0 ? [] : await deps.breaks.getMany(ref, breakIds);
  return detailsOf(deps, ref, items);
}

export async function detailsOf(
  deps: Pick<Deps, 'breaks'>,
  { tenant, reconciliationId }: ReconciliationRef,
  items: Break[],
  entriesMax = entriesLookedAtMax,
): Promise<Map<string, BreakDetails>> {
  const ranges = items.flatMap(({ breakId, entries = 0 }) =>
    entries > 0 ? [{ breakId, from: Math.max(1, entries - entriesMax + 1), to: entries }] : [],
  );
  const entries = ranges.length === 0 ? [] : await deps.breaks.entries({ tenant, reconciliationId }, ranges);
  const entriesOf = Map.groupBy(entries, ({ breakId }) => breakId);
  return new Map(
    items.map((item) => {
      const written = (entriesOf.get(item.breakId) ?? []).map(({ breakId: _id, ...entry }) => entry);
      return [
        item.breakId,
        { item, comments: withUnwritten(item, written).filter(({ comment }) => comment !== undefined) },
      ];
    }),
  );
}

/** With the entry of a committed bulk that nobody has written yet. */
export function withUnwritten({ bulk }: Break, entries: BreakEntry[]): BreakEntry[] {
  const { unwritten } = bulk ?? {};
  return unwritten && !entries.some(({ number }) => number === unwritten.number) ? [...entries, unwritten] : entries;
}

/** What decides about moves: the item, and of a break that is none that it is OPEN, or gone. */
export function reviewedOf(
  { status }: { status: BreakStatus },
  item: Break | undefined,
): Pick<Break, 'status' | 'submittedBy' | 'goneRunNumber'> {
  // The newest ledger may say that it is gone before its item does.
  if (item && (status !== 'CLOSED' || item.status === 'CLOSED')) return item;
  return { status, ...(status === 'CLOSED' && { goneRunNumber: 0 }) };
}

/** Its value of a field that breaks are counted by: of the anchor, else of the other side. */
export function dimensionOf({ left, right }: Pick<Break, 'left' | 'right'>, field: string | undefined): string | null {
  if (field === undefined) return null;
  return (left?.[field] ?? right?.[field]) || null;
}
