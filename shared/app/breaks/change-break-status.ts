// Moves one break to another status, by a maker or a checker of its definition.
import type { BreakStatus } from '../../domain/break.ts';
import { judgeTransition } from '../../domain/break-review.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { ok, type Result } from '../../domain/result.ts';
import { type ActDeps, actOnBreak } from './act-on-break.ts';
import type { VisibleBreak } from './visible-breaks.ts';

export type ChangeBreakStatus = {
  id: number;
  status: BreakStatus;
  comment?: string | undefined;
  action?: string | undefined;
};

export function changeBreakStatus(
  deps: ActDeps,
  actor: BreaksActor,
  { id, status, comment, action = 'STATUS_CHANGE' }: ChangeBreakStatus,
): Promise<Result<VisibleBreak>> {
  return actOnBreak(deps, actor, id, ({ item, reconciliation, roles }) => {
    const { makerCheckerEnabled } = reconciliation.graph;
    const judged = judgeTransition(item, status, makerCheckerEnabled, { dn: actor.dn, roles });
    return judged.ok ? ok({ action, status, comment }) : judged;
  });
}
