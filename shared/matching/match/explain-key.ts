// One key's way through a run: its records on every side, their outcome and pass, and the comparison of each field.
// Reads result files only; it matches nothing anew.
import type { Definition } from '../../domain/definition.ts';
import type { BreakType } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import type { LoadedSource } from '../records.ts';

export type ExplainRequest = {
  definition: Definition;
  /** As given to `matchSources`, the anchor first. */
  sources: LoadedSource[];
  matchesPaths: string[];
  breaksPaths: string[];
  /** The KEY fields in the definition's order, as normalised. */
  key: string[];
};

export type FieldComparison = {
  field: string;
  comparison: 'exact' | 'ignore-case' | 'ignored' | 'key' | 'shown';
  tolerance?: string;
  left: string | null;
  right: string | null;
  /** right − left for numbers, days for dates; null where there is none. */
  difference: string | null;
  agrees: boolean;
};

export type ExplainedKey = {
  key: string[];
  records: { source: string; row: string; values: Record<string, string | null> }[];
  /** Anchor and leg paired by a pass, agreeing or not. */
  pairs: {
    source: string;
    leftRow: string;
    rightRow: string;
    pass: string;
    outcome: 'matched' | 'mismatched';
    fields: FieldComparison[];
  }[];
  breaks: {
    type: BreakType;
    missingIn: string | null;
    source: string;
    occurrence: number;
    identity: string;
    leftRow: string | null;
    rightRow: string | null;
  }[];
};

/** Empty lists when no source has the key. */
export async function explainKey(_engine: Engine, _request: ExplainRequest): Promise<ExplainedKey> {
  throw new Error('being written');
}
