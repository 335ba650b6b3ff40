// One seed: its scenario without faults, then with them, and everything that has to be equal and true in the end.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../shared/app/batches/load-hash.ts';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import type { PipelineEngine } from '../../shared/app/pipeline-engine.ts';
import { readJson } from '../../shared/app/runs/json-objects.ts';
import type { AnomalyHistory } from '../../shared/domain/anomaly/history.ts';
import type { ObservedBreak } from '../../shared/domain/break.ts';
import type { Pass } from '../../shared/domain/definition.ts';
import { splitRowReference } from '../../shared/domain/outcome.ts';
import type { Run } from '../../shared/domain/run.ts';
import { decisionScenario } from './decision-scenario.ts';
import { checkEveryRecordOnce } from './every-record-once.ts';
import { createRandom } from './random.ts';
import { operate, ref, type Scenario, scenarios } from './scenario.ts';
import type { TwinMatch } from './twin-decisions.ts';
import { twinEngine } from './twin-engine.ts';
import { createWorld, type Faults, noFaults, type World } from './world.ts';

export type ReadResults = (world: World, run: Run) => Promise<unknown>;

export type SimulationOptions = {
  engine?: PipelineEngine;
  readResults?: ReadResults;
  scenario?: number;
  wavesMax?: number;
  /** Instead of those of the scenario's definition; for an engine that knows more than the key. */
  passes?: Pass[];
};

type Statistics = ReturnType<World['statistics']>;

const stepsMax = 60_000;

/** Memory, where there is a file system in it: a seed makes thousands of small files. */
const scratchRoot = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Throws with the seed and the last events when an invariant does not hold. */
export async function simulateSeed(seed: number, options: SimulationOptions = {}): Promise<Statistics> {
  // Decisions are made of what the twin wrote; other engines have the rest.
  const known = options.engine ? scenarios : [...scenarios, decisionScenario];
  const make = (): Scenario => {
    const scenario = known[options.scenario ?? seed % known.length]!(createRandom(seed), options.wavesMax ?? 4);
    const { definition } = scenario.reconciliation;
    if (definition && options.passes) definition.passes = options.passes;
    return scenario;
  };
  const scratch = join(scratchRoot, `tieout-simulation-${process.pid}-${seed}`);
  mkdirSync(scratch, { recursive: true });
  try {
    const calm = await play(seed, make(), noFaults, scratch, options);
    const faults = faultsOf(calm.scenario, createRandom(seed + 77));
    const rough = await play(seed, make(), faults, scratch, options);
    const where = firstDifference(calm.outcome, rough.outcome);
    if (where) throw new Error(`seed ${seed} (${calm.scenario.name}): faults changed the outcome at ${where}`);
    return rough.world.statistics();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

type Played = { world: World; scenario: Scenario; outcome: unknown };

async function play(
  seed: number,
  scenario: Scenario,
  faults: Faults,
  scratch: string,
  options: SimulationOptions,
): Promise<Played> {
  const { engine = twinEngine, readResults = readTwinResults } = options;
  const chunksForced = 1 + (seed % 4);
  const settings = {
    ...pipelineDefaults,
    bucket: 'b',
    scratchDirectory: scratch,
    chunksForced,
    breakWritesAtOnce: 1,
    breaksPerWrite: 2,
  };
  const random = createRandom(faults === noFaults ? 1 : seed + 1_000_003);
  const traced = process.env.TRACE !== undefined;
  const world = createWorld(random, faults, engine, settings, traced);
  try {
    await world.deps.reconciliations.create(scenario.reconciliation);
    await playScenario(world, scenario, faults, random);
    await checkAlone(world);
    if (engine === twinEngine && carriesOpen(scenario)) await checkEveryRecordOnce(world, await everyRun(world));
    return { world, scenario, outcome: await outcomeOf(world, readResults) };
  } catch (error) {
    const how = faults === noFaults ? 'without faults' : 'with faults';
    const events = traced ? world.trace : world.trace.slice(-20);
    throw new Error(`seed ${seed} (${scenario.name}, ${how}): ${String(error)}\n  ${events.join('\n  ')}`, {
      cause: error,
    });
  }
}

/** Two increments, none of them withdrawn: what matched is carried no more. */
function carriesOpen({ reconciliation, steps }: Scenario): boolean {
  const { sources = [] } = reconciliation.definition ?? {};
  const increments = sources.length === 2 && sources.every(({ load }) => load === 'increment');
  return increments && !steps.some(({ name }) => name === 'withdraw');
}

async function everyRun({ deps }: World): Promise<Run[]> {
  return (await deps.runs.list(ref)).items.reverse();
}

/** Where somebody resumes what has failed, attempts may run out; elsewhere faults stay within them. */
function faultsOf(scenario: Scenario, random: ReturnType<typeof createRandom>): Faults {
  const crash = random.pick([0.01, 0.03, 0.06]);
  const freeze = random.pick([0.002, 0.01, 0.02]);
  const duplicate = random.pick([0.05, 0.2, 0.4]);
  return scenario.operator
    ? { crash, freeze, duplicate, perWorkMax: 6, jumpsMax: 4 }
    : { crash, freeze, duplicate, perWorkMax: 3, jumpsMax: 1 };
}

async function playScenario(
  world: World,
  scenario: Scenario,
  faults: Faults,
  random: ReturnType<typeof createRandom>,
): Promise<void> {
  const steps = [...scenario.steps];
  let stops = faults.crash > 0 && scenario.operator ? 3 : 0;
  for (let step = 0; step < stepsMax; step += 1) {
    const next = steps[0];
    if (next && (await next.ready(world))) {
      world.trace.push(`STEP ${next.name}`);
      await next.act(world);
      steps.shift();
    }
    if (scenario.operator && faults.crash > 0 && random.chance(0.01)) {
      await operate(world, random, stops > 0);
      stops -= 1;
    }
    const moved = await world.happen();
    checkCounts(world);
    if (moved) continue;
    if (scenario.operator) await operate(world, random, false);
    if (!(await world.happen()) && steps.length === 0) return;
    if (steps[0] && !(await steps[0].ready(world)) && !(await world.happen())) {
      throw new Error(`nothing moves and "${steps[0].name}" still waits`);
    }
  }
  throw new Error(`somebody still waits after ${stepsMax} steps`);
}

/** Cheap, so that it can be held after every step; at the end all have to be zero. */
function checkCounts(world: World): void {
  for (const [key, count] of world.state.counts) {
    if (count.remaining < 0) throw new Error(`stage ${key} has ${count.remaining} tasks to go`);
  }
}

/** What holds of any world in the end, whatever happened in it. */
async function checkAlone(world: World): Promise<void> {
  const { deps } = world;
  const runs = (await deps.runs.list(ref)).items.reverse();
  for (const run of runs) {
    if (run.status !== 'COMPLETED') throw new Error(`run ${run.number} is ${run.status}: ${run.reason?.detail}`);
  }
  const feed = await deps.batches.feed(ref);
  if (feed.activeRuns.length > 0 || feed.pending) throw new Error(`the feed is not released: ${JSON.stringify(feed)}`);
  if (feed.settled?.number !== runs.at(-1)?.number) throw new Error('the last run did not settle last');
  for (const [index, run] of runs.entries()) {
    if (index > 0 && run.finishedAt! < runs[index - 1]!.finishedAt!) throw new Error('runs settled out of order');
  }
  for (const task of world.state.tasks.values()) {
    const run = runs.find(({ runId }) => runId === task.runId);
    if (task.generation === run?.generation && task.status !== 'DONE')
      throw new Error(`task ${JSON.stringify(task)} is open`);
  }
  const { items } = await deps.breaks.list(ref, undefined, 10_000);
  const open = items.filter((item) => item.status !== 'CLOSED').map((item) => item.identity);
  if (new Set(open).size !== open.length) throw new Error('two open breaks have one identity');
  const numbers = items.map(({ breakId }) => Number(breakId)).sort((a, b) => a - b);
  const counted = Array.from({ length: feed.breaksOpened ?? 0 }, (_, index) => index + 1);
  if (canonicalJson(numbers) !== canonicalJson(counted)) throw new Error(`breaks are numbered ${numbers.join(', ')}`);
  const { runs: remembered } = await readJson<AnomalyHistory>(deps, feed.settled!.historyKey!);
  if (canonicalJson(remembered.map(({ number }) => number)) !== canonicalJson(runs.map(({ number }) => number)))
    throw new Error(`the history of anomalies is of the runs ${remembered.map(({ number }) => number).join(', ')}`);
  await checkActivity(world, runs);
  const unexpected = world.bugs.filter((error) => !expectedThrows.test(String(error)));
  if (unexpected.length > 0) throw unexpected[0];
}

/** Each run that completed and each batch that failed is said to have, once. */
async function checkActivity({ deps }: World, runs: Run[]): Promise<void> {
  const entries = await deps.activity.newest(ref.tenant, ref.reconciliationId, 10_000);
  const detailsOf = (eventType: string): string[] =>
    entries.filter((entry) => entry.eventType === eventType).map(({ details }) => details);
  // What is unusual about a run follows as a sentence of its own.
  const completed = detailsOf('RECONCILIATION_RUN')
    .map((details) => details.split('. ')[0]!)
    .filter((details) => details.endsWith(' completed successfully'));
  const expected = runs.map(({ number }) => `Run ${101_000_000_000 + number} completed successfully`);
  if (canonicalJson(completed.sort()) !== canonicalJson(expected.sort()))
    throw new Error(`of ${runs.length} runs there are the entries ${JSON.stringify(completed)}`);
  const batches = (await deps.batches.list(ref, undefined, 1_000)).items;
  const failed = batches.filter(({ status }) => status === 'FAILED').length;
  if (detailsOf('INGESTION_FAILED').length !== failed)
    throw new Error(`of ${failed} failed batches there are ${detailsOf('INGESTION_FAILED').length} entries`);
}

/** Throws that mean `again`: another worker is at the same batch. */
const expectedThrows = /^Error: batch [0-9a-f-]+ is PROCESSING/;

async function outcomeOf(world: World, readResults: ReadResults): Promise<unknown> {
  const { deps } = world;
  const batches = (await deps.batches.list(ref, undefined, 1_000)).items;
  const fileOf = (batch: { source: string; fileName: string }) => `${batch.source}/${batch.fileName}`;
  const nameOf = new Map(batches.map((batch) => [batch.batchId, fileOf(batch)]));
  // A row reference holds the number of its batch, and batches are numbered as they happen to arrive.
  const byNumber = new Map(batches.map((batch) => [batch.number, fileOf(batch)]));
  const placeOf = (reference: number | null) => {
    if (reference === null) return null;
    const { batchNumber, row } = splitRowReference(reference);
    return `${byNumber.get(batchNumber)}:${row}`;
  };
  const runs = [];
  for (const run of (await deps.runs.list(ref)).items) {
    const claims = Object.entries(run.claims).map(([source, ids]) => [source, ids.map((id) => nameOf.get(id)).sort()]);
    const { number, trigger, summary, chunks, rebuild = false } = run;
    const results = await readResults(world, run);
    runs.push({ number, trigger, claims: Object.fromEntries(claims), summary, chunks, rebuild, results });
  }
  const { items } = await deps.breaks.list(ref, undefined, 10_000);
  return {
    runs,
    batches: batches
      .map(({ source, fileName, status, rows, sums }) => ({ source, fileName, status, rows, sums }))
      .sort((a, b) => (`${a.source}/${a.fileName}` < `${b.source}/${b.fileName}` ? -1 : 1)),
    breaks: items.map(({ firstRunId, lastRunId, openedAt, closedAt, valuesKey, ...rest }) => ({
      ...rest,
      leftRow: placeOf(rest.leftRow),
      rightRow: placeOf(rest.rightRow),
      ...(rest.explanation && {
        explanation: rest.explanation.candidates.map((one) => ({ ...one, rows: one.rows.map(placeOf) })),
      }),
    })),
    unclaimed: (deps.objects as unknown as { keys(prefix: string): string[] })
      .keys('unclaimed/')
      .map((key) => key.replaceAll(/\/[0-9a-f]{32}/g, '')),
  };
}

async function readTwinResults(world: World, run: Run): Promise<unknown> {
  const read = async <T>(key: string): Promise<T> =>
    JSON.parse(new TextDecoder().decode(await world.deps.objects.get(key))) as T;
  const matches: string[] = [];
  for (const key of run.results!.matchesKeys) {
    for (const match of await read<TwinMatch[]>(key)) matches.push(`${match.pass} ${match.source} ${match.key}`);
  }
  const breaks = (await read<ObservedBreak[]>(run.results!.breaksKey)).map(
    (item) => `${item.identity} ${item.contentHash}`,
  );
  return { matches: matches.sort(), breaks: breaks.sort() };
}

function firstDifference(a: unknown, b: unknown, path = ''): string {
  if (canonicalJson(a) === canonicalJson(b)) return '';
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') {
    return `${path}: ${JSON.stringify(a)} without faults, ${JSON.stringify(b)} with`;
  }
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const name of new Set([...Object.keys(x), ...Object.keys(y)])) {
    const found = firstDifference(x[name] ?? null, y[name] ?? null, `${path}.${name}`);
    if (found) return found;
  }
  return path;
}
