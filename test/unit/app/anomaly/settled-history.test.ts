// Anomalies over settled runs, with both engines: flagged on the run, on the items of its breaks and in Parquet, by a history to which each
// settled run adds once and no other run anything.
import { expect, test, vi } from 'vitest';
import { createDuckdbEngine } from '../../../../shared/app/duckdb-engine.ts';
import { readJson } from '../../../../shared/app/runs/json-objects.ts';
import { resumeRun } from '../../../../shared/app/runs/resume-run.ts';
import { startRun } from '../../../../shared/app/runs/start-run.ts';
import { stopRun } from '../../../../shared/app/runs/stop-run.ts';
import type { AnomalyHistory } from '../../../../shared/domain/anomaly/history.ts';
import { person, reconciliationId, ref } from '../../../fault/scenario.ts';
import { twinEngine } from '../../../fault/twin-engine.ts';
import { ProcessDied } from '../../../fault/world.ts';
import { openPipeline, type Pipeline } from '../pipeline-fixture.ts';

const engines = [
  ['twin', twinEngine],
  ['duckdb', createDuckdbEngine({ memoryMb: 512, threads: 1 })],
] as const;

/** Twenty records, four of them breaks of that day alone: each differs by some cents. */
function day(number: number, more: { bank?: string[]; ledger?: string[] } = {}): [string, string] {
  const rows = Array.from({ length: 20 }, (_, n) => [`d${n < 4 ? number : 0}-${n}`, 100 + n] as const);
  const bank = rows.map(([key, amount]) => `${key},${amount}.00`);
  const ledger = rows.map(([key, amount], n) => `${key},${amount}.${n < 4 ? `0${1 + ((n + number) % 5)}` : '00'}`);
  const file = (lines: string[]) => `${lines.join('\n')}\n`;
  return [file([...bank, ...(more.bank ?? [])]), file([...ledger, ...(more.ledger ?? [])])];
}

async function settle(pipeline: Pipeline, [bank, ledger]: [string, string]): Promise<void> {
  await pipeline.drop('bank', bank);
  await pipeline.drop('ledger', ledger);
  await pipeline.drain();
}

async function settled(engine: (typeof engines)[number][1], days: number): Promise<Pipeline> {
  const pipeline = await openPipeline('snapshot', engine);
  for (let number = 1; number <= days; number += 1) await settle(pipeline, day(number));
  return pipeline;
}

async function remembered(pipeline: Pipeline): Promise<number[]> {
  const { settled } = await pipeline.deps.batches.feed(ref);
  const { runs } = await readJson<AnomalyHistory>(pipeline.deps, settled!.historyKey!);
  return runs.map(({ number }) => number);
}

const many = Array.from({ length: 300 }, (_, n) => `x${n},5.00`);
const far = { bank: [...many, 'far,90000.00'], ledger: [...many, 'far,1.00'] };

test.each(engines)(
  'with the %s engine a run and its breaks are flagged, and keep it while they are as they were',
  async (_name, engine) => {
    const pipeline = await settled(engine, 8);
    expect((await pipeline.run(8)).anomalies).toMatchObject({ runs: 7, learning: true, found: [], breaks: 0 });
    await settle(pipeline, day(9));
    expect((await pipeline.run(9)).anomalies).toEqual({ runs: 8, learning: false, found: [], more: 0, breaks: 0 });
    expect((await pipeline.run(9)).results!.anomaliesKey).toBeUndefined();

    await settle(pipeline, day(10, far));
    const { anomalies, results } = await pipeline.run(10);
    expect(anomalies).toMatchObject({ runs: 9, learning: false, breaks: 1, more: 0 });
    expect(anomalies!.found.filter(({ kind }) => kind === 'volume').map(({ explanation }) => explanation)).toEqual([
      expect.stringMatching(/^321 rows of bank: usually \d+ to \d+ \(median 20 of the last 9 runs\)$/),
      expect.stringMatching(/^321 rows of ledger: usually/),
    ]);
    const flagged = async () =>
      (await pipeline.deps.breaks.list(ref)).items.filter(({ anomalies }) => (anomalies ?? []).length > 0);
    const [item, ...others] = await flagged();
    expect(others).toEqual([]);
    expect(item).toMatchObject({ key: 'far', status: 'OPEN' });
    expect(item!.anomalies!.map(({ explanation }) => explanation)).toEqual([
      expect.stringMatching(/^90,000\.00 in amount: usually up to \d+\.\d\d \(median 101\.50 of 36 values/),
      expect.stringMatching(
        /^Differs by 89,999\.00 in amount: usually up to 0\.\d\d \(median 0\.03 of 36 values in the last 9 runs\)$/,
      ),
    ]);

    await settle(pipeline, day(11, far));
    expect((await pipeline.run(11)).anomalies!.breaks).toBe(1);
    expect((await pipeline.run(11)).results!.anomaliesKey).not.toBe(results!.anomaliesKey);
    expect(await flagged()).toEqual([item]);

    // Another difference, and no unusual one.
    await settle(pipeline, day(12, { bank: ['far,10.00'], ledger: ['far,10.03'] }));
    expect(await flagged()).toEqual([]);
    expect((await pipeline.run(12)).anomalies!.breaks).toBe(0);
    expect(await remembered(pipeline)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  },
);

test('a settlement that fails after its objects, and one that is done twice, add their run once', async () => {
  const pipeline = await settled(twinEngine, 2);
  const { runs } = pipeline.deps;
  // The commit of run 3 is lost the first time, after its history was written.
  const save = runs.save.bind(runs);
  const lost = vi.spyOn(runs, 'save').mockImplementation(async (run, feed) => {
    if (run.number === 3 && feed?.pending && lost.mock.calls.filter(([one]) => one.anomalies).length === 1)
      throw new ProcessDied();
    return save(run, feed);
  });
  await settle(pipeline, day(3));
  expect(lost.mock.calls.filter(([one]) => one.number === 3 && one.anomalies).length).toBeGreaterThan(1);
  lost.mockRestore();
  expect(await pipeline.run(3)).toMatchObject({ status: 'COMPLETED' });
  expect(await remembered(pipeline)).toEqual([1, 2, 3]);
});

test('a run that was stopped, and one that looks back, add nothing', async () => {
  const pipeline = await settled(twinEngine, 2);
  const { batches } = pipeline.deps;
  const started = await startRun(pipeline.deps, person, { reconciliationId });
  if (!started.ok) throw new Error(started.detail);
  await stopRun(pipeline.deps, person, started.value);
  await pipeline.drain();
  expect(await remembered(pipeline)).toEqual([1, 2]);
  const before = await batches.feed(ref);
  const { claims } = await pipeline.run(1);
  const back = await startRun(pipeline.deps, person, { reconciliationId, batches: claims });
  if (!back.ok) throw new Error(back.detail);
  await pipeline.drain();
  const run = await pipeline.run(back.value.number);
  expect(run).toMatchObject({ status: 'COMPLETED', backDated: true });
  expect(run.anomalies).toBeUndefined();
  expect((await batches.feed(ref)).settled).toEqual(before.settled);
  const resumed = await resumeRun(pipeline.deps, person, started.value);
  expect(resumed.ok).toBe(true);
  await pipeline.drain();
  expect(await remembered(pipeline)).toEqual([1, 2, started.value.number]);
});
