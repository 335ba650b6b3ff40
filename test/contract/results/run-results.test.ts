// The results of a run, made by the real engine from small files and read back over the memory store.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { pipelineDefaults } from '../../../shared/app/deps.ts';
import { createObjectCache } from '../../../shared/app/results/object-cache.ts';
import { createRunResults } from '../../../shared/app/results/run-results.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { emptyFeed } from '../../../shared/domain/feed.ts';
import { rowReference } from '../../../shared/domain/outcome.ts';
import type { RunInputs } from '../../../shared/domain/run.ts';
import { openEngine } from '../../../shared/matching/engine.ts';
import { loadSource } from '../../../shared/matching/load/load-source.ts';
import { matchSources } from '../../../shared/matching/match/match-sources.ts';
import type { ResultFilter, ResultQuery, ResultRow } from '../../../shared/ports/result-query.ts';
import { run } from '../ports/samples.ts';

const limits = { memoryMb: 512, threads: 1 };

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

let directory: string;
let results: ResultQuery;
let open: (pageCharactersMax: number) => ResultQuery;
let objects: MemoryObjectStore;
const value = run({ status: 'COMPLETED', definition, inputsKey: 'runs/inputs.json' });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tieout-results-'));
  objects = createMemoryObjectStore();
  const runs = createMemoryRunStore(createMemoryState());
  const engine = await openEngine({ directory: join(directory, 'engine'), allowed: [directory], ...limits });
  const loaded = [];
  const inputs: RunInputs = { sources: [], withdrawn: [] };
  for (const [source, text] of Object.entries({ bank, ledger })) {
    const path = join(directory, `${source}.csv`);
    writeFileSync(path, text);
    const one = await loadSource(engine, { definition, source, file: { path } });
    if (!one.ok) throw new Error(one.detail);
    // The bank's records are of batches 6 and 7, the older of them carried; the ledger's of 8 and 9.
    const first = source === 'bank' ? 6 : 8;
    const relation = `(SELECT * REPLACE (if("$row" < 3, ${rowReference(first, 0)}, ${rowReference(first + 1, -2)}) + "$row" AS "$row")
      FROM ${one.value.relation})`;
    loaded.push({ ...one.value, relation });
    const parts: RunInputs['sources'][number]['parts'] = [];
    for (const part of [0, 1]) {
      const records = join(directory, `${source}-${part}.parquet`);
      await engine.run(
        `COPY (FROM ${relation} WHERE "$row" // ${rowReference(1, 0)} = ${first + part}) TO '${records}' (FORMAT parquet)`,
      );
      const key = `batches/${source}-${part}.parquet`;
      await objects.upload(records, key);
      const batch = { number: first + part, fileName: `${source}'s part ${part}.csv` };
      parts.push({ key, rows: 2, ...(first + part !== 6 && { batch }) });
    }
    const { fields, rows, sums } = one.value;
    inputs.sources.push({ source, fields, parts, records: rows.records, rejected: 0, excluded: 0, sums });
  }
  mkdirSync(join(directory, 'matched'));
  const matched = await matchSources(engine, { definition, sources: loaded, directory: join(directory, 'engine') });
  if (!matched.ok) throw new Error(matched.detail);
  await objects.upload(matched.value.matchesPath, 'runs/matches.parquet');
  await objects.upload(matched.value.breaksPath, 'runs/breaks.parquet');
  await objects.put('runs/inputs.json', JSON.stringify(inputs));
  engine.close();
  const named = { matchesKeys: ['runs/matches.parquet'], breaksKey: 'runs/breaks.parquet' };
  await runs.create({ ...value, results: named }, emptyFeed(value));
  await runs.create(run({ runId: 'run-2', number: 2 }), { ...emptyFeed(value), version: 1 });
  const ids = createMemoryIds(createMemoryClock());
  const settings = { ...pipelineDefaults, bucket: 'b', scratchDirectory: join(directory, 'scratch') };
  const cache = createObjectCache({ objects, ids }, join(directory, 'cache'), 1_000_000);
  open = (pageCharactersMax) =>
    createRunResults({ runs, objects, ids, settings, cache, engineLimits: limits, pageCharactersMax });
  results = open(1_000_000);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ids = (rows: ResultRow[]): string[] => rows.map((row) => `${row.outcome} ${(row.left ?? row.right)?.id}`);
const all = ['matched 005', 'matched 1', 'mismatched 2', 'missing 3', 'missing 4'];

describe('page', () => {
  test('gives matches first, then breaks, with both records', async () => {
    const { rows, total } = await results.page(value, {}, 0, 10);
    expect(ids(rows)).toEqual(all);
    expect(total).toBe(5);
    expect(rows[0]).toEqual({
      id: `matched:${rowReference(6, 1)}:${rowReference(9, 2)}`,
      outcome: 'matched',
      breakType: null,
      left: { id: '005', amount: '10.50', booked: '2026-01-01', 'note "it"': null },
      right: { id: '005', amount: '10.50', booked: '2026-01-01', 'note "it"': '+cmd' },
      differences: [],
      pass: '1-exact-key',
      confidence: 1,
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
        const { rows, total } = await results.page(value, {}, offset, size);
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
    const { rows, total } = await results.page(value, filter, 0, 10);
    expect(ids(rows)).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  test('a page that no reply can hold is refused: PAGE_TOO_LARGE', async () => {
    await expect(open(1_000).page(value, {}, 0, 10)).rejects.toThrow('PAGE_TOO_LARGE');
    expect((await open(1_000).page(value, {}, 0, 1)).rows).toHaveLength(1);
  });

  test('a run without results, and a run of another tenant, have none', async () => {
    await expect(results.page({ ...value, runId: 'run-2' }, {}, 0, 1)).rejects.toThrow('RESULTS_NOT_READY');
    await expect(results.page({ ...value, tenant: 'zeta' }, {}, 0, 1)).rejects.toThrow('NOT_FOUND');
  });
});

describe('export', () => {
  const textOf = async (key: string): Promise<string> => Buffer.from((await objects.get(key))!).toString('utf8');

  test('csv: every row, numbers exact, formulas defused', async () => {
    const made = await results.export(value, 'csv', {});
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
    const rows = JSON.parse(await textOf((await results.export(value, 'json', {})).key)) as Record<string, unknown>[];
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
    const rows = JSON.parse(await textOf((await results.export(value, 'json', {})).key)) as Record<string, unknown>[];
    expect(rows.map((row) => row.outcome)).toEqual(all.map((one) => one.split(' ')[0]));
    expect(rows[2]).toMatchObject({ key: '2', left_amount: '3.00', right_amount: '3.10', fields: ['amount'] });
  });

  test('excel: a workbook', async () => {
    const made = await results.export(value, 'excel', { outcomes: ['missing'] });
    const path = join(directory, 'results.xlsx');
    await objects.download(made.key, path);
    expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  });

  test('is made once', async () => {
    const first = await results.export(value, 'csv', { outcomes: ['missing'] });
    const stored = await objects.head(first.key);
    expect(await results.export(value, 'csv', { outcomes: ['missing'] })).toEqual(first);
    expect(await objects.head(first.key)).toEqual(stored);
  });
});
