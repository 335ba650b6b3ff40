// Writes a change of a definition into the activity, with what it changed, and tells those who want to know of publishing.
// Each change is named by the version that it made, so that telling of it again adds nothing.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { differenceOf } from '../../domain/graph/graph-difference.ts';
import type { ActivityEventType } from '../../ports/activity-log.ts';
import { notifyPublished } from '../notifications/notices.ts';
import type { Defined, DefinitionDeps } from './definition-deps.ts';

export async function noteChange(
  deps: Pick<DefinitionDeps, 'activity' | 'outbox' | 'queue' | 'clock'>,
  actor: BreaksActor,
  before: Defined | undefined,
  after: Defined,
): Promise<void> {
  const { tenant, reconciliationId, status, graph } = after;
  const published = status === 'PUBLISHED' && before?.status !== 'PUBLISHED';
  const retired = status === 'RETIRED' && before?.status !== 'RETIRED';
  const note = (eventType: ActivityEventType, deed: string) => {
    const difference = before && differenceOf(shownIn(before), shownIn(after));
    return deps.activity.record({
      tenant,
      reconciliationId,
      eventType,
      details: `Definition ${graph.number} (${graph.code}) ${deed} in version ${graph.version}`,
      actorDn: actor.dn,
      ...(difference && Object.keys(difference).length > 0 && { difference }),
      cause: `definition/${reconciliationId}/${graph.version}/${eventType}`,
    });
  };
  if (!before) await note('DEFINITION_CREATED', 'created');
  if (published) await note('DEFINITION_PUBLISHED', 'published');
  else if (retired) await note('DEFINITION_RETIRED', 'retired');
  else if (before) await note('DEFINITION_CHANGED', 'changed');
  if (published) await notifyPublished(deps, after);
}

/** What persons write, and the lifecycle. */
function shownIn({ status, graph }: Defined): object {
  const { number: _, version: _version, createdBy: _by, updatedBy: _who, updatedAt: _at, sources, ...rest } = graph;
  return { status, ...rest, sources: sources.map(({ id: _id, ...source }) => source) };
}
