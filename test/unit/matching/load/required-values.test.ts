// Values that must be there, columns that need not, and lines that are cut by position.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileGraph } from '../../../../shared/domain/graph/compile-graph.ts';
import { graphOf } from '../../domain/graph/sample-graph.ts';
import { type Bench, definitionOf, loadFailure, loadOk, openBench } from './loading.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

describe('a required field', () => {
  test('rejects the rows without a value, blank ones too, and says so', async () => {
    const definition = definitionOf([
      { name: 'k', role: 'KEY' },
      { name: 'amount', type: 'decimal', required: true },
      { name: 'note', type: 'text', required: true },
    ]);
    const loaded = await loadOk(
      bench,
      bench.write('required', 'k,amount,note\n1,1.50,a\n2,,b\n3,2.00,  \n4,x,\n'),
      definition,
    );
    expect(loaded.records.map(({ k }) => k)).toEqual(['1']);
    expect(loaded.rejects).toMatchObject([
      { line: 3, column: 'amount', value: '', reason: 'missing: the field must have a value' },
      { line: 4, column: 'note', value: '', reason: 'missing: the field must have a value' },
      { line: 5, column: 'amount', value: 'x', reason: expect.stringMatching(/^not-a-number/) },
    ]);
    expect(loaded.rows).toMatchObject({ read: 4, records: 1, rejected: 3 });
  });

  test('of several columns is missing only where all of them are', async () => {
    const definition = definitionOf([
      { name: 'k', role: 'KEY' },
      { name: 'amount', type: 'decimal', required: true, from: { debit: 'd', credit: 'c' } },
    ]);
    const loaded = await loadOk(bench, bench.write('several', 'k,d,c\n1,1.50,\n2,,2.00\n3,,\n'), definition);
    expect(loaded.records.map(({ k }) => k)).toEqual(['1', '2']);
    expect(loaded.rejects).toMatchObject([{ line: 4, column: 'c', reason: 'missing: the field must have a value' }]);
  });

  test('that is typed keeps its reading where many values are missing', async () => {
    const definition = definitionOf([
      { name: 'k', role: 'KEY' },
      { name: 'amount', required: true },
    ]);
    const rows = Array.from({ length: 2_000 }, (_, index) => `${index},${index < 500 ? '1.5' : ''}`);
    const loaded = await loadOk(bench, bench.write('many', `k,amount\n${rows.join('\n')}\n`), definition);
    expect(loaded.rows).toMatchObject({ records: 500, rejected: 1_500 });
    expect(loaded.types.amount).toMatch(/^DECIMAL/);
  });
});

describe('an optional column', () => {
  const fields = [
    { name: 'k', role: 'KEY' as const },
    { name: 'a', type: 'text' as const, from: { column: 'absent', optional: true } },
    { name: 'b', type: 'text' as const, from: { column: 'b', optional: true } },
    { name: 'n', type: 'decimal' as const, from: { negate: { column: 'gone', optional: true } } },
  ];
  test.each([
    ['CSV', 'k,b\n1,x\n2,y\n'],
    ['CSV of one column', 'k\n1\n2\n'],
    ['JSON', '[{"k":1,"b":"x"},{"k":2,"b":"y"}]'],
  ])('may be lacking in %s: the value is null, and those of other columns stay what they are', async (_kind, file) => {
    const loaded = await loadOk(bench, bench.write('optional', file), definitionOf(fields));
    const has = file.includes('x');
    expect(loaded.records).toMatchObject([
      { k: '1', a: null, b: has ? 'x' : null, n: null },
      { k: '2', a: null, b: has ? 'y' : null, n: null },
    ]);
  });

  test('is still missed where another mapping needs it', async () => {
    const both = [...fields, { name: 'c', type: 'text' as const, from: 'absent' }];
    const failure = await loadFailure(bench, bench.write('needed', 'k,b\n1,x\n'), definitionOf(both));
    expect(failure).toMatchObject({ code: 'COLUMN_MISSING', fields: { column: 'absent' } });
  });
});

test('adapter-types: FIXED_WIDTH cuts columns by position, without their padding, and quotes and commas mean nothing', async () => {
  const graph = graphOf({
    sources: [
      {
        code: 'S',
        adapterType: 'FIXED_WIDTH',
        anchor: true,
        adapterOptions: {
          header: true,
          columns: [
            { name: 'id', start: 1, length: 6 },
            { name: 'name', start: 7, length: 10 },
            { name: 'amount', start: 17, length: 12 },
          ],
        },
      },
      { code: 'other', anchor: false },
    ],
    canonicalFields: [
      { canonicalName: 'id', role: 'KEY', mappings: [{ sourceCode: 'S', sourceColumn: 'id' }] },
      { canonicalName: 'name', role: 'DISPLAY', mappings: [{ sourceCode: 'S', sourceColumn: 'name' }] },
      { canonicalName: 'amount', dataType: 'DECIMAL', mappings: [{ sourceCode: 'S', sourceColumn: 'amount' }] },
    ],
  });
  const lines = [
    'ID    NAME            AMOUNT',
    'T-0001"Acme", Co      125.50',
    'T-0002Größe Ltd     -1000.00',
    'T-0003             ',
    'T-0004short',
  ];
  const loaded = await loadOk(bench, bench.write('fixed', `${lines.join('\n')}\n`), compileGraph(graph));
  expect(loaded.records).toMatchObject([
    { id: 'T-0001', name: '"Acme", Co', amount: '125.50' },
    { id: 'T-0002', name: 'Größe Ltd', amount: '-1000.00' },
    { id: 'T-0003', name: null, amount: null },
    { id: 'T-0004', name: 'short', amount: null },
  ]);
  expect(loaded.rejects).toEqual([]);
});
