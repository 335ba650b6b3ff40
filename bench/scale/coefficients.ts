// From measured runs to what each stage costs by its size: a fixed part per task and a part per record. Pure arithmetic.
import { fitLine, type Line } from '../fit.ts';
import type { OpenItemsDay } from '../matching/carry-open-items.ts';
import type { MeasuredRun, StageCost } from './measure-run.ts';

/** Lines in milliseconds of CPU, of all cores together, on the machine of the bench, per task: other work there lengthens the clock's time more. */
export type Coefficients = {
  /** By rows of one file. */
  load: Line;
  /** By rows of both sides, all passes, without chunks. */
  match: Line;
  /** By rows of the part; `perChunk` for each chunk that it is split into. */
  partition: { each: number; perChunk: number };
  /** The exact pass of one chunk, by its rows. */
  matchKeys: Line;
  /** By records that the chunks left open. */
  residue: Line;
  /** By breaks of the run. */
  compare: Line;
  /** Comparing one break that was known before. */
  knownBreakMs: number;
  /** Of the process, by rows of both sides without chunks. */
  peakMb: Line;
  fileBytesPerRow: number;
  recordsBytesPerRow: number;
  /** In scratch at the end of a task: of a file per row, of the residue per record. */
  loadDiskPerRow: number;
  residueDiskPerRecord: number;
  residueShare: number;
  breakShare: number;
  breakItemBytes: number;
};

/**
 * `byRows`: without chunks, of two sizes and more. `byChunks`: of one size, in two numbers of chunks and more.
 * `residues`: in chunks, of two sizes and more.
 */
export function coefficientsOf(measured: {
  byRows: MeasuredRun[];
  byChunks: MeasuredRun[];
  residues: MeasuredRun[];
  days: OpenItemsDay[];
}): Coefficients {
  const { byRows, byChunks, residues, days } = measured;
  const largest = byRows.at(-1)!;
  const [{ rows }] = byChunks as [MeasuredRun];
  const line = (
    runs: MeasuredRun[],
    size: (run: MeasuredRun) => number,
    stage: (run: MeasuredRun) => StageCost,
    perTask = 1,
  ) => notNegative(fitLine(runs.map((run) => ({ size: size(run), cost: stage(run).cpuMs / perTask }))));
  const partition = line(
    byChunks,
    ({ chunks }) => chunks,
    ({ stages }) => stages.partition!,
  );
  const keys = line(
    byChunks,
    ({ chunks }) => chunks,
    ({ stages }) => stages.match,
  );
  const [fewest] = days as [OpenItemsDay];
  const byOpen = days
    .filter((day) => day.new === fewest.new)
    .map((day) => ({ size: day.open, cost: day.compareCpuMs }));
  return {
    load: line(
      byRows,
      (run) => run.rows / 2,
      ({ stages }) => stages.load,
      2,
    ),
    match: line(
      byRows,
      (run) => run.rows,
      ({ stages }) => stages.match,
    ),
    // Two parts were split, one per side.
    partition: { each: partition.fixed / rows, perChunk: partition.each / 2 },
    matchKeys: { fixed: keys.each, each: keys.fixed / rows },
    residue: line(
      residues,
      (run) => run.residueRows,
      ({ stages }) => stages.residue!,
    ),
    compare: line(
      byRows,
      (run) => run.breaks,
      ({ stages }) => stages.compare,
    ),
    knownBreakMs: Math.max(0, fitLine(byOpen).each),
    peakMb: notNegative(fitLine(byRows.map(({ rows, peakMb }) => ({ size: rows, cost: peakMb })))),
    fileBytesPerRow: largest.fileBytes / largest.rows,
    recordsBytesPerRow: largest.recordsBytes / largest.rows,
    loadDiskPerRow: largest.stages.load.diskBytes / (largest.rows / 2),
    residueDiskPerRecord: residues.at(-1)!.stages.residue!.diskBytes / residues.at(-1)!.residueRows,
    residueShare: residues.at(-1)!.residueRows / residues.at(-1)!.rows,
    breakShare: largest.breaks / largest.rows,
    breakItemBytes: largest.breakItemBytes,
  };
}

/** Noise may put the line through a small fixed cost below zero; nothing costs less than nothing. */
function notNegative({ fixed, each }: Line): Line {
  return { fixed: Math.max(0, fixed), each: Math.max(0, each) };
}
