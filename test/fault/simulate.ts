// `npm run simulate -- --seeds N [--from S] [--scenario K] [--engine duckdb]`: simulates seeds and names each that fails.
// TRACE=1 prints every event of those.
import { parseArgs } from 'node:util';
import { createDuckdbEngine } from '../../shared/app/duckdb-engine.ts';
import { readDuckdbResults } from './duckdb-results.ts';
import type { SimulationOptions } from './simulate-seed.ts';
import { simulateSeeds } from './simulate-seeds.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    engine: { type: 'string', default: 'twin' },
  },
});
const options: SimulationOptions = {
  ...(values.scenario !== undefined && { scenario: Number(values.scenario) }),
  ...(values.engine === 'duckdb' && {
    engine: createDuckdbEngine({ memoryMb: 256, threads: 1 }),
    readResults: readDuckdbResults,
    wavesMax: 2,
  }),
};
const began = performance.now();
const { failures, totals } = await simulateSeeds(Number(values.from), Number(values.seeds), options);
for (const failure of failures) console.error(failure.message);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(
  `${totals.seeds - failures.length} seeds held, ${failures.length} failed in ${seconds} s: ${JSON.stringify(totals)}`,
);
process.exitCode = failures.length > 0 ? 1 : 0;
