// What the workbook of a run with 100,000 breaks costs: whole processes, from the run's objects to the file. The last file is read
// back, and every break must be in it. Part of `npm run bench:breaks`; writes its section of bench/results.md.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { joinNumber } from '../../shared/domain/composite-number.ts';
import { readSheet } from '../../shared/matching/input/convert-workbook.ts';
import { type Run, runOnce, summarise } from '../measure.ts';
import { benchDirectory } from '../paths.ts';
import { machine, table, writeSection } from '../results-page.ts';
import { breaksOfRun, commentedBreaks, makeRun, values } from './workbook-run.ts';

const rounds = 3;
const limits = { secondsMax: 15, memoryMbMax: 400 };

export async function measureWorkbook(): Promise<void> {
  const results: { name: string; ms: number; cpuMs: number; peakMb: number; mb: number }[] = [];
  for (const matches of [0, 100_000]) {
    const directory = join(benchDirectory, `workbook-${matches}`);
    await makeRun(directory, matches);
    const runs: Run[] = [];
    let made = { path: '', bytes: 0 };
    for (let round = 0; round < rounds; round += 1) {
      // As a function that has just started, and a run whose workbook nobody has asked for.
      rmSync(join(directory, 'cache'), { recursive: true, force: true });
      for (const name of readdirSync(directory)) if (name.startsWith('exports_')) rmSync(join(directory, name));
      const run = runOnce([process.execPath, join(import.meta.dirname, 'make-workbook.ts'), directory]);
      if (run.exit !== 0) throw new Error(`the workbook was not made: ${run.exit}`);
      runs.push(run);
      made = JSON.parse(run.printed) as typeof made;
    }
    await verify(made.path, matches);
    const name = `${breaksOfRun / 1000}k breaks${matches > 0 ? `, ${matches / 1000}k matches` : ''}`;
    const { medianMs: ms, cpuMs, peakMb } = summarise(name, runs);
    results.push({ name, ms, cpuMs, peakMb, mb: made.bytes / 1e6 });
    rmSync(directory, { recursive: true, force: true });
  }
  const text = table([
    ['run', 'median', 'CPU', 'peak memory', 'file'],
    ...results.map(({ name, ms, cpuMs, peakMb, mb }) => [
      name,
      `${(ms / 1000).toFixed(1)} s`,
      `${(cpuMs / 1000).toFixed(1)} s`,
      `${Math.round(peakMb)} MB`,
      `${mb.toFixed(1)} MB`,
    ]),
  ]);
  const [first] = results;
  const met = first!.ms <= limits.secondsMax * 1000 && first!.peakMb <= limits.memoryMbMax;
  const verdict = `100k breaks in at most ${limits.secondsMax} s and ${limits.memoryMbMax} MB: ${met ? 'met' : '**not met**'}.`;
  console.log(`\n${text}\n\n${verdict}`);
  writeSection(
    'Break management: workbook of a run',
    `\`npm run bench:breaks\`: the default workbook of a run with ${Object.keys(values).length} fields a side, ${commentedBreaks} breaks with a comment; whole processes from the run's objects to the file, medians of ${rounds}, every row counted and every break in its place in the file that was written. Machine: ${machine()}.\n\n${text}\n\n${verdict}`,
  );
}

async function verify(path: string, matches: number): Promise<void> {
  const expected = { Breaks: breaksOfRun, Matched: matches, Comments: commentedBreaks };
  for (const [sheet, rows] of Object.entries(expected)) {
    let found = -1;
    await readSheet(path, sheet, path, ({ cells: [first] }) => {
      found += 1;
      const id = joinNumber({ number: 1, sequence: Math.max(1, found) });
      if (sheet === 'Breaks' && found > 0 && Number(first) !== id)
        throw new Error(`row ${found} is ${first}, not ${id}`);
      return undefined;
    });
    if (found !== rows) throw new Error(`${sheet} has ${found} rows, not ${rows}`);
  }
}
