// Looking into the matches of a run before somebody decides about them. The answer comes from Parquet by way of the
// `query` function, which alone has the engine.
import type { UndoneMatches, UndoScope } from '../domain/decision.ts';
import type { SideSums } from '../domain/outcome.ts';
import type { FoundMatch } from '../domain/review.ts';
import type { RunRef } from '../domain/run.ts';

export type UndoQuery = {
  scope: UndoScope;
  /** Members of matches that were undone of this run before: those are left out. */
  except: string[];
  /** Manual matches that stand or wait, to be told which of them have records of these. */
  manual: { id: string; source: string; left: number[]; right: number[] }[];
  /** The newest ledger: which breaks were of these records and are gone. */
  ledgerKey?: string;
  /** Where the members are written; without it they are counted only. */
  membersKey?: string;
};

export type UndoAnswer = {
  undone: UndoneMatches;
  /** Breaks that are gone and had these records; `breakIds` are the first of them. */
  breaks: { count: number; breakIds: string[] };
  /** Ids of `manual`. */
  touched: string[];
};

export type RecordsQuery = { source: string; left: number[]; right: number[] };

export type RecordsAnswer = {
  /** Not among the records of the run. */
  absent: number[];
  /** Among its matches already. */
  matched: number[];
  sums: { left: SideSums; right: SideSums };
};

/** A pair, or any member of a group; its source where the same rows may be of several. */
export type FindQuery = { source?: string; left: number | null; right: number | null };

export type MatchQuery = {
  /** Null where the run has no such match. */
  find(run: RunRef, query: FindQuery): Promise<FoundMatch | null>;
  undo(run: RunRef, query: UndoQuery): Promise<UndoAnswer>;
  records(run: RunRef, query: RecordsQuery): Promise<RecordsAnswer>;
};
