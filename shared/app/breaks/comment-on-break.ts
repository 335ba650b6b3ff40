// A comment on the timeline of a break, in whatever status it is, by somebody who works on breaks. It changes nothing else.
import { mayWork } from '../../domain/break-review.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { type ActDeps, actOnBreak } from './act-on-break.ts';
import type { VisibleBreak } from './visible-breaks.ts';

export type CommentOnBreak = { id: number; comment: string; action?: string | undefined };

export function commentOnBreak(
  deps: ActDeps,
  actor: BreaksActor,
  { id, comment, action = 'COMMENT' }: CommentOnBreak,
): Promise<Result<VisibleBreak>> {
  return actOnBreak(deps, actor, id, (visible) =>
    mayWork(visible) ? ok({ action, comment }) : fail('FORBIDDEN', 'Only makers and checkers comment on breaks'),
  );
}
