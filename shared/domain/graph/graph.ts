// A configuration graph: a reconciliation definition in the words of the break management surface, as a person wrote it.
// Types only. `check-graph.ts` says what is wrong with one; `compile-graph.ts` makes the core's definition of it.
import type {
  Calendar,
  ControlTotal,
  Mapping,
  Normalisation,
  Pass,
  Reading,
  RowFilter,
  Tolerance,
} from '../definition.ts';
import type { ReportTemplate } from './report-template.ts';

export type ConfigurationGraph = {
  /** In lower case it is the name of the drop folder; unique in the tenant without regard to case; never changes. */
  code: string;
  name: string;
  description: string | null;
  owner: string | null;
  notes: string | null;
  makerCheckerEnabled: boolean;
  autoTriggerEnabled: boolean;
  /** Five fields. */
  autoTriggerCron: string | null;
  /** IANA; UTC when null. */
  autoTriggerTimezone: string | null;
  autoTriggerGraceMinutes: number | null;
  sources: GraphSource[];
  canonicalFields: CanonicalField[];
  reportTemplates: ReportTemplate[];
  /** Empty: the preparers' and the approvers' group of the deployment. */
  accessControlEntries: AccessEntry[];
  /** Extensions: what the engine can do beyond the document of the surface, in the core's own words. One exact-key pass when absent. */
  passes?: Pass[];
  currencyField?: string;
  rejectsMax?: number;
  calendars?: Record<string, Calendar>;
};

export const adapterTypes = ['CSV_FILE', 'XLSX', 'JSON', 'FIXED_WIDTH', 'DATABASE'] as const;
export type AdapterType = (typeof adapterTypes)[number];

export type GraphSource = {
  code: string;
  displayName: string | null;
  adapterType: AdapterType;
  anchor: boolean;
  description: string | null;
  /** Where a database is; never a secret. Kept until connectors exist: until then its data is uploaded. */
  connectionConfig: Record<string, string | number | boolean | null> | null;
  adapterOptions: AdapterOptions | null;
  /** Free text, such as `Weekdays by 18:00`. */
  arrivalExpectation: string | null;
  /** IANA; UTC when null. */
  arrivalTimezone: string | null;
  arrivalSlaMinutes: number | null;
  /** Extensions, as in the core's definition of a source. */
  load?: 'snapshot' | 'increment';
  timeZone?: string;
  filters?: RowFilter[];
  controlTotals?: ControlTotal[];
};

/** How the file of a source is read. A batch may bring its own, which hold for it alone. */
export type AdapterOptions = {
  delimiter?: string;
  quote?: string;
  /** False: columns are named `column1`, `column2`, …; for FIXED_WIDTH, true: the first line is no record. */
  header?: boolean;
  encoding?: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'iso-8859-1';
  preambleLines?: number;
  footerLines?: number;
  /** XLSX. */
  sheet?: string;
  /** JSON: one value a line. */
  lines?: boolean;
  /** FIXED_WIDTH: where each column lies. */
  columns?: FixedColumn[];
};

/** `start` is 1-based; characters, not bytes. */
export type FixedColumn = { name: string; start: number; length: number };

export const fieldRoles = ['KEY', 'COMPARE', 'PRODUCT', 'SUB_PRODUCT', 'ENTITY', 'CLASSIFIER', 'DISPLAY'] as const;
export type GraphRole = (typeof fieldRoles)[number];
export const dataTypes = ['STRING', 'INTEGER', 'DECIMAL', 'DATE', 'DATETIME', 'BOOLEAN'] as const;
export type DataType = (typeof dataTypes)[number];
export const comparisonLogics = ['EXACT_MATCH', 'CASE_INSENSITIVE', 'NUMERIC_THRESHOLD', 'DATE_ONLY'] as const;
export type ComparisonLogic = (typeof comparisonLogics)[number];

export type CanonicalField = {
  canonicalName: string;
  displayName: string | null;
  role: GraphRole;
  dataType: DataType;
  comparisonLogic: ComparisonLogic;
  /** Of NUMERIC_THRESHOLD alone: percent of the anchor's value. */
  thresholdPercentage: number | null;
  formattingHint: string | null;
  /** A record without a value for it is rejected. */
  required: boolean;
  mappings: FieldMapping[];
  /** Extensions. */
  tolerance?: Tolerance;
  normalise?: Normalisation[];
};

/** Renames a column of a source to the field; or, as an extension, computes the field by an expression over columns. */
export type FieldMapping = {
  sourceCode: string;
  sourceColumn?: string;
  /** False: a file without the column is taken, and the field is empty. */
  required: boolean;
  expression?: Mapping;
  reading?: Reading;
};

export const accessRoles = ['MAKER', 'CHECKER', 'VIEWER'] as const;
export type AccessRole = (typeof accessRoles)[number];

export type AccessEntry = {
  ldapGroupDn: string;
  role: AccessRole;
  notifyOnPublish: boolean;
  notifyOnIngestionFailure: boolean;
  /** An e-mail address. */
  notificationChannel: string | null;
};

/** The graph as it is kept with its reconciliation, whose `status` is the lifecycle. */
export type KeptGraph = Omit<ConfigurationGraph, 'sources'> & {
  /** The id of the definition on the surface. */
  number: number;
  /** From 0; raised by every change of the graph, and by nothing else. */
  version: number;
  sources: (GraphSource & { id: number })[];
  createdBy: string;
  updatedBy: string;
  /** The reconciliation's own `updatedAt` moves with its data too; this one only with the graph. */
  updatedAt: string;
};
