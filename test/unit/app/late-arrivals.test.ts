// Open items over time: what is open waits, with its break and everything said about it, and a late arrival clears it.
import { expect, test } from 'vitest';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import type { Pass } from '../../../shared/domain/definition.ts';
import { readDuckdbResults } from '../../fault/duckdb-results.ts';
import { person, ref } from '../../fault/scenario.ts';
import { openPipeline } from './pipeline-fixture.ts';

const engine = createDuckdbEngine({ memoryMb: 256, threads: 1 });
const passes: Pass[] = [
  { kind: 'exact-key' },
  { kind: 'tolerance', conditions: [{ field: 'amount', absolute: '0.05' }] },
  { kind: 'grouped', cardinality: 'one-to-many', by: [], amount: 'amount', search: { recordsMax: 3 } },
];

test.each([
  ['one chunk', undefined],
  ['three chunks', 3],
])('%s: open items match late arrivals of later runs, by tolerance and in groups', async (_, chunksForced) => {
  const pipeline = await openPipeline('increment', engine, { passes, ...(chunksForced && { chunksForced }) });
  await pipeline.drop('bank', 'a,10.00\nb,90.00\nc,7.00\nd,500.00\n');
  await pipeline.drop('ledger', 'c,7.00\nx,30.00\n');
  await pipeline.drain();
  const first = await open(pipeline);
  expect(first.map(({ key }) => key)).toEqual(['a', 'b', 'd', 'x']);
  const carriedOver = first.find(({ key }) => key === 'd')!;

  // 10.02 is near a; 30 + 60 explain b; of d nothing comes.
  await pipeline.drop('bank', 'e,1.00\n');
  await pipeline.drop('ledger', 'late,10.02\ny,60.00\ne,1.00\n');
  await pipeline.drain();
  const second = await open(pipeline);
  expect(second.map(({ key }) => key)).toEqual(['d']);
  expect(second[0]).toMatchObject({ breakId: carriedOver.breakId, version: carriedOver.version, firstRunNumber: 1 });
  const closed = (await pipeline.deps.breaks.list(ref)).items.filter((item) => item.status === 'CLOSED');
  expect(closed.map(({ key, closedReason, lastRunNumber }) => [key, closedReason, lastRunNumber]).sort()).toEqual([
    ['a', 'matched', 2],
    ['b', 'matched', 2],
    ['x', 'matched', 2],
  ]);
  expect((await pipeline.run(2)).summary!.passes.map(({ pairs, groups }) => pairs + groups)).toEqual([1, 1, 1]);
});

test('what was matched in an earlier run is not matched again', async () => {
  const pipeline = await openPipeline('increment', engine, { passes });
  await pipeline.drop('bank', 'a,10.00\n');
  await pipeline.drop('ledger', 'x,10.00\n');
  await pipeline.drain();
  await pipeline.drop('bank', 'b,3.00\n');
  await pipeline.drop('ledger', 'y,10.01\n');
  await pipeline.drain();
  expect((await open(pipeline)).map(({ key }) => key)).toEqual(['b', 'y']);
});

test.each([
  ['one chunk', undefined],
  ['three chunks', 3],
])('%s: a block that is as it was is not searched again; one that is not, is', async (_, chunksForced) => {
  const sums: Pass = {
    kind: 'grouped',
    cardinality: 'one-to-many',
    by: [],
    amount: 'amount',
    search: { recordsMax: 4 },
  };
  const pipeline = await openPipeline('increment', engine, {
    passes: [{ kind: 'exact-key' }, sums],
    ...(chunksForced && { chunksForced }),
  });
  // Even amounts never add up to an odd one.
  const evens = Array.from({ length: 300 }, (_, at) => `x${at},${2 * (at * at + 3 * at + 7)}`);
  await pipeline.drop('bank', 'p,100001\nq,90001\n');
  await pipeline.drop('ledger', `${evens.join('\n')}\n`);
  await pipeline.drain();
  const types = async (number: number) => {
    const { MISSING, SEARCH_EXHAUSTED } = (await pipeline.run(number)).summary!.breaks;
    return { MISSING, SEARCH_EXHAUSTED };
  };
  expect(await types(1)).toEqual({ MISSING: 302, SEARCH_EXHAUSTED: 0 });
  const searchedKey = (await pipeline.run(1)).results!.searchedKey!;
  const searched = new TextDecoder().decode(await pipeline.deps.objects.get(searchedKey));
  // Were it searched again, this would not be believed.
  await pipeline.deps.objects.put(
    searchedKey,
    searched.replaceAll(/"exhausted":{.*?}/g, '"exhausted":{"ones":[1],"many":[0]}'),
  );
  await pipeline.drop('bank', 'k,5\n');
  await pipeline.drop('ledger', 'k,5\n');
  await pipeline.drain();
  expect(await types(2)).toEqual({ MISSING: 300, SEARCH_EXHAUSTED: 2 });
  // A new record is in the block: then it is searched.
  await pipeline.drop('bank', 'k2,6\n');
  await pipeline.drop('ledger', 'k2,6\ny,8\n');
  await pipeline.drain();
  expect(await types(3)).toEqual({ MISSING: 303, SEARCH_EXHAUSTED: 0 });
});

test('a run keeps the hashes of its definition and inputs; where both are the same, so is the outcome', async () => {
  const pipeline = await openPipeline('snapshot', engine, { passes });
  await pipeline.drop('bank', 'a,10.00\nb,90.00\nc,7.00\n', 'bank.csv');
  await pipeline.drop('ledger', 'x,10.02\ny,60.00\nz,30.00\n', 'ledger.csv');
  await pipeline.drain();
  const batches = {
    bank: [(await pipeline.batch('bank.csv')).batchId],
    ledger: [(await pipeline.batch('ledger.csv')).batchId],
  };
  const again = async () => {
    const started = await startRun(pipeline.deps, person, { reconciliationId: ref.reconciliationId, batches });
    if (!started.ok) throw new Error(started.detail);
    await pipeline.drain();
    const run = await pipeline.run(started.value.number);
    return { hashes: [run.definitionHash, run.inputHash], outcome: await readDuckdbResults(pipeline, run) };
  };
  const first = await pipeline.run(1);
  const same = await again();
  expect(same).toEqual({
    hashes: [first.definitionHash, first.inputHash],
    outcome: await readDuckdbResults(pipeline, first),
  });
  expect(same.hashes).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
  const reconciliation = (await pipeline.deps.reconciliations.get(ref))!;
  const definition = { ...reconciliation.definition!, passes: passes.slice(0, 1) };
  await pipeline.deps.reconciliations.update({ ...reconciliation, definition });
  const changed = await again();
  expect([changed.hashes[0] === same.hashes[0], changed.hashes[1] === same.hashes[1]]).toEqual([false, true]);
  expect(changed.outcome).not.toEqual(same.outcome);
  await pipeline.drop('ledger', 'x,10.02\ny,60.00\n', 'other.csv');
  await pipeline.drain();
  batches.ledger = [(await pipeline.batch('other.csv')).batchId];
  const other = await again();
  expect([other.hashes[0] === changed.hashes[0], other.hashes[1] === changed.hashes[1]]).toEqual([true, false]);
});

async function open(pipeline: Awaited<ReturnType<typeof openPipeline>>) {
  const { items } = await pipeline.deps.breaks.list(ref);
  return items.filter((item) => item.status === 'OPEN').sort((a, b) => (a.key! < b.key! ? -1 : 1));
}
