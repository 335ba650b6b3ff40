// Breaks as items: the current state of each over all runs, and its history. What is read is already as a committed bulk makes
// it (`resolveBulk`), so that no reader sees a part of one.
import type { Break, BreakEntry, BreakStatus } from '../domain/break.ts';
import type { Feed } from '../domain/feed.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { NumberedActivity } from './activity-log.ts';
import type { Page } from './page.ts';

/**
 * One of the writers of a settlement, under the fence of its attempt. It holds a position in the changes of the run, and
 * each write moves it on in the same transaction: that makes every write happen once, whoever repeats it.
 */
export type SettleLane = ReconciliationRef & { runId: string; index: number; fence: number };

/**
 * The break as it shall be, with what that adds to its history. `expected`: the version that must be stored; 0 for one that is
 * new. An entry of a committed bulk that the break still carries is written with it, and its mark is taken off.
 */
export type BreakWrite = { break: Break; expected: number; entries?: BreakEntry[] };

/** Numbers of changes: those of the lane below `to` are written once this is. */
export type LaneMove = { from: number; to: number };

/** Entries of one break, by their numbers, both included. */
export type EntryRange = { breakId: string; from: number; to: number };

export type BreakStore = {
  /**
   * Takes a lane from whoever held it under this fence or an older one: their writes are refused from here on. Answers
   * where the run stands in it, 0 when it is new to it.
   */
  enterLane(lane: SettleLane): Promise<number | 'fenced'>;
  /**
   * Writes of at most `breakPartsPerWriteMax` parts (`partsOf`), in one transaction with the lane, which it moves. `fenced` when another
   * has entered the lane; `conflict` when a version has moved: read again. A repeat of the last write writes nothing.
   * The only guard of a new break is the lane.
   */
  settle(lane: SettleLane, move: LaneMove, writes: BreakWrite[]): Promise<'written' | 'fenced' | 'conflict'>;
  getMany(ref: ReconciliationRef, breakIds: string[]): Promise<Break[]>;
  /**
   * What persons do, in one transaction of at most `breakPartsPerWriteMax` parts: false when a version has moved, or a new
   * break exists. With a feed: only while that one is the stored one. `told` goes into the activity in the same transaction.
   */
  save(writes: BreakWrite[], feed?: Feed, told?: NumberedActivity[]): Promise<boolean>;
  /** Every break of a reconciliation, for those who look after the whole; no order that means anything. */
  list(ref: ReconciliationRef, cursor?: string, limit?: number): Promise<Page<Break>>;
  /** Those that `isTouched`; strongly consistent. */
  touched(ref: ReconciliationRef): Promise<{ breakId: string; status: BreakStatus }[]>;
  /** In the order asked; those that are there. */
  entries(ref: ReconciliationRef, ranges: EntryRange[]): Promise<(BreakEntry & { breakId: string })[]>;
};
