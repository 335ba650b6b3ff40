// What breaks first: for each limit of the design the rows a day, in one run of one reconciliation, at which it is
// reached, and what then happens. From the same coefficients and assumptions as the model. Pure.
import { engineScratchMb, workTimeoutSeconds } from '../../infra/functions.ts';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import { attemptsMax, tasksPerStageMax } from '../../shared/domain/run.ts';
import type { Coefficients } from './coefficients.ts';
import {
  breakWriteSeconds,
  concurrencyOf,
  count,
  feedBytesPerBatch,
  ingestSeconds,
  modelOf,
  onLambda,
  partitionSeconds,
  residueSeconds,
  settleSeconds,
} from './model.ts';
import { assumed } from './prices.ts';

export type Limit = { what: string; rows: number; arithmetic: string; effect: string };

const scratchBytes = engineScratchMb * 1024 * 1024;
const daySeconds = 86_400;
/** Of a document in an item, compressed: `writeDocument` in the DynamoDB adapter. */
const documentBytesMax = 190_000;

/** The one that is reached first comes first. */
export function limitsOf(measured: Coefficients): Limit[] {
  const { residueShare, breakShare } = measured;
  const rowsIn = (seconds: (rows: number) => number, within = workTimeoutSeconds) => largest(seconds, within);
  const fileRows = rowsIn((rows) => ingestSeconds(rows, measured));
  const fileDiskRows = scratchBytes / measured.loadDiskPerRow;
  const partRows = rowsIn((rows) => partitionSeconds(rows, tasksPerStageMax, measured));
  const chunksOf = (rows: number) => Math.ceil(rows / pipelineDefaults.rowsPerChunk);
  const residueRows = rowsIn((rows) => residueSeconds(rows * residueShare, chunksOf(rows), measured));
  const compareRows = rowsIn((rows) => settleSeconds({ breaks: rows * breakShare, breakItems: 0, known: 0 }, measured));
  const { breakItemsMax } = pipelineDefaults;
  const writeSeconds = breakWriteSeconds(breakItemsMax, measured);
  const batchesMax = Math.floor(documentBytesMax / feedBytesPerBatch);
  const ingestDay = (daySeconds * concurrencyOf('ingest')) / ingestSeconds(assumed.rowsPerFile, measured);
  const limits: Limit[] = [
    {
      what: 'a snapshot is one file per source: its load in one task',
      rows: 2 * fileRows,
      arithmetic: `2 × ${count(fileRows)} rows in ${workTimeoutSeconds} s`,
      effect: 'the batch fails after its attempts; several files as increments do not meet this',
    },
    {
      what: 'the same: scratch space of the task',
      rows: 2 * fileDiskRows,
      arithmetic: `2 × ${engineScratchMb} MiB at ${measured.loadDiskPerRow.toFixed(0)} bytes a row`,
      effect: 'as above',
    },
    {
      what: 'residue: one task, time',
      rows: residueRows,
      arithmetic: `${percent(residueShare)} of the rows stay open: ${count(residueRows * residueShare)} records in ${workTimeoutSeconds} s`,
      effect: 'the run fails with ATTEMPTS_EXHAUSTED, and nothing of it is settled',
    },
    {
      what: 'residue: one task, scratch space',
      rows: scratchBytes / measured.residueDiskPerRecord / residueShare,
      arithmetic: `${engineScratchMb} MiB at ${measured.residueDiskPerRecord.toFixed(0)} bytes a record`,
      effect: 'as above; what DuckDB spills comes on top and is not counted here',
    },
    {
      what: 'break items of one run',
      rows: breakItemsMax / breakShare,
      arithmetic: `${count(breakItemsMax)} at ${percent(breakShare)} breaks, written in ${writeSeconds.toFixed(0)} s of settle's ${attemptsMax} × ${workTimeoutSeconds} s`,
      effect: 'the rest stays in Parquet: less to pay, no failure',
    },
    {
      what: 'settle: comparing with the ledger, one task',
      rows: compareRows,
      arithmetic: `${count(compareRows * breakShare)} breaks in ${workTimeoutSeconds} s, on an empty ledger`,
      effect: 'the run fails with ATTEMPTS_EXHAUSTED before its commit',
    },
    {
      what: `match: ${count(tasksPerStageMax)} tasks a stage`,
      rows: tasksPerStageMax * pipelineDefaults.rowsPerChunk,
      arithmetic: `${count(tasksPerStageMax)} × ${count(pipelineDefaults.rowsPerChunk)} rows`,
      effect: 'chunks grow beyond their size, and with them time and memory of a task',
    },
    {
      what: `partition: ${count(tasksPerStageMax / 2)} tasks a source`,
      rows: tasksPerStageMax * partRows,
      arithmetic: `${count(tasksPerStageMax)} × ${count(partRows)} rows in ${workTimeoutSeconds} s`,
      effect: 'as residue',
    },
    {
      what: 'the feed, one item: batches that wait',
      rows: batchesMax * assumed.rowsPerFile,
      arithmetic: `${count(batchesMax)} files × ${count(assumed.rowsPerFile)} rows; with 10,000 rows a file ${count(batchesMax * 10_000)} rows`,
      effect: 'DOCUMENT_TOO_LARGE: no batch is completed until a run takes those that wait',
    },
    {
      what: `ingest: ${concurrencyOf('ingest')} at once, all day`,
      rows: ingestDay * assumed.rowsPerFile,
      arithmetic: `${count(daySeconds)} s × ${concurrencyOf('ingest')} ÷ ${ingestSeconds(assumed.rowsPerFile, measured).toFixed(1)} s a file of ${count(assumed.rowsPerFile)} rows`,
      effect: 'files wait in the queue; the maximum is a setting, up to the account’s concurrency',
    },
  ];
  return limits.sort((a, b) => a.rows - b.rows);
}

/** Runs of one reconciliation in a day: only one settles at a time, and one with increments is planned after the one before. */
export function runsPerDay(rows: number, measured: Coefficients): { snapshots: number; increments: number } {
  const { stages, runSeconds } = modelOf(rows, measured);
  return {
    snapshots: Math.floor(daySeconds / stages.at(-1)!.taskSeconds),
    increments: Math.floor(daySeconds / runSeconds),
  };
}

/** The ledger keeps every identity for good: days until comparing with it alone takes the time of a task, all breaks being new. */
export function ledgerDays(rows: number, { knownBreakMs, breakShare }: Coefficients): number {
  return workTimeoutSeconds / onLambda(knownBreakMs * rows * breakShare);
}

/** The most rows whose seconds, which grow with them, are within the time. */
function largest(seconds: (rows: number) => number, within: number): number {
  let [low, high] = [0, 1];
  while (seconds(high) <= within && high < 1e15) high *= 2;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (seconds(middle) <= within) low = middle;
    else high = middle;
  }
  return Math.floor(low);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
