// Report templates: what is wrong with one, each fault with its path; the default; columns in their order; formats of cells.
import { describe, expect, it } from 'vitest';
import { checkReportTemplates } from '../../../../shared/domain/graph/check-report-templates.ts';
import { numberFormatOf } from '../../../../shared/domain/graph/number-format.ts';
import {
  activeTemplate,
  type ColumnKind,
  columnsOf,
  defaultTemplate,
  type ReportColumn,
  type ReportSheet,
  type ReportTemplate,
} from '../../../../shared/domain/graph/report-template.ts';
import { fieldOf, mapped } from './sample-graph.ts';

const fields = [
  fieldOf({ canonicalName: 'tradeId', role: 'KEY', mappings: mapped('id') }),
  fieldOf({ canonicalName: 'amount', dataType: 'DECIMAL', mappings: mapped('amount') }),
  fieldOf({ canonicalName: 'booked', dataType: 'DATE', mappings: mapped('booked') }),
  fieldOf({ canonicalName: 'fund', role: 'ENTITY', mappings: mapped('fund') }),
];

function faultsOf(templates: ReportTemplate[]): Record<string, string> {
  const faults: [string, string][] = [];
  checkReportTemplates(templates, fields, (path, message) => faults.push([path, message]));
  return Object.fromEntries(faults);
}

const template = (changes: Partial<ReportTemplate> = {}): ReportTemplate => ({
  name: 'One',
  active: true,
  sheets: [{ title: 'Breaks', outcomes: ['MISMATCHED'] }],
  ...changes,
});
const withSheet = (sheet: Partial<ReportSheet>) =>
  faultsOf([template({ sheets: [{ title: 'Breaks', outcomes: ['MISMATCHED'], ...sheet }] })]);
const withColumn = (column: Partial<Record<keyof ReportColumn, unknown>>) =>
  withSheet({ columns: [{ field: 'amount', side: 'SOURCE_A', ...column } as ReportColumn] });
const sheetPath = 'reportTemplates[0].sheets[0]';

describe('check', () => {
  it('takes none, the default, and one with everything', () => {
    expect(faultsOf([])).toEqual({});
    expect(faultsOf([defaultTemplate])).toEqual({});
    const sheet: ReportSheet = {
      title: 'Breaks of équities',
      outcomes: ['MISMATCHED', 'MISSING', 'DUPLICATE', 'AMBIGUOUS', 'EXHAUSTED'],
      columns: [
        { field: 'breakId', side: 'ITEM', order: 1, title: 'Id' },
        { field: 'amount', side: 'DIFFERENCE', formattingHint: '#,##0.00;(#,##0.00)', highlightDifferences: false },
        { field: 'booked', side: 'SOURCE_B', formattingHint: 'dd/MM/yyyy' },
        { field: 'booked', side: 'DIFFERENCE', formattingHint: '0' },
        { field: 'detectedAt', side: 'ITEM', formattingHint: 'yyyy-MM-dd HH:mm:ss' },
      ],
      include: { statuses: ['OPEN'], products: ['EQUITIES'] },
    };
    expect(faultsOf([template({ sheets: [sheet] }), template({ name: 'Two', active: false })])).toEqual({});
  });

  it('val-report-names: a name is once in a definition, whatever its letter case and the space around it', () => {
    const faults = faultsOf([
      template(),
      template({ name: 'Two', active: false }),
      template({ name: ' oNE ', active: false }),
    ]);
    expect(faults).toEqual({ 'reportTemplates[2].name': '" oNE " is the name of reportTemplates[0] too' });
  });

  it('val-report-names: a name is not empty, endless or unprintable', () => {
    expect(Object.keys(faultsOf([template({ name: ' ' })]))).toEqual(['reportTemplates[0].name']);
    expect(Object.keys(faultsOf([template({ name: 'x'.repeat(201) })]))).toEqual(['reportTemplates[0].name']);
    expect(Object.keys(faultsOf([template({ name: 'a\nb' })]))).toEqual(['reportTemplates[0].name']);
  });

  it('one template is active at most', () => {
    expect(faultsOf([template(), template({ name: 'Two' })])).toEqual({
      'reportTemplates[1].active': 'only one template can be active; reportTemplates[0] is',
    });
  });

  it('lists all faults at once, each where it is', () => {
    const faults = faultsOf([
      template({
        description: 'x'.repeat(2_001),
        sheets: [
          { title: 'a/b', outcomes: [] },
          { title: 'Summary', outcomes: ['SUMMARY', 'MATCHED'] },
          { title: 'summary', outcomes: ['COMMENTS'], columns: [{ field: 'status', side: 'ITEM' }] },
          {
            title: 'Rows',
            outcomes: ['MATCHED'],
            columns: [{ field: 'nothing', side: 'SOURCE_A' }],
            include: { statuses: ['OPEN'] },
          },
        ],
      }),
    ]);
    expect(Object.keys(faults).sort()).toEqual([
      'reportTemplates[0].description',
      'reportTemplates[0].sheets[0].outcomes',
      'reportTemplates[0].sheets[0].title',
      'reportTemplates[0].sheets[1].outcomes',
      'reportTemplates[0].sheets[2].columns',
      'reportTemplates[0].sheets[2].title',
      'reportTemplates[0].sheets[3].columns[0].field',
      'reportTemplates[0].sheets[3].include.statuses',
    ]);
  });

  it.each([
    ['', 'must not be empty'],
    ['x'.repeat(32), 'must have at most 31 characters'],
    ['a[1]', 'must not hold any of \\ / ? * [ ] :'],
    ['12:00', 'must not hold any of \\ / ? * [ ] :'],
    ['a\tb', 'must not hold control characters'],
    ['\ud800', 'must not hold control characters'],
    ["'a", 'must not begin or end with an apostrophe'],
    ['HISTORY', '"History" is a name that Excel keeps for itself'],
  ])('a sheet titled %j is refused', (title, message) => {
    expect(withSheet({ title })).toEqual({ [`${sheetPath}.title`]: message });
  });

  it('an outcome that is none, or is named twice, is refused', () => {
    const faults = withSheet({ outcomes: ['MISMATCHED', 'WRONG', 'MISMATCHED'] as unknown as ReportSheet['outcomes'] });
    expect(Object.keys(faults)).toEqual([`${sheetPath}.outcomes[1]`, `${sheetPath}.outcomes[2]`]);
  });

  it.each([
    ['a field that there is not', { field: 'nothing' }, 'field'],
    ['a field by another letter case', { field: 'Amount' }, 'field'],
    ['a name that every object has', { field: 'constructor', side: 'ITEM' }, 'field'],
    ['a property of a break on a source', { field: 'breakId' }, 'field'],
    ['a side that there is not', { side: 'SOURCE_C' }, 'side'],
    ['half an order', { order: 1.5 }, 'order'],
    ['an empty title', { title: ' ' }, 'title'],
    ['a format of a date for a number', { formattingHint: 'yyyy-MM-dd' }, 'formattingHint'],
    ['a format of a number for a date', { field: 'booked', formattingHint: '#,##0' }, 'formattingHint'],
    ['a format for text', { field: 'tradeId', formattingHint: '@' }, 'formattingHint'],
    ['what is no format', { formattingHint: '"><x' }, 'formattingHint'],
  ])('a column with %s is refused', (_name, column, at) => {
    expect(Object.keys(withColumn(column))).toEqual([`${sheetPath}.columns[0].${at}`]);
  });

  it('bounds what it takes', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => index);
    expect(Object.keys(faultsOf(many(21).map((index) => template({ name: `${index}`, active: false }))))).toEqual([
      'reportTemplates',
    ]);
    expect(Object.keys(faultsOf([template({ sheets: [] })]))).toEqual(['reportTemplates[0].sheets']);
    const sheets = many(31).map((index): ReportSheet => ({ title: `${index}`, outcomes: ['SUMMARY'] }));
    expect(Object.keys(faultsOf([template({ sheets })]))).toEqual(['reportTemplates[0].sheets']);
    const columns = many(1_001).map((): ReportColumn => ({ field: 'amount', side: 'SOURCE_A' }));
    expect(Object.keys(withSheet({ columns }))).toEqual([`${sheetPath}.columns`]);
    expect(Object.keys(withSheet({ include: { products: many(201).map(String), entities: [] } }))).toEqual([
      `${sheetPath}.include.products`,
      `${sheetPath}.include.entities`,
    ]);
  });
});

describe('what is used', () => {
  it('the active template, or else the default', () => {
    const [one, two] = [template({ active: false }), template({ name: 'Two' })];
    expect(activeTemplate([one, two])).toBe(two);
    expect(activeTemplate([one])).toBe(defaultTemplate);
    expect(activeTemplate(undefined)).toBe(defaultTemplate);
  });

  it('columns by their order, then those without one as they are written', () => {
    const columns = ['d', 'a', 'c', 'b'].map((field): ReportColumn => ({ field, side: 'SOURCE_A' }));
    columns[1]!.order = -1;
    columns[3]!.order = 0;
    const sheet: ReportSheet = { title: 't', outcomes: ['MATCHED'], columns };
    expect(columnsOf(sheet, fields).map(({ field }) => field)).toEqual(['a', 'b', 'd', 'c']);
  });

  it('by default every field of both sides, among what is known of a break or a match', () => {
    const namesOf = (outcomes: ReportSheet['outcomes']) =>
      columnsOf({ title: 't', outcomes, columns: [] }, fields).map(({ field, side }) =>
        side === 'ITEM' ? field : `${field} ${side.at(-1)}`,
      );
    const values = fields.flatMap(({ canonicalName }) => [`${canonicalName} A`, `${canonicalName} B`]);
    expect(namesOf(['MATCHED'])).toEqual(['entity', ...values, 'pass', 'confidence', 'groupId']);
    expect(namesOf(['MISSING']).slice(0, 6)).toEqual([
      'breakId',
      'breakType',
      'status',
      'entity',
      'detectedAt',
      'ageDays',
    ]);
  });
});

describe('formats', () => {
  it.each<[string, ColumnKind, string | undefined]>([
    ['0', 'number', '0'],
    ['#,##0.00', 'number', '#,##0.00'],
    ['#,##0.00;-#,##0.00;"nil"0', 'number', '#,##0.00;-#,##0.00;"nil"0'],
    ['0.0%', 'number', '0.0%'],
    ['€ #,##0.00', 'number', '€ #,##0.00'],
    ['0.00E+00', 'number', '0.00E+00'],
    ['two decimals', 'number', undefined],
    ['#,##0.00;[Red]x;;;;', 'number', undefined],
    ['"unclosed 0', 'number', undefined],
    ['0"\u0007"', 'number', undefined],
    ['', 'number', undefined],
    ['0'.repeat(101), 'number', undefined],
    ['yyyy-MM-dd', 'date', 'yyyy-mm-dd'],
    ['DD.MM.YYYY', 'date', 'dd.mm.yyyy'],
    ['EEE, d MMM yy', 'date', 'ddd, d mmm yy'],
    ["yyyy-MM-dd'T'HH:mm", 'datetime', 'yyyy-mm-dd"T"hh:mm'],
    ['yyyy-MM-ddTHH:mm:ss.SSS', 'datetime', 'yyyy-mm-dd"T"hh:mm:ss.000'],
    ['h:mm a', 'datetime', 'h:mm AM/PM'],
    ['quarter', 'date', undefined],
    ['--', 'date', undefined],
    ['', 'date', undefined],
    ['0', 'text', undefined],
    ['yyyy', 'boolean', undefined],
  ])('%j of a %s is %j', (hint, kind, format) => {
    expect(numberFormatOf(hint, kind)).toBe(format);
  });
});
