// The pipeline on the emulator: from a pair of files in the drop folder to a settled run, with the time of each stage, and
// the outcome of one chunk against eight. Run by `node bench/pipeline.ts [rows]`; its section in results.md is replaced.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../infra/local/emulator.ts';
import { startLocalStack } from '../infra/local/stack.ts';
import { pipelineDefaults } from '../shared/app/deps.ts';
import type { Run } from '../shared/domain/run.ts';
import {
  countsOf,
  type DeployedPipeline,
  generate,
  generatedDefinition,
  openDeployedPipeline,
  truthOf,
} from './deployed-pipeline.ts';
import { machine, table, writeSection } from './results-page.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const runsMeasured = 3;
const aimSeconds = 12;

type Files = ReturnType<typeof generate>;
type Timed = { run: Run; totalMs: number; steps: Record<string, number> };

const directory = mkdtempSync(join(tmpdir(), 'tieout-bench-'));
const stack = await startLocalStack({ ports: { recon: await freePort(), breaks: await freePort() } });
try {
  const pipeline = await openDeployedPipeline(stack);
  console.log(`generating ${rows} rows`);
  const files = generate(join(directory, 'files'), rows, 1);
  await measure(pipeline, files);
  const timed: Timed[] = [];
  for (let count = 0; count < runsMeasured; count += 1) timed.push(await measure(pipeline, files));
  await pipeline.forceChunks(8);
  await measure(pipeline, files);
  const chunked = await measure(pipeline, files);
  const canonical = [];
  for (const { run } of [timed[0]!, chunked]) canonical.push(await pipeline.canonical(run, join(directory, run.runId)));
  const identical = canonical[0] === canonical[1];
  const section = report(timed, chunked, identical);
  console.log(section);
  writeSection('Pipeline on the emulator', section);
  if (!identical) throw new Error('the outcomes of one chunk and of eight differ');
} finally {
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** One pair of files, from the first byte sent to the run COMPLETED; throws when a count is not the truth. */
async function measure(pipeline: DeployedPipeline, files: Files): Promise<Timed> {
  const reconciliation = await pipeline.createReconciliation(generatedDefinition);
  const startedAt = Date.now();
  await Promise.all([
    pipeline.dropFile(reconciliation, 'left', files.left),
    pipeline.dropFile(reconciliation, 'right', files.right),
  ]);
  const droppedAt = Date.now();
  const run = await pipeline.ended(reconciliation, 1, 300_000);
  if (run.status !== 'COMPLETED') throw new Error(`the run is ${run.status}: ${JSON.stringify(run.reason)}`);
  if (JSON.stringify(countsOf(run)) !== JSON.stringify(truthOf(files.truth)))
    throw new Error('the counts are not the truth');
  const at = (text: string | undefined): number => Date.parse(text ?? '');
  const { plan, partition, match, settle } = run.stagedAt;
  const steps = {
    'put into the drop folder': droppedAt - startedAt,
    'ingest (both files, side by side)': at(run.queuedAt) - droppedAt,
    plan: at(partition ?? match) - at(run.queuedAt),
    ...(partition !== undefined && { partition: at(match) - at(partition) }),
    match: at(settle) - at(match),
    'settle, breaks written': at(run.finishedAt) - at(settle),
  };
  if (plan === undefined) throw new Error('a run without a plan');
  const totalMs = at(run.finishedAt) - startedAt;
  console.log(`${(totalMs / 1_000).toFixed(1)} s`, steps);
  return { run, totalMs, steps };
}

function report(timed: Timed[], chunked: Timed, identical: boolean): string {
  const median = timed.toSorted((a, b) => a.totalMs - b.totalMs)[Math.floor(timed.length / 2)]!;
  const seconds = (ms: number | undefined): string => (ms === undefined ? '' : (ms / 1_000).toFixed(2));
  const names = [...new Set([...Object.keys(median.steps), ...Object.keys(chunked.steps)])];
  const breaks = Object.values(median.run.summary!.breaks).reduce((sum, count) => sum + count, 0);
  const all = timed.map(({ totalMs }) => seconds(totalMs)).join(', ');
  return [
    `${rows} × ${rows} rows (\`tieout generate --duplicates 0.5%\`), ${breaks} breaks, ${Math.min(breaks, pipelineDefaults.breakItemsMax)} of them written as items. Functions are warm. One chunk:`,
    `median of ${timed.length} runs (${all} s); eight chunks: one run. Aim: under ${aimSeconds} s. ${machine()}.`,
    '',
    table([
      ['seconds', 'one chunk', 'eight chunks'],
      ...names.map((name) => [name, seconds(median.steps[name]), seconds(chunked.steps[name])]),
      ['**drop folder to settled run**', `**${seconds(median.totalMs)}**`, `**${seconds(chunked.totalMs)}**`],
    ]),
    '',
    `The outcomes of one chunk and of eight are ${identical ? 'identical' : 'DIFFERENT'} in their canonical form. All counts are those of the generated truth.`,
  ].join('\n');
}
