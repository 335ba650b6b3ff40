// How the workbook of a run is laid out: which sheets, what is on them, and in which columns. Part of a definition's graph.
// It says what is shown and never what is true: a template can leave rows out, and changes no value.

/** EXHAUSTED: the search was given up at its bound. */
export const rowOutcomes = ['MATCHED', 'MISMATCHED', 'MISSING', 'DUPLICATE', 'AMBIGUOUS', 'EXHAUSTED'] as const;
export const sheetContents = ['SUMMARY', ...rowOutcomes, 'COMMENTS'] as const;
export type RowOutcomeName = (typeof rowOutcomes)[number];
export type SheetContent = (typeof sheetContents)[number];

/** The values of the anchor, of the other source, what the two are apart, or something about the break or match itself. */
export const columnSides = ['SOURCE_A', 'SOURCE_B', 'DIFFERENCE', 'ITEM'] as const;
export type ColumnSide = (typeof columnSides)[number];

export type ReportTemplate = {
  /** Unique within the definition without regard to letter case. */
  name: string;
  description?: string | null | undefined;
  /** At most one template of a definition is; without one the workbook has the default layout. */
  active: boolean;
  sheets: ReportSheet[];
};

export type ReportSheet = {
  title: string;
  /** SUMMARY or COMMENTS alone, which have columns of their own; or any of the others together, one row each. */
  outcomes: SheetContent[];
  /** Absent or empty: what is known of the item, then each field of both sides. */
  columns?: ReportColumn[] | undefined;
  /** Colours the values that differ; true when absent. */
  highlightDifferences?: boolean | undefined;
  /** Excel's filter buttons in the header; true when absent. */
  autoFilter?: boolean | undefined;
  /** Only rows that have one of the values in each list that is given. */
  include?: IncludeFilter | undefined;
};

export type ReportColumn = {
  /** Columns come in this order; those without, after them as they are written. */
  order?: number | undefined;
  /** Made of the field's and the source's name when absent. */
  title?: string | null | undefined;
  /** Canonical name; for side ITEM one of `itemFields`. */
  field: string;
  side: ColumnSide;
  /** As `numberFormatOf` reads it; that of the field when absent. */
  formattingHint?: string | null | undefined;
  /** That of the sheet when absent. */
  highlightDifferences?: boolean | undefined;
};

export type IncludeFilter = {
  statuses?: string[] | undefined;
  breakTypes?: string[] | undefined;
  products?: string[] | undefined;
  subProducts?: string[] | undefined;
  entities?: string[] | undefined;
};

export type ColumnKind = 'text' | 'number' | 'date' | 'datetime' | 'boolean';

/** What side ITEM offers. Of a match only what is neither a break's nor a person's is there. */
export const itemFields = {
  breakId: { kind: 'number', title: 'Break id' },
  outcome: { kind: 'text', title: 'Outcome' },
  breakType: { kind: 'text', title: 'Break type' },
  status: { kind: 'text', title: 'Status' },
  product: { kind: 'text', title: 'Product' },
  subProduct: { kind: 'text', title: 'Sub-product' },
  entity: { kind: 'text', title: 'Entity' },
  key: { kind: 'text', title: 'Key' },
  detectedAt: { kind: 'datetime', title: 'Detected at' },
  ageDays: { kind: 'number', title: 'Age (days)' },
  ageBucket: { kind: 'text', title: 'Age' },
  comparedWith: { kind: 'text', title: 'Compared with' },
  missingIn: { kind: 'text', title: 'Missing in' },
  differingFields: { kind: 'text', title: 'Differing fields' },
  assignee: { kind: 'text', title: 'Assignee' },
  submittedBy: { kind: 'text', title: 'Submitted by' },
  reasonCode: { kind: 'text', title: 'Reason code' },
  comments: { kind: 'number', title: 'Comments' },
  lastComment: { kind: 'text', title: 'Last comment' },
  pass: { kind: 'text', title: 'Matched by' },
  confidence: { kind: 'number', title: 'Confidence' },
  groupId: { kind: 'text', title: 'Group' },
  rowA: { kind: 'number', title: 'Row A' },
  fileA: { kind: 'text', title: 'File A' },
  rowB: { kind: 'number', title: 'Row B' },
  fileB: { kind: 'text', title: 'File B' },
} as const satisfies Record<string, { kind: ColumnKind; title: string }>;
export type ItemField = keyof typeof itemFields;

/** What a template is checked against and its default columns are made of: the canonical fields of a graph. */
export type TemplateField = {
  canonicalName: string;
  displayName?: string | null | undefined;
  role: string;
  dataType: string;
  formattingHint?: string | null | undefined;
};

/** Of definitions without an active template. */
export const defaultTemplate: ReportTemplate = {
  name: 'Default',
  active: true,
  sheets: [
    { title: 'Summary', outcomes: ['SUMMARY'] },
    { title: 'Breaks', outcomes: ['MISMATCHED', 'MISSING', 'DUPLICATE', 'AMBIGUOUS', 'EXHAUSTED'] },
    { title: 'Matched', outcomes: ['MATCHED'], highlightDifferences: false },
    { title: 'Comments', outcomes: ['COMMENTS'] },
  ],
};

export function activeTemplate(templates: readonly ReportTemplate[] | undefined): ReportTemplate {
  return templates?.find(({ active }) => active) ?? defaultTemplate;
}

/** The columns of a sheet of rows, in their order. */
export function columnsOf(sheet: ReportSheet, fields: readonly TemplateField[]): ReportColumn[] {
  if (!sheet.columns || sheet.columns.length === 0) return defaultColumns(sheet, fields);
  // The sort keeps columns of equal order as they are written.
  return sheet.columns.toSorted((a, b) => (a.order ?? Number.MAX_VALUE) - (b.order ?? Number.MAX_VALUE));
}

const item = (field: ItemField): ReportColumn => ({ side: 'ITEM', field });
const roleColumns = { PRODUCT: 'product', SUB_PRODUCT: 'subProduct', ENTITY: 'entity' } as const;

function defaultColumns({ outcomes }: ReportSheet, fields: readonly TemplateField[]): ReportColumn[] {
  const breaks = outcomes.some((outcome) => outcome !== 'MATCHED');
  const classes = Object.entries(roleColumns).flatMap(([role, field]) =>
    fields.some((one) => one.role === role) ? [item(field)] : [],
  );
  const before: ItemField[] = breaks ? ['breakId', 'breakType', 'status'] : [];
  const ages: ItemField[] = breaks ? ['detectedAt', 'ageDays'] : [];
  const after: ItemField[] = [
    ...(breaks ? (['differingFields', 'missingIn', 'assignee', 'comments', 'lastComment'] as const) : []),
    ...(outcomes.includes('MATCHED') ? (['pass', 'confidence', 'groupId'] as const) : []),
  ];
  return [
    ...before.map(item),
    ...classes,
    ...ages.map(item),
    ...fields.flatMap(({ canonicalName: field }): ReportColumn[] => [
      { side: 'SOURCE_A', field },
      { side: 'SOURCE_B', field },
    ]),
    ...after.map(item),
  ];
}

/** What kind of value a field of this data type is in a cell. */
export function kindOfDataType(dataType: string): ColumnKind {
  if (dataType === 'INTEGER' || dataType === 'DECIMAL') return 'number';
  if (dataType === 'DATE') return 'date';
  if (dataType === 'DATETIME') return 'datetime';
  return dataType === 'BOOLEAN' ? 'boolean' : 'text';
}
