// Says by a code why a break is there, or takes the code away.
import { isGone } from '../../domain/break.ts';
import { mayWork } from '../../domain/break-review.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { type ActDeps, actOnBreak } from './act-on-break.ts';
import type { VisibleBreak } from './visible-breaks.ts';

export type SetReason = { id: number; reasonCode: string | null; comment?: string | undefined };

export function setReason(
  deps: ActDeps,
  actor: BreaksActor,
  { id, reasonCode, comment }: SetReason,
): Promise<Result<VisibleBreak>> {
  return actOnBreak(deps, actor, id, (visible) => {
    if (!mayWork(visible)) return fail('FORBIDDEN', 'Only makers and checkers say why a break is there');
    if (isGone(visible.item)) return fail('BREAK_GONE');
    return ok({ action: 'REASON', reasonCode, comment });
  });
}
