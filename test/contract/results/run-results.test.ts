// The results of a run, made by the real engine from small files and read back over the memory store.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Definition } from '../../../shared/domain/definition.ts';
import { rowReference } from '../../../shared/domain/outcome.ts';
import type { ResultFilter, ResultRow } from '../../../shared/ports/result-query.ts';
import { type StoredRun, storeRun } from './stored-run.ts';

const definition: Definition = {
  name: 'Bank and ledger',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { bank: 'id', ledger: 'ref' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { bank: 'amount', ledger: 'amt' } },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: { bank: 'booked', ledger: 'day' } },
    { name: 'note "it"', role: 'DISPLAY', type: 'text', mapping: { ledger: 'note' } },
  ],
  passes: [{ kind: 'exact-key' }],
};

const bank = `id,amount,booked
005,10.50,2026-01-01
1,99999999999999999999999999.01,2026-01-02
2,3.00,2026-01-03
3,4.00,2026-01-04
`;
const ledger = `ref,amt,day,note
2,3.10,2026-01-03,=SUM(A1)
1,99999999999999999999999999.01,2026-01-02,-1.50
4,5.00,2026-01-05,"a, b"
005,10.50,2026-01-01,+cmd
`;

let stored: StoredRun;

// The bank's records are of batches 6 and 7, the older of them carried; the ledger's of 8 and 9.
beforeAll(async () => {
  stored = await storeRun({ definition, files: { bank, ledger }, unnamed: [6] });
});
afterAll(() => stored.close());

const ids = (rows: ResultRow[]): string[] => rows.map((row) => `${row.outcome} ${(row.left ?? row.right)?.id}`);
const all = ['matched 005', 'matched 1', 'mismatched 2', 'missing 3', 'missing 4'];

describe('page', () => {
  test('gives matches first, then breaks, with both records', async () => {
    const { rows, total } = await stored.results.page(stored.run, {}, 0, 10);
    expect(ids(rows)).toEqual(all);
    expect(total).toBe(5);
    expect(rows[0]).toEqual({
      id: `matched:${rowReference(6, 1)}:${rowReference(9, 2)}`,
      outcome: 'matched',
      breakType: null,
      left: { id: '005', amount: '10.50', booked: '2026-01-01', 'note "it"': null },
      right: { id: '005', amount: '10.50', booked: '2026-01-01', 'note "it"': '+cmd' },
      leftPlace: { row: 1, file: 'batch 6' },
      rightPlace: { row: 2, file: "ledger's part 1.csv" },
      differences: [],
      pass: '1-exact-key',
      confidence: 1,
      groupId: null,
      group: null,
      evidence: null,
      status: 'pending',
      review: null,
      candidates: [],
      anomalies: [],
    });
    expect(rows[1]?.left?.amount).toBe('99999999999999999999999999.01');
    expect(rows[2]).toMatchObject({
      breakType: 'MISMATCH',
      differences: [{ source: 'ledger', field: 'amount', left: '3.00', right: '3.10', difference: '0.10' }],
      confidence: 1,
    });
    expect(rows[3]).toMatchObject({ breakType: 'MISSING', right: null, confidence: 0, pass: null });
    expect(rows[4]).toMatchObject({ left: null, right: { 'note "it"': 'a, b' } });
  });

  test('pages go on where the one before ended', async () => {
    for (const size of [1, 2, 3, 4]) {
      const seen: string[] = [];
      for (let offset = 0; offset < 7; offset += size) {
        const { rows, total } = await stored.results.page(stored.run, {}, offset, size);
        expect(total).toBe(5);
        seen.push(...ids(rows));
      }
      expect(seen).toEqual(all);
    }
  });

  test.each<[string, ResultFilter, string[]]>([
    ['matches', { outcomes: ['matched'] }, all.slice(0, 2)],
    ['breaks of a kind', { outcomes: ['missing'] }, all.slice(3)],
    ['nothing', { outcomes: [] }, []],
    ['pairs', { confidenceMin: 0.5 }, all.slice(0, 3)],
    ['certain mismatches', { outcomes: ['mismatched', 'duplicate'], confidenceMin: 1 }, all.slice(2, 3)],
  ])('filters: %s', async (_, filter, expected) => {
    const { rows, total } = await stored.results.page(stored.run, filter, 0, 10);
    expect(ids(rows)).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  test('a page that no reply can hold is refused: PAGE_TOO_LARGE', async () => {
    await expect(stored.resultsUpTo({ pageCharactersMax: 1_000 }).page(stored.run, {}, 0, 10)).rejects.toThrow(
      'PAGE_TOO_LARGE',
    );
    expect((await stored.resultsUpTo({ pageCharactersMax: 1_000 }).page(stored.run, {}, 0, 1)).rows).toHaveLength(1);
  });

  test('a run without results, and a run of another tenant, have none', async () => {
    await expect(stored.results.page({ ...stored.run, runId: 'run-2' }, {}, 0, 1)).rejects.toThrow('RESULTS_NOT_READY');
    await expect(stored.results.page({ ...stored.run, tenant: 'zeta' }, {}, 0, 1)).rejects.toThrow('NOT_FOUND');
  });
});

describe('export', () => {
  const textOf = async (key: string): Promise<string> => Buffer.from((await stored.objects.get(key))!).toString('utf8');

  test('csv: every row, numbers exact, formulas defused', async () => {
    const made = await stored.results.export(stored.run, 'csv', {});
    expect(made).toMatchObject({ key: expect.stringMatching(/^exports\/acme\/rec-1\/run-1\/.*\.csv$/) });
    const text = await textOf(made.key);
    expect(made.bytes).toBe(Buffer.byteLength(text));
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toContain('left_amount');
    expect(text).toContain('99999999999999999999999999.01');
    expect(text).toContain("'+cmd");
    expect(text).toContain("'=SUM(A1)");
    expect(text).toContain(',-1.50');
    expect(text).not.toContain("'-1.50");
  });

  test('json: row numbers are those of the file, and the file is beside them', async () => {
    const rows = JSON.parse(await textOf((await stored.results.export(stored.run, 'json', {})).key)) as Record<
      string,
      unknown
    >[];
    const shown = rows.map(({ left_row, left_file, right_row, right_file }) => [
      left_row,
      left_file,
      right_row,
      right_file,
    ]);
    expect(shown).toEqual([
      [1, 'batch 6', 2, "ledger's part 1.csv"],
      [2, 'batch 6', 2, "ledger's part 0.csv"],
      [1, "bank's part 1.csv", 1, "ledger's part 0.csv"],
      [2, "bank's part 1.csv", null, null],
      [null, null, 1, "ledger's part 1.csv"],
    ]);
  });

  test('json: the same rows', async () => {
    const rows = JSON.parse(await textOf((await stored.results.export(stored.run, 'json', {})).key)) as Record<
      string,
      unknown
    >[];
    expect(rows.map((row) => row.outcome)).toEqual(all.map((one) => one.split(' ')[0]));
    expect(rows[2]).toMatchObject({ key: '2', left_amount: '3.00', right_amount: '3.10', fields: ['amount'] });
  });

  test('excel: a workbook', async () => {
    const made = await stored.results.export(stored.run, 'excel', { outcomes: ['missing'] });
    const path = join(stored.directory, 'results.xlsx');
    await stored.objects.download(made.key, path);
    expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  });

  test('a workbook of more cells than can be made in one go is refused: WORKBOOK_TOO_LARGE', async () => {
    const few = stored.resultsUpTo({ workbookCellsMax: 100 });
    const refused = few.export(stored.run, 'excel', {});
    await expect(refused).rejects.toThrow('WORKBOOK_TOO_LARGE');
    await expect(refused).rejects.toMatchObject({ failure: { fields: { rows: 5, columns: 28, cellsMax: 100 } } });
    expect((await few.export(stored.run, 'excel', { outcomes: ['matched'] })).bytes).toBeGreaterThan(0);
    expect((await few.export(stored.run, 'csv', {})).bytes).toBeGreaterThan(0);
  });

  test('is made once', async () => {
    const first = await stored.results.export(stored.run, 'csv', { outcomes: ['missing'] });
    const before = await stored.objects.head(first.key);
    expect(await stored.results.export(stored.run, 'csv', { outcomes: ['missing'] })).toEqual(first);
    expect(await stored.objects.head(first.key)).toEqual(before);
  });
});
