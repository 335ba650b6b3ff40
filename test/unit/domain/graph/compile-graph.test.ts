// What a graph becomes for the engine, and what a change of one changed.
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../../../shared/domain/check-definition.ts';
import type { Definition, Field, Source } from '../../../../shared/domain/definition.ts';
import { compileGraph } from '../../../../shared/domain/graph/compile-graph.ts';
import { differenceOf } from '../../../../shared/domain/graph/graph-difference.ts';
import { percentText } from '../../../../shared/domain/graph/percent-text.ts';
import { type CanonicalFieldOf, graphOf, keyField, mapped, type SourceOf } from './sample-graph.ts';

const bothSides = { CUSTODY_FEED: 'c', GL_LEDGER: 'c' };

function compiledField(field: Partial<CanonicalFieldOf>): Field {
  const canonicalFields = [keyField, { canonicalName: 'f', mappings: mapped('c'), ...field }];
  const definition = compileGraph(graphOf({ canonicalFields }));
  expect(checkDefinition(definition)).toEqual([]);
  return definition.fields[1]!;
}

describe('a field', () => {
  const text = { name: 'f', type: 'text', mapping: bothSides };
  const cases: [rule: string, given: Partial<CanonicalFieldOf>, field: object][] = [
    ['COMPARE', {}, { ...text, role: 'COMPARE' }],
    ['PRODUCT is a classifier', { role: 'PRODUCT' }, { ...text, role: 'CLASSIFIER' }],
    ['SUB_PRODUCT is a classifier', { role: 'SUB_PRODUCT' }, { ...text, role: 'CLASSIFIER' }],
    ['ENTITY is a classifier', { role: 'ENTITY' }, { ...text, role: 'CLASSIFIER' }],
    ['CLASSIFIER', { role: 'CLASSIFIER' }, { ...text, role: 'CLASSIFIER' }],
    ['DISPLAY', { role: 'DISPLAY' }, { ...text, role: 'DISPLAY' }],
    ['required', { required: true }, { ...text, role: 'COMPARE', required: true }],
    [
      'CASE_INSENSITIVE',
      { comparisonLogic: 'CASE_INSENSITIVE' },
      { ...text, role: 'COMPARE', comparison: 'ignore-case' },
    ],
    [
      'a key that ignores case',
      { role: 'KEY', comparisonLogic: 'CASE_INSENSITIVE' },
      { ...text, role: 'KEY', normalise: ['collapse-spaces', 'upper'] },
    ],
    [
      'NUMERIC_THRESHOLD',
      { dataType: 'DECIMAL', comparisonLogic: 'NUMERIC_THRESHOLD', thresholdPercentage: 0.1 },
      { ...text, role: 'COMPARE', type: 'decimal', tolerance: { percent: '0.1' } },
    ],
    [
      'DATE_ONLY of moments',
      { dataType: 'DATETIME', comparisonLogic: 'DATE_ONLY' },
      { ...text, role: 'COMPARE', type: 'datetime', tolerance: { days: 0 } },
    ],
    [
      'DATE_ONLY of dates',
      { dataType: 'DATE', comparisonLogic: 'DATE_ONLY' },
      { ...text, role: 'COMPARE', type: 'date' },
    ],
    [
      'a tolerance',
      { dataType: 'INTEGER', tolerance: { absolute: '5' } },
      { ...text, role: 'COMPARE', type: 'integer', tolerance: { absolute: '5' } },
    ],
    ['BOOLEAN', { dataType: 'BOOLEAN' }, { ...text, role: 'COMPARE', type: 'boolean' }],
    ['normalisation', { normalise: ['alphanumeric'] }, { ...text, role: 'COMPARE', normalise: ['alphanumeric'] }],
    [
      'mapping-required: a column that need not be there, an expression, a reading',
      {
        dataType: 'DECIMAL',
        mappings: [
          { sourceCode: 'CUSTODY_FEED', sourceColumn: 'c', required: false, reading: { decimalMark: ',' } },
          { sourceCode: 'GL_LEDGER', expression: { debit: 'd', credit: { column: 'e' } } },
        ],
      },
      {
        name: 'f',
        role: 'COMPARE',
        type: 'decimal',
        mapping: { CUSTODY_FEED: { column: 'c', optional: true }, GL_LEDGER: { debit: 'd', credit: { column: 'e' } } },
        reading: { CUSTODY_FEED: { decimalMark: ',' } },
      },
    ],
  ];
  it.each(cases)('field-metadata: %s', (_rule, given, field) => {
    expect(compiledField(given)).toEqual(field);
  });
});

describe('a source', () => {
  const cases: [title: string, given: Partial<SourceOf>, source: Partial<Source>][] = [
    ['CSV_FILE', {}, { input: { format: 'csv' } }],
    [
      'CSV_FILE with options',
      { adapterOptions: { delimiter: ';', header: false, encoding: 'windows-1252', footerLines: 1 } },
      { input: { format: 'csv', delimiter: ';', header: false, encoding: 'windows-1252', footerLines: 1 } },
    ],
    [
      'XLSX',
      { adapterType: 'XLSX', adapterOptions: { sheet: 'Sheet 2' } },
      { input: { format: 'xlsx', sheet: 'Sheet 2' } },
    ],
    ['JSON', { adapterType: 'JSON' }, { input: { format: 'json' } }],
    ['JSON by lines', { adapterType: 'JSON', adapterOptions: { lines: true } }, { input: { format: 'ndjson' } }],
    ['DATABASE', { adapterType: 'DATABASE' }, {}],
    [
      'an increment of its own zone',
      {
        adapterType: 'DATABASE',
        load: 'increment',
        timeZone: 'Europe/London',
        filters: [{ column: 'x', in: ['y'] }],
        controlTotals: [{ of: 'rows', equals: '3' }],
      },
      {
        load: 'increment',
        timeZone: 'Europe/London',
        filters: [{ column: 'x', in: ['y'] }],
        controlTotals: [{ of: 'rows', equals: '3' }],
      },
    ],
  ];
  it.each(cases)('adapter-types: %s', (_title, given, source) => {
    const definition = compileGraph(
      graphOf({
        sources: [
          { code: 'CUSTODY_FEED', anchor: true, ...given },
          { code: 'GL_LEDGER', adapterType: 'DATABASE' },
        ],
      }),
    );
    expect(definition.sources).toEqual([{ name: 'CUSTODY_FEED', anchor: true, ...source }, { name: 'GL_LEDGER' }]);
  });
});

it('all of the engine is reached: passes, calendars, currencies and limits go through as they are', () => {
  const extensions: Pick<Definition, 'passes' | 'calendars' | 'currencyField' | 'rejectsMax'> = {
    passes: [
      { kind: 'exact-key' },
      {
        kind: 'tolerance',
        conditions: [
          { field: 'ccy', equal: true },
          { field: 'f', absolute: '0.01' },
          { field: 'd', daysBefore: 0, daysAfter: 2, calendar: 'TARGET' },
        ],
      },
    ],
    calendars: { TARGET: { holidays: ['2026-12-25'] } },
    currencyField: 'ccy',
    rejectsMax: 5,
  };
  const canonicalFields: CanonicalFieldOf[] = [
    keyField,
    { canonicalName: 'f', dataType: 'DECIMAL', mappings: mapped('f') },
    { canonicalName: 'd', dataType: 'DATE', mappings: mapped('d') },
    { canonicalName: 'ccy', role: 'CLASSIFIER', mappings: mapped('ccy') },
  ];
  const definition = compileGraph(graphOf({ canonicalFields, ...extensions }));
  expect(definition).toMatchObject(extensions);
  expect(checkDefinition(definition)).toEqual([]);
});

it.each([
  [0, '0'],
  [0.5, '0.5'],
  [100, '100'],
  [1e-7, '0.0000001'],
  [1.25e-9, '0.00000000125'],
  [1e21, '1000000000000000000000'],
  [1.5e22, '15000000000000000000000'],
])('a percentage of %f is written %s', (value, text) => {
  expect(percentText(value)).toBe(text);
});

describe('the difference of two graphs', () => {
  it('is told by the names of parts, wherever they stand', () => {
    const before = graphOf();
    const after = graphOf({
      owner: 'X',
      sources: [
        { code: 'GL_LEDGER', adapterType: 'DATABASE' },
        { code: 'CUSTODY_FEED', anchor: true, load: 'increment' },
      ],
      canonicalFields: [keyField, { canonicalName: 'a', mappings: mapped('a').slice(0, 1) }],
    });
    const difference = differenceOf(before, after);
    expect(difference).toMatchObject({
      owner: { before: null, after: 'X' },
      'sources[CUSTODY_FEED].load': { after: 'increment' },
      'sources[order]': { before: 'CUSTODY_FEED, GL_LEDGER', after: 'GL_LEDGER, CUSTODY_FEED' },
      'canonicalFields[a].role': { after: 'COMPARE' },
      'canonicalFields[a].mappings[CUSTODY_FEED].sourceColumn': { after: 'a' },
    });
    expect(Object.keys(difference).filter((path) => !path.startsWith('canonicalFields[a]'))).toHaveLength(3);
    expect(differenceOf(before, structuredClone(before))).toEqual({});
  });

  it('tells of parts that have changed places, and of none that moved because another came or went', () => {
    const passes = (...names: string[]) => ({ passes: names.map((name) => ({ kind: 'tolerance', name })) });
    expect(differenceOf(passes('near', 'far'), passes('far', 'near'))).toEqual({
      'passes[order]': { before: 'near, far', after: 'far, near' },
    });
    expect(Object.keys(differenceOf(passes('near', 'far'), passes('new', 'near', 'far')))).toEqual([
      'passes[new].kind',
      'passes[new].name',
    ]);
    expect(differenceOf({ by: ['a', 'b'] }, { by: ['b', 'a'] })).toEqual({
      'by[0]': { before: 'a', after: 'b' },
      'by[1]': { before: 'b', after: 'a' },
    });
  });

  it('tells parts of one name apart', () => {
    const entries = (...groups: string[]) => ({ list: groups.map((ldapGroupDn) => ({ ldapGroupDn, role: 'MAKER' })) });
    expect(Object.keys(differenceOf(entries('a'), entries('a', 'a')))).toEqual([
      'list[a 2].ldapGroupDn',
      'list[a 2].role',
    ]);
  });
});
