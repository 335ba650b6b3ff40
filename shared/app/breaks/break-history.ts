// Everything that was done to a break, the newest first, for whoever may see it.
import type { BreakEntry } from '../../domain/break.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { ok, type Result } from '../../domain/result.ts';
import { withUnwritten } from './break-details.ts';
import { type FindDeps, type VisibleBreak, visibleBreak } from './visible-breaks.ts';

export type BreakHistory = VisibleBreak & {
  entries: BreakEntry[];
  /** `before` of the next page. */
  next?: number;
};

/** `before`: entries below this number. */
export async function breakHistory(
  deps: FindDeps,
  actor: BreaksActor,
  { id, before = Number.POSITIVE_INFINITY, limit }: { id: number; before?: number | undefined; limit: number },
): Promise<Result<BreakHistory>> {
  const visible = await visibleBreak(deps, actor, id);
  if (!visible.ok) return visible;
  const { item } = visible.value;
  const to = Math.min(before - 1, item.entries ?? 0);
  const from = Math.max(1, to - limit + 1);
  const { tenant, reconciliationId, breakId } = item;
  const stored = to >= from ? await deps.breaks.entries({ tenant, reconciliationId }, [{ breakId, from, to }]) : [];
  const written = stored.map(({ breakId: _id, ...entry }) => entry);
  // The newest entry of all may be that of a bulk.
  const entries = to === item.entries ? withUnwritten(item, written) : written;
  return ok({
    ...visible.value,
    entries: entries.toReversed(),
    ...(from > 1 && to >= from && { next: from }),
  });
}
