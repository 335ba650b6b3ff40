// Reading large results. The answer comes from Parquet by way of the `query` function, which alone has the engine.
import type { RunRef } from '../domain/run.ts';

export type ResultRow = {
  /** Stable within the run: `<outcome>:<left row>:<right row>`. */
  id: string;
  outcome: 'matched' | 'mismatched' | 'missing' | 'duplicate' | 'exhausted' | 'ambiguous';
  breakType: string | null;
  /** Canonical field → value as exact text; null when the side is absent. */
  left: Record<string, string | null> | null;
  right: Record<string, string | null> | null;
  differences: {
    source: string;
    field: string;
    left: string | null;
    right: string | null;
    difference: string | null;
  }[];
  pass: string | null;
  confidence: number;
};

export type ResultFilter = { outcomes?: ResultRow['outcome'][]; confidenceMin?: number };

export type ResultQuery = {
  /** Rows ordered matches first, by left row; offset and limit count rows of the filter. */
  page(run: RunRef, filter: ResultFilter, offset: number, limit: number): Promise<{ rows: ResultRow[]; total: number }>;
  /** Writes a file of all rows of the filter to the store and answers its key; formulas in text are defused in csv. */
  export(
    run: RunRef,
    format: 'csv' | 'excel' | 'json',
    filter: ResultFilter,
  ): Promise<{ key: string; bytes: number; contentType: string }>;
};
