// `npm run bench:scale`: what a run costs as data grows (rows, chunks, open items), through the pipeline's functions in
// this machine's processes, and from that a paper model of AWS for 10 million to a billion rows a day. Prints it, writes
// its section of bench/results.md and the plot bench/scale.svg. docs/scale.md explains the model.
// --quick: a tenth of the rows and 3 rounds; it is written too, and says so.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { carryOpenItems } from './matching/carry-open-items.ts';
import { makeNearKeys, type NearKeys } from './matching/near-keys.ts';
import { marginalSentence, openItemsSizes, openItemsTable } from './matching/open-items-cost.ts';
import { runOnce } from './measure.ts';
import { benchDirectory, root } from './paths.ts';
import { machine, writeSection } from './results-page.ts';
import { coefficientsOf } from './scale/coefficients.ts';
import type { MeasuredRun, RunCase, RunCost } from './scale/measure-run.ts';
import { plotSvg } from './scale/plot.ts';
import {
  chunksTable,
  coefficientsTable,
  limitsTable,
  modelTables,
  panelsOf,
  rowsGrowth,
  rowsTable,
  sizesSentence,
  turnSentence,
} from './scale/report.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const seed = 7;
const rounds = values.quick ? 3 : 5;
const tenth = values.quick ? 10 : 1;
const rowsOfSide = [100_000, 300_000, 1_000_000, 3_000_000].map((rows) => rows / tenth);
const chunkedRows = 1_000_000 / tenth;
const chunkCounts = [2, 4, 8, 16];
/** The residue needs more than one size; this many chunks for the others. */
const residueChunks = 4;
const dayRows = [10_000_000, 100_000_000, 1_000_000_000];
const directory = join(benchDirectory, 'scale');
mkdirSync(directory, { recursive: true });

const byRows: MeasuredRun[] = [];
const chunked: MeasuredRun[] = [];
for (const rows of rowsOfSide) {
  console.log(`${rows} × ${rows} rows`);
  const made = await makeNearKeys(join(directory, String(rows)), seed, rows);
  const whole = measure(made, 1);
  byRows.push(whole);
  for (const chunks of rows === chunkedRows ? chunkCounts : [residueChunks]) {
    const run = measure(made, chunks);
    if (JSON.stringify(run.outcome) !== JSON.stringify(whole.outcome))
      throw new Error(`the outcome of ${chunks} chunks differs from that of one`);
    chunked.push(run);
  }
  rmSync(join(directory, String(rows)), { recursive: true, force: true });
}
console.log('late arrivals over open items');
const days = await carryOpenItems(join(directory, 'open-items'), seed, openItemsSizes(values.quick), rounds);

const middle = byRows[rowsOfSide.indexOf(chunkedRows)]!;
const byChunks = chunked.filter(({ rows }) => rows === middle.rows);
const residues = chunked.filter(({ chunks }) => chunks === residueChunks);
const measured = coefficientsOf({ byRows, byChunks, residues, days });
const byOpen = days.filter((day) => day.new === days[0]!.new);
const openLine = (name: string, ms: (day: (typeof days)[number]) => number) => ({
  name,
  points: byOpen.map((day) => ({ x: day.open, y: ms(day) / 1_000 })),
});
const openLines = [
  openLine('all', (day) => day.medianMs),
  openLine('match', (day) => day.matchMs),
  openLine('compare', (day) => day.compareMs),
];
writeFileSync(join(root, 'bench/scale.svg'), plotSvg(panelsOf(byRows, [middle, ...byChunks], openLines)));

const section = [
  `\`npm run bench:scale${values.quick ? ' -- --quick' : ''}\`: the pipeline's functions under the limits of a deployed function, one task after the other, medians of ${rounds} rounds, wall time where nothing else is said. ${values.quick ? 'A quick run: a tenth of the rows, and the model is extrapolated from them. ' : ''}The files are those of the tolerance case above: 2 % of the rows have another key, 1 % of each side have no partner. Machine: ${machine()}.`,
  '![cost as data grows](scale.svg)',
  '### By rows, in one chunk',
  rowsTable(byRows),
  `CPU grows with the rows to the power of ${rowsGrowth(byRows).toFixed(2)} (1 is in proportion; what a task costs at any size makes it less).`,
  '### By chunks',
  chunksTable([middle, ...chunked]),
  'Seconds of all tasks of a stage together. Every number of chunks came to the same pairs and breaks.',
  '### By open items',
  openItemsTable(days),
  marginalSentence(days),
  '### Paper model',
  'One run a day of one reconciliation, two sources, increments; nothing here was run on AWS. docs/scale.md says how it is made.',
  coefficientsTable(measured),
  sizesSentence(measured),
  ...modelTables(dayRows, measured),
  '#### What breaks first',
  limitsTable(measured),
  turnSentence(measured),
].join('\n\n');
console.log(`\n${section}`);
writeSection('Scale', section);

/** In a process of its own, so that its peak memory is this run's. */
function measure(made: NearKeys, chunks: number): MeasuredRun {
  const request: RunCase = {
    directory: join(directory, 'run'),
    definition: made.definition,
    sources: [
      { source: 'left', path: made.left },
      { source: 'right', path: made.right },
    ],
    chunks,
    rounds,
  };
  const run = runOnce([process.execPath, join(root, 'bench/scale/measure-run.ts'), JSON.stringify(request)]);
  if (run.exit !== 0) throw new Error(`the run in ${chunks} chunks ended with ${run.exit}`);
  return { ...(JSON.parse(run.printed) as RunCost), peakMb: run.peakMb };
}
