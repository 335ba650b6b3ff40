// What matching takes and gives: types only. `match-sources.ts` makes it; docs/engine/matching.md says what it means.
import type { Definition } from '../../domain/definition.ts';
import type { LearnedPasses } from '../../domain/learned.ts';
import type { MatchSummary } from '../../domain/outcome.ts';
import type { LoadedSource } from '../records.ts';

export type MatchRequest = {
  definition: Definition;
  /** The anchor first, then the legs in the definition's order. */
  sources: LoadedSource[];
  /** Where the results are written; inside the engine's directory. Made if absent. */
  directory: string;
  onProgress?: (progress: MatchProgress) => void;
  /** Per leg: what the exact pass said of these records in the chunks of a run (`matchKeys`). It is then not run again. */
  verdicts?: string[][];
  decisions?: MatchDecisions;
  /** What verdicts have taught fuzzy passes, by the name of the pass. */
  learned?: LearnedPasses;
  /** Long searches of an earlier run, as it wrote them. They save time and change nothing. */
  searchedPath?: string;
};

/** What persons decided. Row references as in the sources. */
export type MatchDecisions = {
  /** A match of the anchor's records with those of one leg; `id` becomes its group id. No record is in two of one leg. */
  together: { id: string; source: string; left: number[]; right: number[] }[];
  /** Parquet with source, match, left_row, right_row: the rows of matches that may not come back. */
  apartPath?: string;
};

export type MatchProgress = {
  stage: 'join' | 'duplicates' | 'pass' | 'breaks';
  leg?: string;
  pass?: string;
};

export type Matched = {
  /** Parquet, one row per pair that agrees: `key`, `source` (with more than one leg), `left_row`, `right_row`, `pass`, `confidence`, and `group_id` where a pass finds groups: then a row per member. */
  matchesPath: string;
  /** Parquet, one row per break; `breakColumns` in `break-columns.ts` is its layout. */
  breaksPath: string;
  summary: MatchSummary;
  /** Long searches, for the next run; absent where there were none. */
  searchedPath?: string;
};
