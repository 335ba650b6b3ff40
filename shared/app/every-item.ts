// All items of a paged list, for dialects that count pages and totals. Refuses to read without end, unless that is asked for.
import type { Page } from '../ports/page.ts';

const itemsMax = 20_000;

export async function everyItem<T>(next: (cursor?: string) => Promise<Page<T>>, most = itemsMax): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await next(cursor);
    items.push(...page.items);
    cursor = page.cursor;
    if (items.length > most) throw new Error(`a list has more than ${most} items`);
  } while (cursor !== undefined);
  return items;
}
