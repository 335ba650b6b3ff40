// What a reconciliation compares and how: sources with one anchor, canonical fields, ordered passes.
// Types only. `check-definition.ts` says whether one makes sense; `shared/matching` compiles it to SQL.

/** A reconciliation definition as a person writes it, in a file or through an API. */
export type Definition = {
  name: string;
  /** 2 to 5; exactly one has `anchor: true`, and every other is compared with it. */
  sources: Source[];
  fields: Field[];
  /** Each pass takes the residue of the one before. */
  passes: Pass[];
  /** Name of the text field that amounts are summed by; sums are kept in one bucket when absent. */
  currencyField?: string;
  /** Per source; a load with more rejected rows than this fails. No limit when absent. */
  rejectsMax?: number;
};

export type Source = {
  name: string;
  anchor?: boolean;
  /** `snapshot` (default): a batch is the whole truth. `increment`: a batch adds to what came before. */
  load?: 'snapshot' | 'increment';
  /** What sniffing the file would otherwise decide. */
  input?: InputFormat;
  /** IANA zone of date-times written without an offset; UTC when absent. */
  timeZone?: string;
  /** Only rows for which every filter holds are records; the others are counted as excluded. */
  filters?: RowFilter[];
  /** Totals that the file states about itself; a load that disagrees fails. */
  controlTotals?: ControlTotal[];
};

export type InputFormat = {
  format?: 'csv' | 'json' | 'ndjson' | 'parquet' | 'xlsx';
  encoding?: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'iso-8859-1';
  delimiter?: string;
  quote?: string;
  /** False: columns are named `column1`, `column2`, … */
  header?: boolean;
  /** Lines before the header (or the first row) that are not data. */
  preambleLines?: number;
  /** Lines after the last row that are not data. */
  footerLines?: number;
  /** Sheet name of a workbook; required when it has more than one. */
  sheet?: string;
};

export type RowFilter =
  | { column: string; in: string[] }
  | { column: string; notIn: string[] }
  | { column: string; matches: string }
  | { column: string; empty: boolean };

export type ControlTotal = {
  /** What is counted or summed over the data rows of the file, before filters and rejects. */
  of: 'rows' | { sum: string };
  /** A figure given here, or the first capture group of a pattern found in a preamble or footer line. */
  equals: string | { line: 'preamble' | 'footer'; pattern: string };
};

export type FieldRole = 'KEY' | 'COMPARE' | 'CLASSIFIER' | 'DISPLAY';
export type FieldType = 'text' | 'integer' | 'decimal' | 'date' | 'datetime' | 'boolean';

export type Field = {
  /** Canonical name, unique without regard to case; may not start with `$`. */
  name: string;
  role: FieldRole;
  /** Keys are text unless given. Absent: decided from all values of all sources, then stored. */
  type?: FieldType;
  /** `ignore-case` also ignores white space at the ends and repeated inside. `ignored` is shown, not compared. */
  comparison?: 'exact' | 'ignore-case' | 'ignored';
  tolerance?: Tolerance;
  normalise?: Normalisation[];
  /** Per source name. A source without a mapping for the field has null there (not allowed for KEY). */
  mapping: Record<string, Mapping>;
  /** Per source name: how written values are read, when known; decided per column from all its values otherwise. */
  reading?: Record<string, Reading>;
};

export type Tolerance =
  /** |anchor − other| ≤ absolute, a decimal string in the unit of the field. */
  | { absolute: string }
  /** |anchor − other| ≤ percent / 100 × |anchor|. */
  | { percent: string }
  /** Calendar days between the two dates, either direction. */
  | { days: number };

export type Normalisation =
  | 'trim'
  | 'collapse-spaces'
  | 'upper'
  | 'remove-accents'
  | 'remove-leading-zeros'
  | 'alphanumeric';

/** How a canonical value is made from the columns of a source row. A bare string is a column name. */
export type Mapping =
  | string
  | { column: string }
  | { constant: string }
  | { concatenate: Mapping[]; separator?: string }
  | { negate: Mapping }
  /** credit − debit, either side empty; signs inside the columns are kept. */
  | { debit: Mapping; credit: Mapping }
  | { scale: Mapping; by: string }
  /** `start` is 1-based; characters, not bytes. */
  | { substring: Mapping; start: number; length?: number }
  /** RE2 pattern; the given capture group (default: 1 if there is one, else the whole match); no match is null. */
  | { extract: Mapping; pattern: string; group?: number };

/** How the written form of a column is read. Decided once and then held to. */
export type Reading = {
  decimalMark?: '.' | ',';
  groupMark?: '.' | ',' | "'" | ' ' | '_' | '';
  /** strptime pattern: `%d.%m.%Y`, `%m/%d/%y %H:%M`, …; `iso` is ISO 8601 with or without time and offset. */
  dateFormat?: string;
};

export type Pass = { kind: 'exact-key'; name?: string };

/** Name under which a pass is reported. */
export function passName(pass: Pass, index: number): string {
  return pass.name ?? `${index + 1}-${pass.kind}`;
}

/** The source that all others are compared with; throws on a definition that `checkDefinition` refuses. */
export function anchorOf(definition: Definition): Source {
  const anchor = definition.sources.find((source) => source.anchor);
  if (!anchor) throw new Error('definition has no anchor');
  return anchor;
}

/** Every source but the anchor, in the definition's order. */
export function legsOf(definition: Definition): Source[] {
  return definition.sources.filter((source) => !source.anchor);
}
