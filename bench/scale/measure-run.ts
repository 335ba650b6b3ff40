// One run of a reconciliation through the pipeline's own functions, stage by stage, several times over, in a process of
// its own, so that its peak memory is this run's: `node bench/scale/measure-run.ts JSON` prints a `RunCost` as JSON.
// Throws when the outcome does not account for every record, or differs from round to round.
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import type { MatchedKeysOfChunk } from '../../shared/app/pipeline-engine.ts';
import { openBreak } from '../../shared/domain/break-changes.ts';
import { checkConservation } from '../../shared/domain/conservation.ts';
import type { Definition } from '../../shared/domain/definition.ts';
import type { MatchSummary } from '../../shared/domain/outcome.ts';
import { mergeSummaries } from '../../shared/matching/match/merge-summaries.ts';
import { median } from '../measure.ts';
import {
  compareStep,
  type Done,
  expectOk,
  loadStep,
  matchStep,
  openSteps,
  type Step,
  type Steps,
} from '../pipeline-steps.ts';

/** Two sources, the anchor first, called as in the definition at `definition`. */
export type RunCase = {
  directory: string;
  definition: string;
  sources: { source: string; path: string }[];
  chunks: number;
  rounds: number;
};

/** Of all tasks of a stage together. `slowestMs`: of the task that takes longest. */
export type StageCost = Step & { tasks: number; slowestMs: number };
export type Stages = {
  load: StageCost;
  partition?: StageCost;
  match: StageCost;
  residue?: StageCost;
  compare: StageCost;
};
export type RunCost = {
  chunks: number;
  /** Of both sides together. */
  rows: number;
  fileBytes: number;
  recordsBytes: number;
  /** Records that the chunks left to the residue. */
  residueRows: number;
  breaks: number;
  /** Mean JSON of a break as its item holds it. */
  breakItemBytes: number;
  /** The same for every number of chunks. */
  outcome: Pick<MatchSummary, 'pairs' | 'breaks'>;
  /** Medians. */
  stages: Stages;
};

/** With the peak of its process. */
export type MeasuredRun = RunCost & { peakMb: number };

type Round = Omit<RunCost, 'fileBytes' | 'chunks'>;
type Records = { source: string; paths: string[] }[];
type Matched = { matching: Pick<Stages, 'partition' | 'match' | 'residue'> } & {
  summary: MatchSummary;
  breaksPaths: string[];
  residueRows: number;
};

if (import.meta.main) {
  const request = JSON.parse(process.argv[2]!) as RunCase;
  console.log(JSON.stringify(await measureRun(request)));
}

async function measureRun(request: RunCase): Promise<RunCost> {
  const definition = JSON.parse(readFileSync(request.definition, 'utf8')) as Definition;
  const rounds: Round[] = [];
  for (let round = 0; round < request.rounds; round += 1) rounds.push(await runOnce(request, definition));
  rmSync(request.directory, { recursive: true, force: true });
  const outcomes = new Set(rounds.map(({ outcome }) => JSON.stringify(outcome)));
  if (outcomes.size > 1) throw new Error('the same run came to different outcomes');
  const fileBytes = request.sources.reduce((bytes, { path }) => bytes + statSync(path).size, 0);
  return { ...rounds[0]!, chunks: request.chunks, fileBytes, stages: medianStages(rounds.map(({ stages }) => stages)) };
}

async function runOnce({ directory, sources, chunks }: RunCase, definition: Definition): Promise<Round> {
  const steps = openSteps(directory);
  const loads = [];
  for (const [index, one] of sources.entries())
    loads.push(await loadStep(steps, definition, { ...one, batchNumber: index + 1 }));
  const records = loads.map(({ value }, index) => ({ source: sources[index]!.source, paths: [value.recordsPath] }));
  const { matching, summary, breaksPaths, residueRows } =
    chunks === 1 ? await matchWhole(steps, definition, records) : await matchChunks(steps, definition, records, chunks);
  const totals = loads.map(({ value }, index) => ({
    source: sources[index]!.source,
    records: value.rows.records,
    sums: value.sums,
  }));
  expectOk(checkConservation(totals, summary));
  const { breakItemsMax } = pipelineDefaults;
  const compared = await compareStep(steps, { breaksPaths, ledgerPath: undefined, breaksOpened: 0, breakItemsMax });
  return {
    rows: loads.reduce((rows, { value }) => rows + value.rows.records, 0),
    recordsBytes: loads.reduce((bytes, { value }) => bytes + statSync(value.recordsPath).size, 0),
    residueRows,
    breaks: Object.values(summary.breaks).reduce((sum, count) => sum + count, 0),
    breakItemBytes: await breakItemBytes(steps, compared.value.changesPath),
    outcome: { pairs: summary.pairs, breaks: summary.breaks },
    stages: { load: together(loads), ...matching, compare: together([compared]) },
  };
}

async function matchWhole(steps: Steps, definition: Definition, records: Records): Promise<Matched> {
  const matched = await matchStep(steps, definition, { records, carry: 'nothing' });
  const { summary, breaksPath } = matched.value;
  return { matching: { match: together([matched]) }, summary, breaksPaths: [breaksPath], residueRows: 0 };
}

/** As the stages `partition`, `match` and `residue` do it; the tasks of a stage come one after the other. */
async function matchChunks(steps: Steps, definition: Definition, records: Records, chunks: number): Promise<Matched> {
  const parts: Done<string[]>[] = [];
  for (const { source, paths } of records)
    parts.push(
      await steps((engine, directory, fetch) =>
        engine.partition({ directory, definition, records: { source, paths: paths.map(fetch) }, chunks }),
      ),
    );
  const matched: Done<MatchedKeysOfChunk>[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1)
    matched.push(
      await steps((engine, directory, fetch) =>
        engine.matchKeys({
          directory,
          definition,
          records: records.map(({ source }, index) => ({ source, paths: [fetch(parts[index]!.value[chunk]!)] })),
          carry: { what: 'nothing', sources: [] },
        }),
      ),
    );
  const openOf = (index: number) => matched.map(({ value }) => value.open[index]!);
  const residue = await matchStep(steps, definition, {
    records: records.map(({ source }, index) => ({
      source,
      paths: openOf(index).map(({ recordsPath }) => recordsPath),
    })),
    carry: 'nothing',
    verdicts: records.slice(1).map((_, leg) => openOf(leg + 1).flatMap(({ verdictsPath }) => verdictsPath ?? [])),
  });
  const { summary, breaksPath } = residue.value;
  return {
    matching: { partition: together(parts), match: together(matched), residue: together([residue]) },
    summary: mergeSummaries([...matched.map(({ value }) => value.summary), summary]),
    breaksPaths: [breaksPath],
    residueRows: summary.sides.reduce((rows, side) => rows + side.counts.rows, 0),
  };
}

/** Of the first thousand breaks, with ids as long as they are. */
async function breakItemBytes(steps: Steps, path: string): Promise<number> {
  const { value: changes } = await steps((engine, directory, fetch) =>
    engine.changes({ directory, path: fetch(path), offset: 0, limit: 1_000 }),
  );
  const id = '00000000-0000-7000-8000-000000000000';
  const breaksKey = join('runs', id, id, id, 'settle', '0', 'g1-a1', 'breaks.parquet');
  const by = { runId: id, number: 1, breaksKey };
  const bytes = changes.flatMap((change) =>
    change.kind === 'opened'
      ? Buffer.byteLength(
          JSON.stringify(openBreak({ tenant: id, reconciliationId: id, breakId: change.breakId }, change, by)),
        )
      : [],
  );
  return bytes.length === 0 ? 0 : bytes.reduce((sum, one) => sum + one, 0) / bytes.length;
}

function together(tasks: Step[]): StageCost {
  const sum = (of: (task: Step) => number) => tasks.reduce((total, task) => total + of(task), 0);
  return {
    tasks: tasks.length,
    ms: sum(({ ms }) => ms),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    diskBytes: Math.max(...tasks.map(({ diskBytes }) => diskBytes)),
    slowestMs: Math.max(...tasks.map(({ ms }) => ms)),
  };
}

function medianStages(rounds: Stages[]): Stages {
  const names = Object.keys(rounds[0]!) as (keyof Stages)[];
  const entries = names.map((name) => {
    const of = (value: (cost: StageCost) => number) => median(rounds.map((round) => value(round[name]!)));
    const [first] = rounds as [Stages];
    return [
      name,
      {
        tasks: first[name]!.tasks,
        ms: of(({ ms }) => ms),
        cpuMs: of(({ cpuMs }) => cpuMs),
        diskBytes: of(({ diskBytes }) => diskBytes),
        slowestMs: of(({ slowestMs }) => slowestMs),
      },
    ];
  });
  return Object.fromEntries(entries) as Stages;
}
