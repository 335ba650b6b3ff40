// Says what is wrong with the canonical fields of a graph: names, roles, how values are compared, where they come from.
import { checkMapping } from '../check-mapping.ts';
import { checkName, type Report } from '../check-values.ts';
import { columnsOfExpression } from '../expression-columns.ts';
import type { CanonicalField, ConfigurationGraph, GraphSource } from './graph.ts';
import { checkPercent } from './percent-text.ts';

/** Each names one field of a break; two would leave it open which. */
const rolesGivenOnce = ['PRODUCT', 'SUB_PRODUCT', 'ENTITY'] as const;

export function checkCanonicalFields({ canonicalFields, sources }: ConfigurationGraph, report: Report): void {
  if (!canonicalFields.some(({ role }) => role === 'KEY'))
    report('canonicalFields', 'at least one must have the role KEY');
  const names = new Map<string, number>();
  const roles = new Map<string, number>();
  for (const [index, field] of canonicalFields.entries()) {
    const path = `canonicalFields[${index}]`;
    const { canonicalName, displayName, formattingHint, role } = field;
    checkName(canonicalName, `${path}.canonicalName`, report);
    if (canonicalName.startsWith('$')) report(`${path}.canonicalName`, 'must not start with "$"');
    const earlier = names.get(canonicalName.toLowerCase());
    if (earlier !== undefined)
      report(
        `${path}.canonicalName`,
        `"${canonicalName}" is the name of canonicalFields[${earlier}] too; case does not tell names apart`,
      );
    else names.set(canonicalName.toLowerCase(), index);
    if (displayName !== null) checkName(displayName, `${path}.displayName`, report);
    if (formattingHint !== null) checkName(formattingHint, `${path}.formattingHint`, report);
    const taken = roles.get(role);
    if (taken !== undefined) report(`${path}.role`, `${role} is the role of canonicalFields[${taken}] already`);
    else if (rolesGivenOnce.some((one) => one === role)) roles.set(role, index);
    checkComparison(field, path, report);
    checkMappings(field, sources, path, report);
  }
}

function checkComparison(field: CanonicalField, path: string, report: Report): void {
  const { comparisonLogic, thresholdPercentage, dataType, role, tolerance } = field;
  const at = `${path}.thresholdPercentage`;
  if (comparisonLogic === 'NUMERIC_THRESHOLD') {
    if (thresholdPercentage === null) report(at, 'is required for NUMERIC_THRESHOLD');
    else checkPercent(thresholdPercentage, at, report);
    if (dataType !== 'INTEGER' && dataType !== 'DECIMAL')
      report(`${path}.comparisonLogic`, `NUMERIC_THRESHOLD compares numbers, and the field is ${dataType}`);
  } else if (thresholdPercentage !== null) report(at, `must be left out for ${comparisonLogic}`);
  if (comparisonLogic === 'CASE_INSENSITIVE' && dataType !== 'STRING')
    report(`${path}.comparisonLogic`, `CASE_INSENSITIVE compares text, and the field is ${dataType}`);
  if (comparisonLogic === 'DATE_ONLY' && dataType !== 'DATE' && dataType !== 'DATETIME')
    report(`${path}.comparisonLogic`, `DATE_ONLY compares dates, and the field is ${dataType}`);
  if (
    role === 'KEY' &&
    (comparisonLogic === 'NUMERIC_THRESHOLD' || (comparisonLogic === 'DATE_ONLY' && dataType === 'DATETIME'))
  )
    report(`${path}.comparisonLogic`, 'a key is equal or not: it has no tolerance');
  if (tolerance && comparisonLogic !== 'EXACT_MATCH')
    report(`${path}.tolerance`, `is given beside ${comparisonLogic}: only one of them can hold`);
}

function checkMappings(field: CanonicalField, sources: readonly GraphSource[], path: string, report: Report): void {
  const { mappings } = field;
  if (mappings.length === 0) report(`${path}.mappings`, 'must hold at least one mapping');
  const seen = new Map<string, number>();
  for (const [index, mapping] of mappings.entries()) {
    const at = `${path}.mappings[${index}]`;
    const { sourceCode, sourceColumn, expression } = mapping;
    const source = sources.find(({ code }) => code === sourceCode);
    if (!source) report(`${at}.sourceCode`, `there is no source "${sourceCode}"`);
    const earlier = seen.get(sourceCode);
    if (earlier !== undefined) report(`${at}.sourceCode`, `mappings[${earlier}] is of "${sourceCode}" too`);
    else seen.set(sourceCode, index);
    if ((sourceColumn === undefined) === (expression === undefined))
      report(`${at}.sourceColumn`, 'must name a column, unless an expression is given instead');
    if (sourceColumn !== undefined) checkMapping(sourceColumn, `${at}.sourceColumn`, report, false);
    if (expression !== undefined) checkMapping(expression, `${at}.expression`, report, false);
    if (source?.adapterType === 'FIXED_WIDTH') checkFixed(source, mapping, at, report);
  }
}

function checkFixed(
  source: GraphSource,
  mapping: CanonicalField['mappings'][number],
  path: string,
  report: Report,
): void {
  const known = new Set((source.adapterOptions?.columns ?? []).map(({ name }) => name));
  const { sourceColumn, expression } = mapping;
  const unknown = (column: string) => !known.has(column);
  if (sourceColumn !== undefined && unknown(sourceColumn))
    report(`${path}.sourceColumn`, `the source "${source.code}" has no column "${sourceColumn}"`);
  for (const column of expression === undefined ? [] : columnsOfExpression(expression).filter(unknown))
    report(`${path}.expression`, `the source "${source.code}" has no column "${column}"`);
}
