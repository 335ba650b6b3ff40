// Lists are read page by page.
/** One page of a list; `cursor` is opaque and absent on the last page. */
export type Page<T> = { items: T[]; cursor?: string };
