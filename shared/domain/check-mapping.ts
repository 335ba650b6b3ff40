// Says what is wrong with how a canonical value is made from columns.
import type { Report } from './check-values.ts';
import type { Mapping } from './definition.ts';
import { countGroups, patternFault } from './pattern.ts';

const textLengthMax = 10_000;

/** Whether the mapping computes a number. `inText` is true below a mapping that needs a text. */
export function checkMapping(mapping: Mapping, path: string, report: Report, inText: boolean): boolean {
  if (typeof mapping === 'string') {
    checkColumn(mapping, path, report);
    return false;
  }
  if ('column' in mapping) {
    checkColumn(mapping.column, `${path}.column`, report);
    return false;
  }
  if ('constant' in mapping) {
    if (mapping.constant.length > textLengthMax)
      report(`${path}.constant`, `must have at most ${textLengthMax} characters`);
    if (mapping.constant.includes('\0')) report(`${path}.constant`, 'must not hold NUL');
    return false;
  }
  if ('concatenate' in mapping) {
    if (mapping.concatenate.length === 0) report(`${path}.concatenate`, 'must not be empty');
    if (mapping.separator?.includes('\0')) report(`${path}.separator`, 'must not hold NUL');
    for (const [index, part] of mapping.concatenate.entries())
      checkMapping(part, `${path}.concatenate[${index}]`, report, true);
    return false;
  }
  if ('substring' in mapping) {
    checkMapping(mapping.substring, `${path}.substring`, report, true);
    if (!(Number.isSafeInteger(mapping.start) && mapping.start >= 1))
      report(`${path}.start`, 'must be a whole number, 1 or more');
    if (mapping.length !== undefined && !(Number.isSafeInteger(mapping.length) && mapping.length >= 1))
      report(`${path}.length`, 'must be a whole number, 1 or more');
    return false;
  }
  if ('extract' in mapping) {
    checkMapping(mapping.extract, `${path}.extract`, report, true);
    checkPattern(mapping.pattern, `${path}.pattern`, report);
    const groups = countGroups(mapping.pattern);
    if (
      mapping.group !== undefined &&
      !(Number.isSafeInteger(mapping.group) && mapping.group >= 0 && mapping.group <= groups)
    ) {
      report(`${path}.group`, `the pattern has ${groups} groups`);
    }
    return false;
  }
  if (inText) report(path, 'a computed number cannot be part of a text');
  if ('negate' in mapping) checkMapping(mapping.negate, `${path}.negate`, report, false);
  else if ('debit' in mapping) {
    checkMapping(mapping.debit, `${path}.debit`, report, false);
    checkMapping(mapping.credit, `${path}.credit`, report, false);
  } else if ('scale' in mapping) {
    checkMapping(mapping.scale, `${path}.scale`, report, false);
    if (!/^-?\d{1,18}(\.\d{1,18})?$/.test(mapping.by))
      report(`${path}.by`, 'must be a decimal number with at most 18 digits on either side, such as "0.01"');
    else if (Number(mapping.by) === 0) report(`${path}.by`, 'must not be zero');
  } else report(path, 'is no known kind of mapping');
  return true;
}

export function checkColumn(column: string, path: string, report: Report): void {
  if (column === '') report(path, 'must name a column');
  if (column.includes('\0')) report(path, 'must not hold NUL');
}

export function checkPattern(pattern: string, path: string, report: Report): void {
  const fault = patternFault(pattern);
  if (fault) report(path, fault);
}
