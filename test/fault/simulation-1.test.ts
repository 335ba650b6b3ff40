// The first half of the seeds that every change has to hold; `simulation-2` has the rest, on another core.
import { expect, test } from 'vitest';
import { simulateSeeds } from './simulate-seeds.ts';

test('seeds 1 to 120: crashes, zombies, duplicated, reordered and delayed messages change nothing', async () => {
  const { failures, totals } = await simulateSeeds(1, 120);
  expect(failures.map(({ message }) => message)).toEqual([]);
  // A world in which nothing went wrong would prove nothing.
  expect(totals.processes).toBeGreaterThan(120 * 30);
  expect(totals.jumps).toBeGreaterThan(20);
});
