// What matching takes and gives: types only. `match-sources.ts` makes it; docs/engine/matching.md says what it means.
import type { Definition } from '../../domain/definition.ts';
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
};

/** What persons decided. Row references as in the sources. */
export type MatchDecisions = {
  /** A match of the anchor's records with those of one leg; `id` becomes its group id. No record is in two of one leg. */
  together: { id: string; source: string; left: number[]; right: number[] }[];
  /** Parquet with source, left_row, right_row: pairs that no pass may make. */
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
};
