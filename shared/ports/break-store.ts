// Breaks as items: the current state of each, over all runs.
import type { Break, BreakRef, BreakStatus } from '../domain/break.ts';
import type { BreakType } from '../domain/outcome.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { Page } from './page.ts';

/**
 * One of the writers of a settlement, under the fence of its attempt. It holds a position in the changes of the run, and
 * each write moves it on in the same transaction: that makes every write happen once, whoever repeats it.
 */
export type SettleLane = ReconciliationRef & { runId: string; index: number; fence: number };

/** `expected`: the version that must be stored; 0 for a new break, whose only guard is the lane's position. */
export type BreakWrite = { break: Break; expected: number };

/** Numbers of changes: those of the lane below `to` are written once this is. */
export type LaneMove = { from: number; to: number };

export type BreakStore = {
  /**
   * Takes a lane from whoever held it under this fence or an older one: their writes are refused from here on. Answers
   * where the run stands in it, 0 when it is new to it.
   */
  enterLane(lane: SettleLane): Promise<number | 'fenced'>;
  /**
   * At most `breaksPerSettleWriteMax` at once, in one transaction with the lane, which it moves. `fenced` when another
   * has entered the lane; `conflict` when a version has moved: read again. A repeat of the last write writes nothing.
   */
  settle(lane: SettleLane, move: LaneMove, writes: BreakWrite[]): Promise<'written' | 'fenced' | 'conflict'>;
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
