// One change of many breaks that happens to all of them or to none. Each break is marked first; committing the bulk changes all
// that bear its mark at once, because whoever reads a marked break looks at its bulk. No mark of an undecided or aborted bulk counts.
import type { Break, BreakStatus } from './break.ts';
import { afterDeed } from './break-review.ts';
import type { ReconciliationRef } from './reconciliation.ts';

export type BulkRef = { tenant: string; bulkId: string };

/** MARKING → COMMITTED | ABORTED, once; by a conditional write. */
export type BulkState = 'MARKING' | 'COMMITTED' | 'ABORTED';

export type BreakBulk = BulkRef & {
  actorDn: string;
  action: string;
  status?: BreakStatus;
  comment?: string;
  /** The comment of the first break; each next break's is one more. */
  firstCommentId?: number;
  /** In the order in which comments are numbered. */
  targets: BulkTargets[];
  startedAt: string;
  state: BulkState;
  /** When it was committed or aborted; what it changed is dated with it. */
  decidedAt?: string;
};

export type BulkTargets = { reconciliationId: string; number: number; breakIds: string[] };

/** A request lasts half a minute at most; who began a bulk longer ago is gone. */
export const bulkAbandonedAfterMs = 60_000;
export const bulkBreaksMax = 1_000;

/** A break as everybody must see it, in the version that is stored. */
export function resolveBulk(item: Break, bulk: BreakBulk | undefined): Break {
  if (!item.bulk || bulk?.state === 'MARKING') return item;
  const { bulk: _mark, ...unmarked } = item;
  if (bulk?.state !== 'COMMITTED') return unmarked;
  const { firstCommentId, comment, status, actorDn, action } = bulk;
  const { break: changed, entry } = afterDeed(unmarked, {
    at: bulk.decidedAt!,
    actorDn,
    action,
    ...(status !== undefined && { status }),
    ...(comment !== undefined && { comment: { id: firstCommentId! + positionOf(bulk, item), text: comment } }),
  });
  return { ...changed, version: item.version, bulk: { bulkId: bulk.bulkId, unwritten: entry } };
}

/** The status alone, where no more of the break was read. */
export function resolveStatus(status: BreakStatus, bulk: BreakBulk | undefined): BreakStatus {
  return bulk?.state === 'COMMITTED' ? (bulk.status ?? status) : status;
}

export function isTarget(bulk: BreakBulk, { reconciliationId }: ReconciliationRef, breakId: string): boolean {
  return bulk.targets.some((one) => one.reconciliationId === reconciliationId && one.breakIds.includes(breakId));
}

function positionOf({ targets }: BreakBulk, { reconciliationId, breakId }: Break): number {
  let position = 0;
  for (const target of targets) {
    const index = target.reconciliationId === reconciliationId ? target.breakIds.indexOf(breakId) : -1;
    if (index >= 0) return position + index;
    position += target.breakIds.length;
  }
  throw new Error(`break ${breakId} bears the mark of a bulk that it is not in`);
}
