// Gives a break to a maker or checker of its definition, whom the directory knows, or takes it from them. They are told by mail
// where an access entry of one of their groups has a channel.
import { isGone } from '../../domain/break.ts';
import { rolesOf } from '../../domain/break-access.ts';
import { mayWork } from '../../domain/break-review.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { joinNumber } from '../../domain/composite-number.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Directory, DirectoryPerson } from '../../ports/directory.ts';
import type { NotifyDeps } from '../notifications/keep-mails.ts';
import { notifyAssigned } from '../notifications/notices.ts';
import { type ActDeps, actOnBreak } from './act-on-break.ts';
import type { VisibleBreak } from './visible-breaks.ts';

export type AssignBreak = { id: number; assigneeDn: string | null; comment?: string | undefined };

export type AssignDeps = ActDeps & NotifyDeps & { directory: Pick<Directory, 'lookUp'> };

export async function assignBreak(
  deps: AssignDeps,
  actor: BreaksActor,
  { id, assigneeDn, comment }: AssignBreak,
): Promise<Result<VisibleBreak>> {
  let person: DirectoryPerson | undefined;
  const assigned = await actOnBreak(deps, actor, id, async (visible) => {
    if (!mayWork(visible)) return fail('FORBIDDEN', 'Only makers and checkers assign breaks');
    if (isGone(visible.item)) return fail('BREAK_GONE');
    if (assigneeDn === null) return ok({ action: 'ASSIGNMENT', assignee: null, comment });
    if (!person) {
      const found = await deps.directory.lookUp(assigneeDn);
      if (found.ok) person = found.value;
    }
    const works = person && mayWork({ roles: rolesOf(person, visible.reconciliation, deps.fallbackGroups) });
    if (!person || !works) return fail('ASSIGNEE_INVALID', undefined, { field: 'assigneeDn' });
    return ok({ action: 'ASSIGNMENT', assignee: { dn: person.dn, name: person.displayName }, comment });
  });
  if (!assigned.ok || !person) return assigned;
  const { item, reconciliation } = assigned.value;
  await notifyAssigned(deps, reconciliation, {
    breakId: id,
    runId: joinNumber({ number: reconciliation.graph.number, sequence: item.lastRunNumber }),
    assignee: person,
    by: actor.dn,
    cause: `assigned/${id}/${item.entries}`,
  });
  return assigned;
}
