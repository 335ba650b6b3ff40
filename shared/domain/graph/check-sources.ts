// Says what is wrong with the sources of a graph: codes, the one anchor, when data is expected, how files are read.
import { checkName, checkText, checkWhole, type Report } from '../check-values.ts';
import { isTimeZone } from '../schedule.ts';
import type { AdapterOptions, AdapterType, GraphSource } from './graph.ts';

/** A part of a drop folder and of a URL. */
const codeShape = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
const linesMax = 1_000;
const columnsMax = 1_000;
const charactersMax = 1_000_000;

export function checkSources(sources: readonly GraphSource[], report: Report): void {
  const anchors = sources.filter(({ anchor }) => anchor).length;
  if (anchors !== 1) report('sources', `exactly one must be the anchor; there are ${anchors}`);
  const codes = new Map<string, number>();
  for (const [index, source] of sources.entries()) {
    const path = `sources[${index}]`;
    const { code, displayName, description, arrivalExpectation, arrivalTimezone, adapterType, adapterOptions } = source;
    if (!codeShape.test(code))
      report(`${path}.code`, 'must be 1 to 100 letters, digits, "_", "." and "-", beginning with a letter or digit');
    const earlier = codes.get(code.toLowerCase());
    if (earlier !== undefined) report(`${path}.code`, `"${code}" is the code of sources[${earlier}] too`);
    else codes.set(code.toLowerCase(), index);
    checkText(displayName, `${path}.displayName`, report);
    checkText(description, `${path}.description`, report);
    checkText(arrivalExpectation, `${path}.arrivalExpectation`, report);
    if (arrivalTimezone !== null && !isTimeZone(arrivalTimezone))
      report(`${path}.arrivalTimezone`, `"${arrivalTimezone}" is no IANA time zone`);
    checkConnection(source.connectionConfig, `${path}.connectionConfig`, report);
    checkAdapterOptions(adapterType, adapterOptions ?? {}, `${path}.adapterOptions`, report);
    if (adapterType === 'FIXED_WIDTH' && !adapterOptions?.columns?.length)
      report(`${path}.adapterOptions.columns`, 'must say where each column of a FIXED_WIDTH file lies');
  }
}

/** The graph is shown to every administrator and exported: a secret in it is a leak. */
function checkConnection(config: GraphSource['connectionConfig'], path: string, report: Report): void {
  for (const name of Object.keys(config ?? {})) {
    if (/pass|pwd|secret|token|credential|private|api_?key/i.test(name))
      report(`${path}.${name}`, 'must not hold a secret: the graph is shown and exported');
  }
}

const text: (keyof AdapterOptions)[] = ['encoding', 'preambleLines', 'footerLines'];
const delimited: (keyof AdapterOptions)[] = ['delimiter', 'quote', 'header', ...text];
const optionsOf: Record<AdapterType, readonly (keyof AdapterOptions)[]> = {
  CSV_FILE: delimited,
  XLSX: ['sheet', 'header', 'preambleLines', 'footerLines'],
  JSON: ['lines', 'encoding'],
  FIXED_WIDTH: ['columns', 'header', ...text],
  DATABASE: [],
};

/** Of a source, or of one batch of it. */
export function checkAdapterOptions(type: AdapterType, options: AdapterOptions, path: string, report: Report): void {
  for (const name of Object.keys(options) as (keyof AdapterOptions)[])
    if (optionsOf[type]?.includes(name) === false) report(`${path}.${name}`, `is no option of ${type}`);
  const { delimiter, quote, columns } = options;
  if (delimiter !== undefined && !/^[\t -~]$/.test(delimiter))
    report(`${path}.delimiter`, 'must be one ASCII character');
  if (quote !== undefined && !/^[!-~]?$/.test(quote)) report(`${path}.quote`, 'must be one ASCII character, or empty');
  if (quote && quote === delimiter) report(`${path}.quote`, 'must differ from the delimiter');
  for (const key of ['preambleLines', 'footerLines'] as const) {
    const lines = options[key];
    if (lines !== undefined) checkWhole(lines, 0, linesMax, `${path}.${key}`, report);
  }
  if (options.sheet !== undefined) checkName(options.sheet, `${path}.sheet`, report);
  if (columns) checkColumns(columns, `${path}.columns`, report);
}

function checkColumns(columns: NonNullable<AdapterOptions['columns']>, path: string, report: Report): void {
  if (columns.length > columnsMax) report(path, `must be at most ${columnsMax}`);
  const names = new Map<string, number>();
  for (const [index, { name, start, length }] of columns.entries()) {
    checkName(name, `${path}[${index}].name`, report);
    const earlier = names.get(name);
    if (earlier !== undefined) report(`${path}[${index}].name`, `"${name}" is the name of columns[${earlier}] too`);
    else names.set(name, index);
    checkWhole(start, 1, charactersMax, `${path}[${index}].start`, report);
    checkWhole(length, 1, charactersMax, `${path}[${index}].length`, report);
  }
}
