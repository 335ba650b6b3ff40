// Rows that cannot be read: each is rejected with its line and reason, and no good row is lost for it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bench, definitionOf, type FieldOf, loadOk, openBench } from './loading.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const fields: FieldOf[] = [{ name: 'k', role: 'KEY' }, { name: 'v' }];

describe('faulty rows are rejected with their line, and no good row is lost', () => {
  const cases: { title: string; content: string | Buffer; kept: string[]; rejects: [number, string][] }[] = [
    { title: 'too few cells', content: 'k,v\n1\n2,b\n', kept: ['2'], rejects: [[2, 'too-few-cells']] },
    { title: 'too many cells', content: 'k,v\n1,a,x\n2,b\n', kept: ['2'], rejects: [[2, 'too-many-cells']] },
    { title: 'text after a quote', content: 'k,v\n1,"a"x\n2,b\n', kept: ['2'], rejects: [[2, 'bad-quote']] },
    { title: 'an open quote', content: 'k,v\n1,"a\n2,b\n3,c\n', kept: ['2', '3'], rejects: [[2, 'bad-quote']] },
    {
      title: 'an open quote closed by a later one',
      content: 'k,v\n1,"a\n2,b\n3,"c"\n4,d\n',
      kept: ['2', '3', '4'],
      rejects: [[2, 'bad-quote']],
    },
    {
      title: 'an open quote that swallows whole rows',
      content: 'k,v,w\n1,"a,x\n2,b,y\n3,"\n4,d,z\n',
      kept: ['2', '4'],
      rejects: [
        [2, 'bad-quote'],
        [4, 'bad-quote'],
      ],
    },
    {
      title: 'lines counted through quoted line ends',
      content: 'k,v\n1,"a\nb\r\nc"\n\n2\n3,d\n',
      kept: ['1', '3'],
      rejects: [[6, 'too-few-cells']],
    },
    { title: 'lines ended by CR', content: 'k,v\r1,a\r2\r3,c\r', kept: ['1', '3'], rejects: [[3, 'too-few-cells']] },
    {
      title: 'bytes that are no UTF-8',
      content: Buffer.concat([Buffer.from('k,v\n1,é\n2,'), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('\n3,c\n')]),
      kept: ['1', '3'],
      rejects: [[3, 'bad-encoding']],
    },
    {
      title: 'a broken JSON line',
      content: '{"k":"1"}\n{"k":"2",\n{"k":"3"}\n7\n',
      kept: ['1', '3'],
      rejects: [
        [2, 'bad-json'],
        [4, 'bad-json'],
      ],
    },
    {
      title: 'a broken value in JSON',
      content: '[{"k":"1"},\n{"k":nope},\n{"k":"3"}]',
      kept: ['1', '3'],
      rejects: [[2, 'bad-json']],
    },
  ];
  test.each(cases)('$title', async ({ title, content, kept, rejects }) => {
    const path = bench.write('faulty', content);
    const found = await loadOk(bench, path, definitionOf(title.includes('JSON') ? fields.slice(0, 1) : fields));
    expect(found.records.map((record) => record.k)).toEqual(kept);
    expect(found.rejects.map((reject) => [reject.line, reject.reason.split(':')[0]])).toEqual(rejects);
    expect(found.rows.read).toBe(kept.length + rejects.length);
    expect(found.rejects.every((reject) => reject.file === 'faulty' && reject.value !== '')).toBe(true);
  });

  test('values beside structure, in one file and in the order of lines', async () => {
    const path = bench.write('both.csv', 'k,v\n1,x\n2,1.00,9\n3,2.00\n4,"\n1.5y"\n5,3.00\n');
    const found = await loadOk(
      bench,
      path,
      definitionOf([
        { name: 'k', role: 'KEY' },
        { name: 'v', type: 'decimal' },
      ]),
    );
    expect(found.rejects).toEqual([
      { file: 'both.csv', line: 2, column: 'v', value: 'x', reason: expect.stringMatching(/^not-a-number: /) },
      {
        file: 'both.csv',
        line: 3,
        column: '',
        value: '2,1.00,9',
        reason: 'too-many-cells: 3 cells where the header has 2',
      },
      { file: 'both.csv', line: 5, column: 'v', value: '\n1.5y', reason: expect.stringMatching(/^not-a-number: /) },
    ]);
    expect(found.records.map((record) => [record.$row, record.k])).toEqual([
      [3, '3'],
      [5, '5'],
    ]);
  });

  test('a file that begins as ASCII and is Windows-1252 further on', async () => {
    const rows = Array.from({ length: 12_000 }, (_, index) => `${index},plain text`);
    const path = bench.write(
      'late.csv',
      Buffer.from(`k,v\n${rows.join('\n')}\nlast,Währung €\n`.replace('€', '\u0080'), 'latin1'),
    );
    const found = await loadOk(bench, path, definitionOf(fields));
    expect(found.rows).toEqual({ read: 12_001, records: 12_001, rejected: 0, excluded: 0 });
    expect(found.records.at(-1)!.v).toBe('Währung €');
  });

  // DuckDB reads in parallel, and was seen to lose what follows a part of a file that holds nothing but line ends.
  test.each(['\n', '\r\n'])('rows after megabytes of blank lines (%j) are read', async (lineEnd) => {
    const blank = lineEnd.repeat(12_000_000 / lineEnd.length);
    const path = bench.write('padded.csv', `k,v${lineEnd}1,a${lineEnd}${blank}2,b${lineEnd}3${lineEnd}`);
    const found = await loadOk(bench, path, definitionOf(fields));
    expect(found.rows).toEqual({ read: 3, records: 2, rejected: 1, excluded: 0 });
    expect(found.records.map((record) => record.k)).toEqual(['1', '2']);
    expect(found.rejects[0]!.line).toBe(12_000_000 / lineEnd.length + 4);
  });

  test('a cell of 100,000 characters is read, a row beyond 2,000,000 bytes is rejected', async () => {
    const [long, tooLong] = ['x'.repeat(100_000), 'y'.repeat(2_100_000)];
    const path = bench.write('long.csv', `k,v\n1,${long}\n2,${tooLong}\n3,"${tooLong}"\n4,d\n`);
    const found = await loadOk(bench, path, definitionOf(fields));
    expect(found.records.map((record) => String(record.v).length)).toEqual([100_000, 1]);
    expect(
      found.rejects.map((reject) => [reject.line, reject.reason.split(':')[0], reject.value.length <= 1001]),
    ).toEqual([
      [3, 'cell-too-long', true],
      [4, 'cell-too-long', true],
    ]);
  });
});
