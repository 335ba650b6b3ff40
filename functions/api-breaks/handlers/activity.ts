// The activity feed.
import { type ListActivityDeps, listActivity } from '../../../shared/app/activity/list-activity.ts';
import type { activityRoutes } from '../../../shared/contracts/breaks/activity.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import type { RecordedActivity } from '../../../shared/ports/activity-log.ts';

export function activityHandlers(deps: ListActivityDeps): Handlers<typeof activityRoutes, BreaksActor> {
  return {
    async listActivity({ actor }) {
      const found = await listActivity(deps, actor);
      if (!found.ok) return found;
      const show = differences(actor);
      return ok(
        found.value.map((entry) => {
          const { id, eventType, details, recordedAt, actorDn } = entry;
          return { id, eventType, details, recordedAt, actorDn, difference: show(entry) };
        }),
      );
    },
  };
}

/** Those of the newest entries, as many as a reply holds: that of a large definition may be half a megabyte. */
function differences({
  role,
}: BreaksActor): (entry: RecordedActivity) => NonNullable<RecordedActivity['difference']> | null {
  let bytes = 0;
  return ({ difference }) => {
    if (role !== 'admin' || !difference) return null;
    bytes += Buffer.byteLength(JSON.stringify(difference));
    return bytes > differenceBytesMax ? null : difference;
  };
}
const differenceBytesMax = 1_500_000;
