// Entries that are identical in all that counts are one class with a count: which of them is taken is no question.
import type { Entry } from './search-groups.ts';

export type EntryClass = {
  units: bigint;
  /** 0 where dates do not count. */
  date: number;
  content: number;
  /** The identical entries, by id. */
  ids: number[];
};

/**
 * By date, then units, then content. Entries of no amount prove nothing by adding up and are left out; so are, where
 * dates count, those without one. Throws where entries of the same content differ.
 */
export function classesOf(entries: Entry[], datesCount: boolean): EntryClass[] {
  const byContent = new Map<number, EntryClass>();
  for (const { id, units, date, content } of entries) {
    if (units === 0n || (datesCount && date === undefined)) continue;
    const day = datesCount ? date! : 0;
    const known = byContent.get(content);
    if (!known) byContent.set(content, { units, date: day, content, ids: [id] });
    else if (known.units !== units || known.date !== day) throw new Error(`entries of content ${content} differ`);
    else known.ids.push(id);
  }
  for (const { ids } of byContent.values()) ids.sort((a, b) => a - b);
  return [...byContent.values()].sort(
    (a, b) => a.date - b.date || (a.units < b.units ? -1 : a.units > b.units ? 1 : a.content - b.content),
  );
}

export function countsOf(classes: EntryClass[]): number[] {
  return classes.map(({ ids }) => ids.length);
}
