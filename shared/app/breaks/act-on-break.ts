// One deed of one person on one break: find it, judge, write it with its entry and its line of the activity feed in the version
// that was read. Of two who move a break at the same time one is refused; a comment in between stands in nobody's way.
import type { Break } from '../../domain/break.ts';
import { afterDeed, type Deed } from '../../domain/break-review.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { NumberStore } from '../../ports/number-store.ts';
import type { Deps } from '../deps.ts';
import { untilWritten } from '../until-written.ts';
import { toldOfDeed } from './told-of-deed.ts';
import { type FindDeps, type VisibleBreak, visibleBreak } from './visible-breaks.ts';

export type ActDeps = FindDeps & Pick<Deps, 'activity' | 'clock'> & { numbers: NumberStore };

export type Act = Omit<Deed, 'at' | 'actorDn' | 'comment'> & { comment?: string | undefined };

export async function actOnBreak(
  deps: ActDeps,
  actor: BreaksActor,
  id: number,
  judge: (visible: VisibleBreak) => Result<Act> | Promise<Result<Act>>,
): Promise<Result<VisibleBreak>> {
  let first: Break | undefined;
  let commentId: number | undefined;
  return untilWritten<Result<VisibleBreak>>(async () => {
    const visible = await visibleBreak(deps, actor, id);
    if (!visible.ok) return visible;
    const { item, feed } = visible.value;
    const judged = await judge(visible.value);
    if (!judged.ok) return judged;
    const { comment, ...act } = judged.value;
    if (act.status !== undefined && isMarked(item))
      return fail('CONCURRENT_CHANGE', 'The break is being changed together with others');
    if (act.status !== undefined && first && hasMoved(first, item)) return fail('CONCURRENT_CHANGE');
    first ??= item;
    if (comment !== undefined) commentId ??= await deps.numbers.take(actor.tenant, 'comment', 1);
    const at = new Date(deps.clock.now()).toISOString();
    const deed: Deed = {
      ...act,
      at,
      actorDn: actor.dn,
      ...(comment !== undefined && { comment: { id: commentId!, text: comment } }),
    };
    const { break: next, entry } = afterDeed(item, deed);
    const write = { break: next, expected: item.version, entries: [entry] };
    const told = await deps.activity.number(toldOfDeed(visible.value, entry));
    if (!(await deps.breaks.save([write], feed, told))) return undefined;
    return ok({ ...visible.value, item: next });
  });
}

/** For a bulk that is not decided. */
export function isMarked({ bulk }: Break): boolean {
  return bulk !== undefined && bulk.unwritten === undefined;
}

/** What the person looked at is not what is there now. */
function hasMoved(before: Break, now: Break): boolean {
  return before.status !== now.status || before.contentHash !== now.contentHash;
}
