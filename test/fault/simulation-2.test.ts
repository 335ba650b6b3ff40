// The second half of the seeds, some with the real engine, and the seeds that once found a bug.
import { expect, test } from 'vitest';
import { createDuckdbEngine } from '../../shared/app/duckdb-engine.ts';
import { readDuckdbResults } from './duckdb-results.ts';
import { simulateSeed } from './simulate-seed.ts';
import { simulateSeeds } from './simulate-seeds.ts';

test('seeds 121 to 210: crashes, zombies, duplicated, reordered and delayed messages change nothing', async () => {
  const { failures } = await simulateSeeds(121, 90);
  expect(failures.map(({ message }) => message)).toEqual([]);
});

test('seeds 1001 to 1010: the same with the real engine', async () => {
  const engine = createDuckdbEngine({ memoryMb: 256, threads: 1 });
  const { failures } = await simulateSeeds(1001, 10, { engine, readResults: readDuckdbResults, wavesMax: 2 });
  expect(failures.map(({ message }) => message)).toEqual([]);
});

test.each([
  // A worker that was frozen before a person released its batch wrote HELD over the release: batches had no version.
  [36, 6, 'a zombie undoes the release of a held batch'],
])('seed %i of scenario %i, which once found: %s', async (seed, scenario) => {
  await expect(simulateSeed(seed, { scenario })).resolves.toBeDefined();
});
