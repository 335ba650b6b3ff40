// The newest activity that a person may see: of the reconciliations that they see, and for administrators all of the tenant.
import { type FallbackGroups, isVisible, rolesOf } from '../../domain/break-access.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { isGroup } from '../../domain/distinguished-name.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { RecordedActivity } from '../../ports/activity-log.ts';
import type { Deps } from '../deps.ts';
import { everyItem } from '../every-item.ts';

export type ListActivityDeps = Pick<Deps, 'reconciliations' | 'activity'> & { fallbackGroups: FallbackGroups };

export const activityEntriesMax = 50;

export async function listActivity(deps: ListActivityDeps, actor: BreaksActor): Promise<Result<RecordedActivity[]>> {
  const { tenant, groups } = actor;
  if (actor.role === 'admin') return ok(await deps.activity.newest(tenant, undefined, activityEntriesMax));
  const all = await everyItem((cursor) => deps.reconciliations.list(tenant, {}, cursor));
  const own = all.filter((one) => one.graph && rolesOf(actor, one, deps.fallbackGroups).size > 0);
  const { makers, checkers } = deps.fallbackGroups;
  const known = own.length > 0 || groups.some((group) => isGroup(makers, group) || isGroup(checkers, group));
  if (!known) return fail('FORBIDDEN', 'None of your groups has access to a reconciliation');
  const visible = own.filter((one) => isVisible(actor, one, deps.fallbackGroups));
  const newest: RecordedActivity[] = [];
  for (let first = 0; first < visible.length; first += readsAtOnce) {
    const read = visible.slice(first, first + readsAtOnce).map(({ reconciliationId }) => {
      return deps.activity.newest(tenant, reconciliationId, activityEntriesMax);
    });
    newest.push(...(await Promise.all(read)).flat());
  }
  return ok(newest.sort((a, b) => b.id - a.id).slice(0, activityEntriesMax));
}
/** One query for each reconciliation: few enough at once to leave connections for others. */
const readsAtOnce = 25;
