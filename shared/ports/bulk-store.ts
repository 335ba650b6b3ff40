// Changes of many breaks at once, by which marked breaks are read.
import type { BreakBulk, BulkRef, BulkState } from '../domain/break-bulk.ts';

export type BulkStore = {
  /** As MARKING; its id is new. */
  create(bulk: BreakBulk): Promise<void>;
  get(ref: BulkRef): Promise<BreakBulk | undefined>;
  /** Where it is still MARKING; answers the state in which it is from then on, whoever decided it. */
  decide(ref: BulkRef, state: 'COMMITTED' | 'ABORTED', at: string): Promise<BulkState>;
  /** Nothing is left to do about its marks. */
  finish(ref: BulkRef): Promise<void>;
  /** Not finished, and started before (epoch ms). */
  unfinished(before: number, limit: number): Promise<BreakBulk[]>;
};
