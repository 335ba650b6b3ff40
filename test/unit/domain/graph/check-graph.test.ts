// What is wrong with a configuration graph: one row for each rule, each with the paths where it is told.
import { describe, expect, it } from 'vitest';
import { checkGraph } from '../../../../shared/domain/graph/check-graph.ts';
import { checkRunnable } from '../../../../shared/domain/graph/check-runnable.ts';
import {
  type CanonicalFieldOf,
  entryOf,
  type GraphOf,
  graphOf,
  keyField,
  mapped,
  type SourceOf,
} from './sample-graph.ts';

const anchor: SourceOf = { code: 'CUSTODY_FEED', anchor: true };
const ledger: SourceOf = { code: 'GL_LEDGER' };
const withField = (field: Partial<CanonicalFieldOf>): GraphOf => ({
  canonicalFields: [keyField, { canonicalName: 'amount', mappings: mapped('amount'), ...field }],
});
const amount = 'canonicalFields[1]';

const cases: [rule: string, title: string, graph: GraphOf, paths: string[]][] = [
  ['val-source-codes-unique', 'different codes', { sources: [anchor, ledger] }, []],
  ['val-source-codes-unique', 'a code twice', { sources: [anchor, ledger, ledger] }, ['sources[2].code']],
  [
    'val-source-codes-unique',
    'in another case',
    { sources: [anchor, ledger, { code: 'gl_ledger' }] },
    ['sources[2].code'],
  ],
  ['val-one-anchor', 'none', { sources: [{ ...anchor, anchor: false }, ledger] }, ['sources']],
  ['val-one-anchor', 'two', { sources: [anchor, { ...ledger, anchor: true }] }, ['sources']],
  [
    'val-one-anchor',
    'no source at all',
    { sources: [], canonicalFields: [{ ...keyField, mappings: [] }] },
    ['sources', 'canonicalFields[0].mappings'],
  ],
  [
    'val-field-names-unique',
    'a name twice',
    { canonicalFields: [keyField, { ...keyField, role: 'COMPARE' }] },
    [`${amount}.canonicalName`],
  ],
  [
    'val-field-names-unique',
    'in another case',
    { canonicalFields: [keyField, { ...keyField, canonicalName: 'TRADEID' }] },
    [`${amount}.canonicalName`],
  ],
  ['val-field-mapping', 'none', withField({ mappings: [] }), [`${amount}.mappings`]],
  ['val-field-mapping', 'one is enough', withField({ mappings: mapped('amount').slice(0, 1) }), []],
  [
    'val-field-mapping',
    'an unknown source',
    withField({ mappings: [{ sourceCode: 'NONE', sourceColumn: 'x' }] }),
    [`${amount}.mappings[0].sourceCode`],
  ],
  [
    'val-field-mapping',
    'a source twice',
    withField({ mappings: [...mapped('a'), ...mapped('b')] }),
    [`${amount}.mappings[2].sourceCode`, `${amount}.mappings[3].sourceCode`],
  ],
  [
    'mapping-required',
    'neither column nor expression',
    withField({ mappings: [{ sourceCode: 'GL_LEDGER' }] }),
    [`${amount}.mappings[0].sourceColumn`],
  ],
  [
    'mapping-required',
    'both of them',
    withField({ mappings: [{ sourceCode: 'GL_LEDGER', sourceColumn: 'a', expression: 'b' }] }),
    [`${amount}.mappings[0].sourceColumn`],
  ],
  [
    'mapping-required',
    'a column without a name',
    withField({ mappings: [{ sourceCode: 'GL_LEDGER', sourceColumn: '' }] }),
    [`${amount}.mappings[0].sourceColumn`],
  ],
  [
    'mapping-required',
    'a faulty expression',
    withField({ mappings: [{ sourceCode: 'GL_LEDGER', expression: { substring: 'a', start: 0 } }] }),
    [`${amount}.mappings[0].expression.start`],
  ],
  ['val-key-field', 'none', { canonicalFields: [{ ...keyField, role: 'COMPARE' }] }, ['canonicalFields']],
  ['val-key-field', 'no field at all', { canonicalFields: [] }, ['canonicalFields']],
  ['val-key-field', 'two', { canonicalFields: [keyField, { ...keyField, canonicalName: 'leg' }] }, []],
  [
    'val-threshold',
    'missing',
    withField({ dataType: 'DECIMAL', comparisonLogic: 'NUMERIC_THRESHOLD' }),
    [`${amount}.thresholdPercentage`],
  ],
  [
    'val-threshold',
    'negative',
    withField({ dataType: 'DECIMAL', comparisonLogic: 'NUMERIC_THRESHOLD', thresholdPercentage: -0.01 }),
    [`${amount}.thresholdPercentage`],
  ],
  [
    'val-threshold',
    'zero',
    withField({ dataType: 'DECIMAL', comparisonLogic: 'NUMERIC_THRESHOLD', thresholdPercentage: 0 }),
    [],
  ],
  [
    'val-threshold',
    'very small',
    withField({ dataType: 'DECIMAL', comparisonLogic: 'NUMERIC_THRESHOLD', thresholdPercentage: 1e-9 }),
    [],
  ],
  ['val-threshold', 'of EXACT_MATCH', withField({ thresholdPercentage: 0 }), [`${amount}.thresholdPercentage`]],
  [
    'val-threshold',
    'of CASE_INSENSITIVE',
    withField({ comparisonLogic: 'CASE_INSENSITIVE', thresholdPercentage: 1 }),
    [`${amount}.thresholdPercentage`],
  ],
  [
    'val-threshold',
    'of DATE_ONLY',
    withField({ dataType: 'DATE', comparisonLogic: 'DATE_ONLY', thresholdPercentage: 1 }),
    [`${amount}.thresholdPercentage`],
  ],
  [
    'val-threshold',
    'of text',
    withField({ comparisonLogic: 'NUMERIC_THRESHOLD', thresholdPercentage: 1 }),
    [`${amount}.comparisonLogic`],
  ],
  [
    'val-threshold',
    'beside a tolerance',
    withField({
      dataType: 'DECIMAL',
      comparisonLogic: 'NUMERIC_THRESHOLD',
      thresholdPercentage: 1,
      tolerance: { absolute: '1' },
    }),
    [`${amount}.tolerance`],
  ],
  [
    'field-metadata',
    'CASE_INSENSITIVE of a number',
    withField({ dataType: 'INTEGER', comparisonLogic: 'CASE_INSENSITIVE' }),
    [`${amount}.comparisonLogic`],
  ],
  ['field-metadata', 'DATE_ONLY of text', withField({ comparisonLogic: 'DATE_ONLY' }), [`${amount}.comparisonLogic`]],
  [
    'field-metadata',
    'a key with a tolerance',
    { canonicalFields: [{ ...keyField, dataType: 'DATETIME', comparisonLogic: 'DATE_ONLY' }] },
    ['canonicalFields[0].comparisonLogic'],
  ],
  [
    'field-metadata',
    'two products',
    {
      canonicalFields: [
        keyField,
        ...['a', 'b'].map((canonicalName) => ({ canonicalName, role: 'PRODUCT' as const, mappings: mapped('p') })),
      ],
    },
    ['canonicalFields[2].role'],
  ],
  [
    'val-report-names',
    'a name twice',
    {
      reportTemplates: ['Daily', 'daily'].map((name) => ({
        name,
        active: false,
        sheets: [{ title: 'A', outcomes: ['SUMMARY'] }],
      })),
    },
    ['reportTemplates[1].name'],
  ],
  ['val-acl-optional', 'no entries', { accessControlEntries: [] }, []],
  ['acl-entries', 'two roles of a group', { accessControlEntries: [entryOf({}), entryOf({ role: 'CHECKER' })] }, []],
  [
    'acl-entries',
    'a role twice, in another spelling',
    {
      accessControlEntries: [entryOf({}), entryOf({ ldapGroupDn: 'cn=recon_preparers, ou=groups,dc=corp,dc=example' })],
    },
    ['accessControlEntries[1]'],
  ],
  [
    'acl-entries',
    'what is no name',
    { accessControlEntries: [entryOf({ ldapGroupDn: 'RECON_PREPARERS' })] },
    ['accessControlEntries[0].ldapGroupDn'],
  ],
  [
    'acl-entries',
    'what is no address',
    { accessControlEntries: [entryOf({ notificationChannel: 'a@b\r\nBcc: c@d' })] },
    ['accessControlEntries[0].notificationChannel'],
  ],
  [
    'auto-trigger',
    'the sample',
    { autoTriggerEnabled: true, autoTriggerCron: '0 2 * * *', autoTriggerTimezone: 'Europe/Berlin' },
    [],
  ],
  ['auto-trigger', 'without a time', { autoTriggerEnabled: true }, ['autoTriggerCron']],
  ['auto-trigger', 'six fields', { autoTriggerCron: '0 0 2 * * *' }, ['autoTriggerCron']],
  ['auto-trigger', 'a day that never comes', { autoTriggerCron: '0 0 31 2 *' }, ['autoTriggerCron']],
  ['auto-trigger', 'a zone that is none', { autoTriggerTimezone: 'Mars/Olympus' }, ['autoTriggerTimezone']],
  [
    'arrival-sla',
    'a zone that is none',
    { sources: [{ ...anchor, arrivalTimezone: 'CET+1' }, ledger] },
    ['sources[0].arrivalTimezone'],
  ],
  [
    'adapter-types',
    'an option of another type',
    { sources: [{ ...anchor, adapterOptions: { sheet: 'a' } }, ledger] },
    ['sources[0].adapterOptions.sheet'],
  ],
  [
    'adapter-types',
    'FIXED_WIDTH without columns',
    {
      sources: [{ ...anchor, adapterType: 'FIXED_WIDTH' }, ledger],
      canonicalFields: [{ ...keyField, mappings: mapped('a').slice(1) }],
    },
    ['sources[0].adapterOptions.columns'],
  ],
  [
    'adapter-types',
    'FIXED_WIDTH with faulty columns',
    {
      sources: [
        {
          ...anchor,
          adapterType: 'FIXED_WIDTH',
          adapterOptions: {
            columns: [
              { name: 'a', start: 0, length: 1 },
              { name: 'a', start: 1, length: 0 },
            ],
          },
        },
        ledger,
      ],
      canonicalFields: [{ ...keyField, mappings: mapped('b') }],
    },
    [
      'sources[0].adapterOptions.columns[0].start',
      'sources[0].adapterOptions.columns[1].name',
      'sources[0].adapterOptions.columns[1].length',
      'canonicalFields[0].mappings[0].sourceColumn',
    ],
  ],
  [
    'adapter-types',
    'a connection without secrets',
    { sources: [anchor, { ...ledger, adapterType: 'DATABASE', connectionConfig: { host: 'db', table: 'gl' } }] },
    [],
  ],
  [
    'adapter-types',
    'a connection with one',
    { sources: [anchor, { ...ledger, connectionConfig: { dbPassword: 'x' } }] },
    ['sources[1].connectionConfig.dbPassword'],
  ],
  ['bad input', 'a code that is no folder', { code: '../x' }, ['code']],
  [
    'bad input',
    'a source that is no folder',
    {
      sources: [{ ...anchor, code: 'a/b' }, ledger],
      canonicalFields: [{ ...keyField, mappings: mapped('a').slice(1) }],
    },
    ['sources[0].code'],
  ],
  [
    'bad input',
    'control characters',
    { name: 'a\u0000', notes: 'b\u0007', description: 'two\nlines' },
    ['name', 'notes'],
  ],
];

describe('a graph', () => {
  it.each(cases)('%s: %s', (_rule, _title, graph, paths) => {
    expect(checkGraph(graphOf(graph)).map(({ path }) => path)).toEqual(paths);
  });
});

describe('a graph that is to run', () => {
  const unfit: [title: string, graph: GraphOf, paths: string[]][] = [
    ['the sample', {}, []],
    [
      'one source',
      { sources: [anchor], canonicalFields: [{ ...keyField, mappings: mapped('a').slice(0, 1) }] },
      ['sources'],
    ],
    [
      'a key of one side',
      { canonicalFields: [{ ...keyField, mappings: mapped('a').slice(0, 1) }] },
      ['canonicalFields[0].mappings'],
    ],
    [
      'a threshold over all',
      withField({ dataType: 'DECIMAL', comparisonLogic: 'NUMERIC_THRESHOLD', thresholdPercentage: 101 }),
      [`${amount}.tolerance.percent`],
    ],
    [
      'a pass of unknown fields',
      { passes: [{ kind: 'grouped', cardinality: 'netting', by: ['none'], amount: 'tradeId' }] },
      ['passes[0].by[0]', 'passes[0].amount'],
    ],
    ['a currency that is none', { currencyField: 'none' }, ['currencyField']],
    ['a time zone that is none', { sources: [{ ...anchor, timeZone: 'x' }, ledger] }, ['sources[0].timeZone']],
    [
      'a number of an expression in text',
      withField({ dataType: 'STRING', mappings: [{ sourceCode: 'GL_LEDGER', expression: { negate: 'a' } }] }),
      [`${amount}.dataType`],
    ],
    [
      'a reading of dates for numbers',
      withField({
        dataType: 'DECIMAL',
        mappings: [{ sourceCode: 'GL_LEDGER', sourceColumn: 'a', reading: { dateFormat: 'iso' } }],
      }),
      [`${amount}.mappings[0].reading.dateFormat`],
    ],
    [
      'a source code with a dot',
      {
        sources: [anchor, { ...ledger, code: 'GL' }, { code: 'GL.2' }],
        canonicalFields: [
          {
            ...keyField,
            mappings: ['CUSTODY_FEED', 'GL.2', 'GL'].map((sourceCode) => ({ sourceCode, sourceColumn: 'a' })),
          },
          {
            canonicalName: 'n',
            dataType: 'DECIMAL',
            mappings: [
              { sourceCode: 'GL', sourceColumn: 'a' },
              { sourceCode: 'GL.2', sourceColumn: 'a', reading: { dateFormat: 'iso' } },
            ],
          },
        ],
      },
      ['canonicalFields[1].mappings[1].reading.dateFormat'],
    ],
  ];
  it.each(unfit)('%s', (_title, given, paths) => {
    const graph = graphOf(given);
    expect(checkGraph(graph)).toEqual([]);
    expect(checkRunnable(graph).map(({ path }) => path)).toEqual(paths);
  });

  it('is compiled whatever its faults, so that all are told at once', () => {
    for (const [, , graph] of cases) expect(() => checkRunnable(graphOf(graph))).not.toThrow();
  });
});
