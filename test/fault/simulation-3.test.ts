// Passes after the exact key under faults, with the real engine, in chunks whose residue is matched together: what crashes,
// zombies and repeated messages leave is the outcome without them.
import { expect, test } from 'vitest';
import { createDuckdbEngine } from '../../shared/app/duckdb-engine.ts';
import type { Pass } from '../../shared/domain/definition.ts';
import { readDuckdbResults } from './duckdb-results.ts';
import { type SimulationOptions, simulateSeed } from './simulate-seed.ts';

const passes: Pass[] = [
  { kind: 'exact-key' },
  {
    kind: 'tolerance',
    conditions: [
      { field: 'currency', equal: true },
      { field: 'amount', absolute: '300' },
    ],
  },
  {
    kind: 'grouped',
    cardinality: 'one-to-many',
    by: [],
    amount: 'amount',
    tolerance: { absolute: '400' },
    search: { recordsMax: 3 },
  },
];

// A seed has one chunk more than its remainder by four: all of these have several, and so the stage `residue`.
test.each([
  [3001, 0, 'two snapshots'],
  [3003, 1, 'two increments'],
  [3005, 2, 'snapshot and increment'],
  [3006, 3, 'three snapshots'],
  [3007, 8, 'increments, stopped and resumed'],
])('seed %i of scenario %i (%s) with a tolerance and a grouped pass', { timeout: 300_000 }, async (seed, scenario) => {
  const engine = createDuckdbEngine({ memoryMb: 256, threads: 1 });
  const found = { runs: 0, later: 0 };
  const options: SimulationOptions = {
    ...{ engine, wavesMax: 2, passes, scenario },
    readResults: async (world, run) => {
      expect(run.stagedAt).toHaveProperty('residue');
      found.runs += 1;
      for (const { pairs, groups, ambiguous } of run.summary!.passes.slice(1))
        found.later += pairs + groups + ambiguous;
      return readDuckdbResults(world, run);
    },
  };
  await expect(simulateSeed(seed, options)).resolves.toBeDefined();
  expect(found.runs).toBeGreaterThan(1);
  expect(found.later, 'a world in which no later pass finds anything would prove nothing').toBeGreaterThan(0);
});
