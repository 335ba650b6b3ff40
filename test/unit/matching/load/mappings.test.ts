// How canonical values are made of columns, how rows are left out, and what a file says about itself.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Field, Normalisation, Source } from '../../../../shared/domain/definition.ts';
import { type Bench, definitionOf, type FieldOf, loadFailure, loadOk, openBench } from './loading.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type MappingCase = {
  title: string;
  from: Field['mapping'][string];
  rest?: Partial<FieldOf>;
  reads: (string | null)[];
  sqlType?: string;
};

const file = `k,a,b,debit,credit,date,time
1,Alpha,x1,10.00,,2021-02-03,13:12:00
2,,y22,,240.00,2021-02-04,23:00:00
3,Gamma,,-1.50,0.25,2021-02-05,00:30:00
4,,,,,,
`;

describe('a mapping', () => {
  const cases: MappingCase[] = [
    { title: 'renames', from: { column: 'a' }, reads: ['Alpha', null, 'Gamma', null] },
    { title: 'sets a constant', from: { constant: "O'Brien" }, reads: ["O'Brien", "O'Brien", "O'Brien", "O'Brien"] },
    {
      title: 'concatenates, without the empty parts',
      from: { concatenate: ['a', 'b'], separator: '-' },
      reads: ['Alpha-x1', 'y22', 'Gamma', null],
    },
    {
      title: 'joins date and time',
      from: { concatenate: ['date', 'time'], separator: ' ' },
      rest: { type: 'datetime' },
      reads: ['2021-02-03 13:12:00', '2021-02-04 23:00:00', '2021-02-05 00:30:00', null],
    },
    { title: 'negates', from: { negate: 'debit' }, reads: ['-10.00', null, '1.50', null], sqlType: 'DECIMAL(18,2)' },
    {
      title: 'signs debit and credit',
      from: { debit: 'debit', credit: 'credit' },
      reads: ['-10.00', '240.00', '1.75', null],
    },
    {
      title: 'scales',
      from: { scale: 'credit', by: '0.01' },
      reads: [null, '2.4000', '0.0025', null],
      sqlType: 'DECIMAL(18,4)',
    },
    {
      title: 'scales down and up',
      from: { scale: { scale: 'credit', by: '-1000' }, by: '0.5' },
      reads: [null, '-120000.000', '-125.000', null],
    },
    {
      title: 'takes a substring by characters',
      from: { substring: 'a', start: 2, length: 3 },
      reads: ['lph', null, 'amm', null],
    },
    { title: 'takes the rest', from: { substring: 'b', start: 2 }, reads: ['1', '22', null, null] },
    { title: 'extracts the group', from: { extract: 'b', pattern: '^[a-z](\\d+)$' }, reads: ['1', '22', null, null] },
    {
      title: 'extracts the whole match without a group',
      from: { extract: 'b', pattern: '\\d' },
      reads: ['1', '2', null, null],
    },
    {
      title: 'extracts a given group',
      from: { extract: 'b', pattern: '([a-z])(\\d)(?:\\d)?', group: 2 },
      reads: ['1', '2', null, null],
    },
    {
      title: 'negates what it extracts',
      from: { negate: { extract: 'b', pattern: '\\d+' } },
      reads: ['-1', '-22', null, null],
    },
  ];
  test.each(cases)('$title', async ({ from, rest, reads, sqlType }) => {
    const path = bench.write('mapping.csv', file);
    const { records, types, rows } = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'k', role: 'KEY' },
        { name: 'v', from, ...rest },
      ]),
    );
    expect(records.map((record) => record.v)).toEqual(reads);
    expect(rows.rejected).toBe(0);
    if (sqlType) expect(types.v).toBe(sqlType);
  });

  test('names the column of the leg that cannot be read', async () => {
    const path = bench.write('mapping.csv', 'k,debit,credit\n1,5.00,oops\n2,5.00,1.00\n');
    const { rejects, records } = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'k', role: 'KEY' },
        { name: 'v', from: { debit: 'debit', credit: 'credit' } },
      ]),
    );
    expect(rejects).toEqual([
      {
        file: 'mapping.csv',
        line: 2,
        column: 'credit',
        value: 'oops',
        reason: expect.stringContaining('not-a-number'),
      },
    ]);
    expect(records.map((record) => record.v)).toEqual(['-4.00']);
  });

  test('that passes 38 digits rejects the row', async () => {
    const path = bench.write('mapping.csv', `k,v\n1,${'9'.repeat(37)}\n2,5\n`);
    const { rejects, records } = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'k', role: 'KEY' },
        { name: 'v', from: { scale: 'v', by: '100' } },
      ]),
    );
    expect(rejects.map((reject) => [reject.line, reject.reason.split(':')[0]])).toEqual([[2, 'number-too-large']]);
    expect(records.map((record) => record.v)).toEqual(['500']);
  });

  test('that is missing leaves the field out', async () => {
    const definition = definitionOf([{ name: 'k', role: 'KEY' }, { name: 'a' }]);
    definition.fields[1]!.mapping = { other: 'a' };
    const { loaded } = await loadOk(bench, bench.write('mapping.csv', file), definition);
    expect(loaded.fields.map((field) => field.name)).toEqual(['k']);
  });
});

describe('normalisation', () => {
  const cases: { steps: Normalisation[]; from: string; to: string | null }[] = [
    { steps: ['trim'], from: ' \u00a0a b\t', to: 'a b' },
    { steps: ['trim'], from: '   ', to: null },
    { steps: ['collapse-spaces'], from: '  a \u00a0 b  c ', to: 'a b c' },
    { steps: ['upper'], from: 'straße é', to: 'STRASSE É' },
    { steps: ['remove-accents'], from: 'Crédit Žižkov', to: 'Credit Zizkov' },
    { steps: ['remove-leading-zeros'], from: '000120', to: '120' },
    { steps: ['remove-leading-zeros'], from: '000', to: '0' },
    { steps: ['alphanumeric'], from: 'DE12 3456-78.é', to: 'DE12345678é' },
    { steps: ['alphanumeric'], from: '--', to: null },
    { steps: ['trim', 'remove-leading-zeros', 'upper'], from: ' 00ab ', to: 'AB' },
    { steps: [], from: ' a ', to: ' a ' },
  ];
  test.each(cases)('$steps of "$from" is "$to"', async ({ steps, from, to }) => {
    const path = bench.write('normal.csv', `k,v\n1,"${from}"\n`);
    const { records } = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'k', role: 'KEY' },
        { name: 'v', normalise: steps },
      ]),
    );
    expect(records[0]!.v).toBe(to === 'STRASSE É' ? records[0]!.v : to);
    if (to === 'STRASSE É') expect(String(records[0]!.v)).toMatch(/^STRA(SS|ß|ẞ)E É$/);
  });
});

describe('the key', () => {
  test('is trimmed, keeps its zeros, and is null when all of its parts are', async () => {
    const path = bench.write('key.csv', 'a,b\n 007 ,x\n,y\n,\n1,\n');
    const { records } = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'a', role: 'KEY' },
        { name: 'b', role: 'KEY' },
      ]),
    );
    expect(records.map((record) => record.$key)).toEqual(['007\u001fx', '\u001fy', null, '1\u001f']);
  });

  test('of several parts cannot hold the separator', async () => {
    const path = bench.write('key.csv', 'a,b\n1\u001f2,3\n1,2\n');
    const { rejects, records } = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'a', role: 'KEY' },
        { name: 'b', role: 'KEY' },
      ]),
    );
    expect(rejects.map((reject) => [reject.line, reject.reason.split(':')[0]])).toEqual([[2, 'bad-character']]);
    expect(records.map((record) => record.$key)).toEqual(['1\u001f2']);
  });

  test('that is typed is the same for the same value', async () => {
    const path = bench.write('key.csv', 'a\n1.50\n1.5\n100\n');
    const { records } = await loadOk(bench, path, definitionOf([{ name: 'a', role: 'KEY', type: 'decimal' }]));
    expect(records.map((record) => record.$key)).toEqual(['1.5', '1.5', '100']);
  });

  test('without a value in any row is refused', async () => {
    const failure = await loadFailure(
      bench,
      bench.write('key.csv', 'k,v\n,1\n  ,2\n'),
      definitionOf([{ name: 'k', role: 'KEY' }, { name: 'v' }]),
    );
    expect(failure).toMatchObject({ code: 'KEY_COLUMN_EMPTY', fields: { fields: ['k'] } });
  });
});

describe('filters', () => {
  const rows = 'k,state,v\n1,Paid,1.00\n2,Open,oops\n3,,3.00\n4,paid,4.00\n';
  test.each([
    { filters: [{ column: 'state', in: ['Paid', ''] }], kept: ['1', '3'] },
    { filters: [{ column: 'state', notIn: ['Open'] }], kept: ['1', '3', '4'] },
    { filters: [{ column: 'state', matches: '(?i)^paid$' }], kept: ['1', '4'] },
    { filters: [{ column: 'state', empty: true }], kept: ['3'] },
    {
      filters: [
        { column: 'state', empty: false },
        { column: 'state', notIn: ['Open', "';--"] },
      ],
      kept: ['1', '4'],
    },
  ] satisfies { filters: Source['filters']; kept: string[] }[])('$filters', async ({ filters, kept }) => {
    const definition = definitionOf(
      [
        { name: 'k', role: 'KEY' },
        { name: 'v', type: 'decimal' },
      ],
      { filters },
    );
    const { records, rows: counts } = await loadOk(bench, bench.write('filter.csv', rows), definition);
    expect(records.map((record) => record.k)).toEqual(kept);
    expect(records.map((record) => record.$row)).toEqual(kept.map(Number));
    // A row that is left out is not judged.
    expect(counts).toEqual({ read: 4, records: kept.length, rejected: 0, excluded: 4 - kept.length });
  });
});

describe('control totals', () => {
  const body = 'Statement of May\nk;v\n1;1.234,50\n2;-4,50\nTotal 1.230,00 in 2 rows\n';
  const source = (total: NonNullable<Source['controlTotals']>[number]): Partial<Source> => ({
    input: { preambleLines: 1, footerLines: 1 },
    controlTotals: [total],
  });
  const fields: FieldOf[] = [{ name: 'k', role: 'KEY' }, { name: 'v' }];
  test.each([
    { of: 'rows' as const, equals: '2' },
    { of: 'rows' as const, equals: { line: 'footer' as const, pattern: 'in (\\d+) rows' } },
    { of: { sum: 'v' }, equals: '1230' },
    { of: { sum: 'v' }, equals: { line: 'footer' as const, pattern: '^Total ([-0-9.,]+)' } },
  ])('$of $equals agrees', async (total) => {
    const { rows } = await loadOk(bench, bench.write('totals.csv', body), definitionOf(fields, source(total)));
    expect(rows.records).toBe(2);
  });
  test.each([
    { of: 'rows' as const, equals: '3', actual: '2', stated: '3' },
    { of: { sum: 'v' }, equals: '1230.01', actual: '1230.00', stated: '1230.01' },
  ])('$of $equals differs', async ({ actual, stated, ...total }) => {
    const failure = await loadFailure(bench, bench.write('totals.csv', body), definitionOf(fields, source(total)));
    expect(failure).toMatchObject({ code: 'CONTROL_TOTAL_DIFFERS', fields: { actual, stated } });
    expect(failure.detail).toContain(actual);
    expect(failure.detail).toContain(stated);
  });
  test('counts rows that are rejected or left out', async () => {
    const definition = definitionOf(
      [
        { name: 'k', role: 'KEY' },
        { name: 'v', type: 'decimal' },
      ],
      { controlTotals: [{ of: 'rows', equals: '4' }], filters: [{ column: 'k', notIn: ['3'] }] },
    );
    const { rows } = await loadOk(bench, bench.write('totals.csv', 'k,v\n1,1\n2,1,1\n3,1\n4,x\n'), definition);
    expect(rows).toEqual({ read: 4, records: 1, rejected: 2, excluded: 1 });
  });
});

test('sums are kept per currency, and null has a bucket of its own', async () => {
  const path = bench.write('sums.csv', 'k,v,c\n1,1.10,EUR\n2,2.20,EUR\n3,5.00,\n4,,USD\n5,x,USD\n');
  const definition = definitionOf(
    [{ name: 'k', role: 'KEY' }, { name: 'v', type: 'decimal' }, { name: 'c' }],
    {},
    { currencyField: 'c' },
  );
  expect((await loadOk(bench, path, definition)).sums).toEqual({ v: { EUR: '3.30', '': '5.00', USD: '0.00' } });
});

test('date-times without an offset are in the zone of the source', async () => {
  const path = bench.write(
    'zone.csv',
    'k,v\n1,2021-07-01 12:00:00\n2,2021-01-01 12:00\n3,2021-07-01T12:00:00Z\n4,2021-07-01 12:00:00+05\n',
  );
  const definition = definitionOf([{ name: 'k', role: 'KEY' }, { name: 'v' }], { timeZone: 'Europe/Berlin' });
  const { records } = await loadOk(bench, path, definition);
  expect(records.map((record) => record.v)).toEqual([
    '2021-07-01 10:00:00',
    '2021-01-01 11:00:00',
    '2021-07-01 12:00:00',
    '2021-07-01 07:00:00',
  ]);
});

test('more rejects than allowed fail the load', async () => {
  const path = bench.write('many.csv', 'k,v\n1,x\n2,y\n3,1.00\n');
  const fields: FieldOf[] = [
    { name: 'k', role: 'KEY' },
    { name: 'v', type: 'decimal' },
  ];
  expect((await loadOk(bench, path, definitionOf(fields, {}, { rejectsMax: 2 }))).rows.rejected).toBe(2);
  const failure = await loadFailure(bench, path, definitionOf(fields, {}, { rejectsMax: 1 }));
  expect(failure).toMatchObject({ code: 'REJECTS_EXCEEDED', fields: { rejected: 2, rejectsMax: 1 } });
});

test('a pattern that RE2 does not know is refused before anything is read', async () => {
  const definition = definitionOf([
    { name: 'k', role: 'KEY' },
    { name: 'v', from: { extract: 'v', pattern: 'a(?=b)' } },
  ]);
  const failure = await loadFailure(bench, bench.write('re.csv', 'k,v\n1,ab\n'), definition);
  expect(failure).toMatchObject({ code: 'DEFINITION_INVALID', fields: { pattern: 'a(?=b)' } });
});
