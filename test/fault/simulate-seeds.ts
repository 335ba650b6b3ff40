// Simulates a range of seeds, some at once. Each world is alone with its seed; several hide the waiting for files.
import { type SimulationOptions, simulateSeed } from './simulate-seed.ts';

export type Simulated = { seeds: number; steps: number; processes: number; deadLetters: number; jumps: number };

/** Gives every failure with its seed; an empty list when all invariants held. */
export async function simulateSeeds(
  from: number,
  count: number,
  options: SimulationOptions = {},
): Promise<{ failures: Error[]; totals: Simulated }> {
  const totals: Simulated = { seeds: 0, steps: 0, processes: 0, deadLetters: 0, jumps: 0 };
  const failures: Error[] = [];
  let next = from;
  const take = async (): Promise<void> => {
    while (next < from + count) {
      const seed = next;
      next += 1;
      totals.seeds += 1;
      try {
        const done = await simulateSeed(seed, options);
        for (const name of ['steps', 'processes', 'deadLetters', 'jumps'] as const) totals[name] += done[name];
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  await Promise.all(Array.from({ length: 6 }, take));
  return { failures, totals };
}
