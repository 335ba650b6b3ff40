// Makes the core's definition of a configuration graph: source for source and field for field in the same order, so that a
// fault of the one can be told at its place in the other. What `check-graph.ts` refuses compiles to what the core refuses too.
import { unitSeparator } from '../check-definition.ts';
import type { Definition, Field, InputFormat, Mapping, Normalisation, Source } from '../definition.ts';
import { replaceColumns } from '../expression-columns.ts';
import type {
  AdapterOptions,
  AdapterType,
  CanonicalField,
  ConfigurationGraph,
  FieldMapping,
  GraphSource,
} from './graph.ts';
import { percentText } from './percent-text.ts';

export function compileGraph(
  graph: Pick<
    ConfigurationGraph,
    'name' | 'sources' | 'canonicalFields' | 'passes' | 'currencyField' | 'rejectsMax' | 'calendars'
  >,
): Definition {
  const { name, sources, canonicalFields, passes, currencyField, rejectsMax, calendars } = graph;
  return {
    name,
    sources: sources.map(compileSource),
    fields: canonicalFields.map((field) => compileField(field, sources)),
    passes: passes ?? [{ kind: 'exact-key' }],
    ...(currencyField !== undefined && { currencyField }),
    ...(rejectsMax !== undefined && { rejectsMax }),
    ...(calendars && { calendars }),
  };
}

function compileSource(source: GraphSource): Source {
  const { code, anchor, adapterType, adapterOptions, load, timeZone, filters, controlTotals } = source;
  const input = compileInput(adapterType, adapterOptions ?? {});
  return {
    name: code,
    ...(anchor && { anchor }),
    ...(load && { load }),
    ...(Object.keys(input).length > 0 && { input }),
    ...(timeZone !== undefined && { timeZone }),
    ...(filters && { filters }),
    ...(controlTotals && { controlTotals }),
  };
}

/** How the files of a source of this type are read. Those of a database are whatever was exported: sniffed. */
export function compileInput(type: AdapterType, options: AdapterOptions): InputFormat {
  const { columns: _, lines, ...rest } = options;
  switch (type) {
    case 'CSV_FILE':
      return { format: 'csv', ...rest };
    case 'XLSX':
      return { format: 'xlsx', ...rest };
    case 'JSON':
      return { format: lines ? 'ndjson' : 'json', ...rest };
    case 'FIXED_WIDTH': {
      const { header, preambleLines = 0, ...text } = rest;
      return { format: 'csv', ...text, ...oneColumn, preambleLines: preambleLines + (header ? 1 : 0) };
    }
  }
  return {};
}

/** A line is one value, and quotes mean nothing. */
const oneColumn = { delimiter: unitSeparator, quote: '', header: false } as const;
const wholeLine = 'column1';

function compileField(field: CanonicalField, sources: readonly GraphSource[]): Field {
  const { canonicalName, role, mappings, required } = field;
  const readings = mappings.filter(({ reading }) => reading !== undefined);
  const normalise = normalisationOf(field);
  return {
    name: canonicalName,
    role: role === 'KEY' || role === 'COMPARE' || role === 'DISPLAY' ? role : 'CLASSIFIER',
    type: types[field.dataType],
    ...comparisonOf(field),
    ...(normalise && { normalise }),
    ...(required && { required }),
    mapping: Object.fromEntries(
      mappings
        .filter(({ sourceCode }) => sources.some(({ code }) => code === sourceCode))
        .map((mapping) => [mapping.sourceCode, compileMapping(mapping, sources)]),
    ),
    ...(readings.length > 0 && {
      reading: Object.fromEntries(readings.map(({ sourceCode, reading }) => [sourceCode, reading!])),
    }),
  };
}

const types = {
  STRING: 'text',
  INTEGER: 'integer',
  DECIMAL: 'decimal',
  DATE: 'date',
  DATETIME: 'datetime',
  BOOLEAN: 'boolean',
} as const;

function comparisonOf(field: CanonicalField): Pick<Field, 'comparison' | 'tolerance'> {
  const { role, comparisonLogic, thresholdPercentage, dataType, tolerance } = field;
  if (role === 'KEY') return {};
  switch (comparisonLogic) {
    case 'EXACT_MATCH':
      return tolerance ? { tolerance } : {};
    case 'CASE_INSENSITIVE':
      return { comparison: 'ignore-case' };
    case 'NUMERIC_THRESHOLD':
      return { tolerance: { percent: percentText(thresholdPercentage ?? 0) } };
    case 'DATE_ONLY':
      return dataType === 'DATETIME' ? { tolerance: { days: 0 } } : {};
  }
}

/** Keys are met by their value alone, so a key that ignores case is made one of one case. */
function normalisationOf({ role, comparisonLogic, normalise }: CanonicalField): Normalisation[] | undefined {
  if (role !== 'KEY' || comparisonLogic !== 'CASE_INSENSITIVE') return normalise;
  return [...new Set<Normalisation>([...(normalise ?? []), 'collapse-spaces', 'upper'])];
}

function compileMapping(
  { sourceCode, sourceColumn, expression, required }: FieldMapping,
  sources: readonly GraphSource[],
): Mapping {
  const written = expression ?? sourceColumn ?? '';
  const source = sources.find(({ code }) => code === sourceCode);
  if (source?.adapterType === 'FIXED_WIDTH') {
    const columns = source.adapterOptions?.columns ?? [];
    return replaceColumns(written, (name) => {
      const column = columns.find((one) => one.name === name);
      return column ? fixedColumn(column) : name;
    });
  }
  return required ? written : replaceColumns(written, (column) => ({ column, optional: true }));
}

/** Padding at either end is no part of the value; a value of padding alone is none. */
function fixedColumn({ start, length }: { start: number; length: number }): Mapping {
  return { extract: { substring: wholeLine, start, length }, pattern: '^\\s*(\\S(?:.*\\S)?)\\s*$' };
}
