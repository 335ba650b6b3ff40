// What one run of so many rows a day would need on AWS: tasks, seconds, requests, units and dollars, each with its
// arithmetic. Coefficients are measured, counts follow from the code, `assumed` and prices are constants. Pure.
import { engineMemoryMb, type FunctionSpec, functions } from '../../infra/functions.ts';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import { groupParts, planChunks } from '../../shared/domain/plan-chunks.ts';
import { tasksPerStageMax } from '../../shared/domain/run.ts';
import type { Coefficients } from './coefficients.ts';
import { assumed, prices, quotas } from './prices.ts';

export type StageModel = { name: string; tasks: number; atOnce: number; taskSeconds: number; elapsedSeconds: number };
export type CostLine = { what: string; arithmetic: string; dollars: number };
export type Model = {
  rows: number;
  files: number;
  chunks: number;
  breaks: number;
  breakItems: number;
  stages: StageModel[];
  lambdaAtOnce: number;
  s3Writes: number;
  s3Reads: number;
  writeUnits: number;
  sqsRequests: number;
  /** From the last file's arrival, and from the first one's. */
  runSeconds: number;
  elapsedSeconds: number;
  lines: CostLine[];
  dollars: number;
  storedGb: number;
};

const memoryGb = engineMemoryMb / 1_024;

/** `rows` of both sides in one run; two sources, increments of `assumed.rowsPerFile` rows a file, no ledger before it. */
export function modelOf(rows: number, measured: Coefficients): Model {
  const filesOfSide = Math.ceil(rows / 2 / assumed.rowsPerFile);
  const files = 2 * filesOfSide;
  const bytes = rows * measured.fileBytesPerRow;
  const chunks = planChunks({ rows, bytes }, pipelineDefaults);
  const shuffled = chunks > 1;
  const parts = shuffled ? 2 * groupParts(filesOfSide, Math.floor(tasksPerStageMax / 2)).length : 0;
  const breaks = Math.round(rows * measured.breakShare);
  const breakItems = Math.min(breaks, pipelineDefaults.breakItemsMax);
  const residueRows = rows * measured.residueShare;
  const stage = (name: string, tasks: number, atOnceMax: number, taskSeconds: number): StageModel => {
    const atOnce = Math.min(tasks, atOnceMax);
    return { name, tasks, atOnce, taskSeconds, elapsedSeconds: Math.ceil(tasks / atOnce) * taskSeconds };
  };
  const stages = [
    stage('ingest', files, concurrencyOf('ingest'), ingestSeconds(rows / files, measured)),
    stage('plan', 1, 1, assumed.taskSeconds),
    ...(shuffled
      ? [
          stage('partition', parts, concurrencyOf('match'), partitionSeconds(rows / parts, chunks, measured)),
          stage('match', chunks, concurrencyOf('match'), chunkSeconds(rows / chunks, parts, measured)),
          stage('residue', 1, 1, residueSeconds(residueRows, chunks, measured)),
        ]
      : [stage('match', 1, 1, wholeSeconds(rows, files, measured))]),
    stage('settle', 1, 1, settleSeconds({ breaks, breakItems, known: 0 }, measured)),
  ];
  const requests = s3Requests({ rows, files, parts, chunks }, measured);
  const writeUnits = dynamoWriteUnits({ stages, files, breakItems }, measured);
  const tasks = stages.reduce((sum, one) => sum + one.tasks, 0);
  /** Sent, received and deleted. */
  const sqsRequests = 3 * tasks;
  const lines: CostLine[] = [
    ...stages.map((one) => ({
      what: one.name,
      arithmetic: `${count(one.tasks)} × ${one.taskSeconds.toFixed(1)} s × ${memoryGb.toFixed(2)} GB`,
      dollars: one.tasks * (one.taskSeconds * memoryGb * prices.lambdaGbSecond + prices.lambdaRequest),
    })),
    {
      what: 'S3 requests',
      arithmetic: `${count(requests.writes)} writes, ${count(requests.reads)} reads`,
      dollars: requests.writes * prices.s3Write + requests.reads * prices.s3Read,
    },
    {
      what: 'DynamoDB',
      arithmetic: `${count(breakItems)} breaks × ${unitsPerBreak(measured)} units + ${count(writeUnits - breakItems * unitsPerBreak(measured))} of tasks, lanes, batches and the run`,
      dollars: writeUnits * prices.dynamoWriteUnit,
    },
    { what: 'SQS', arithmetic: `${count(sqsRequests)} requests`, dollars: sqsRequests * prices.sqsRequest },
  ];
  const elapsedSeconds = stages.reduce((sum, one) => sum + one.elapsedSeconds, 0);
  return {
    ...{ rows, files, chunks, breaks, breakItems, stages, writeUnits, sqsRequests, lines, elapsedSeconds },
    lambdaAtOnce: Math.max(...stages.map(({ atOnce }) => atOnce)),
    s3Writes: requests.writes,
    s3Reads: requests.reads,
    runSeconds: elapsedSeconds - stages[0]!.elapsedSeconds,
    dollars: lines.reduce((sum, line) => sum + line.dollars, 0),
    storedGb: (bytes + rows * measured.recordsBytesPerRow) / 1e9,
  };
}

export function ingestSeconds(rows: number, { load, fileBytesPerRow, recordsBytesPerRow }: Coefficients): number {
  const bytes = rows * (fileBytesPerRow + recordsBytesPerRow);
  return assumed.taskSeconds + transfer(bytes) + onLambda(load.fixed + load.each * rows);
}

export function partitionSeconds(rows: number, chunks: number, measured: Coefficients): number {
  const { each, perChunk } = measured.partition;
  const bytes = 2 * rows * measured.recordsBytesPerRow;
  const work = onLambda(each * rows + perChunk * chunks);
  return assumed.taskSeconds + transfer(bytes) + chunks * assumed.requestSeconds + work;
}

export function chunkSeconds(rows: number, parts: number, measured: Coefficients): number {
  const { fixed, each } = measured.matchKeys;
  const fetched = transfer(rows * measured.recordsBytesPerRow) + parts * assumed.requestSeconds;
  return assumed.taskSeconds + fetched + onLambda(fixed + each * rows);
}

function wholeSeconds(rows: number, files: number, measured: Coefficients): number {
  const fetched = transfer(rows * measured.recordsBytesPerRow) + files * assumed.requestSeconds;
  return assumed.taskSeconds + fetched + onLambda(measured.match.fixed + measured.match.each * rows);
}

/** Each chunk left a result, the open records of both sides and the verdicts. */
export function residueSeconds(records: number, chunks: number, { residue, recordsBytesPerRow }: Coefficients): number {
  const fetched = transfer(records * recordsBytesPerRow) + chunks * 4 * assumed.requestSeconds;
  return assumed.taskSeconds + fetched + onLambda(residue.fixed + residue.each * records);
}

export type Settled = { breaks: number; breakItems: number; known: number };

export function settleSeconds(of: Settled, measured: Coefficients): number {
  const { compare, knownBreakMs } = measured;
  const compared = onLambda(compare.fixed + compare.each * of.breaks + knownBreakMs * of.known);
  return assumed.taskSeconds + compared + breakWriteSeconds(of.breakItems, measured);
}

/** Slower of two: the lanes, one transaction after the other in each, and what the table takes. */
export function breakWriteSeconds(breakItems: number, measured: Coefficients): number {
  const { breakWritesAtOnce, breaksPerWrite } = pipelineDefaults;
  const transactions = Math.ceil(breakItems / breaksPerWrite);
  const lanes = Math.ceil(transactions / breakWritesAtOnce) * assumed.transactionSeconds;
  // The index has a rate of its own.
  const throttled = (breakItems * unitsPerBreak(measured)) / 2 / quotas.dynamoWriteUnitsPerSecond;
  return Math.max(lanes, throttled);
}

/** Twice in a transaction; the item and its copy in the index of open breaks. */
export function unitsPerBreak({ breakItemBytes }: Coefficients): number {
  return 2 * 2 * Math.ceil((breakItemBytes + attributeBytes) / 1_024);
}
/** Keys and the attributes that are searched by, beside the document. */
const attributeBytes = 300;

/** Counted in the code: what each task writes and reads by name. */
function s3Requests(
  { rows, files, parts, chunks }: { rows: number; files: number; parts: number; chunks: number },
  { fileBytesPerRow, recordsBytesPerRow }: Coefficients,
): { writes: number; reads: number } {
  const shuffled = chunks > 1;
  const perFile = rows / files;
  const received = files * (putsOf(perFile * fileBytesPerRow) + putsOf(perFile * recordsBytesPerRow));
  const split = shuffled ? parts * chunks * putsOf((rows / parts / chunks) * recordsBytesPerRow) : 0;
  // Matches and result of each chunk, and its open records and verdicts; then matches, breaks and result of the whole.
  const matched = shuffled ? chunks * 5 + 3 : 3;
  const [planned, settled] = [1, 3];
  const readBySplit = shuffled ? files + parts : 0;
  const readByMatch = shuffled ? chunks * (parts + 1) + chunks * 4 : files + 1;
  const readBySettle = chunks + 5;
  return {
    writes: received + split + matched + planned + settled,
    reads: files + readBySplit + readByMatch + readBySettle,
  };
}

/** A larger object goes up in parts, between a request that begins and one that ends it. */
export function putsOf(bytes: number): number {
  const parts = Math.ceil(bytes / partBytes);
  return parts <= 1 ? 1 : parts + 2;
}
const partBytes = 8 * 1024 * 1024;

/** Put, leased, renewed every 20 s (twice each with the index of leases), and recorded in a transaction with the count and the run. */
function dynamoWriteUnits(
  { stages, files, breakItems }: { stages: StageModel[]; files: number; breakItems: number },
  measured: Coefficients,
): number {
  const ofTasks = stages
    .filter(({ name }) => name !== 'ingest')
    .reduce((sum, { tasks, taskSeconds }) => sum + tasks * (12 + 2 * Math.floor(taskSeconds / 20)), 0);
  const lanes = 2 * Math.ceil(breakItems / pipelineDefaults.breaksPerWrite);
  // The feed is written with each batch, and names those that wait: half of them on average.
  const feedUnits = 2 * Math.ceil(((files / 2) * feedBytesPerBatch) / 1_024);
  return breakItems * unitsPerBreak(measured) + lanes + ofTasks + files * (16 + feedUnits) + unitsPerRun;
}
/** Its states, its announcements, the feed's fence, progress and release. */
const unitsPerRun = 100;
/** The id of a batch in a list; compressed once the feed is over 8 KB. */
export const feedBytesPerBatch = 24;

export function concurrencyOf(name: string): number {
  const { trigger } = functions.find((one): one is FunctionSpec => one.name === name)!;
  if (trigger.kind !== 'queue') throw new Error(`${name} takes no work from a queue`);
  return trigger.concurrencyMax;
}

/** From milliseconds of CPU to the seconds of a function. */
export function onLambda(ms: number): number {
  return ms / 1_000 / assumed.processors;
}

function transfer(bytes: number): number {
  return bytes / (assumed.transferMbPerSecond * 1e6);
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
