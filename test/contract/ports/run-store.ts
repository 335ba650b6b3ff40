// The suite of RunStore.
import { expect, test } from 'vitest';
import { definition, feedOf, otherTenant, ref, run, startRun } from './samples.ts';
import type { Stores } from './stores.ts';

export function runStoreSuite(open: () => Promise<Stores>): void {
  test('creates a run together with its claim', async () => {
    const { runs, batches } = await open();
    const feed = { ...feedOf(ref), lastRunNumber: 1, activeRuns: [{ runId: 'run-1', number: 1 }] };
    expect(await runs.create(run(), feed)).toBe(true);
    expect(await runs.get(run())).toEqual(run());
    expect(await batches.feed(ref)).toEqual({ ...feed, version: 1 });
    expect(await runs.get({ ...otherTenant, runId: 'run-1' })).toBeUndefined();
  });

  test('of two claims at once, one wins', async () => {
    const { runs } = await open();
    const claims = Array.from({ length: 5 }, (_, index) => runs.create(run({ runId: `run-${index}` }), feedOf(ref)));
    const created = await Promise.all(claims);
    expect(created.filter(Boolean)).toHaveLength(1);
    expect((await runs.list(ref)).items).toHaveLength(1);
  });

  test('neither run nor feed is written when one of them cannot be', async () => {
    const { runs, batches } = await open();
    await runs.create(run(), feedOf(ref));
    expect(await runs.create(run(), { ...feedOf(ref), version: 1, fresh: ['bank'] })).toBe(false);
    expect(await runs.create(run({ runId: 'run-2' }), feedOf(ref))).toBe(false);
    expect(await runs.get(run({ runId: 'run-2' }))).toBeUndefined();
    expect(await batches.feed(ref)).toEqual({ ...feedOf(ref), version: 1 });
  });

  test('saves under its version, with the feed or alone', async () => {
    const stores = await open();
    const { runs, batches } = stores;
    const value = await startRun(stores);
    expect(await runs.save({ ...value, stage: 'match' })).toBe(true);
    expect(await runs.save({ ...value, stage: 'settle' })).toBe(false);
    const feed = await batches.feed(ref);
    const next = { ...value, version: 2, status: 'COMPLETED' as const, definition };
    expect(await runs.save(next, { ...feed, version: 0 })).toBe(false);
    expect((await runs.get(value))?.status).toBe('RUNNING');
    expect(await runs.save({ ...next, version: 1 }, { ...feed, fence: 9 })).toBe(false);
    expect((await batches.feed(ref)).fence).toBe(0);
    expect(await runs.save(next, { ...feed, fence: 1 })).toBe(true);
    expect(await runs.get(value)).toEqual({ ...next, version: 3 });
    expect(await batches.feed(ref)).toEqual({ ...feed, fence: 1, version: 2 });
  });

  test('saves the feed alone under its version', async () => {
    const settled = (ledgerKey: string) => ({ runId: 'run-1', number: 1, ledgerKey });
    const { runs, batches } = await open();
    expect(await runs.saveFeed({ ...feedOf(ref), settled: settled('b') })).toBe(true);
    expect(await runs.saveFeed({ ...feedOf(ref), settled: settled('c') })).toBe(false);
    expect((await batches.feed(ref)).settled).toEqual(settled('b'));
  });

  test('lists by number, newest first, page by page', async () => {
    const stores = await open();
    for (const number of [1, 2, 10, 11]) await startRun(stores, { runId: `run-${number}`, number });
    await startRun(stores, { ...otherTenant });
    const numbers = async (cursor?: string): Promise<[number[], string | undefined]> => {
      const page = await stores.runs.list(ref, cursor, 3);
      return [page.items.map(({ number }) => number), page.cursor];
    };
    const [first, cursor] = await numbers();
    expect(first).toEqual([11, 10, 2]);
    expect(await numbers(cursor)).toEqual([[1], undefined]);
  });

  test('finds a run by its number, as it is now', async () => {
    const stores = await open();
    const value = await startRun(stores, { runId: 'run-2', number: 2 });
    for (const number of [20, 21]) await startRun(stores, { runId: `run-${number}`, number });
    await startRun(stores, { ...otherTenant, runId: 'other', number: 7 });
    await stores.runs.save({ ...value, status: 'COMPLETED' });
    expect(await stores.runs.byNumber(ref, 2)).toMatchObject({ runId: 'run-2', status: 'COMPLETED' });
    expect((await stores.runs.byNumber(ref, 20))?.runId).toBe('run-20');
    for (const number of [1, 7, 200]) expect(await stores.runs.byNumber(ref, number)).toBeUndefined();
  });

  test('tells the active runs of a tenant or of all, oldest first', async () => {
    const stores = await open();
    const at = (minute: number) => ({ queuedAt: `2026-01-05T09:0${minute}:00.000Z` });
    await startRun(stores, { runId: 'late', number: 1, ...at(5) });
    await startRun(stores, { runId: 'early', number: 2, status: 'QUEUED', ...at(1) });
    await startRun(stores, { runId: 'over', number: 3, status: 'STOPPED', ...at(0) });
    const ending = await startRun(stores, { runId: 'ending', number: 4, ...at(0) });
    await stores.runs.save({ ...ending, status: 'COMPLETED' });
    await startRun(stores, { ...otherTenant, runId: 'other', ...at(3) });
    const ids = async (tenant: string | undefined, limit = 10): Promise<string[]> =>
      (await stores.runs.active(tenant, limit)).map(({ runId }) => runId);
    expect(await ids('acme')).toEqual(['early', 'late']);
    expect(await ids(undefined)).toEqual(['early', 'other', 'late']);
    expect(await ids('acme', 1)).toEqual(['early']);
  });

  test('keeps a run of a very large definition', async () => {
    const stores = await open();
    const fields = Array.from({ length: 2_000 }, (_, index) => ({
      ...definition.fields[0]!,
      name: `field ${index}`,
      mapping: {
        bank: `The column number ${index} of the export of the bank`,
        ledger: `The column number ${index} of the ledger`,
      },
    }));
    const value = await startRun(stores, { definition: { ...definition, fields } });
    expect(JSON.stringify(value).length).toBeGreaterThan(300_000);
    expect(await stores.runs.get(value)).toEqual(value);
  });
}
