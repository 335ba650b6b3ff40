// The sheets of a workbook as SQL over a run's view (a Parquet), its matches, and the tables of notes and comments. Values keep
// their types; what a run's definition does not have is an empty column.
import { dayMs } from '../../domain/break-age.ts';
import { joinNumber } from '../../domain/composite-number.ts';
import { anchorOf, legsOf } from '../../domain/definition.ts';
import type { KeptGraph } from '../../domain/graph/graph.ts';
import {
  columnsOf,
  type IncludeFilter,
  type ItemField,
  itemFields,
  kindOfDataType,
  type ReportColumn,
  type ReportSheet,
} from '../../domain/graph/report-template.ts';
import { rowsPerBatchMax } from '../../domain/outcome.ts';
import type { Dimensions } from '../../domain/run.ts';
import { differingColumn, type SheetColumn, type WorkbookSheet } from '../../matching/export/write-workbook.ts';
import { type Side, valueColumn } from '../../matching/match/value-column.ts';
import { identifier, literal } from '../../matching/sql.ts';
import { fileSql, matchesFrom, type ResultFiles, withRecords } from '../results/result-sql.ts';
import { ageSql, noValue } from '../run-view/view-sql.ts';
import { commentsTable, notesTable } from './load-notes.ts';

export type WorkbookSources = {
  graph: Pick<KeptGraph, 'number' | 'sources' | 'canonicalFields'>;
  files: ResultFiles;
  dimensions: Dimensions;
  /** Parquet of `writeRunView`, and the columns that it has. */
  viewed: string;
  viewedColumns: ReadonlySet<string>;
  /** The last id of each part of the breaks, but for the last part. */
  idParts: string[];
  /** Epoch ms; ages are counted to here. */
  now: number;
};

/** A sheet of matches, breaks or both, one row each: matches first, breaks by their ids. */
export function rowSheet(sources: WorkbookSources, sheet: ReportSheet): WorkbookSheet {
  const columns = columnsOf(sheet, sources.graph.canonicalFields);
  const kinds = sheet.outcomes.flatMap((outcome) => kindsOfOutcome[outcome as keyof typeof kindsOfOutcome] ?? []);
  return {
    title: sheet.title,
    columns: columns.map((column) => sheetColumn(sources, sheet, column)),
    rows: {
      queries: [
        ...(sheet.outcomes.includes('MATCHED') ? [matchesSql(sources, columns, sheet.include)] : []),
        ...(kinds.length > 0 ? breaksSql(sources, columns, kinds, sheet.include) : []),
      ],
    },
    autoFilter: sheet.autoFilter ?? true,
  };
}

/** One row for each comment, in the order in which they were made of each break. */
export function commentSheet({ graph, viewed }: WorkbookSources, sheet: ReportSheet): WorkbookSheet {
  const titles = ['Break id', 'Break type', 'Status', 'Key', 'At', 'By', 'Action', 'Comment'];
  return {
    title: sheet.title,
    columns: titles.map((title) => ({ title })),
    rows: {
      queries: [
        `SELECT ${breakId(graph, 'v.id')} AS break_id, v.kind, v.status, ${keyText('v.key')} AS key, epoch_ms(c.said_at) AS said_at, c.actor, c.action, c.comment
        FROM ${commentsTable} c JOIN read_parquet(${literal(viewed)}) v ON v.id = c.id ORDER BY c.id, c.number`,
      ],
    },
    autoFilter: sheet.autoFilter ?? true,
  };
}

const kindsOfOutcome = {
  MISMATCHED: ['MISMATCH'],
  MISSING: ['MISSING_IN_SOURCE_A', 'MISSING_IN_SOURCE_B'],
  DUPLICATE: ['DUPLICATE'],
  AMBIGUOUS: ['AMBIGUOUS'],
  EXHAUSTED: ['SEARCH_EXHAUSTED'],
} as const;

function sheetColumn(sources: WorkbookSources, sheet: ReportSheet, column: ReportColumn): SheetColumn {
  const { field, side } = column;
  const known = sources.graph.canonicalFields.find(({ canonicalName }) => canonicalName === field);
  const differs = (column.highlightDifferences ?? sheet.highlightDifferences ?? true) && side !== 'ITEM';
  return {
    title: column.title ?? titleOf(sources, column, known?.displayName ?? field),
    // A difference of dates is a number of days, which has not the format of a date.
    formattingHint:
      column.formattingHint ??
      (side === 'ITEM' || (side === 'DIFFERENCE' && !isNumber(known)) ? undefined : known?.formattingHint),
    ...(differs && { differsAs: field }),
    ...(side === 'DIFFERENCE' && { numeric: true }),
  };
}

function isNumber(field: { dataType: string } | undefined): boolean {
  return field !== undefined && kindOfDataType(field.dataType) === 'number';
}

function titleOf({ graph, files }: WorkbookSources, { field, side }: ReportColumn, name: string): string {
  if (side === 'ITEM') return itemFields[field as ItemField]?.title ?? field;
  if (side === 'DIFFERENCE') return `${name}: difference`;
  const sourceName = (code: string): string => graph.sources.find((one) => one.code === code)?.displayName ?? code;
  if (side === 'SOURCE_A') return `${name} (${sourceName(anchorOf(files.definition).name)})`;
  const legs = legsOf(files.definition);
  return `${name} (${legs.length === 1 ? sourceName(legs[0]!.name) : 'other source'})`;
}

/** `alias` has the values of both sides and `found`, the differences between the two records that are shown. */
type Part = { alias: string; items: Partial<Record<ItemField, string>> };

const differences = (json: string, source: string): string =>
  `list_filter(from_json(${json}, '[{"source":"VARCHAR","field":"VARCHAR","difference":"VARCHAR"}]'), lambda one: one.source = ${source})`;

/** In parts by id: a sort of all of them at once would hold them all. */
function breaksSql(
  sources: WorkbookSources,
  columns: ReportColumn[],
  kinds: readonly string[],
  include: IncludeFilter | undefined,
): string[] {
  const { files, viewed, viewedColumns, graph, now } = sources;
  const ofKind = Object.entries(kindsOfOutcome).flatMap(([outcome, names]) =>
    names.map((name) => `WHEN ${literal(name)} THEN ${literal(outcome)}`),
  );
  const open = (value: string) => `CASE WHEN b.status <> 'CLOSED' THEN ${value} END`;
  const items: Part['items'] = {
    breakId: breakId(graph, 'b.id'),
    outcome: `CASE b.kind ${ofKind.join(' ')} END`,
    breakType: 'b.kind',
    status: 'b.status',
    product: 'b.product',
    subProduct: 'b.sub_product',
    entity: 'b.entity',
    key: keyText('b.key'),
    detectedAt: 'epoch_ms(b.opened_at)',
    ageDays: open(`((${now} - b.opened_at) // ${dayMs})::INTEGER`),
    ageBucket: open(ageSql(now)),
    comparedWith: 'b.source',
    missingIn: 'b.missing_in',
    differingFields: 'b.fields',
    assignee: 'b.assignee',
    submittedBy: 'b.submitted_by',
    reasonCode: 'b.reason_code',
    comments: 'coalesce(b.comments, 0)::INTEGER',
    lastComment: 'b.last_comment',
    ...(viewedColumns.has('pass') && { pass: 'b.pass' }),
    ...places(files, 'b'),
  };
  const where = [
    `b.kind IN (${kinds.map(literal).join(', ')})`,
    ...among('b.status', include?.statuses),
    ...among('b.kind', include?.breakTypes),
    ...among(named('b.product'), include?.products),
    ...among(named('b.sub_product'), include?.subProducts),
    ...among(named('b.entity'), include?.entities),
  ];
  const notes = `SELECT v.*, n.* EXCLUDE (id), c.comments, c.last_comment, ${differences('v.differences', 'v.source')} AS found
    FROM read_parquet(${literal(viewed)}) v LEFT JOIN ${notesTable} n ON n.id = v.id
    LEFT JOIN (SELECT id, count(*) AS comments, arg_max(comment, number) AS last_comment FROM ${commentsTable} GROUP BY id) c ON c.id = v.id`;
  const select = selected(sources, columns, { alias: 'b', items });
  const ends = [...sources.idParts, undefined];
  return ends.map((end, index) => {
    const [from, to] = [ends[index - 1], end];
    const part = [...(from === undefined ? [] : [`b.id > ${from}`]), ...(to === undefined ? [] : [`b.id <= ${to}`])];
    return `SELECT ${select} FROM (${notes}) b WHERE ${[...where, ...part].join(' AND ')} ORDER BY b.id`;
  });
}

function matchesSql(sources: WorkbookSources, columns: ReportColumn[], include: IncludeFilter | undefined): string {
  const { files, dimensions } = sources;
  const dimension = (field: string | undefined): string => {
    if (field === undefined || !hasField(files, field)) return 'NULL::VARCHAR';
    const text = (side: Side) => `m.${identifier(valueColumn(side, field))}::VARCHAR`;
    return `nullif(coalesce(${text('left')}, ${text('right')}), '')`;
  };
  const [product, subProduct, entity] = [dimensions.product, dimensions.subProduct, dimensions.entity].map(dimension);
  const items: Part['items'] = {
    outcome: `'MATCHED'`,
    product: product!,
    subProduct: subProduct!,
    entity: entity!,
    key: keyText('m.key'),
    comparedWith: 'm.source',
    differingFields: 'list_transform(m.found, lambda one: one.field)',
    pass: 'm.pass',
    confidence: 'm.confidence::DOUBLE',
    groupId: 'm.group_id',
    ...places(files, 'm'),
  };
  const where = [
    ...among(named(product!), include?.products),
    ...among(named(subProduct!), include?.subProducts),
    ...among(named(entity!), include?.entities),
  ];
  const matches = `SELECT *, ${differences('unequal', 'source')} AS found FROM ${withRecords(files, matchesFrom(files), true)}`;
  return `SELECT ${selected(sources, columns, { alias: 'm', items })} FROM (${matches}) m
    ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY m.left_row NULLS LAST, m.right_row NULLS LAST, m.source`;
}

/** Columns by their position, so that queries have the same whatever the titles are; what differs comes last. */
function selected({ files }: WorkbookSources, columns: ReportColumn[], { alias, items }: Part): string {
  const value = ({ field, side }: ReportColumn): string => {
    if (side === 'ITEM') return items[field as ItemField] ?? emptyItem(field as ItemField);
    if (!hasField(files, field)) return 'NULL::VARCHAR';
    if (side === 'DIFFERENCE')
      return `list_filter(${alias}.found, lambda one: one.field = ${literal(field)})[1].difference`;
    return `${alias}.${identifier(valueColumn(side === 'SOURCE_A' ? 'left' : 'right', field))}`;
  };
  const listed = columns.map((column, index) => `${value(column)} AS ${identifier(`c${index}`)}`);
  return [...listed, `list_transform(${alias}.found, lambda one: one.field) AS ${identifier(differingColumn)}`].join(
    ', ',
  );
}

const emptyTypes = {
  number: 'INTEGER',
  datetime: 'TIMESTAMP',
  date: 'DATE',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
} as const;

/** What there is none of is empty in the type that it has elsewhere. */
function emptyItem(field: ItemField): string {
  return `NULL::${emptyTypes[itemFields[field]?.kind ?? 'text']}`;
}

function places(files: ResultFiles, alias: string): Pick<Part['items'], 'rowA' | 'fileA' | 'rowB' | 'fileB'> {
  const row = (side: Side) => `${alias}.${side}_row`;
  return {
    rowA: `${row('left')} % ${rowsPerBatchMax}`,
    fileA: fileSql(files, row('left')),
    rowB: `${row('right')} % ${rowsPerBatchMax}`,
    fileB: fileSql(files, row('right')),
  };
}

function hasField({ definition }: ResultFiles, field: string): boolean {
  return definition.fields.some(({ name }) => name === field);
}

/** As filters of a run's view name what has no value. */
function named(value: string): string {
  return `coalesce(${value}, ${literal(noValue)})`;
}

/** No value holds NUL, and SQL text cannot. */
function among(value: string, values: readonly string[] | undefined): string[] {
  if (!values || values.length === 0) return [];
  const possible = values.filter((one) => !one.includes('\0'));
  return [possible.length === 0 ? 'false' : `${value} IN (${possible.map(literal).join(', ')})`];
}

function keyText(key: string): string {
  return `replace(${key}, '\u001f', ' | ')`;
}

/** `joinNumber` in SQL. */
function breakId({ number }: { number: number }, id: string): string {
  return `(${id} + ${joinNumber({ number, sequence: 1 }) - 1})`;
}
