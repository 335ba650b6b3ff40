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
  /** By the name that passes use. */
  calendars?: Record<string, Calendar>;
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
  /** A record without a value for it is rejected. */
  required?: boolean;
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
  /** `optional`: a file without the column is taken, and the value is null. */
  | { column: string; optional?: boolean }
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

export type Pass = ExactKeyPass | TolerancePass | GroupedPass | FuzzyPass;

export type ExactKeyPass = { kind: 'exact-key'; name?: string };

/** `suggest`: what the pass finds is shown as candidates of the breaks, and its records stay open. Default `auto`. */
export type Acceptance = 'auto' | 'suggest';

/**
 * Pairs records one to one without a common key. A pair must hold every condition; of all pairings in a block the one
 * with the most pairs and then the least total cost wins. The fields named are judged by the conditions instead of
 * their own comparison.
 */
export type TolerancePass = {
  kind: 'tolerance';
  name?: string;
  conditions: Condition[];
  /** Pairings whose costs are no further apart are a tie. A condition at its limit costs 1. Default `0`. */
  tieMargin?: string;
  accept?: Acceptance;
};

export type Condition =
  /** Equal as the field is compared, and not null: what blocks are made of. */
  | { field: string; equal: true }
  | { field: string; absolute: string }
  | { field: string; percent: string; base?: PercentBase }
  | DayWindow;

/** Whose value the percentage is of; `anchor` when absent. */
export type PercentBase = 'anchor' | 'other' | 'larger';

/** Days from the anchor's date to the other's: from `-before` to `after`. */
export type DayWindow = {
  field: string;
  daysBefore: number;
  daysAfter: number;
  /** Name of a calendar of the definition: days are its business days. Calendar days when absent. */
  calendar?: string;
};

/** Matches records whose amounts add up: within groups of equal fields, or searched for inside blocks of equal fields. */
export type GroupedPass = {
  kind: 'grouped';
  name?: string;
  /** `one-to-many`: one record of the anchor. `netting`: records of the same source that add up to zero. */
  cardinality: 'one-to-many' | 'many-to-one' | 'many-to-many' | 'netting';
  /** Fields in which all records of a group are equal, and none null. */
  by: string[];
  /** The field whose amounts add up. */
  amount: string;
  /** How far the two sums may lie apart; equal when absent. */
  tolerance?: { absolute: string } | { percent: string; base?: PercentBase };
  /** How far the dates of the many may lie from that of the one; of the others from the first, where there is no one. */
  window?: DayWindow;
  /** What was kept back: amount of the one = sum of the many − fee. For cardinalities with a one. */
  fee?: Fee;
  /**
   * Present: sets that add up are searched for inside the blocks of `by`. Absent: all records equal in `by` are the group.
   * `recordsMax` is of the records of one side in a set: the one is not counted with the many.
   */
  search?: { recordsMax?: number; stepsMax?: number };
  tieMargin?: string;
  accept?: Acceptance;
};

/**
 * Pairs records one to one by how likely they are the same thing, by what their values say together (Fellegi and Sunter, 1969).
 * Weights are learned from the records of the pass. The fields named are judged by that instead of their own comparison.
 */
export type FuzzyPass = {
  kind: 'fuzzy';
  name?: string;
  fields: FuzzyField[];
  /** Fields in which a pair must be equal, as the field is compared, and not null. They are no evidence. */
  equal?: string[];
  /** Only records that are equal in all fields of one of these are compared; chosen from the values when absent. */
  blocks?: string[][];
  /** Probability from which on a pair is a match, 0 to 1. `0.5` when neither this nor a target is given. */
  threshold?: number;
  /** Instead: the lowest threshold from which on the matches are right in this share, by their probabilities. */
  targetPrecision?: number;
  /** Bits of evidence: pairings no further apart are a tie. Default `0`. */
  tieMargin?: number;
  /** Groups of spellings that are the same thing, besides the legal forms of companies. */
  equivalences?: string[][];
  accept?: Acceptance;
};

export type FuzzyField = {
  field: string;
  /** How values are compared; chosen from the values when absent. */
  as?: FuzzyComparison;
  /** Factor of what the field says for or against a pair; 1 when absent, 0 is no evidence. */
  weight?: number;
  /** A pair whose values are less similar than this, 0 to 1, is none; nor is one that lacks a value. */
  similarityMin?: number;
};

/** `name`: a short text. `text`: a long one, compared by its words. `code`: an identifier. */
export type FuzzyComparison = 'name' | 'text' | 'code' | 'number' | 'date';

/** percent / 100 × amount + fixed, rounded half away from zero to the decimals of the amount. */
export type Fee = {
  percent?: string;
  fixed?: string;
  /** `record`: of each positive amount of the many, rounded one by one. `group`: once, of their sum. */
  per: 'record' | 'group';
};

/** Days on which business is done: all but weekends and holidays. */
export type Calendar = {
  /** ISO weekdays, Monday 1 to Sunday 7; `[6, 7]` when absent. */
  weekend?: number[];
  /** ISO dates. */
  holidays: string[];
};

/** Name under which a pass is reported. */
export function passName(pass: Pass, index: number): string {
  return pass.name ?? `${index + 1}-${pass.kind}`;
}

/** Whether a fuzzy pass goes by the field: then its values decide its type, as of a compared one. */
export function isLinked({ passes }: Definition, { name }: Field): boolean {
  return passes.some((pass) => pass.kind === 'fuzzy' && pass.fields.some(({ field }) => field === name));
}

/** The pass whose matches are certain; undefined where no pass goes by the key. */
export function exactPassName({ passes }: Definition): string | undefined {
  const index = passes.findIndex(({ kind }) => kind === 'exact-key');
  return index === -1 ? undefined : passName(passes[index]!, index);
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
