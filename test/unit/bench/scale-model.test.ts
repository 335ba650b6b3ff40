// The paper model's arithmetic: lines through points, coefficients from runs, counts of tasks and requests, limits, plot.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { fitLine, growthOf } from '../../../bench/fit.ts';
import type { OpenItemsDay } from '../../../bench/matching/carry-open-items.ts';
import { marginalCost, openItemsSizes } from '../../../bench/matching/open-items-cost.ts';
import { type Coefficients, coefficientsOf } from '../../../bench/scale/coefficients.ts';
import { ledgerDays, limitsOf, runsPerDay } from '../../../bench/scale/limits.ts';
import type { MeasuredRun, StageCost } from '../../../bench/scale/measure-run.ts';
import {
  breakWriteSeconds,
  feedBytesPerBatch,
  ingestSeconds,
  modelOf,
  putsOf,
  residueSeconds,
  unitsPerBreak,
} from '../../../bench/scale/model.ts';
import { plotSvg } from '../../../bench/scale/plot.ts';
import { assumed, prices } from '../../../bench/scale/prices.ts';
import { derivedId } from '../../../shared/app/derived-id.ts';

/** Round figures, so that what follows can be worked out by hand. */
const measured: Coefficients = {
  load: { fixed: 100, each: 0.002 },
  match: { fixed: 200, each: 0.002 },
  partition: { each: 0.001, perChunk: 10 },
  matchKeys: { fixed: 100, each: 0.002 },
  residue: { fixed: 300, each: 0.02 },
  compare: { fixed: 50, each: 0.05 },
  knownBreakMs: 0.01,
  peakMb: { fixed: 200, each: 0.0003 },
  fileBytesPerRow: 50,
  recordsBytesPerRow: 10,
  loadDiskPerRow: 100,
  residueDiskPerRecord: 60,
  residueShare: 0.03,
  breakShare: 0.01,
  breakItemBytes: 700,
};

test('a line goes through points that lie on one, and between those that do not', () => {
  const on = fitLine([1, 2, 5].map((size) => ({ size, cost: 3 + 2 * size })));
  expect(on.fixed).toBeCloseTo(3, 9);
  expect(on.each).toBeCloseTo(2, 9);
  const between = fitLine([
    { size: 0, cost: 0 },
    { size: 0, cost: 2 },
    { size: 2, cost: 4 },
  ]);
  expect(between.fixed).toBeCloseTo(1, 9);
  expect(between.each).toBeCloseTo(1.5, 9);
  expect(() => fitLine([{ size: 1, cost: 1 }])).toThrow('two sizes');
});

test('growth is the power of the size', () => {
  expect(growthOf([1, 10, 100].map((size) => ({ size, cost: 7 * size })))).toBeCloseTo(1, 9);
  expect(growthOf([1, 10, 100].map((size) => ({ size, cost: 7 * size ** 2 })))).toBeCloseTo(2, 9);
});

test('coefficients are those that the measured runs were made with', () => {
  const stage = (cpuMs: number, tasks = 1): StageCost => {
    return { tasks, cpuMs, ms: 0, slowestMs: 0, diskBytes: 1_000 };
  };
  const run = (rows: number, chunks: number): MeasuredRun => ({
    ...{ chunks, rows, breaks: rows / 100, residueRows: chunks === 1 ? 0 : rows * 0.03 },
    ...{ fileBytes: rows * 50, recordsBytes: rows * 10, breakItemBytes: 700, peakMb: 200 + rows * 0.0003 },
    outcome: { pairs: [], breaks: { MISMATCH: 0, MISSING: 0, DUPLICATE: 0, AMBIGUOUS: 0, SEARCH_EXHAUSTED: 0 } },
    stages: {
      load: stage(2 * (100 + 0.002 * (rows / 2)), 2),
      compare: stage(50 + 0.05 * (rows / 100)),
      match: stage(chunks === 1 ? 200 + 0.002 * rows : chunks * 100 + 0.002 * rows, chunks),
      ...(chunks > 1 && {
        partition: stage(0.001 * rows + 2 * 10 * chunks, 2),
        residue: stage(300 + 0.02 * rows * 0.03),
      }),
    },
  });
  const day = (open: number, fresh: number) => ({ open, new: fresh, compareCpuMs: 5 + 0.01 * open }) as OpenItemsDay;
  const found = coefficientsOf({
    byRows: [run(10_000, 1), run(30_000, 1), run(100_000, 1)],
    byChunks: [run(30_000, 2), run(30_000, 4), run(30_000, 8)],
    residues: [run(10_000, 4), run(30_000, 4), run(100_000, 4)],
    days: [day(100, 10), day(300, 10), day(300, 20)],
  });
  for (const name of ['load', 'match', 'matchKeys', 'residue', 'compare', 'peakMb'] as const) {
    expect(found[name].fixed, name).toBeCloseTo(measured[name].fixed, 6);
    expect(found[name].each, name).toBeCloseTo(measured[name].each, 9);
  }
  expect(found.partition.each).toBeCloseTo(0.001, 9);
  expect(found.partition.perChunk).toBeCloseTo(10, 6);
  expect(found.knownBreakMs).toBeCloseTo(0.01, 9);
  expect([found.residueShare, found.breakShare, found.fileBytesPerRow]).toEqual([0.03, 0.01, 50]);
});

test('a small run is one chunk, and its dollars are those of its lines', () => {
  const model = modelOf(2_000_000, measured);
  expect(model.stages.map(({ name, tasks }) => [name, tasks])).toEqual([
    ['ingest', 2],
    ['plan', 1],
    ['match', 1],
    ['settle', 1],
  ]);
  // Files of 50 MB and 10 MB of records go up in 6 and 2 parts; matches, breaks and result; inputs; three of settling.
  expect(model.s3Writes).toBe(2 * (8 + 4) + 3 + 1 + 3);
  expect(model.s3Reads).toBe(2 + 3 + 6);
  const seconds = 0.5 + (1_000_000 * 60) / 75e6 + 0.1 + 2;
  expect(model.stages[0]!.taskSeconds).toBeCloseTo(seconds, 9);
  expect(model.lines[0]!.dollars).toBeCloseTo(2 * (seconds * 2.9375 * prices.lambdaGbSecond + 2e-7), 12);
  expect(model.dollars).toBeCloseTo(
    model.lines.reduce((sum, { dollars }) => sum + dollars, 0),
    12,
  );
  expect(model.runSeconds).toBeCloseTo(model.elapsedSeconds - seconds, 9);
});

test('a large run is shuffled, in waves where it has more tasks than functions at once', () => {
  const model = modelOf(1_000_000_000, measured);
  expect([model.files, model.chunks, model.breaks, model.breakItems]).toEqual([200, 250, 10_000_000, 10_000]);
  const partition = model.stages.find(({ name }) => name === 'partition')!;
  expect([partition.tasks, partition.atOnce]).toEqual([200, 50]);
  expect(partition.elapsedSeconds).toBeCloseTo(4 * partition.taskSeconds, 9);
  // Every part writes a file for every chunk, and every chunk reads one of every part.
  expect(model.s3Writes).toBeGreaterThan(200 * 250);
  expect(model.s3Reads).toBeGreaterThan(200 * 250);
  // The rest is of 850 tasks, 200 batches and the run.
  expect(model.writeUnits).toBeGreaterThan(10_000 * 4);
  expect(model.writeUnits).toBeLessThan(10_000 * 4 + 850 * 12 + 200 * 16);
});

test('an object goes up whole to 8 MiB and in parts beyond', () => {
  const mib = 1024 * 1024;
  expect([0, 1, 8 * mib, 8 * mib + 1, 80 * mib].map(putsOf)).toEqual([1, 1, 1, 4, 12]);
});

test('a break costs twice its kilobytes, twice with its index', () => {
  expect(unitsPerBreak(measured)).toBe(4);
  expect(unitsPerBreak({ ...measured, breakItemBytes: 725 })).toBe(8);
});

test('writing breaks takes as long as the slower of lanes and table', () => {
  // 90 of one transaction: the table takes 180 units in less time than the transaction.
  expect(breakWriteSeconds(90, measured)).toBe(assumed.transactionSeconds);
  expect(breakWriteSeconds(200_000, measured)).toBeCloseTo(100, 9);
});

test('limits come in their order, and each is where its time runs out', () => {
  const limits = limitsOf(measured);
  expect(limits.map(({ rows }) => rows)).toEqual(limits.map(({ rows }) => rows).toSorted((a, b) => a - b));
  const rowsOf = (what: string) => limits.find((limit) => limit.what.startsWith(what))!.rows;
  expect(rowsOf('break items')).toBe(1_000_000);
  expect(rowsOf('match: 1,000')).toBe(4_000_000_000);
  const file = rowsOf('a snapshot') / 2;
  expect(ingestSeconds(file, measured)).toBeLessThanOrEqual(180);
  expect(ingestSeconds(file + 1, measured)).toBeGreaterThan(180);
  const residue = rowsOf('residue: one task, time');
  const residueTime = (rows: number) => residueSeconds(rows * 0.03, Math.ceil(rows / 4_000_000), measured);
  expect(residueTime(residue)).toBeLessThanOrEqual(180);
  expect(residueTime(residue + 1_000)).toBeGreaterThan(180);
});

test('a ledger of 18 million breaks takes the whole time of a task', () => {
  expect(ledgerDays(100_000_000, measured)).toBeCloseTo(18, 9);
});

test('increments are fewer in a day than snapshots, because they are planned one after the other', () => {
  const { snapshots, increments } = runsPerDay(200_000, measured);
  expect(increments).toBeLessThan(snapshots);
});

test('a batch takes no more of a packed feed than the model says', () => {
  const ids = Array.from({ length: 5_000 }, (_, n) => derivedId('batch', String(n)));
  expect(gzipSync(JSON.stringify(ids)).length / ids.length).toBeLessThanOrEqual(feedBytesPerBatch);
});

test('marginal costs are slopes; a new item that noise hides has no ratio', () => {
  const day = (open: number, fresh: number, us: number) =>
    ({ open, new: fresh, cleared: fresh * 0.9, changes: fresh, cpuMs: us / 1_000 }) as OpenItemsDay;
  const days = openItemsSizes(false).map((size) =>
    day(size.open, size.new, 5_000 + 2 * (size.open - size.new * 0.9) + 8 * size.new),
  );
  const cost = marginalCost(days);
  expect(cost.usPerOpen).toBeCloseTo(2, 6);
  expect(cost.usPerNew).toBeCloseTo(8, 6);
  expect(cost.ratio).toBeCloseTo(0.25, 6);
  expect(cost.writes).toEqual([10_000, 10_000, 10_000, 10_000]);
  const flat = openItemsSizes(false).map((size) => day(size.open, size.new, 100));
  expect(marginalCost(flat).ratio).toBeUndefined();
});

test('a plot has a point for each measurement, its names escaped, and refuses what has no logarithm', () => {
  const panel = (y: number) => ({
    title: 'a < b',
    xTitle: 'x',
    yTitle: 'y',
    lines: [
      {
        name: 'one & two',
        points: [
          { x: 10, y: 1 },
          { x: 1_000, y },
        ],
      },
    ],
  });
  const svg = plotSvg([panel(100), panel(10)]);
  expect(svg.match(/<circle/g)).toHaveLength(4);
  expect(svg).toContain('one &amp; two');
  expect(svg).toContain('a &lt; b');
  expect(svg).not.toContain('NaN');
  expect(() => plotSvg([panel(0)])).toThrow('above zero');
});
