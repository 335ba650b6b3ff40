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
  const all = await everyItem((cursor) => deps.reconciliations.list(tenant, {}, cursor, 1_000));
  const own = all.filter((one) => one.graph && rolesOf(actor, one, deps.fallbackGroups).size > 0);
  const { makers, checkers } = deps.fallbackGroups;
  const known = own.length > 0 || groups.some((group) => isGroup(makers, group) || isGroup(checkers, group));
  if (!known) return fail('FORBIDDEN', 'None of your groups has access to a reconciliation');
  const visible = own.filter((one) => isVisible(actor, one, deps.fallbackGroups));
  const ids = visible.map(({ reconciliationId }) => reconciliationId);
  return ok(await (ids.length > askedOneByOneMax ? amongNewest : ofEach)(deps, tenant, ids));
}
/** Beyond, a feed read for each of them would cost more than what they have in common. */
const askedOneByOneMax = 100;

async function ofEach(deps: ListActivityDeps, tenant: string, ids: string[]): Promise<RecordedActivity[]> {
  const newest: RecordedActivity[] = [];
  for (let first = 0; first < ids.length; first += readsAtOnce) {
    const some = ids.slice(first, first + readsAtOnce);
    const read = some.map((reconciliationId) => deps.activity.newest(tenant, reconciliationId, activityEntriesMax));
    newest.push(...(await Promise.all(read)).flat());
  }
  return newest.sort((a, b) => b.id - a.id).slice(0, activityEntriesMax);
}
/** Few enough to leave connections for others. */
const readsAtOnce = 25;

/** Those of the tenant's newest entries, page by page until there are enough: what lies deeper is not looked for. */
async function amongNewest(deps: ListActivityDeps, tenant: string, ids: string[]): Promise<RecordedActivity[]> {
  const visible = new Set(ids);
  const newest: RecordedActivity[] = [];
  let before: number | undefined;
  for (let read = 0; read < entriesReadMax && newest.length < activityEntriesMax; read += entriesPerPage) {
    const page = await deps.activity.newest(tenant, undefined, entriesPerPage, before);
    newest.push(...page.filter(({ reconciliationId }) => visible.has(reconciliationId ?? '')));
    before = page.at(-1)?.id;
    if (page.length < entriesPerPage) break;
  }
  return newest.slice(0, activityEntriesMax);
}
const entriesPerPage = 250;
const entriesReadMax = 5_000;
