// Says everything that is wrong with the report templates of a graph, each fault with its path.
import { checkName, hasControl, type Report } from '../check-values.ts';
import { numberFormatOf } from './number-format.ts';
import {
  type ColumnKind,
  columnSides,
  itemFields,
  kindOfDataType,
  type ReportColumn,
  type ReportSheet,
  type ReportTemplate,
  rowOutcomes,
  sheetContents,
  type TemplateField,
} from './report-template.ts';

/** Of a definition, a template and a sheet: more than anybody reads, and few enough to be stored with the definition. */
const templatesMax = 20;
const sheetsMax = 30;
const columnsMax = 1_000;
const filterValuesMax = 200;
const textLengthMax = 200;
const descriptionLengthMax = 2_000;
/** UTF-16 units, as the file format counts. */
export const sheetTitleLengthMax = 31;

export function checkReportTemplates(
  templates: readonly ReportTemplate[],
  fields: readonly TemplateField[],
  report: Report,
  path = 'reportTemplates',
): void {
  if (templates.length > templatesMax) report(path, `must be at most ${templatesMax}; there are ${templates.length}`);
  const names = new Map<string, number>();
  let active: number | undefined;
  for (const [index, template] of templates.entries()) {
    const at = `${path}[${index}]`;
    checkName(template.name, `${at}.name`, report);
    const name = template.name.trim().toLowerCase();
    const earlier = names.get(name);
    if (earlier !== undefined) report(`${at}.name`, `"${template.name}" is the name of ${path}[${earlier}] too`);
    else names.set(name, index);
    if (template.active && active !== undefined)
      report(`${at}.active`, `only one template can be active; ${path}[${active}] is`);
    else if (template.active) active = index;
    const { description } = template;
    if (description != null && description.length > descriptionLengthMax)
      report(`${at}.description`, `must have at most ${descriptionLengthMax} characters`);
    checkSheets(template.sheets, fields, report, `${at}.sheets`);
  }
}

function checkSheets(
  sheets: readonly ReportSheet[],
  fields: readonly TemplateField[],
  report: Report,
  path: string,
): void {
  if (sheets.length < 1 || sheets.length > sheetsMax)
    report(path, `must be 1 to ${sheetsMax}; there are ${sheets.length}`);
  const titles = new Map<string, number>();
  for (const [index, sheet] of sheets.entries()) {
    const at = `${path}[${index}]`;
    for (const fault of faultsOfTitle(sheet.title)) report(`${at}.title`, fault);
    const earlier = titles.get(sheet.title.toLowerCase());
    if (earlier !== undefined) report(`${at}.title`, `"${sheet.title}" is the title of ${path}[${earlier}] too`);
    else titles.set(sheet.title.toLowerCase(), index);
    checkOutcomes(sheet, report, at);
    checkInclude(sheet, report, `${at}.include`);
    const columns = sheet.columns ?? [];
    if (columns.length > columnsMax)
      report(`${at}.columns`, `must be at most ${columnsMax}; there are ${columns.length}`);
    for (const [number, column] of columns.entries()) checkColumn(column, fields, report, `${at}.columns[${number}]`);
  }
}

/** What Excel refuses as the name of a sheet. */
export function faultsOfTitle(title: string): string[] {
  return [
    ...(title.trim() === '' ? ['must not be empty'] : []),
    ...(title.length > sheetTitleLengthMax ? [`must have at most ${sheetTitleLengthMax} characters`] : []),
    ...(/[\\/?*[\]:]/.test(title) ? ['must not hold any of \\ / ? * [ ] :'] : []),
    ...(hasControl(title) || !title.isWellFormed() ? ['must not hold control characters'] : []),
    ...(/^'|'$/.test(title) ? ['must not begin or end with an apostrophe'] : []),
    ...(title.trim().toLowerCase() === 'history' ? ['"History" is a name that Excel keeps for itself'] : []),
  ];
}

function checkOutcomes({ outcomes, columns }: ReportSheet, report: Report, path: string): void {
  if (outcomes.length === 0) report(`${path}.outcomes`, `must name at least one of ${sheetContents.join(', ')}`);
  for (const [index, outcome] of outcomes.entries()) {
    const at = `${path}.outcomes[${index}]`;
    if (!sheetContents.includes(outcome)) report(at, `"${outcome}" is none of ${sheetContents.join(', ')}`);
    else if (outcomes.indexOf(outcome) < index) report(at, `${outcome} is named before`);
  }
  const own = outcomes.find((outcome) => outcome === 'SUMMARY' || outcome === 'COMMENTS');
  if (own === undefined) return;
  if (outcomes.length > 1) report(`${path}.outcomes`, `${own} needs a sheet of its own`);
  if (columns && columns.length > 0) report(`${path}.columns`, `a sheet of ${own} has its own columns`);
}

function checkInclude({ outcomes, include }: ReportSheet, report: Report, path: string): void {
  if (!include) return;
  if (!outcomes.some((outcome) => (rowOutcomes as readonly string[]).includes(outcome)))
    report(path, 'only rows of matches and breaks can be filtered');
  for (const [name, values] of Object.entries(include)) {
    if (values === undefined) continue;
    if (values.length < 1 || values.length > filterValuesMax)
      report(`${path}.${name}`, `must be 1 to ${filterValuesMax}; there are ${values.length}`);
    if ((name === 'statuses' || name === 'breakTypes') && outcomes.includes('MATCHED'))
      report(`${path}.${name}`, `a match has none, so that MATCHED would be empty`);
    for (const [index, value] of values.entries())
      if (hasControl(value) || value.length > textLengthMax)
        report(`${path}.${name}[${index}]`, `must be at most ${textLengthMax} characters, none a control character`);
  }
}

function checkColumn(column: ReportColumn, fields: readonly TemplateField[], report: Report, path: string): void {
  const { order, title, field, side, formattingHint } = column;
  if (order !== undefined && !Number.isSafeInteger(order)) report(`${path}.order`, 'must be a whole number');
  if (title != null) {
    if (title.trim() === '') report(`${path}.title`, 'must not be empty; leave it out for the default');
    if (title.length > textLengthMax || hasControl(title))
      report(`${path}.title`, `must be at most ${textLengthMax} characters, none a control character`);
  }
  if (!columnSides.includes(side)) {
    report(`${path}.side`, `"${side}" is none of ${columnSides.join(', ')}`);
    return;
  }
  const kind = kindOf(column, fields);
  if (kind === undefined)
    report(
      `${path}.field`,
      side === 'ITEM'
        ? `"${field}" is none of ${Object.keys(itemFields).join(', ')}`
        : `there is no canonical field "${field}"`,
    );
  else if (formattingHint != null && numberFormatOf(formattingHint, kind) === undefined)
    report(`${path}.formattingHint`, `"${formattingHint}" is no format for ${describe[kind]}`);
}

const describe: Record<ColumnKind, string> = {
  text: 'text, which has none',
  boolean: 'a boolean, which has none',
  number: 'a number, such as #,##0.00',
  date: 'a date, such as yyyy-MM-dd',
  datetime: 'a date and time, such as yyyy-MM-dd HH:mm',
};

/** Undefined where there is no such field. What two dates are apart is a number of days. */
function kindOf({ field, side }: ReportColumn, fields: readonly TemplateField[]): ColumnKind | undefined {
  if (side === 'ITEM')
    return Object.hasOwn(itemFields, field) ? itemFields[field as keyof typeof itemFields].kind : undefined;
  const found = fields.find(({ canonicalName }) => canonicalName === field);
  if (!found) return undefined;
  const kind = kindOfDataType(found.dataType);
  return side === 'DIFFERENCE' && kind !== 'text' && kind !== 'boolean' ? 'number' : kind;
}
