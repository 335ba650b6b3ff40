// The pairs of records whose texts share the rarest words: for each record the few with which it shares most.
import type { PlannedField } from './fields.ts';
import { termsTable } from './terms.ts';

export type SharedWords = {
  /** Relation of records of the left, with id: the others have no pairs. */
  lefts: string;
  single: boolean;
  /** The best that are kept for each record, of either side. */
  perRecord: number;
  /** Rows that may be looked at: commoner words than these allow are left out. */
  rowsMax: number;
};

/** Rows of shared words that are looked at for each record. */
export const wordRowsPerRecord = 200;

/** A query of l, r. Words are taken from the rarest on; all records of a word are, or none. */
export function sharedWordsSql({ index }: PlannedField, { lefts, single, perRecord, rowsMax }: SharedWords): string {
  const left = `(SELECT * FROM ${termsTable(index, 'left')} WHERE id IN (SELECT id FROM ${lefts}))`;
  const right = termsTable(index, 'right');
  const rows = `SELECT a.term, a.n * b.n AS rows FROM (SELECT term, count(*) AS n FROM ${left} GROUP BY term) a
    JOIN (SELECT term, count(*) AS n FROM ${right} GROUP BY term) b USING (term)`;
  // Terms that make equally many rows go together, so that their order decides nothing.
  const telling = `SELECT term FROM (SELECT term, sum(rows) OVER (ORDER BY rows) AS so_far FROM (${rows})) WHERE so_far <= ${rowsMax}`;
  const shared = `SELECT a.id AS l, b.id AS r, sum(a.weight * b.weight) AS weight FROM ${left} a JOIN ${right} b USING (term)
    WHERE term IN (${telling})${single ? ' AND a.id <> b.id' : ''} GROUP BY a.id, b.id`;
  const rank = (own: string, other: string) => `row_number() OVER (PARTITION BY ${own} ORDER BY weight DESC, ${other})`;
  return `SELECT l, r FROM (SELECT l, r, ${rank('l', 'r')} AS of_left, ${rank('r', 'l')} AS of_right FROM (${shared}))
    WHERE of_left <= ${perRecord} OR of_right <= ${perRecord}`;
}
