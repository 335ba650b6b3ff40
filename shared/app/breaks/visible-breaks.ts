// Breaks as a person finds them by the ids of the surface. What they may not see is not there for them. A break that no item was made
// of, because its run had too many, is read from the newest settled run, and becomes an item when somebody acts on it.
import type { Break } from '../../domain/break.ts';
import { openBreak } from '../../domain/break-changes.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { splitNumber } from '../../domain/composite-number.ts';
import type { Feed } from '../../domain/feed.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import type { RunView } from '../../ports/run-view.ts';
import type { Deps } from '../deps.ts';
import { type AccessDeps, type VisibleDefinition, visibleDefinition } from '../run-view/visible-definition.ts';

export type FindDeps = AccessDeps & Pick<Deps, 'breaks' | 'batches' | 'runs'> & { view: RunView };

export type VisibleBreak = VisibleDefinition & {
  id: number;
  /** Version 0: it is no item yet. */
  item: Break;
  /** With version 0: while this feed is the stored one the values are of the newest run. */
  feed?: Feed;
};

export async function visibleBreak(deps: FindDeps, actor: BreaksActor, id: number): Promise<Result<VisibleBreak>> {
  return (await visibleBreaks(deps, actor, [id]))[0]!;
}

/** In the order of the ids. */
export async function visibleBreaks(
  deps: FindDeps,
  actor: BreaksActor,
  ids: number[],
): Promise<Result<VisibleBreak>[]> {
  const wanted = ids.map((id) => ({ id, parts: splitNumber(id) }));
  const found = new Map<number, VisibleBreak>();
  const refused = new Map<number, Failure>();
  const byDefinition = Map.groupBy(
    wanted.filter(({ parts }) => parts !== undefined),
    ({ parts }) => parts!.number,
  );
  for (const [number, group] of byDefinition) {
    const definition = await visibleDefinition(deps, actor, number);
    if (!definition.ok) continue;
    const breakIds = [...new Set(group.map(({ parts }) => String(parts!.sequence)))];
    const { items, feed, failure } = await breaksOf(deps, definition.value, breakIds);
    for (const { id, parts } of group) {
      const item = items.get(String(parts!.sequence));
      if (item) found.set(id, { ...definition.value, id, item, ...(item.version === 0 && feed && { feed }) });
      else if (failure) refused.set(id, failure);
    }
  }
  return ids.map((id) => {
    const visible = found.get(id);
    return visible ? ok(visible) : (refused.get(id) ?? fail('NOT_FOUND', `There is no break ${id}`));
  });
}

async function breaksOf(
  deps: FindDeps,
  { reconciliation }: VisibleDefinition,
  breakIds: string[],
): Promise<{ items: Map<string, Break>; feed?: Feed; failure?: Failure }> {
  const ref = { tenant: reconciliation.tenant, reconciliationId: reconciliation.reconciliationId };
  const stored = await deps.breaks.getMany(ref, breakIds);
  const items = new Map(stored.map((item) => [item.breakId, item]));
  if (items.size === breakIds.length) return { items };
  const feed = await deps.batches.feed(ref);
  // Only numbers that were given out are worth looking for.
  const rest = breakIds.filter((breakId) => !items.has(breakId) && Number(breakId) <= (feed.breaksOpened ?? 0));
  if (rest.length === 0 || (!feed.settled && !feed.pending)) return { items };
  // What is being written now may be one of these breaks, with other values than the last settled run has.
  if (feed.pending) return { items, failure: fail('RUN_SETTLING') };
  const run = await deps.runs.get({ ...ref, runId: feed.settled!.runId });
  if (!run?.results) throw new Error(`run ${feed.settled!.runId} has settled without results`);
  const by = { runId: run.runId, number: run.number, breaksKey: run.results.breaksKey };
  for (const { breakId, observed, openedAt } of await deps.view.breaksOf(run, rest)) {
    items.set(breakId, { ...openBreak({ ...ref, breakId }, { observed, openedAt }, by), version: 0 });
  }
  return { items, feed };
}
