// Says everything that is wrong with a definition, all at once. Knows no file: columns are checked when one is loaded.
import { checkCalendars } from './check-calendars.ts';
import { checkColumn, checkMapping, checkPattern } from './check-mapping.ts';
import { checkPasses } from './check-passes.ts';
import { checkLimit, checkName, checkWhole, daysMax, decimalShape, hasControl, type Report } from './check-values.ts';
import type { Definition, Field, Source, Tolerance } from './definition.ts';
import { countGroups } from './pattern.ts';

/** `path` is a JSON path from the definition: `fields[2].tolerance.percent`. */
export type DefinitionFault = { path: string; message: string };

const sourcesMax = 5;
/** More columns than any export has; a definition is small, and stored whole. */
const fieldsMax = 500;

export function checkDefinition(definition: Definition): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  const report: Report = (path, message) => faults.push({ path, message });
  checkName(definition.name, 'name', report);
  checkSources(definition, report);
  checkFields(definition, report);
  checkCalendars(definition, report);
  checkPasses(definition, report);
  const { currencyField, rejectsMax } = definition;
  if (currencyField !== undefined) {
    const field = definition.fields.find((one) => one.name === currencyField);
    if (!field) report('currencyField', `there is no field "${currencyField}"`);
    else if (field.type !== undefined && field.type !== 'text')
      report('currencyField', `the field "${currencyField}" must be text`);
  }
  if (rejectsMax !== undefined && !(Number.isSafeInteger(rejectsMax) && rejectsMax >= 0)) {
    report('rejectsMax', 'must be a whole number, 0 or more');
  }
  return faults;
}

function checkSources(definition: Definition, report: Report): void {
  const { sources } = definition;
  if (sources.length < 2 || sources.length > sourcesMax)
    report('sources', `must be 2 to ${sourcesMax}; there are ${sources.length}`);
  const anchors = sources.filter((source) => source.anchor).length;
  if (anchors !== 1) report('sources', `exactly one must be the anchor; there are ${anchors}`);
  const names = new Map<string, number>();
  for (const [index, source] of sources.entries()) {
    const path = `sources[${index}]`;
    checkName(source.name, `${path}.name`, report);
    const earlier = names.get(source.name.toLowerCase());
    if (earlier !== undefined) report(`${path}.name`, `"${source.name}" is the name of sources[${earlier}] too`);
    else names.set(source.name.toLowerCase(), index);
    checkSource(source, path, report);
  }
}

/** ASCII has it for nothing else: by it a line without columns is read as one value. */
export const unitSeparator = '\u001f';

function checkSource(source: Source, path: string, report: Report): void {
  const { input, timeZone } = source;
  if (timeZone !== undefined && !isTimeZone(timeZone)) report(`${path}.timeZone`, `"${timeZone}" is no IANA time zone`);
  if (input?.delimiter !== undefined && input.delimiter !== unitSeparator && !/^[\t -~]$/.test(input.delimiter))
    report(`${path}.input.delimiter`, 'must be one ASCII character');
  if (input?.quote !== undefined && !/^[!-~]?$/.test(input.quote))
    report(`${path}.input.quote`, 'must be one ASCII character, or empty');
  if (input?.quote && input.quote === input.delimiter) report(`${path}.input.quote`, 'must differ from the delimiter');
  for (const key of ['preambleLines', 'footerLines'] as const) {
    const lines = input?.[key];
    if (lines !== undefined) checkWhole(lines, 0, 1000, `${path}.input.${key}`, report);
  }
  for (const [index, filter] of (source.filters ?? []).entries()) {
    checkColumn(filter.column, `${path}.filters[${index}].column`, report);
    if ('matches' in filter) checkPattern(filter.matches, `${path}.filters[${index}].matches`, report);
    for (const key of ['in', 'notIn'] as const) {
      const values = (filter as { in?: string[]; notIn?: string[] })[key];
      if (values?.length === 0) report(`${path}.filters[${index}].${key}`, 'must not be empty');
      if (values?.some((value) => value.includes('\0')))
        report(`${path}.filters[${index}].${key}`, 'must not hold NUL');
    }
  }
  for (const [index, total] of (source.controlTotals ?? []).entries()) {
    const at = `${path}.controlTotals[${index}]`;
    if (total.of !== 'rows') checkColumn(total.of.sum, `${at}.of.sum`, report);
    if (typeof total.equals === 'string') {
      if (!decimalShape.test(total.equals)) report(`${at}.equals`, 'must be a decimal number, such as "1234.50"');
      continue;
    }
    checkPattern(total.equals.pattern, `${at}.equals.pattern`, report);
    if (countGroups(total.equals.pattern) < 1)
      report(`${at}.equals.pattern`, 'must have a capture group for the figure');
    const lines = total.equals.line === 'preamble' ? input?.preambleLines : input?.footerLines;
    if (total.equals.line === 'footer' && !lines) report(`${at}.equals.line`, 'needs input.footerLines of 1 or more');
  }
}

function checkFields(definition: Definition, report: Report): void {
  const { fields } = definition;
  if (fields.length > fieldsMax) report('fields', `must be at most ${fieldsMax}`);
  const byKey = definition.passes.some(({ kind }) => kind === 'exact-key');
  if (byKey && !fields.some((field) => field.role === 'KEY'))
    report('fields', 'at least one must have the role KEY, for a pass goes by the key');
  const names = new Map<string, number>();
  for (const [index, field] of fields.entries()) {
    const path = `fields[${index}]`;
    checkName(field.name, `${path}.name`, report);
    if (field.name.startsWith('$')) report(`${path}.name`, 'must not start with "$"');
    const earlier = names.get(field.name.toLowerCase());
    if (earlier !== undefined)
      report(`${path}.name`, `"${field.name}" is the name of fields[${earlier}] too; case does not tell names apart`);
    else names.set(field.name.toLowerCase(), index);
    checkField(definition, field, path, report);
  }
}

function checkField(definition: Definition, field: Field, path: string, report: Report): void {
  const sources = new Set(definition.sources.map((source) => source.name));
  for (const source of Object.keys(field.mapping)) {
    if (!sources.has(source)) report(`${path}.mapping.${source}`, `there is no source "${source}"`);
  }
  for (const source of Object.keys(field.reading ?? {})) {
    if (!sources.has(source)) report(`${path}.reading.${source}`, `there is no source "${source}"`);
  }
  const mapped = definition.sources.filter((source) => field.mapping[source.name] !== undefined);
  if (mapped.length === 0) report(`${path}.mapping`, 'must name at least one source');
  if (field.role === 'KEY') {
    for (const source of definition.sources) {
      if (field.mapping[source.name] === undefined)
        report(`${path}.mapping`, `a key must be mapped for the source "${source.name}"`);
    }
    if (field.tolerance) report(`${path}.tolerance`, 'a key is equal or not: it has no tolerance');
  }
  let arithmetic = false;
  for (const [source, mapping] of Object.entries(field.mapping)) {
    arithmetic = checkMapping(mapping, `${path}.mapping.${source}`, report, false) || arithmetic;
  }
  const { type } = field;
  if (arithmetic && type !== undefined && type !== 'decimal' && type !== 'integer') {
    report(`${path}.type`, `a mapping that computes gives a number, not ${type}`);
  }
  const numeric = type === 'integer' || type === 'decimal';
  if (field.tolerance) checkTolerance(field, field.tolerance, `${path}.tolerance`, report);
  if (field.comparison === 'ignore-case' && type !== undefined && type !== 'text')
    report(`${path}.comparison`, `ignore-case compares text, and the field is ${type}`);
  if (field.normalise && field.normalise.length > 0 && type !== undefined && type !== 'text') {
    report(`${path}.normalise`, `normalisation changes text, and the field is ${type}`);
  }
  for (const [source, reading] of Object.entries(field.reading ?? {})) {
    const at = `${path}.reading.${source}`;
    if (reading.decimalMark !== undefined && reading.decimalMark === reading.groupMark)
      report(`${at}.groupMark`, 'must differ from the decimal mark');
    if (reading.dateFormat !== undefined && !isDateFormat(reading.dateFormat)) {
      report(`${at}.dateFormat`, 'must be "iso" or a pattern of %Y %y %m %d %b %B %H %I %M %S %f %p, such as %d.%m.%Y');
    }
    if (reading.dateFormat !== undefined && (numeric || type === 'text' || type === 'boolean'))
      report(`${at}.dateFormat`, `is for dates, and the field is ${type}`);
  }
}

function checkTolerance(field: Field, tolerance: Tolerance, path: string, report: Report): void {
  const { type } = field;
  if (field.comparison === 'ignore-case' || field.comparison === 'ignored')
    report(path, `a field compared as ${field.comparison} has no tolerance`);
  if ('days' in tolerance) {
    if (type !== undefined && type !== 'date' && type !== 'datetime')
      report(`${path}.days`, `days are for dates, and the field is ${type}`);
    checkWhole(tolerance.days, 0, daysMax, `${path}.days`, report);
    return;
  }
  if (type !== undefined && type !== 'integer' && type !== 'decimal')
    report(path, `a numeric tolerance is for numbers, and the field is ${type}`);
  if (field.normalise && field.normalise.length > 0)
    report(path, 'a field that is normalised as text has no numeric tolerance');
  if ('absolute' in tolerance) checkLimit(tolerance.absolute, `${path}.absolute`, report);
  else checkLimit(tolerance.percent, `${path}.percent`, report, 100);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

function isDateFormat(format: string): boolean {
  if (format === 'iso') return true;
  if (format.length > 100 || hasControl(format)) return false;
  const parts = [...format.matchAll(/%(.?)/g)].map((match) => match[1]!);
  const known = parts.every((part) => 'YymdbBHIMSfp'.includes(part) && part !== '');
  const has = (...some: string[]) => some.some((part) => parts.includes(part));
  return known && has('Y', 'y') && has('m', 'b', 'B') && has('d');
}
