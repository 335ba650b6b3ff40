// A reconciliation as it is kept: its definition with the readings that were decided once, and what feeds it.
import type { Definition, FieldType, Reading } from './definition.ts';
import type { KeptGraph } from './graph/graph.ts';
import type { MatchingRule } from './matching-rule.ts';
import type { Wake } from './schedule-wake.ts';

export type ReconciliationRef = { tenant: string; reconciliationId: string };

/** source → field → type and reading that its first batch (or a person) settled; later batches are held to them. */
export type Readings = Record<string, Record<string, { type: FieldType } & Reading>>;

export type Reconciliation = ReconciliationRef & {
  /** Folder name in `drop/<tenant>/<code>/<source>/`; unique in the tenant; lower case letters, digits, `-`, `_`. */
  code: string;
  name: string;
  description: string;
  projectId?: string;
  ownerId: string;
  status: 'DRAFT' | 'PUBLISHED' | 'RETIRED';
  /** Absent until it is proposed from the data, which happens when the first run of `inputs` is prepared. */
  definition?: Definition;
  readings?: Readings;
  /** Uploads that a run loads on demand, one per source; absent for reconciliations fed by the drop folder. */
  inputs?: { source: string; uploadId: string; dataSourceId?: string }[];
  /** What a person asked for before a definition existed. */
  proposal?: { rules?: MatchingRule[] };
  /** Of the break management surface: what the definition is compiled from, and who may see and do what. */
  graph?: KeptGraph;
  /** When the clock comes for it, and what came due; follows the graph (`armSchedule`). */
  wake?: Wake;
  /** How matches are reviewed: those of at least this confidence need no person where `autoApprove` is set. */
  review?: { confidenceMin: number; autoApprove: boolean };
  /** Raised by every change; writes are conditional on it. */
  version: number;
  createdAt: string;
  updatedAt: string;
};
