// All definitions of a tenant, for administrators: filtered, by number, with when each had data last.
import type { Reconciliation } from '../../domain/reconciliation.ts';
import type { Deps } from '../deps.ts';
import { everyItem } from '../every-item.ts';
import type { Defined } from './definition-deps.ts';

export type DefinitionFilter = {
  status?: Reconciliation['status'] | undefined;
  /** Contained in the owner, without regard to case. */
  owner?: string | undefined;
  /** Contained in code, name, description or notes. */
  search?: string | undefined;
  /** ISO times, both left out themselves. */
  updatedAfter?: string | undefined;
  updatedBefore?: string | undefined;
};

export async function listDefinitions(
  deps: Pick<Deps, 'reconciliations'>,
  tenant: string,
  filter: DefinitionFilter,
): Promise<Defined[]> {
  const all = await everyItem((cursor) => deps.reconciliations.list(tenant, {}, cursor, 1_000));
  return all
    .flatMap((one) => (one.graph ? [{ ...one, graph: one.graph }] : []))
    .filter((one) => passes(one, filter))
    .sort((a, b) => a.graph.number - b.graph.number);
}

function passes({ status, graph }: Defined, filter: DefinitionFilter): boolean {
  const { code, name, description, notes, owner } = graph;
  const updated = Date.parse(graph.updatedAt);
  return (
    (filter.status === undefined || status === filter.status) &&
    (filter.owner === undefined || contains(owner, filter.owner)) &&
    (filter.search === undefined || [code, name, description, notes].some((text) => contains(text, filter.search!))) &&
    (filter.updatedAfter === undefined || updated > Date.parse(filter.updatedAfter)) &&
    (filter.updatedBefore === undefined || updated < Date.parse(filter.updatedBefore))
  );
}

function contains(text: string | null, part: string): boolean {
  return fold(text ?? '').includes(fold(part));
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** When the newest batch that counts was loaded, for each of these; null where there was none. */
export async function lastIngestions(
  deps: Pick<Deps, 'batches'>,
  definitions: readonly Defined[],
): Promise<(string | null)[]> {
  const times: (string | null)[] = [];
  for (let start = 0; start < definitions.length; start += readsAtOnce) {
    const feeds = definitions.slice(start, start + readsAtOnce).map((one) => deps.batches.feed(one));
    times.push(...(await Promise.all(feeds)).map(({ ingestedAt }) => ingestedAt ?? null));
  }
  return times;
}
const readsAtOnce = 25;
