// What the activity says of a change of a definition, with what it changed; and whether those who want to know of publishing are
// told. Each change is named by the version that it made.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { differenceOf } from '../../domain/graph/graph-difference.ts';
import type { ActivityEntry, ActivityEventType } from '../../ports/activity-log.ts';
import type { Defined } from './definition-deps.ts';

export function toldOfChange(actor: BreaksActor, before: Defined | undefined, after: Defined): ActivityEntry[] {
  const { tenant, reconciliationId, graph } = after;
  const difference = before && differenceOf(shownIn(before), shownIn(after));
  const told = (eventType: ActivityEventType, deed: string): ActivityEntry => ({
    tenant,
    reconciliationId,
    eventType,
    details: `Definition ${graph.number} (${graph.code}) ${deed} in version ${graph.version}`,
    actorDn: actor.dn,
    ...(difference && Object.keys(difference).length > 0 && { difference }),
    cause: `definition/${reconciliationId}/${graph.version}/${eventType}`,
  });
  const created = before ? [] : [told('DEFINITION_CREATED', 'created')];
  if (becomes('PUBLISHED', before, after)) return [...created, told('DEFINITION_PUBLISHED', 'published')];
  if (becomes('RETIRED', before, after)) return [...created, told('DEFINITION_RETIRED', 'retired')];
  return before ? [told('DEFINITION_CHANGED', 'changed')] : created;
}

export function becomes(status: Defined['status'], before: Defined | undefined, after: Defined): boolean {
  return after.status === status && before?.status !== status;
}

/** What persons write, and the lifecycle. */
function shownIn({ status, graph }: Defined): object {
  const { number: _, version: _version, createdBy: _by, updatedBy: _who, updatedAt: _at, sources, ...rest } = graph;
  return { status, ...rest, sources: sources.map(({ id: _id, ...source }) => source) };
}
