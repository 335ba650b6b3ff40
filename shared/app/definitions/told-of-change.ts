// What the activity says of a change of a definition, with what it changed; and whether those who want to know of publishing are
// told. Each change is named by the version that it made.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { type Difference, differenceOf } from '../../domain/graph/graph-difference.ts';
import type { ActivityEntry, ActivityEventType } from '../../ports/activity-log.ts';
import type { Defined } from './definition-deps.ts';

export function toldOfChange(actor: BreaksActor, before: Defined | undefined, after: Defined): ActivityEntry[] {
  const { tenant, reconciliationId, graph } = after;
  const ref = { tenant, reconciliationId, actorDn: actor.dn };
  const told = (eventType: ActivityEventType, deed: string): ActivityEntry[] => {
    const details = `Definition ${graph.number} (${graph.code}) ${deed} in version ${graph.version}`;
    const cause = `definition/${reconciliationId}/${graph.version}/${eventType}`;
    const parts = before ? partsOf(differenceOf(shownIn(before), shownIn(after))) : [];
    if (parts.length <= 1) return [{ ...ref, eventType, details, ...(parts[0] && { difference: parts[0] }), cause }];
    return parts.map((difference, index) => {
      const part = `part ${index + 1} of ${parts.length}`;
      return { ...ref, eventType, details: `${details}, ${part}`, difference, cause: `${cause}/${index + 1}` };
    });
  };
  const created = before ? [] : told('DEFINITION_CREATED', 'created');
  if (becomes('PUBLISHED', before, after)) return [...created, ...told('DEFINITION_PUBLISHED', 'published')];
  if (becomes('RETIRED', before, after)) return [...created, ...told('DEFINITION_RETIRED', 'retired')];
  return before ? told('DEFINITION_CHANGED', 'changed') : created;
}

/** As much as one entry can be kept with, however badly it compresses. A graph has some two megabytes at most. */
const partCharactersMax = 150_000;

function partsOf(difference: Difference): Difference[] {
  const parts: Difference[] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const [path, change] of Object.entries(difference)) {
    const own = path.length + JSON.stringify(change).length;
    if (characters + own > partCharactersMax) {
      parts.push({});
      characters = 0;
    }
    parts.at(-1)![path] = change;
    characters += own;
  }
  return parts;
}

export function becomes(status: Defined['status'], before: Defined | undefined, after: Defined): boolean {
  return after.status === status && before?.status !== status;
}

/** What persons write, and the lifecycle. */
function shownIn({ status, graph }: Defined): object {
  const { number: _, version: _version, createdBy: _by, updatedBy: _who, updatedAt: _at, sources, ...rest } = graph;
  return { status, ...rest, sources: sources.map(({ id: _id, ...source }) => source) };
}
