// What a run of the break management surface shows: its breaks with the values of then and the status of now. The answer comes
// from Parquet by way of the `query` function, which alone has the engine; of a break that a person has touched it reads the status too.
import type { BreakStatus, ObservedBreak } from '../domain/break.ts';
import type { BreakKind } from '../domain/break-kind.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { RunRef } from '../domain/run.ts';

/** Values of one name are alternatives, names must all hold; an absent name lets everything pass. */
export type BreakFilter = {
  product?: string[] | undefined;
  subProduct?: string[] | undefined;
  entity?: string[] | undefined;
  status?: BreakStatus[] | undefined;
  /** Those in which something is unusual, or all others. */
  anomalous?: boolean | undefined;
};

export type ViewedBreak = {
  /** Decimal text: the break's sequence within its reconciliation. */
  breakId: string;
  /** As the run saw it, without candidates. */
  observed: ObservedBreak;
  kind: BreakKind;
  product: string | null;
  subProduct: string | null;
  entity: string | null;
  /** Epoch ms, as the ledger has it. */
  openedAt: number;
  /** Of now: CLOSED once it is gone from the data, else what persons have made of it, else OPEN. */
  status: BreakStatus;
  /** No longer in the data, or followed by another break: nothing can be done about it. Its item may have comments. */
  gone: boolean;
  /** In the data, and a person has done something about it: its item says what. */
  touched: boolean;
  /** Something about it was unusual when it was opened or its values last changed. */
  anomalous: boolean;
};

/** What a page shows of a break; texts over `valueBytesMax` characters are cut. */
export type PagedBreak = Omit<ViewedBreak, 'observed'> & {
  observed: Pick<ObservedBreak, 'identity' | 'left' | 'right' | 'anomalies'>;
};

/** Name → breaks. Each map but the ages adds up to `filteredBreakCount`; the ages to the OPEN ones of these. */
export type RunAnalytics = {
  breaksByStatus: Record<string, number>;
  breaksByType: Record<string, number>;
  breaksByProduct: Record<string, number>;
  breaksByEntity: Record<string, number>;
  openBreaksByAgeBucket: Record<string, number>;
  filteredBreakCount: number;
  totalBreakCount: number;
};

/** What can be asked for in a filter, of all breaks of the run. */
export type SelectableFilters = { products: string[]; subProducts: string[]; entities: string[] };

export type RunPageRequest = {
  filter: BreakFilter;
  /** Epoch ms; ages are counted to here. */
  now: number;
  /** A `breakId`: the page begins after it. */
  after?: string;
  limit: number;
};

export type RunPage = {
  analytics: RunAnalytics;
  filters: SelectableFilters;
  /** In the order of their ids; fewer than asked for where they are larger than a reply can hold. */
  breaks: PagedBreak[];
  /** More of the filter follow the last one. */
  more: boolean;
};

export type RunView = {
  /** Of a settled run; RESULTS_NOT_READY for any other. */
  page(run: RunRef, request: RunPageRequest): Promise<RunPage>;
  /** Those of the breaks that the run has, with whole values; at most 1,000 ids. */
  breaksOf(run: RunRef, breakIds: string[]): Promise<ViewedBreak[]>;
};

/** What persons have made of breaks that are still in the data; of all others the ledger says enough. */
export type TouchedBreaks = {
  touched(ref: ReconciliationRef): Promise<{ breakId: string; status: BreakStatus }[]>;
};
