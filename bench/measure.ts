// Runs whole processes in turns, so that what else the machine does falls on all of them, and takes medians.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MadeData } from './data-set.ts';
import { benchDirectory, root } from './paths.ts';
import type { Contestant } from './peers.ts';

export type Measured = {
  name: string;
  medianMs: number;
  /** Of the medianMs' runs; tells how quiet the machine was. */
  fastestMs: number;
  slowestMs: number;
  /** Of all cores together, the median: what is left when other work slows the wall time down. */
  cpuMs: number;
  /** Resident set at its peak, the median. */
  peakMb: number;
  runs: number;
  verified: boolean;
};

export type Run = { ms: number; cpuMs: number; peakMb: number; exit: number; printed: string };

/** Who takes longer than this once is not run again: five minutes of waiting tell no more than one. */
const onceMs = 60_000;

/** Throws when a run fails, or when its figures are not the truth. */
export function measureInTurns(contestants: Contestant[], data: MadeData, rounds: number): Measured[] {
  const runs = new Map<string, Run[]>(contestants.map((contestant) => [contestant.name, []]));
  const unique = data.duplicates === '0%';
  for (let round = 0; round < rounds; round += 1)
    for (const contestant of contestants) {
      if (runs.get(contestant.name)!.some((run) => run.ms > onceMs)) continue;
      const out = join(benchDirectory, 'out');
      rmSync(out, { recursive: true, force: true });
      mkdirSync(out, { recursive: true });
      const run = runOnce(contestant.command(data.left, data.right, out));
      if (run.exit > 1) throw new Error(`${contestant.name} ended with ${run.exit} on ${data.name}`);
      if (unique || !contestant.needsUniqueKeys)
        try {
          contestant.verify(run.printed, data.truth);
        } catch (error) {
          throw new Error(`${contestant.name} on ${data.name}: ${(error as Error).message}`);
        }
      runs.get(contestant.name)!.push(run);
    }
  return contestants.map((contestant) => ({
    ...summarise(contestant.name, runs.get(contestant.name)!),
    verified: unique || !contestant.needsUniqueKeys,
  }));
}

/** Wall time of a command that needs no files. */
export function measureCommand(name: string, command: string[], rounds: number): Measured {
  return {
    ...summarise(
      name,
      Array.from({ length: rounds }, () => runOnce(command)),
    ),
    verified: true,
  };
}

export function runOnce(command: string[]): Run {
  // Two benches at once must not read what the other's command printed.
  const printedPath = join(benchDirectory, `printed-${process.pid}.txt`);
  const measured = execFileSync('python3', [join(root, 'bench/measure.py'), printedPath, ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = readFileSync(printedPath, 'utf8');
  rmSync(printedPath);
  return { ...(JSON.parse(measured) as Omit<Run, 'printed'>), printed };
}

export function summarise(name: string, runs: Run[]): Omit<Measured, 'verified'> {
  const ms = runs.map((run) => run.ms);
  return {
    name,
    runs: runs.length,
    medianMs: median(ms),
    fastestMs: Math.min(...ms),
    slowestMs: Math.max(...ms),
    cpuMs: median(runs.map((run) => run.cpuMs)),
    peakMb: median(runs.map((run) => run.peakMb)),
  };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
