// The history of a break in the words of the surface.
import type { BreakHistory } from '../../../shared/app/breaks/break-history.ts';
import { joinNumber } from '../../../shared/domain/composite-number.ts';

export function presentHistory({ id, item, reconciliation, entries, next }: BreakHistory) {
  const { openedAt, closedAt, closedBy, closedReason, previousBreakId } = item;
  const { number } = reconciliation.graph;
  return {
    id,
    detectedAt: openedAt,
    closed: closedAt === undefined ? null : { at: closedAt, by: closedBy!, reason: closedReason ?? null },
    previousBreakId: previousBreakId === undefined ? null : joinNumber({ number, sequence: Number(previousBreakId) }),
    entries: entries.map(
      ({ number: position, actorDn, action, at, id: commentId, comment, status, assignee, reasonCode }) => ({
        number: position,
        actorDn,
        action,
        createdAt: at,
        commentId: commentId ?? null,
        comment: comment ?? null,
        status: status ?? null,
        assignee: assignee ?? null,
        reasonCode: reasonCode ?? null,
      }),
    ),
    nextCursor: next === undefined ? null : String(next),
  };
}
