// Days in a row, with late arrivals, matches made by hand, undos of a match, of a pass and of a run, reversals, and a
// definition that changes on the way. After each run every record is in one place, the books balance, a break that stays is
// the same break, and the same inputs give the same rows; and all of it is so in whatever order the rows of the files are,
// in one chunk and in three. `DAYS_SEEDS=40` plays more of them, `DAYS_TALLY=1` says what happened in each.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve } from '../../shared/app/decisions/decide.ts';
import { proposeMatch } from '../../shared/app/decisions/propose-match.ts';
import { proposeReversal } from '../../shared/app/decisions/propose-reversal.ts';
import { proposeUndo } from '../../shared/app/decisions/propose-undo.ts';
import type { Decision } from '../../shared/domain/decision.ts';
import type { Result } from '../../shared/domain/result.ts';
import type { Run } from '../../shared/domain/run.ts';
import { type Engine, openEngine } from '../../shared/matching/engine.ts';
import { readDuckdbResults } from '../fault/duckdb-results.ts';
import { checkEveryRecordOnce } from '../fault/every-record-once.ts';
import { createRandom, type Random } from '../fault/random.ts';
import { person, reconciliationId, ref } from '../fault/scenario.ts';
import { checker, reason } from '../unit/app/decision-desk.ts';
import { daysOf, passesOfADay } from './days-generated.ts';
import { allSums, type DaysWorld, type Look, openDaysWorld } from './days-world.ts';
import { shuffled } from './passes-generated.ts';

const directory = mkdtempSync(join(tmpdir(), 'day-by-day-'));
let reader: Engine;
beforeAll(async () => {
  reader = await openEngine({ directory: join(directory, 'reader'), allowed: [directory], memoryMb: 256, threads: 1 });
});
afterAll(() => {
  reader.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Two in which much happens: of increments, and of a snapshot with increments; in three chunks both. */
const chosen = [14, 16];
const more = process.env.DAYS_SEEDS;
const seeds = more === undefined ? chosen : Array.from({ length: Number(more) }, (_, at) => at + 1);
const dayCount = Number(process.env.DAYS ?? 3);

/** In the words of records, so that it can be said of another world too. */
type Deed =
  | { do: 'together'; left: string[]; right: string[] }
  | { do: 'undo'; run: number; left: string | null; right: string | null }
  | { do: 'undo pass'; run: number; pass: string }
  | { do: 'undo run'; run: number }
  | { do: 'reverse'; decision: number };

test.each(seeds)('seed %i', { timeout: 300_000 }, async (seed) => {
  const random = createRandom(seed);
  const days = daysOf(random, dayCount);
  let passes = random.pick(passesOfADay);
  const ledger = seed % 3 === 1 ? 'snapshot' : 'increment';
  const world = await openDaysWorld(reader, join(directory, `${seed}-one`), {
    passes,
    ledger,
    order: (items) => items,
  });
  const other = await openDaysWorld(reader, join(directory, `${seed}-other`), {
    ...{ passes, ledger, order: (items) => shuffled(items, seed) },
    ...(seed % 2 === 0 && { chunksForced: 3 }),
  });
  const seen: Look[] = [];
  const tally: Record<string, number> = {};
  for (const day of days) {
    if (day !== days[0] && random.chance(0.6)) {
      passes = random.pick(passesOfADay);
      for (const one of [world, other]) await one.usePasses(passes);
    }
    for (const one of [world, other]) await one.receive(day);
    await checkNewRuns();
    for (let deeds = 1 + random.below(2); deeds > 0; deeds -= 1) {
      const deed = chooseDeed(random, seen, (await world.deps.decisions.list(ref, {}, undefined, 1_000)).items);
      if (!deed) continue;
      const said = await act(world, deed, seen);
      const saidThere = await act(other, deed, await looksOf(other));
      expect([deed, saidThere]).toEqual([deed, said]);
      tally[`${deed.do}: ${said}`] = (tally[`${deed.do}: ${said}`] ?? 0) + 1;
      await checkNewRuns();
    }
  }
  // A snapshot shows what has matched again on each day.
  if (ledger === 'increment')
    for (const one of [world, other]) await checkEveryRecordOnce(one, await one.runs(), one.readRows);
  const passesOf = seen.flatMap(({ run }) => run.summary!.passes);
  for (const { name, pairs, groups, suggested, ambiguous } of passesOf)
    tally[name] = (tally[name] ?? 0) + pairs + groups + suggested + ambiguous;
  // Days on which nothing matches and nobody decides would prove nothing.
  expect(passesOf.filter(({ pairs, groups }) => pairs + groups > 0).length).toBeGreaterThan(dayCount);
  expect(seen.length).toBeGreaterThan(dayCount);
  if (process.env.DAYS_TALLY) console.log(seed, JSON.stringify(tally));

  async function checkNewRuns(): Promise<void> {
    const runs = await world.runs();
    for (const run of runs.slice(seen.length)) {
      const look = await checkRun(world, run, seen.at(-1));
      seen.push(look);
      const there = await other.run(run.number);
      expect(there.reason).toBeUndefined();
      expect([run.number, await readDuckdbResults(other, there)]).toEqual([
        run.number,
        await readDuckdbResults(world, run),
      ]);
      expect({ ...there.summary, passes: [] }).toEqual({ ...run.summary, passes: [] });
    }
    expect((await other.runs()).length).toBe(runs.length);
    expect(await breaksOf(other)).toEqual(await breaksOf(world));
  }
});

async function checkRun(world: DaysWorld, run: Run, before: Look | undefined): Promise<Look> {
  expect(run.reason).toBeUndefined();
  expect(run.status).toBe('COMPLETED');
  const look = await world.look(run);
  checkOneOutcomeEach(look);
  checkBooks(look);
  const { first, again } = await world.again(run);
  expect(again).toEqual(first);
  await checkBreaksStay(world, look, before);
  return look;
}

/** In one match, or in one break; never in both, never in two. */
function checkOneOutcomeEach({ refs, matches, breaks }: Look): void {
  for (const side of ['left', 'right'] as const) {
    const places = [...matches.flatMap((match) => match[side]), ...breaks.flatMap((one) => one[side] ?? [])];
    expect(places.toSorted((a, b) => a - b)).toEqual([...refs[side].keys()].toSorted((a, b) => a - b));
  }
}

/** What was counted per outcome is what is in the files, and all sums together are what was loaded. */
function checkBooks({ run, refs, matches, sums }: Look): void {
  const [left, right] = run.summary!.sides;
  expect(left!.counts.matched).toBe(matches.reduce((sum, match) => sum + match.left.length, 0));
  expect(right!.counts.matched).toBe(matches.reduce((sum, match) => sum + match.right.length, 0));
  for (const [side, of] of [
    ['left', left!],
    ['right', right!],
  ] as const) {
    expect(of.counts.rows).toBe(refs[side].size);
    expect(allSums(of.sums)).toEqual(sums[side]);
  }
}

/** One identity is one break as long as it is open; a record whose key nobody else has keeps its break. */
async function checkBreaksStay(world: DaysWorld, look: Look, before: Look | undefined): Promise<void> {
  const { items } = await world.deps.breaks.list(ref, undefined, 10_000);
  const open = items.filter(({ status }) => status === 'OPEN');
  expect(open.map(({ identity }) => identity).toSorted()).toEqual(
    look.breaks.map(({ identity }) => identity).toSorted(),
  );
  if (!before) return;
  for (const { identity, firstRunNumber, breakId } of open) {
    const wasOpen = before.breaks.some((one) => one.identity === identity);
    expect([identity, breakId, wasOpen]).toEqual([identity, breakId, firstRunNumber < look.run.number]);
  }
  const keys = new Map<string, number>();
  for (const { key } of [...before.breaks, ...look.breaks]) if (key !== null) keys.set(key, (keys.get(key) ?? 0) + 1);
  for (const was of before.breaks) {
    const row = was.left;
    const is = row !== null && was.key !== null && look.breaks.find(({ left }) => left === row);
    if (is && keys.get(was.key!) === 2) expect(is.identity).toBe(was.identity);
  }
}

function chooseDeed(random: Random, looks: Look[], decisions: Decision[]): Deed | undefined {
  const newest = looks.at(-1)!;
  const alone = (side: 'left' | 'right', row: number | null): string | undefined => {
    const name = row === null ? undefined : newest.refs[side].get(row);
    const all = [...newest.refs[side].values()].filter((one) => one === name);
    return all.length === 1 ? name : undefined;
  };
  const kind = random.pick(['together', 'together', 'undo', 'undo', 'undo pass', 'undo run', 'reverse'] as const);
  if (kind === 'together') {
    const openOf = (side: 'left' | 'right') => newest.breaks.flatMap((one) => alone(side, one[side]) ?? []).toSorted();
    const [left, right] = [openOf('left'), openOf('right')];
    if (left.length === 0 || right.length === 0) return undefined;
    const some = (from: string[]) => [...new Set([random.pick(from), random.pick(from)])];
    return {
      do: 'together',
      left: [random.pick(left)],
      right: random.chance(0.5) ? [random.pick(right)] : some(right),
    };
  }
  if (kind === 'reverse') {
    const standing = decisions.filter(({ status, subject, reversedBy }) => {
      return status === 'APPROVED' && subject.kind !== 'reversal' && !reversedBy;
    });
    return standing.length === 0 ? undefined : { do: 'reverse', decision: random.pick(standing).number };
  }
  const { run, refs, matches } = random.pick(looks);
  if (kind === 'undo run') return { do: 'undo run', run: run.number };
  const nameOf = (side: 'left' | 'right', row: number | undefined) => (row === undefined ? null : refs[side].get(row)!);
  const names = matches.map(({ pass, left, right }) => ({
    pass,
    left: left.map((row) => nameOf('left', row)!).toSorted(),
    right: right.map((row) => nameOf('right', row)!).toSorted(),
  }));
  const text = (one: (typeof names)[0]) => JSON.stringify(one);
  names.sort((a, b) => (text(a) < text(b) ? -1 : 1));
  if (names.length === 0) return undefined;
  const chosen = random.pick(names);
  if (kind === 'undo pass') return { do: 'undo pass', run: run.number, pass: chosen.pass };
  // As results show a group: one record beside each of the many, or each member alone.
  const { left, right } = chosen;
  const many = left.length > 1 && right.length !== 1;
  return { do: 'undo', run: run.number, left: left[0] ?? null, right: many ? null : (right[0] ?? null) };
}

/** Gives the code of a refusal, or `ok`. */
async function act(world: DaysWorld, deed: Deed, looks: Look[]): Promise<string> {
  const decided = (await propose(world, deed, looks)) as Result<Decision | { decision: Decision }>;
  if (!decided.ok) return decided.code;
  const { decisionId } = 'decision' in decided.value ? decided.value.decision : decided.value;
  const approved = await approve(world.decisions, checker, { reconciliationId, decisionId });
  await world.drain();
  return approved.ok ? 'ok' : approved.code;
}

async function propose(world: DaysWorld, deed: Deed, looks: Look[]) {
  const rowsOf = (number: number, side: 'left' | 'right', name: string | null): number | null => {
    if (name === null) return null;
    const { refs, matches, breaks } = looks.find(({ run }) => run.number === number)!;
    const rows = [...refs[side]].filter(([, one]) => one === name).map(([row]) => row);
    // Of copies the one that is matched.
    return rows.find((row) => matches.some((match) => match[side].includes(row))) ?? rows[0] ?? breaks.length;
  };
  if (deed.do === 'together') {
    const newest = looks.at(-1)!.run.number;
    const [left, right] = (['left', 'right'] as const).map((side) =>
      deed[side].map((one) => rowsOf(newest, side, one)!),
    );
    return proposeMatch(world.decisions, person, { reconciliationId, left: left!, right: right!, reason });
  }
  if (deed.do === 'reverse') {
    const { items } = await world.deps.decisions.list(ref, {}, undefined, 1_000);
    const { decisionId } = items.find(({ number }) => number === deed.decision)!;
    return proposeReversal(world.decisions, person, { reconciliationId, decisionId, reason });
  }
  const { runId } = await world.run(deed.run);
  const command = { reconciliationId, runId, reason, acceptDependents: true };
  if (deed.do === 'undo run') return proposeUndo(world.decisions, person, { ...command, scope: { of: 'run' } });
  if (deed.do === 'undo pass')
    return proposeUndo(world.decisions, person, { ...command, scope: { of: 'pass', pass: deed.pass } });
  const [left, right] = [rowsOf(deed.run, 'left', deed.left), rowsOf(deed.run, 'right', deed.right)];
  return proposeUndo(world.decisions, person, { ...command, scope: { of: 'match', left, right } });
}

async function looksOf(world: DaysWorld): Promise<Look[]> {
  const looks: Look[] = [];
  for (const run of await world.runs()) looks.push(await world.look(run));
  return looks;
}

async function breaksOf(world: DaysWorld): Promise<string[]> {
  const { items } = await world.deps.breaks.list(ref, undefined, 10_000);
  return items
    .map(({ breakId, key, type, status, closedReason, firstRunNumber, lastRunNumber }) =>
      [breakId, key, type, status, closedReason, firstRunNumber, lastRunNumber].join(' '),
    )
    .toSorted();
}
