// One day over open items, through the pipeline's own functions: what was open yesterday is carried, and only new records
// arrive. Measures matching and comparing with the ledger; throws when an item that should clear has not, or another has.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import type { Compared, MatchedChunk } from '../../shared/app/pipeline-engine.ts';
import { rowsPerBatchMax } from '../../shared/domain/outcome.ts';
import { openEngine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';
import { median } from '../measure.ts';
import { compareStep, type Done, loadStep, matchStep, openSteps, type Steps } from '../pipeline-steps.ts';
import type { MadeCase } from './made-case.ts';
import { makeOpenItems, openItemsDefinition } from './open-items.ts';

export type OpenItemsDay = {
  open: number;
  new: number;
  /** Of matching and comparing together. */
  medianMs: number;
  fastestMs: number;
  slowestMs: number;
  cpuMs: number;
  compareCpuMs: number;
  matchMs: number;
  compareMs: number;
  /** Breaks to open, change or close: each is one item written. */
  changes: number;
  cleared: number;
  stillOpen: number;
};

type Day = { matched: Done<MatchedChunk>; compared: Done<Compared> };

/** Days of one size after the other, in turns: what else the machine does falls on all of them. */
export async function carryOpenItems(
  directory: string,
  seed: number,
  sizes: { open: number; new: number }[],
  rounds: number,
): Promise<OpenItemsDay[]> {
  const days = [];
  for (const size of sizes) days.push(await openDay(join(directory, `${size.open}-${size.new}`), seed, size));
  const measured = days.map((): Day[] => []);
  const outcomes: Awaited<ReturnType<typeof check>>[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (const [index, day] of days.entries()) {
      const ended = await day.run();
      measured[index]!.push(ended);
      outcomes[index] = await check(day, ended);
    }
  for (const day of days) rmSync(day.directory, { recursive: true, force: true });
  return sizes.map((size, index) => {
    const runs = measured[index]!;
    const of = (value: (day: Day) => number) => median(runs.map(value));
    const all = runs.map(({ matched, compared }) => matched.ms + compared.ms);
    return {
      ...size,
      ...outcomes[index]!,
      medianMs: median(all),
      fastestMs: Math.min(...all),
      slowestMs: Math.max(...all),
      cpuMs: of(({ matched, compared }) => matched.cpuMs + compared.cpuMs),
      compareCpuMs: of(({ compared }) => compared.cpuMs),
      matchMs: of(({ matched }) => matched.ms),
      compareMs: of(({ compared }) => compared.ms),
    };
  });
}

type OpenDay = { directory: string; made: MadeCase; size: { open: number; new: number }; ledgerPath: string };

/** Everything that was there before the day: the first run has left all items open. Not measured. */
async function openDay(directory: string, seed: number, size: OpenDay['size']) {
  mkdirSync(directory, { recursive: true });
  const made = makeOpenItems(join(directory, 'files'), seed, size);
  // An empty file is refused, so yesterday's has one record, which clears nothing on any day.
  const yesterday = join(directory, 'files', 'yesterday.csv');
  writeFileSync(yesterday, 'reference,account,value_date,amount,currency\nY1,A0,2025-12-31,1.00,EUR\n');
  const steps = openSteps(join(directory, 'before'));
  const load = async (source: string, path: string, batchNumber: number) =>
    (await loadStep(steps, openItemsDefinition, { source, path, batchNumber })).value.recordsPath;
  const [ledger, before, bank] = [
    await load('ledger', made.left, 1),
    await load('bank', yesterday, 2),
    await load('bank', made.right, 3),
  ];
  const first = await matchDay(steps, [ledger], [before], undefined, 0);
  expect('changes of the first run', first.compared.value.changes, size.open + 1);
  const ledgerPath = first.compared.value.ledgerPath;
  const carried = (source: string) =>
    first.matched.value.carried.filter((one) => one.source === source).map(({ path }) => path);
  const run = () =>
    matchDay(
      openSteps(join(directory, 'day')),
      carried('ledger'),
      [...carried('bank'), bank],
      ledgerPath,
      size.open + 1,
    );
  return { directory, made, size, ledgerPath, run };
}

async function matchDay(
  steps: Steps,
  ledger: string[],
  bank: string[],
  ledgerPath: string | undefined,
  breaksOpened: number,
): Promise<Day> {
  const records = [
    { source: 'ledger', paths: ledger },
    { source: 'bank', paths: bank },
  ];
  const matched = await matchStep(steps, openItemsDefinition, { records, carry: 'open' });
  const compared = await compareStep(steps, {
    breaksPaths: [matched.value.breaksPath],
    ledgerPath,
    breaksOpened,
    // The first run opens a break for each open item; the limit is of what becomes items, not of what is compared.
    breakItemsMax: breaksOpened === 0 ? Number.MAX_SAFE_INTEGER : pipelineDefaults.breakItemsMax,
  });
  return { matched, compared };
}

/** Every late arrival is in the match that it belongs to, and whatever else was open still is, under the same id. */
async function check({ directory, made, size, ledgerPath }: OpenDay, { matched, compared }: Day) {
  const scratch = join(directory, 'check');
  const engine = await openEngine({ directory: scratch, allowed: [directory], memoryMb: 1_024, threads: 1 });
  try {
    const matches = await engine.rows<{ l: string; r: string }>(
      `SELECT (left_row % ${rowsPerBatchMax})::BIGINT AS l, (right_row % ${rowsPerBatchMax})::BIGINT AS r
       FROM read_parquet(${literal(matched.value.matchesPath)})`,
    );
    const truth = new Set(made.truth.groups.map(({ left, right }) => `${left.join()}|${right.join()}`));
    const right = matches.filter(({ l, r }) => truth.has(`${l}|${r}`)).length;
    expect('matches', matches.length, truth.size);
    expect('matches that are right', right, truth.size);
    const [ids] = await engine.rows<{ same: string; gone: string; added: string }>(
      `SELECT count(*) FILTER (now.state = 'open' AND now.break_id = before.break_id) AS same,
         count(*) FILTER (now.state = 'gone' AND now.break_id = before.break_id) AS gone,
         count(*) FILTER (before.identity IS NULL AND now.state = 'open') AS added
       FROM read_parquet(${literal(ledgerPath)}) before
       FULL JOIN read_parquet(${literal(compared.value.ledgerPath)}) now USING (identity)`,
    );
    const unmatched = size.new - truth.size;
    expect('items still open under their id', Number(ids!.same), size.open + 1 - truth.size);
    expect('items gone', Number(ids!.gone), truth.size);
    expect('items opened', Number(ids!.added), unmatched);
    expect('changes', compared.value.changes, truth.size + unmatched);
    return { changes: compared.value.changes, cleared: right, stillOpen: Number(ids!.same) + unmatched };
  } finally {
    engine.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function expect(what: string, value: number, truth: number): void {
  if (value !== truth) throw new Error(`${what}: ${value}, and the truth is ${truth}`);
}
