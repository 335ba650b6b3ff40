// The engine as the pipeline sees it: files in, files out. `duckdb-engine.ts` is the real one; simulations use a twin in
// plain JavaScript, held to it by a shared suite. Every call gets a directory of its own and leaves no state behind.
import type { RejectedLine } from '../domain/batch.ts';
import type { ObservedBreak } from '../domain/break.ts';
import type { Definition, FieldType, Reading } from '../domain/definition.ts';
import type { LearnedPasses } from '../domain/learned.ts';
import type { MatchSummary, SideSums } from '../domain/outcome.ts';
import type { LoadedField, LoadedRows } from '../domain/record.ts';
import type { Result } from '../domain/result.ts';
import type { AnomalyRequest, FoundAnomalies } from '../matching/anomaly/find-anomalies.ts';
import type { MatchDecisions } from '../matching/match/matched.ts';

export type SourceReadings = Record<string, { type: FieldType } & Reading>;

export type PipelineEngine = {
  /** Loads one file of one source and writes its records. */
  load(request: LoadRequest): Promise<Result<LoadedBatch>>;
  /** Makes a definition for files of which nothing is known but their content. */
  propose(request: ProposeRequest): Promise<Result<Definition>>;
  /** Splits records by key; gives one path per chunk, chunk 0 first. */
  partition(request: PartitionRequest): Promise<string[]>;
  /** Matches the records of all sources, or of one chunk of them, or goes on with what `matchKeys` left of all chunks. */
  match(request: MatchRequest): Promise<Result<MatchedChunk>>;
  /** The exact pass over one chunk, for a definition whose later passes must see what all chunks leave. */
  matchKeys(request: MatchRequest): Promise<MatchedKeysOfChunk>;
  /** Merges the breaks of all chunks and says what changed against the ledger. */
  compare(request: CompareRequest): Promise<Compared>;
  /** Reads what is watched of the run's new and changed breaks, has it judged, and says which breaks are unusual. */
  findAnomalies(request: AnomalyRequest): Promise<FoundAnomalies>;
  /** The rows of undone matches, of several files and pairs, in one file of the directory. */
  joinMembers(request: JoinRequest): Promise<string>;
  /** Those of the row references that the records have. */
  present(request: { directory: string; paths: string[]; rows: number[] }): Promise<number[]>;
  /** Some of stored records, named by their references. */
  pick(request: PickRequest): Promise<Picked>;
  /** Some of the changes that `compare` wrote, by their number, with what `findAnomalies` found of their breaks. */
  changes(request: ChangesRequest): Promise<BreakChange[]>;
};

export type LoadRequest = {
  directory: string;
  definition: Definition;
  source: string;
  path: string;
  fileName: string;
  batchNumber: number;
  /** Readings that were decided before; the load is held to them. */
  readings: SourceReadings | undefined;
};

export type LoadedBatch = {
  recordsPath: string;
  rejectsPath?: string;
  /** The first of the rejected rows. */
  rejects?: RejectedLine[];
  rows: LoadedRows;
  sums: SideSums;
  fields: LoadedField[];
  readings: SourceReadings;
};

export type ProposeRequest = {
  directory: string;
  name: string;
  /** The first is the anchor. */
  files: { source: string; path: string; fileName: string }[];
  keyFields?: string[];
};

export type RecordsOf = { source: string; paths: string[] };

export type PartitionRequest = { directory: string; definition: Definition; records: RecordsOf; chunks: number };

export type MatchRequest = {
  directory: string;
  definition: Definition;
  /** The anchor first, then the legs in the definition's order. */
  records: RecordsOf[];
  /** What increments carry into the next run: nothing, their open records, or all of them. */
  carry: Carry;
  /** Per leg, of every chunk. */
  verdicts?: string[][];
  decisions?: MatchDecisions;
  learned?: LearnedPasses;
  /** Long searches of an earlier run: they save time and change nothing. */
  searchedPath?: string;
};

export type JoinRequest = { directory: string; name: string; paths: string[]; members: Member[] };

/** A row of an undone match: both sides of a pair, whose name is its two rows; of a group a member, or no row at all. */
export type Member = { source: string; match: string; left: number | null; right: number | null };

export type PickRequest = {
  directory: string;
  /** Where the records are written; inside the directory. */
  path: string;
  definition: Definition;
  records: RecordsOf;
  side: 'left' | 'right';
  rows: number[];
  /** Records of that side of the undone matches in `path`, but for matches that are in `except`. */
  undone: { path: string; except: string[] }[];
  /** Records that are in these are not picked. */
  notIn: string[];
};

export type Picked = { path: string; rows: number; sums: SideSums; fields: LoadedField[] };

export type Carry = { what: 'nothing' | 'open' | 'all'; sources: string[] };

export type MatchedChunk = {
  matchesPath: string;
  breaksPath: string;
  /** Counts what was matched: records; rejected and excluded rows are not seen here and count zero. */
  summary: MatchSummary;
  carried: { source: string; path: string; rows: number; sums: SideSums; fields: LoadedField[] }[];
  /** Long searches, for the next run; absent where there were none. */
  searchedPath?: string;
};

export type MatchedKeysOfChunk = Omit<MatchedChunk, 'breaksPath'> & {
  /** Per source, the anchor first: records that are not settled, and of a leg the verdicts on them so far. */
  open: { source: string; recordsPath: string; verdictsPath?: string }[];
};

export type CompareRequest = {
  directory: string;
  breaksPaths: string[];
  /** Absent on the first settled run. */
  ledgerPath: string | undefined;
  /** How many breaks were ever opened: the first new one has the number after it, the others follow by identity. */
  breaksOpened: number;
  /** Epoch milliseconds that new breaks are dated with. */
  openedAt: number;
  /** New breaks beyond this many get no change; they are in the ledger all the same. */
  breakItemsMax: number;
  /** Which of these breaks are closed. Asked for breaks whose values have changed: a linked new one follows a closed one. */
  closedAmong(breakIds: string[]): Promise<Set<string>>;
};

export type Compared = {
  /** All breaks of the run in one Parquet. */
  breaksPath: string;
  /**
   * Every identity ever seen: `state` open or gone, its current `break_id`, `opened_at` in epoch milliseconds, the hash of its
   * values, and the rows that it was last seen with.
   */
  ledgerPath: string;
  /** Opened, changed and gone breaks, numbered from 0. */
  changesPath: string;
  changes: number;
  /** New breaks, with those that get no change. */
  opened: number;
};

export type ChangesRequest = {
  directory: string;
  path: string;
  anomaliesPath?: string;
  offset: number;
  limit: number;
};

export type BreakChange =
  | { kind: 'opened'; breakId: string; openedAt: number; previousBreakId?: string; observed: ObservedBreak }
  | { kind: 'changed'; breakId: string; observed: ObservedBreak }
  /** The rows that it was last seen with. */
  | { kind: 'gone'; breakId: string; source: string; leftRow: number | null; rightRow: number | null };
