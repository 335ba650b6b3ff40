// The measured runs and the model as Markdown, figures as they are. Pure.
import { engineMemoryMb, workTimeoutSeconds } from '../../infra/functions.ts';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import { growthOf } from '../fit.ts';
import { table } from '../results-page.ts';
import type { Coefficients } from './coefficients.ts';
import { ledgerDays, limitsOf, runsPerDay } from './limits.ts';
import type { MeasuredRun, StageCost } from './measure-run.ts';
import { count, modelOf } from './model.ts';
import type { Panel, PlotLine } from './plot.ts';
import { prices } from './prices.ts';

const seconds = (ms: number) => (ms / 1_000).toFixed(2);
const stageSeconds = (stage: StageCost | undefined) => (stage ? seconds(stage.ms) : '');

export function rowsTable(runs: MeasuredRun[]): string {
  return table([
    ['rows of both sides', 'load', 'match', 'compare', 'all', 'CPU', 'per million rows', 'peak memory', 'breaks'],
    ...runs.map((run) => {
      const { load, match, compare } = run.stages;
      return [
        count(run.rows),
        ...[load, match, compare].map((stage) => `${seconds(stage.ms)} s`),
        `${seconds(totalMs(run))} s`,
        `${seconds(totalCpuMs(run))} s`,
        `${seconds((totalMs(run) / run.rows) * 1e6)} s`,
        `${Math.round(run.peakMb)} MB`,
        count(run.breaks),
      ];
    }),
  ]);
}

/** How the CPU of the whole grows; 1 is in proportion to the rows. */
export function rowsGrowth(runs: MeasuredRun[]): number {
  return growthOf(runs.map((run) => ({ size: run.rows, cost: totalCpuMs(run) })));
}

export function chunksTable(runs: MeasuredRun[]): string {
  return table([
    [
      'rows',
      'chunks',
      'partition',
      'match',
      'slowest chunk',
      'residue',
      'records in it',
      'compare',
      'all after load',
      'peak memory',
    ],
    ...runs.map((run) => {
      const { partition, match, residue, compare } = run.stages;
      return [
        count(run.rows),
        String(run.chunks),
        stageSeconds(partition),
        stageSeconds(match),
        seconds(match.slowestMs),
        stageSeconds(residue),
        residue ? count(run.residueRows) : '',
        stageSeconds(compare),
        seconds(totalMs(run) - run.stages.load.ms),
        `${Math.round(run.peakMb)} MB`,
      ];
    }),
  ]);
}

export function panelsOf(byRows: MeasuredRun[], byChunks: MeasuredRun[], byOpen: PlotLine[]): Panel[] {
  const line = (
    runs: MeasuredRun[],
    name: string,
    x: (run: MeasuredRun) => number,
    y: (run: MeasuredRun) => number | undefined,
  ) => ({
    name,
    points: runs.flatMap((run) => {
      const ms = y(run);
      return ms === undefined ? [] : [{ x: x(run), y: ms / 1_000 }];
    }),
  });
  const rows = ({ rows: all }: MeasuredRun) => all;
  const chunks = (run: MeasuredRun) => run.chunks;
  return [
    {
      title: 'Rows, one chunk',
      xTitle: 'rows of both sides',
      yTitle: 'seconds',
      lines: [
        line(byRows, 'all', rows, totalMs),
        line(byRows, 'load', rows, ({ stages }) => stages.load.ms),
        line(byRows, 'match', rows, ({ stages }) => stages.match.ms),
        line(byRows, 'compare', rows, ({ stages }) => stages.compare.ms),
      ],
    },
    {
      title: `Chunks, ${count(byChunks[0]!.rows)} rows`,
      xTitle: 'chunks',
      yTitle: 'seconds',
      lines: [
        line(byChunks, 'all tasks', chunks, (run) => totalMs(run) - run.stages.load.ms),
        line(byChunks, 'partition', chunks, ({ stages }) => stages.partition?.ms),
        line(byChunks, 'match', chunks, ({ stages }) => stages.match.ms),
        line(byChunks, 'slowest task', chunks, ({ stages }) => stages.match.slowestMs),
        line(byChunks, 'residue', chunks, ({ stages }) => stages.residue?.ms),
      ],
    },
    { title: 'Open items', xTitle: 'open items', yTitle: 'seconds', lines: byOpen },
  ];
}

export function coefficientsTable(of: Coefficients): string {
  const us = (ms: number) => `${(ms * 1_000).toFixed(2)} µs`;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return table([
    ['measured here, CPU of all cores', 'each task', 'each record'],
    ['load, rows of a file', ms(of.load.fixed), us(of.load.each)],
    ['match without chunks, rows of both sides', ms(of.match.fixed), us(of.match.each)],
    ['partition, rows', `${ms(of.partition.perChunk)} a chunk`, us(of.partition.each)],
    ['match of a chunk, rows of both sides', ms(of.matchKeys.fixed), us(of.matchKeys.each)],
    ['residue, records', ms(of.residue.fixed), us(of.residue.each)],
    ['compare, breaks of the run', ms(of.compare.fixed), us(of.compare.each)],
    ['compare, breaks known before', '', us(of.knownBreakMs)],
  ]);
}

export function sizesSentence(of: Coefficients): string {
  const peak = of.peakMb.fixed + of.peakMb.each * pipelineDefaults.rowsPerChunk;
  return [
    `Bytes of a row: ${of.fileBytesPerRow.toFixed(0)} in the file, ${of.recordsBytesPerRow.toFixed(0)} in Parquet. Of the rows ${(of.residueShare * 100).toFixed(1)} % go on to the residue and ${(of.breakShare * 100).toFixed(1)} % are breaks, of ${of.breakItemBytes.toFixed(0)} bytes an item.`,
    `Memory by the line through the measured sizes: ${Math.round(peak)} MB for a chunk of ${count(pipelineDefaults.rowsPerChunk)} rows, of ${engineMemoryMb} MB.`,
  ].join(' ');
}

export function modelTables(dayRows: number[], of: Coefficients): string[] {
  const models = dayRows.map((rows) => modelOf(rows, of));
  const row = (name: string, value: (model: (typeof models)[number]) => string) => [name, ...models.map(value)];
  const minutes = (value: number) => (value < 120 ? `${value.toFixed(0)} s` : `${(value / 60).toFixed(1)} min`);
  const overview = table([
    row('rows a day', ({ rows }) => count(rows)),
    row('files, chunks', ({ files, chunks }) => `${count(files)}, ${count(chunks)}`),
    row('breaks; of them items', ({ breaks, breakItems }) => `${count(breaks)}; ${count(breakItems)}`),
    row('functions at once', ({ lambdaAtOnce }) => count(lambdaAtOnce)),
    row('S3 writes, reads', ({ s3Writes, s3Reads }) => `${count(s3Writes)}, ${count(s3Reads)}`),
    row('DynamoDB write units', ({ writeUnits }) => count(writeUnits)),
    row('longest task', ({ stages }) => {
      const longest = stages.toSorted((a, b) => b.taskSeconds - a.taskSeconds)[0]!;
      return `${longest.name}, ${longest.taskSeconds.toFixed(0)} s`;
    }),
    row(`stages whose task takes over ${workTimeoutSeconds} s`, ({ stages }) => {
      const over = stages.filter(({ taskSeconds }) => taskSeconds > workTimeoutSeconds);
      return over.length === 0 ? 'none' : `**${over.map(({ name }) => name).join(', ')}**`;
    }),
    row('all files there to settled run', ({ runSeconds }) => minutes(runSeconds)),
    row('first file to settled run', ({ elapsedSeconds }) => minutes(elapsedSeconds)),
    row('**dollars a day**', ({ dollars }) => `**${dollars.toFixed(3)}**`),
    row('dollars per million rows', ({ dollars, rows }) => ((dollars / rows) * 1e6).toFixed(4)),
    row(
      'GB of a day; dollars for a month of it',
      ({ storedGb }) => `${storedGb.toFixed(2)}; ${(storedGb * prices.s3GbMonth).toFixed(3)}`,
    ),
    row(`days until comparing with the ledger takes ${workTimeoutSeconds} s`, ({ rows }) =>
      ledgerDays(rows, of).toFixed(1),
    ),
  ]);
  const days = models.map(({ rows, stages, lines, dollars }) =>
    [
      `#### ${count(rows)} rows a day`,
      '',
      table([
        ['what', 'arithmetic', 'at once', 'seconds', 'dollars'],
        ...lines.map(({ what, arithmetic, dollars: cost }) => {
          const stage = stages.find(({ name }) => name === what);
          const time = stage ? [count(stage.atOnce), stage.elapsedSeconds.toFixed(1)] : ['', ''];
          return [what, arithmetic, ...time, cost.toFixed(5)];
        }),
        ['**all**', '', '', '', `**${dollars.toFixed(4)}**`],
      ]),
    ].join('\n'),
  );
  return [overview, ...days];
}

export function limitsTable(of: Coefficients): string {
  return table([
    ['limit, the first to be reached first', 'rows a day in one run', 'arithmetic', 'beyond it'],
    ...limitsOf(of).map(({ what, rows, arithmetic, effect }) => [what, count(rows), arithmetic, effect]),
  ]);
}

export function turnSentence(of: Coefficients): string {
  const rows = 200_000;
  const { snapshots, increments } = runsPerDay(rows, of);
  return `Runs of one reconciliation settle in turn: of ${count(rows)} rows each at most ${count(snapshots)} a day (snapshots, matched side by side) or ${count(increments)} (increments, planned one after the other).`;
}

function totalMs({ stages }: MeasuredRun): number {
  return Object.values(stages).reduce((sum, stage) => sum + stage.ms, 0);
}

function totalCpuMs({ stages }: MeasuredRun): number {
  return Object.values(stages).reduce((sum, stage) => sum + stage.cpuMs, 0);
}
