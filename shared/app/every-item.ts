// All items of a paged list, for dialects that count pages and totals. Refuses to read without end.
import type { Page } from '../ports/page.ts';

const itemsMax = 20_000;

export async function everyItem<T>(next: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await next(cursor);
    items.push(...page.items);
    cursor = page.cursor;
    if (items.length > itemsMax) throw new Error(`a list has more than ${itemsMax} items`);
  } while (cursor !== undefined);
  return items;
}
