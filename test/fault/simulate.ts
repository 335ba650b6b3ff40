// `npm run simulate -- --seeds N [--from S] [--scenario K]`: simulates seeds and names each that fails.
import { parseArgs } from 'node:util';
import { simulateSeed } from './simulate-seed.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    scenario: { type: 'string' },
  },
});
const [first, count] = [Number(values.from), Number(values.seeds)];
const totals = { seeds: 0, failed: 0, steps: 0, processes: 0, deadLetters: 0, jumps: 0 };
const began = performance.now();
/** Several at once hide the waiting for scratch files; each world is alone with its seed all the same. */
const atOnce = 6;
let next = first;
async function takeSeeds(): Promise<void> {
  while (next < first + count) {
    const seed = next;
    next += 1;
    totals.seeds += 1;
    try {
      const done = await simulateSeed(seed, values.scenario === undefined ? {} : { scenario: Number(values.scenario) });
      for (const name of ['steps', 'processes', 'deadLetters', 'jumps'] as const) totals[name] += Number(done[name]);
    } catch (error) {
      totals.failed += 1;
      console.error(error instanceof Error ? error.message : error);
    }
  }
}
await Promise.all(Array.from({ length: atOnce }, takeSeeds));
console.log(`${JSON.stringify(totals)} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
process.exitCode = totals.failed > 0 ? 1 : 0;
