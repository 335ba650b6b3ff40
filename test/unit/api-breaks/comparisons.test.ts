// What a graph says about values is what a run does with them: every comparison, type and role, files of every adapter, and passes
// beyond the document. Over HTTP, with the real engine.
import ExcelJS from 'exceljs';
import { describe, expect, it } from 'vitest';
import { batchBody, openBreaks, sampleBody } from './harness.ts';

const path = '/api/admin/reconciliations';
type Values = Record<string, unknown>;

const mapped = (columns: Values = {}, column = 'x') =>
  ['CUSTODY_FEED', 'GL_LEDGER'].map((sourceCode) => ({ sourceCode, sourceColumn: columns[sourceCode] ?? column }));
const key = { canonicalName: 'id', role: 'KEY', mappings: mapped({}, 'id') };

async function open(graph: Values) {
  const breaks = await openBreaks();
  const [admin, jane] = [await breaks.signIn('admin.ops'), await breaks.signIn('analyst.jane')];
  const json = {
    ...sampleBody(),
    status: 'PUBLISHED',
    autoTriggerEnabled: false,
    accessControlEntries: [],
    sources: sampleBody().sources.map((source) => ({ ...source, adapterType: 'CSV_FILE' })),
    ...graph,
  };
  const created = await breaks.call('POST', path, { token: admin, json });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  return {
    ...breaks,
    created: created.body,
    async upload(code: string, content: string | Buffer, metadata?: unknown) {
      const target = `${path}/1/sources/${code}/batches`;
      const reply = await breaks.call('POST', target, { token: admin, ...batchBody(content, metadata) });
      expect(reply.status, JSON.stringify(reply.body)).toBe(200);
      return reply.body;
    },
    async run() {
      const reply = await breaks.call('POST', '/api/reconciliations/1/run', { token: jane, json: {} });
      expect(reply.status, JSON.stringify(reply.body)).toBe(200);
      return reply.body;
    },
  };
}

describe('comparisonLogic and dataType', () => {
  const cases: [logic: string, dataType: string, more: Values, anchor: string, other: string, equal: boolean][] = [
    ['EXACT_MATCH', 'STRING', {}, 'Abc', 'Abc', true],
    ['EXACT_MATCH', 'STRING', {}, 'Abc', 'abc', false],
    ['EXACT_MATCH', 'STRING', {}, '1.0', '1.00', false],
    ['EXACT_MATCH', 'INTEGER', {}, '007', '7', true],
    ['EXACT_MATCH', 'INTEGER', {}, '7', '8', false],
    ['EXACT_MATCH', 'DECIMAL', {}, '1.0', '1.00', true],
    ['EXACT_MATCH', 'DECIMAL', {}, '9007199254740993.01', '9007199254740993.02', false],
    ['EXACT_MATCH', 'DATE', {}, '2026-01-31', '2026-01-31', true],
    ['EXACT_MATCH', 'DATE', {}, '2026-01-31', '2026-02-01', false],
    ['EXACT_MATCH', 'DATETIME', {}, '2026-01-31T10:00:00Z', '2026-01-31T11:00:00+01:00', true],
    ['EXACT_MATCH', 'DATETIME', {}, '2026-01-31T10:00:00Z', '2026-01-31T10:00:01Z', false],
    ['EXACT_MATCH', 'BOOLEAN', {}, 'true', 'TRUE', true],
    ['EXACT_MATCH', 'BOOLEAN', {}, 'true', 'false', false],
    ['CASE_INSENSITIVE', 'STRING', {}, 'Fund  ÅB', ' fund åb ', true],
    ['CASE_INSENSITIVE', 'STRING', {}, 'Fund A', 'Fund B', false],
    ['NUMERIC_THRESHOLD', 'DECIMAL', { thresholdPercentage: 5 }, '100', '105', true],
    ['NUMERIC_THRESHOLD', 'DECIMAL', { thresholdPercentage: 5 }, '100', '105.01', false],
    ['NUMERIC_THRESHOLD', 'DECIMAL', { thresholdPercentage: 5 }, '-100', '-95', true],
    ['NUMERIC_THRESHOLD', 'DECIMAL', { thresholdPercentage: 5 }, '105.2', '100', true],
    ['NUMERIC_THRESHOLD', 'DECIMAL', { thresholdPercentage: 0 }, '100', '100.00', true],
    ['NUMERIC_THRESHOLD', 'INTEGER', { thresholdPercentage: 0.5 }, '1000', '1005', true],
    ['NUMERIC_THRESHOLD', 'INTEGER', { thresholdPercentage: 0.5 }, '1000', '1006', false],
    ['DATE_ONLY', 'DATE', {}, '2026-01-31', '2026-01-31', true],
    ['DATE_ONLY', 'DATETIME', {}, '2026-01-31T00:00:00Z', '2026-01-31T23:59:59Z', true],
    ['DATE_ONLY', 'DATETIME', {}, '2026-01-31T23:59:59Z', '2026-02-01T00:00:00Z', false],
    ['EXACT_MATCH', 'DECIMAL', { tolerance: { absolute: '0.05' } }, '1.00', '1.05', true],
    ['EXACT_MATCH', 'DECIMAL', { tolerance: { absolute: '0.05' } }, '1.00', '1.06', false],
    ['EXACT_MATCH', 'DATE', { tolerance: { days: 2 } }, '2026-01-30', '2026-02-01', true],
    ['EXACT_MATCH', 'STRING', { normalise: ['remove-leading-zeros'] }, '0042', '42', true],
  ];

  it('field-metadata: each pair of values is equal, or is not, as the field says', async () => {
    const canonicalFields = cases.map(([comparisonLogic, dataType, more], index) => {
      return {
        canonicalName: `f${index}`,
        role: 'COMPARE',
        comparisonLogic,
        dataType,
        ...more,
        mappings: mapped({}, `f${index}`),
      };
    });
    const opened = await open({ canonicalFields: [key, ...canonicalFields] });
    const csv = (side: 3 | 4) => {
      const rows = cases.map((one, index) =>
        [index, ...cases.map((_, at) => (at === index ? one[side] : ''))].join(','),
      );
      return `id,${cases.map((_, index) => `f${index}`).join(',')}\n${rows.join('\n')}\n`;
    };
    await opened.upload('CUSTODY_FEED', csv(3));
    await opened.upload('GL_LEDGER', csv(4));
    const { breaks, summary } = await opened.run();
    const differing = new Set(breaks.map(({ sourceA }: { sourceA: Values }) => Number(sourceA.id)));
    const found = cases.map((one, index) => [...one.slice(0, 5), !differing.has(index)]);
    expect(found).toEqual(cases);
    expect([summary.matched, summary.missing]).toEqual([cases.filter((one) => one[5]).length, 0]);
  });

  it('field-metadata: fields of the other roles are shown and make no break; products and entities count', async () => {
    const roles = ['PRODUCT', 'SUB_PRODUCT', 'ENTITY', 'CLASSIFIER', 'DISPLAY'];
    const others = roles.map((role) => ({ canonicalName: role, role, mappings: mapped({}, role) }));
    const compared = { canonicalName: 'x', role: 'COMPARE', mappings: mapped() };
    const opened = await open({ canonicalFields: [key, compared, ...others] });
    const header = `id,x,${roles.join(',')}\n`;
    await opened.upload('CUSTODY_FEED', `${header}1,a,P1,S1,E1,C1,D1\n2,a,P1,S1,E1,C1,D1\n`);
    await opened.upload('GL_LEDGER', `${header}1,a,P2,S2,E2,C2,D2\n2,b,P2,S2,E2,C2,D2\n`);
    const { breaks, analytics, filters } = await opened.run();
    expect(breaks).toMatchObject([
      {
        breakType: 'MISMATCH',
        product: 'P1',
        subProduct: 'S1',
        entity: 'E1',
        sourceA: { id: '2', x: 'a', CLASSIFIER: 'C1', DISPLAY: 'D1' },
        sourceB: { id: '2', x: 'b', CLASSIFIER: 'C2', DISPLAY: 'D2' },
      },
    ]);
    expect(analytics).toMatchObject({ totalMatchedCount: 1, breaksByProduct: { P1: 1 }, breaksByEntity: { E1: 1 } });
    expect(filters).toMatchObject({ products: ['P1'], subProducts: ['S1'], entities: ['E1'] });
  });
});

describe('adapterType', () => {
  async function xlsx(rows: unknown[][]): Promise<Buffer> {
    const workbook = new ExcelJS.Workbook();
    workbook.addWorksheet('Notes').addRow(['nothing to see']);
    workbook.addWorksheet('Positions').addRows(rows);
    return Buffer.from(await workbook.xlsx.writeBuffer());
  }
  const columns = [
    { name: 'id', start: 1, length: 4 },
    { name: 'x', start: 5, length: 8 },
  ];
  const cases: [what: string, source: Values, content: () => string | Buffer | Promise<Buffer>, metadata?: Values][] = [
    ['CSV_FILE', {}, () => 'id,x\nT1,1.50\nT2,2\n'],
    [
      'CSV_FILE with every option',
      { adapterOptions: { delimiter: ';', quote: "'", encoding: 'windows-1252', preambleLines: 1, footerLines: 1 } },
      () => Buffer.from("Größe\nid;x\n'T1';1.50\n'T2';2\nend; 2\n", 'latin1'),
    ],
    [
      'CSV_FILE whose options come with the batch',
      {},
      () => 'T1|1.50\nT2|2\n',
      { options: { delimiter: '|', header: false } },
    ],
    [
      'XLSX',
      { adapterType: 'XLSX', adapterOptions: { sheet: 'Positions' } },
      () =>
        xlsx([
          ['id', 'x'],
          ['T1', 1.5],
          ['T2', 2],
        ]),
    ],
    ['JSON', { adapterType: 'JSON' }, () => '[{"id":"T1","x":1.50},{"id":"T2","x":2}]'],
    [
      'JSON by lines',
      { adapterType: 'JSON', adapterOptions: { lines: true } },
      () => '{"id":"T1","x":1.50}\n{"id":"T2","x":"2"}\n',
    ],
    [
      'FIXED_WIDTH',
      { adapterType: 'FIXED_WIDTH', adapterOptions: { columns, header: true, footerLines: 1 } },
      () => 'ID  X       \nT1      1.50\nT2  2       \n2 rows      \n',
    ],
    ['DATABASE, fed by CSV', { adapterType: 'DATABASE' }, () => 'id,x\nT1,1.50\nT2,2\n'],
    [
      'DATABASE, fed by JSON',
      { adapterType: 'DATABASE' },
      () => '[{"id":"T1","x":1.50},{"id":"T2","x":2}]',
      { adapterType: 'JSON' },
    ],
    [
      'DATABASE, fed by XLSX',
      { adapterType: 'DATABASE', connectionConfig: { host: 'db.corp.example', port: 5_432, table: 'ledger' } },
      () =>
        xlsx([
          ['id', 'x'],
          ['T1', 1.5],
          ['T2', 2],
        ]),
      { adapterType: 'XLSX', options: { sheet: 'Positions' } },
    ],
  ];

  it.each(cases)('adapter-types: %s is loaded and matched', async (what, source, content, metadata) => {
    const withoutHeader = what.includes('come with the batch');
    const columnsOf = (id: string, x: string) => ({ id, x: withoutHeader ? x : 'x' });
    const { id, x } = columnsOf(withoutHeader ? 'column1' : 'id', 'column2');
    const sources = [
      { code: 'CUSTODY_FEED', adapterType: 'CSV_FILE', anchor: true, ...source },
      { code: 'GL_LEDGER', adapterType: 'CSV_FILE', anchor: false },
    ];
    const canonicalFields = [
      { ...key, mappings: mapped({ CUSTODY_FEED: id }, 'id') },
      { canonicalName: 'x', role: 'COMPARE', dataType: 'DECIMAL', mappings: mapped({ CUSTODY_FEED: x }) },
    ];
    const opened = await open({ sources, canonicalFields });
    expect(await opened.upload('CUSTODY_FEED', await content(), metadata)).toMatchObject({
      status: 'COMPLETE',
      recordCount: 2,
      rejectedCount: 0,
    });
    await opened.upload('GL_LEDGER', 'id,x\nT1,1.5\nT2,2.25\n');
    const { breaks, summary } = await opened.run();
    expect(summary).toMatchObject({ matched: 1, mismatched: 1, missing: 0 });
    expect(breaks).toMatchObject([{ sourceA: { id: 'T2', x: 2 }, sourceB: { id: 'T2', x: 2.25 } }]);
  });
});

describe('passes and what else goes beyond the document', () => {
  it('field-metadata: tolerance and grouped passes, calendars, expressions, readings and filters do what they say', async () => {
    const amount = {
      canonicalName: 'amount',
      role: 'COMPARE',
      dataType: 'DECIMAL',
      mappings: [
        {
          sourceCode: 'CUSTODY_FEED',
          expression: { debit: 'paid', credit: 'received' },
          reading: { decimalMark: ',' },
        },
        { sourceCode: 'GL_LEDGER', sourceColumn: 'amount' },
      ],
    };
    const booked = { canonicalName: 'booked', role: 'COMPARE', dataType: 'DATE', mappings: mapped({}, 'booked') };
    const account = { canonicalName: 'account', role: 'CLASSIFIER', mappings: mapped({}, 'account') };
    const passes = [
      { kind: 'exact-key' },
      {
        kind: 'tolerance',
        name: 'near',
        conditions: [
          { field: 'account', equal: true },
          { field: 'amount', absolute: '0.05' },
          { field: 'booked', daysBefore: 0, daysAfter: 1, calendar: 'bank' },
        ],
      },
      {
        kind: 'grouped',
        name: 'sums',
        cardinality: 'one-to-many',
        by: ['account'],
        amount: 'amount',
        search: { recordsMax: 3 },
      },
    ];
    const opened = await open({
      sources: [
        { code: 'CUSTODY_FEED', adapterType: 'CSV_FILE', anchor: true, adapterOptions: { delimiter: ';' } },
        { code: 'GL_LEDGER', adapterType: 'CSV_FILE', anchor: false, filters: [{ column: 'state', in: ['posted'] }] },
      ],
      canonicalFields: [key, amount, booked, account],
      passes,
      calendars: { bank: { holidays: ['2026-01-05'] } },
    });
    expect(opened.created.passes).toEqual(passes);
    await opened.upload(
      'CUSTODY_FEED',
      [
        'id;paid;received;booked;account',
        'a;;10,00;2026-01-02;ONE',
        // Friday; Monday is a holiday, so that Tuesday is the next business day.
        'b;;20,00;2026-01-02;ONE',
        'c;;90,00;2026-01-02;TWO',
        'd;7,50;;2026-01-02;TWO',
      ].join('\n'),
    );
    await opened.upload(
      'GL_LEDGER',
      [
        'id,amount,booked,account,state',
        'a,10.00,2026-01-02,ONE,posted',
        'x,20.04,2026-01-06,ONE,posted',
        'y,30.00,2026-01-02,TWO,posted',
        'z,60.00,2026-01-02,TWO,posted',
        'd,-7.50,2026-01-02,TWO,posted',
        'draft,1.00,2026-01-02,TWO,draft',
      ].join('\n'),
    );
    const { breaks, summary } = await opened.run();
    expect(breaks).toEqual([]);
    expect(summary).toMatchObject({ matched: 4, mismatched: 0, missing: 0 });
    const [run] = opened.state.runs.values();
    expect(run!.summary!.passes.map(({ name, pairs, groups }) => [name, pairs, groups])).toEqual([
      ['1-exact-key', 2, 0],
      ['near', 1, 0],
      ['sums', 0, 1],
    ]);
  });
});
