// What must hold of any file: what was written comes back, no row vanishes, and nothing but a Failure escapes.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CsvDialect, cellText, scanRecords } from '../../../shared/matching/input/csv-scanner.ts';
import { inspectFile } from '../../../shared/matching/input/inspect-file.ts';
import { type Bench, definitionOf, load, loadOk, openBench } from '../../unit/matching/load/loading.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** Characters that trouble CSV readers. */
const cell = fc.string({
  unit: fc.constantFrom(
    'a',
    'B',
    '7',
    ' ',
    '"',
    "'",
    ',',
    ';',
    '\t',
    '|',
    '\n',
    '\r',
    '\r\n',
    'é',
    '€',
    '😀',
    '\0',
    '\\',
    '%',
  ),
  maxLength: 8,
});
const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 });
const dialect = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  quoteAll: fc.boolean(),
});

type Written = { delimiter: string; lineEnd: string; quoteAll: boolean };

/** Lines of the file, with the physical line where each row begins. */
function render(rows: string[][], { delimiter, lineEnd, quoteAll }: Written): { text: string; lines: number[] } {
  const quote = (text: string) =>
    quoteAll || /["\n\r ]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
  let text = '';
  const lines: number[] = [];
  for (const row of rows) {
    lines.push((text.match(/\r\n|\r|\n/g)?.length ?? 0) + 1);
    text += row.map(quote).join(delimiter) + lineEnd;
  }
  return { text, lines };
}

describe('a rendered CSV', () => {
  test('comes back exactly, row by row', async () => {
    await fc.assert(
      fc.asyncProperty(table, dialect, async (rows, written) => {
        const numbered = rows.map((row, index) => [`key${index}`, ...row]);
        const { text } = render([['k', 'a', 'b'], ...numbered], written);
        const path = bench.write('round.csv', text);
        const definition = definitionOf(
          [
            { name: 'k', role: 'KEY' },
            { name: 'a', type: 'text' },
            { name: 'b', type: 'text' },
          ],
          { input: { delimiter: written.delimiter, quote: '"' } },
        );
        const { records, rows: counts } = await loadOk(bench, path, definition);
        expect(records.map(({ k, a, b }) => [k, a ?? '', b ?? ''])).toEqual(numbered);
        expect(records.map((record) => record.$row)).toEqual(rows.map((_, index) => index + 1));
        expect(counts).toEqual({ read: rows.length, records: rows.length, rejected: 0, excluded: 0 });
      }),
      { numRuns: 150 },
    );
  });

  test('loses only its bad rows, and names their lines', async () => {
    // Cells with line ends may hold what looks like a whole row: beside a fault nobody can tell.
    const flat = cell.map((text) => text.replace(/[\r\n]/g, ''));
    const row = fc.record({ a: cell, flat, fault: fc.constantFrom('none', 'none', 'none', 'value', 'few', 'many') });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), dialect, async (rows, written) => {
        const cells = rows.map(({ a, flat, fault }, index) => {
          if (fault === 'few') return [`key${index}`, flat];
          if (fault === 'many') return [`key${index}`, flat, '1.00', 'extra'];
          return [`key${index}`, a, fault === 'value' ? 'oops' : `${index}.25`];
        });
        const { text, lines } = render([['k', 'a', 'v'], ...cells], written);
        const definition = definitionOf(
          [
            { name: 'k', role: 'KEY' },
            { name: 'a', type: 'text' },
            { name: 'v', type: 'decimal' },
          ],
          { input: { delimiter: written.delimiter, quote: '"' } },
        );
        const found = await loadOk(bench, bench.write('faults.csv', text), definition);
        const good = rows.flatMap(({ fault }, index) => (fault === 'none' ? [index] : []));
        expect(found.records.map((record) => [record.$row, record.k, record.a ?? ''])).toEqual(
          good.map((index) => [index + 1, `key${index}`, rows[index]!.a]),
        );
        const codes = { none: '', value: 'not-a-number', few: 'too-few-cells', many: 'too-many-cells' };
        expect(found.rejects.map((reject) => [reject.line, reject.reason.split(':')[0]])).toEqual(
          rows.flatMap(({ fault }, index) =>
            fault === 'none' ? [] : [[lines[index + 1], codes[fault as keyof typeof codes]]],
          ),
        );
        expect(found.rows.read).toBe(rows.length);
      }),
      { numRuns: 150 },
    );
  });
});

test('read = records + rejected + excluded, whatever the rows are like', async () => {
  const piece = fc.constantFrom('a', '1', '"', ',', '\n', '\r\n', ' ', '""', 'é', '1.5', 'x,y\n', '"q"');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 40 }), async (pieces) => {
      const body = `k,v\n${pieces.join('')}`;
      const definition = definitionOf(
        [
          { name: 'k', role: 'KEY' },
          { name: 'v', type: 'decimal' },
        ],
        {
          filters: [{ column: 'k', notIn: ['a'] }],
        },
      );
      const found = await load(bench, bench.write('any.csv', body), definition);
      if ('ok' in found) {
        expect(['FILE_EMPTY', 'KEY_COLUMN_EMPTY']).toContain(found.code);
        return;
      }
      expect(found.rows.read).toBe(found.rows.records + found.rows.rejected + found.rows.excluded);
      expect(found.records).toHaveLength(found.rows.records);
      expect(found.rejects).toHaveLength(found.rows.rejected);
      const lineCount = body.split(/\r\n|\r|\n/).length;
      for (const reject of found.rejects) expect(reject.line).toBeLessThanOrEqual(lineCount);
    }),
    { numRuns: 200 },
  );
});

test('hostile bytes give a Failure or a load, never an error', async () => {
  const openings = [
    '',
    'k,v\n',
    '\ufeff',
    '[{"k":',
    '{"k":1}\n',
    'PK\u0003\u0004',
    'PAR1',
    '\u001f\u008b\u0008',
    '<html',
    "k;v\n'",
  ];
  const hostile = fc
    .tuple(fc.constantFrom(...openings), fc.uint8Array({ maxLength: 300 }))
    .map(([opening, bytes]) => Buffer.concat([Buffer.from(opening, 'latin1'), bytes]));
  await fc.assert(
    fc.asyncProperty(hostile, async (bytes) => {
      const path = bench.write('hostile', bytes);
      const definition = definitionOf(
        [
          { name: 'k', role: 'KEY', from: 'column1' },
          { name: 'v', from: 'column2' },
        ],
        { input: { header: false } },
      );
      for (const one of [definition, definitionOf([{ name: 'k', role: 'KEY' }, { name: 'v' }])]) {
        const found = await load(bench, path, one);
        if ('ok' in found) expect(found.detail).not.toContain('\n');
        else expect(found.rows.read).toBe(found.rows.records + found.rows.rejected);
      }
      const inspected = await inspectFile(path);
      expect(typeof inspected.ok).toBe('boolean');
    }),
    { numRuns: 250 },
  );
});

test('the scanner finds the same rows however the bytes are cut', () => {
  const comma: CsvDialect = { delimiter: ',', quote: '"' };
  const scan = (chunks: Buffer[]) => {
    const found: unknown[] = [];
    for (const record of scanRecords(chunks, { dialect: comma, skipLines: 0, cellsExpected: 2 })) {
      const cells = Array.from({ length: record.cells.length / 3 }, (_, index) => cellText(record, index, '"'));
      found.push([record.line, record.row, record.fault ?? cells]);
    }
    return found;
  };
  const text = fc.string({
    unit: fc.constantFrom('a', '"', '"', ',', ',', '\n', '\r', '\r\n', ' ', 'é'),
    maxLength: 40,
  });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 7 }), (content, size) => {
      const bytes = Buffer.from(content);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      expect(scan(pieces)).toEqual(scan([bytes]));
    }),
    { numRuns: 5000 },
  );
});
