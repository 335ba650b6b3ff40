// A run, its stages and tasks. A stage's tasks are counted down to zero; only then does the run advance.
import type { RunAnomalies } from './anomaly/anomaly.ts';
import type { Definition } from './definition.ts';
import type { BatchMark } from './feed.ts';
import type { LearnedPasses } from './learned.ts';
import type { MatchSummary, SideSums } from './outcome.ts';
import type { Readings, ReconciliationRef } from './reconciliation.ts';
import type { LoadedField } from './record.ts';

export type RunRef = ReconciliationRef & { runId: string };

/** QUEUED → RUNNING → COMPLETED | FAILED | STOPPED; STOPPED and FAILED → RUNNING by a resume. */
export type RunStatus = 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'STOPPED';

/**
 * `prepare` loads uploads on demand and proposes a definition where none is; `partition` is left out for small input;
 * `residue` is for input in chunks whose definition has passes after the exact key.
 */
export const stages = ['prepare', 'plan', 'partition', 'match', 'residue', 'settle'] as const;
export type Stage = (typeof stages)[number];

/** Canonical names of fields. */
export type Dimensions = { product?: string; subProduct?: string; entity?: string };

/** In the words of whoever asked; nothing is decided by it. */
export type RunNote = {
  triggerType: string;
  correlationId?: string;
  comments?: string;
  /** Of a person whom a directory knows: their full name there. */
  actorDn?: string;
};

export type Run = RunRef & {
  /** Within the reconciliation, from 1; runs settle in this order. */
  number: number;
  trigger: 'api' | 'arrival' | 'schedule' | 'decision';
  actor: string;
  /** What the person who asked for it said about it. */
  request?: RunNote;
  status: RunStatus;
  stage: Stage;
  /** Raised by stop and resume; work of an older generation is refused everywhere. */
  generation: number;
  /** source → batches claimed, oldest first. */
  claims: Record<string, string[]>;
  /** What is matched, fixed by `plan`: a JSON object in the store, `RunInputs`. */
  inputsKey?: string;
  /** It takes all increments anew instead of what is carried, because a batch was withdrawn. */
  rebuild?: boolean;
  /** A rerun on batches that are not the newest: it has results, and neither opens nor closes a break. */
  backDated?: boolean;
  /** The graph that this run runs with, from `plan` on. */
  definition?: Definition;
  readings?: Readings;
  /** Fields by which persons sort and count its breaks. */
  dimensions?: Dimensions;
  /** SHA-256 of definition and of the inputs' checksums: equal hashes give identical outcomes. */
  definitionHash?: string;
  inputHash?: string;
  chunks?: number;
  /** It goes by decisions of persons. */
  decided?: boolean;
  /** The version of what was learned from reviews that its fuzzy passes go by. */
  learned?: number;
  /** Tasks of the current stage that are done, of all; for progress. */
  progress: { stage: Stage; done: number; total: number };
  summary?: MatchSummary;
  /** What is unusual about it beside the settled runs before it; absent in one that is back-dated. */
  anomalies?: RunAnomalies;
  /** Objects with the full results: Parquet of one or many chunks. */
  results?: {
    matchesKeys: string[];
    breaksKey: string;
    ledgerKey?: string;
    carriedKey?: string;
    searchedKey?: string;
    historyKey?: string;
    anomaliesKey?: string;
  };
  reason?: { code: string; detail: string };
  version: number;
  queuedAt: string;
  startedAt?: string;
  /** stage → when it was entered; the difference is the time per stage. */
  stagedAt: Partial<Record<Stage, string>>;
  /** stage that is done → the generation whose tasks did it; a resume does not repeat it. */
  doneIn: Partial<Record<Stage, number>>;
  /** `<generation>/<stage>` whose messages have all been sent. */
  announced?: string;
  finishedAt?: string;
};

/** Everything a run reads, so that its tasks ask neither feed nor batches again. */
export type RunInputs = {
  sources: SourceInputs[];
  withdrawn: BatchMark[];
  decisions?: RunDecisions;
  learned?: LearnedPasses;
  /** Long searches of the last settled run: they save time and change nothing, so they are no part of what is hashed. */
  searchedKey?: string;
};

/** The decisions that a run goes by, as they were when it was planned. */
export type RunDecisions = {
  /** Approvals up to this one were looked at. */
  upTo: number;
  /** Ids of manual matches that hold after this run. Where open records alone are carried, theirs are carried no more. */
  held: string[];
  /** JSON of the manual matches to make, `MatchDecisions['together']`. */
  togetherKey?: string;
  /** Parquet of the rows of all matches that were undone or rejected: source, match, left_row, right_row. */
  apartKey?: string;
  /** Rejected matches whose records this run or an earlier one brought back. */
  broughtBack: BroughtBack[];
  /** Sentences for a person: what was left aside and why. */
  notes: string[];
};

/** A match of a run, by the name that its members have. */
export type BroughtBack = { runId: string; match: string };

/** The anchor first. `records` and `sums` are what loading counted: the left side of conservation. */
export type SourceInputs = {
  source: string;
  fields: LoadedField[];
  /** `batch`: whose records these are; carried records may be of several. */
  parts: { key: string; rows: number; batch?: { number: number; fileName: string } }[];
  records: number;
  rejected: number;
  excluded: number;
  sums: SideSums;
};

/** source → records of settled runs that take part again; their row references stay as they were. */
export type Carried = Record<string, { keys: string[]; rows: number; sums: SideSums; fields: LoadedField[] }>;

export type TaskRef = RunRef & { stage: Stage; index: number };

export type Task = TaskRef & {
  generation: number;
  status: 'WAITING' | 'LEASED' | 'DONE' | 'FAILED';
  /** What to do, fixed before the first attempt: object keys, chunk numbers, id ranges. Small JSON. */
  input: Record<string, unknown>;
  attempt: number;
  owner?: string;
  leaseUntil?: number;
  /** Names of the objects that the winning attempt wrote, and its counts. Readers read these names and never list. */
  result?: Record<string, unknown>;
};

export function isActive(run: Pick<Run, 'status'>): boolean {
  return run.status === 'QUEUED' || run.status === 'RUNNING';
}

export const attemptsMax = 5;
/** A lease is renewed at a third of this; a worker that lost it is fenced at completion. */
export const leaseMs = 60_000;
export const tasksPerStageMax = 1_000;
