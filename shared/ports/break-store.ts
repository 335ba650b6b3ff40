// Breaks as items: the current state of each, over all runs.
import type { Break, BreakRef, BreakStatus } from '../domain/break.ts';
import type { BreakType } from '../domain/outcome.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { Page } from './page.ts';

/** Proof of the right to settle: refused when the feed's fence has moved on. */
export type SettleFence = ReconciliationRef & { fence: number };

export type BreakWrite = {
  break: Break /** Version that must be stored; 0: must not exist, or be of the same version (a repeat). */;
  expected: number;
};

export type BreakStore = {
  /** At most `breaksPerSettleWriteMax` at once, in one transaction with the fence. `fenced`, or `conflict` when a version has moved: read again. */
  settle(fence: SettleFence, writes: BreakWrite[]): Promise<'written' | 'fenced' | 'conflict'>;
  get(ref: BreakRef): Promise<Break | undefined>;
  getMany(ref: ReconciliationRef, breakIds: string[]): Promise<Break[]>;
  /** A person's change: where the stored version is the given one, writes version + 1; false on a conflict. */
  save(item: Break): Promise<boolean>;
  list(
    ref: ReconciliationRef,
    filter: { status?: BreakStatus[]; type?: BreakType; runNumber?: number },
    cursor?: string,
    limit?: number,
  ): Promise<Page<Break>>;
};
