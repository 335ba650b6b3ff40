// How written values are read: one row per case of type, reading and reject.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bench, definitionOf, loadFailure, loadOk, openBench } from './loading.ts';
import { numberCases, otherCases, type WrittenCase } from './written-values.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

async function column({ values, type, reading }: WrittenCase) {
  const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const path = bench.write('values.csv', `k,v\n${values.map((value, index) => `${index},${quote(value)}\n`).join('')}`);
  const definition = definitionOf([
    { name: 'k', role: 'KEY' },
    { name: 'v', ...(type && { type }), ...(reading && { reading: { S: reading } }) },
  ]);
  return { path, definition };
}

describe('a column is read as', () => {
  test.each([...numberCases, ...otherCases])('$title', async (one) => {
    const { path, definition } = await column(one);
    const { records, rejects, types, rows } = await loadOk(bench, path, definition);
    const byRow = new Map(records.map((record) => [record.k, record.v]));
    const rejectedAt = new Map(rejects.map((reject) => [reject.line - 2, reject]));
    const found = one.reads.map((_, index) =>
      rejectedAt.has(index) ? { rejected: rejectedAt.get(index)!.reason.split(':')[0] } : byRow.get(String(index)),
    );
    expect(found).toEqual(one.reads);
    expect(rows.records + rows.rejected).toBe(one.values.length);
    if (one.sqlType) expect(types.v).toBe(one.sqlType);
    for (const reject of rejects) expect(reject).toMatchObject({ column: 'v', value: one.values[reject.line - 2] });
  });
});

describe('a column that can be read in two ways is refused', () => {
  test.each([
    {
      title: 'day and month',
      values: ['02/01/2020', '03/04/2020'],
      example: '02/01/2020',
      option: 'reading.dateFormat',
      flag: '--date-format',
    },
    {
      title: 'comma',
      values: ['1,234', '5,678'],
      example: '1,234',
      option: 'reading.decimalMark',
      flag: '--decimal-mark',
    },
    {
      title: 'point',
      values: ['1.234', '5.678'],
      example: '1.234',
      option: 'reading.decimalMark',
      flag: '--decimal-mark',
    },
  ])('$title', async ({ values, example, option, flag }) => {
    const { path, definition } = await column({ title: '', values, reads: [] });
    const failure = await loadFailure(bench, path, definition);
    expect(failure.code).toBe('READING_AMBIGUOUS');
    expect(failure.detail).toContain(example);
    expect(failure.detail).toContain(flag);
    expect(failure.fields).toMatchObject({ field: 'v', column: 'v', option });
    expect(failure.fields?.readings).toHaveLength(2);
  });

  test('but a field that is only shown stays text', async () => {
    const path = bench.write('shown.csv', 'k,v\n1,02/01/2020\n');
    const { types } = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'k', role: 'KEY' },
        { name: 'v', role: 'DISPLAY' },
      ]),
    );
    expect(types.v).toBe('VARCHAR');
  });
});

describe('readings of earlier batches', () => {
  const fields = [{ name: 'k', role: 'KEY' as const }, { name: 'v' }];

  test('hold: a column of 02/01 dates cannot flip', async () => {
    const first = await loadOk(bench, bench.write('first.csv', 'k,v\n1,24/03/2022\n'), definitionOf(fields));
    expect(first.readings.v).toEqual({ type: 'date', dateFormat: '%d/%m/%Y' });
    const { readings } = first;
    const second = await loadOk(
      bench,
      bench.write('second.csv', 'k,v\n1,02/01/2020\n2,03/24/2022\n'),
      definitionOf(fields),
      { readings },
    );
    expect(second.records.map((record) => record.v)).toEqual(['2020-01-02']);
    expect(second.rejects.map((reject) => reject.reason.split(':')[0])).toEqual(['not-a-date']);
  });

  test('hold only what was proven', async () => {
    const first = await loadOk(bench, bench.write('first.csv', 'k,v\n1,02/02/2020\n'), definitionOf(fields));
    expect(first.readings.v).toEqual({ type: 'date' });
    const whole = await loadOk(bench, bench.write('first.csv', 'k,v\n1,100\n'), definitionOf(fields));
    expect(whole.readings.v).toEqual({ type: 'decimal' });
    const later = await loadOk(bench, bench.write('second.csv', 'k,v\n1,"1,5"\n'), definitionOf(fields), {
      readings: whole.readings,
    });
    expect(later.records[0]!.v).toBe('1.5');
    const empty = await loadOk(bench, bench.write('first.csv', 'k,v\n1,\n'), definitionOf(fields));
    expect(empty.readings).toEqual({ k: { type: 'text' } });
  });
});

test('what the first 64 KB show is only a guess', async () => {
  const late = ['1.239', '12345678901234567890.12', '-7'];
  const rows = [...Array.from({ length: 9000 }, (_, index) => `${index}.25`), ...late];
  const path = bench.write('late.csv', `k,v\n${rows.map((value, index) => `key-${index},${value}`).join('\n')}\n`);
  const {
    records,
    types,
    rows: counts,
    sums,
  } = await loadOk(bench, path, definitionOf([{ name: 'k', role: 'KEY' }, { name: 'v' }]));
  expect(counts).toEqual({ read: 9003, records: 9003, rejected: 0, excluded: 0 });
  expect(types.v).toBe('DECIMAL(38,3)');
  expect(records.slice(-3).map((record) => record.v)).toEqual(['1.239', '12345678901234567890.120', '-7.000']);
  expect(sums.v).toEqual({ '': '12345678901275065634.359' });
});

test('a column that turns to text late is text from the first row on', async () => {
  const rows = Array.from({ length: 9000 }, (_, index) => (index < 5000 ? `${index}.50` : `item ${index}`));
  const path = bench.write('late.csv', `k,v\n${rows.map((value, index) => `key-${index},${value}`).join('\n')}\n`);
  const { records, rows: counts } = await loadOk(
    bench,
    path,
    definitionOf([{ name: 'k', role: 'KEY' }, { name: 'v' }]),
  );
  expect(counts.rejected).toBe(0);
  expect(records[1]!.v).toBe('1.50');
  expect(records[8999]!.v).toBe('item 8999');
});

test('a column whose first value comes late is decided from all of them', async () => {
  const rows = Array.from({ length: 12000 }, (_, index) => (index < 11000 ? '' : `${(index % 28) + 1}.01.2020`));
  const path = bench.write('late.csv', `k,v\n${rows.map((value, index) => `key-${index},${value}`).join('\n')}\n`);
  const { types, records } = await loadOk(bench, path, definitionOf([{ name: 'k', role: 'KEY' }, { name: 'v' }]));
  expect(types.v).toBe('DATE');
  expect(records[11000]!.v).toBe('2020-01-25');
});

test('sums that pass 38 digits are refused, and wide ones are exact below that', async () => {
  const nines = '9'.repeat(38);
  const fields = [
    { name: 'k', role: 'KEY' as const },
    { name: 'v', type: 'decimal' as const },
  ];
  const wide = await loadOk(
    bench,
    bench.write('wide.csv', `k,v\n1,${nines}\n2,-${nines}\n3,12345678901234567890\n`),
    definitionOf(fields),
  );
  expect(wide.sums.v).toEqual({ '': '12345678901234567890' });
  const failure = await loadFailure(
    bench,
    bench.write('wide.csv', `k,v\n1,${nines}\n2,${nines}\n`),
    definitionOf(fields),
  );
  expect(failure.code).toBe('SUM_TOO_LARGE');
});
