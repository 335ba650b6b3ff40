// The clock under faults: several sweeps at once, each of which may die before or after any call or stand still for minutes
// and go on; outages; changes of the definition meanwhile. At the end every due time is accounted for exactly once.
import { describe, expect, it } from 'vitest';
import { runSchedules, type ScheduleDeps } from '../../shared/app/schedules/run-schedules.ts';
import { lastDue, nextDue } from '../../shared/domain/schedule.ts';
import { graph, source } from '../fixtures/graph.ts';
import { openClockwork } from '../unit/schedules/clockwork.ts';
import { createRandom, type Random } from './random.ts';

class Died extends Error {}
type Sweep = { go: (() => void) | undefined; standing: () => void; frozenUntil: number; over: boolean };

const minute = 60_000;
const times = { expression: '*/7 * * * *', zone: 'Europe/Berlin' };
const graceMinutes = 15;
/** The night in which 02:00–03:00 comes twice. */
const [start, end] = [Date.parse('2026-10-24T20:00:00Z'), Date.parse('2026-10-25T08:00:00Z')];

async function simulate(seed: number) {
  const random = createRandom(seed);
  const watched = source('PRICES', {
    arrivalExpectation: 'Daily by 02:30',
    arrivalTimezone: times.zone,
    arrivalSlaMinutes: 30,
  });
  const clockwork = await openClockwork(new Date(start).toISOString(), {
    graph: graph({
      autoTriggerCron: times.expression,
      autoTriggerTimezone: times.zone,
      autoTriggerGraceMinutes: graceMinutes,
      sources: [source('CUSTODY_FEED'), source('GL_LEDGER'), watched],
    }),
  });
  await clockwork.receive('CUSTODY_FEED');
  await clockwork.receive('GL_LEDGER');
  const { deps } = clockwork;
  const { clock } = deps as unknown as { clock: { now(): number; advance(ms: number): void } };
  const sweeps: Sweep[] = [];
  const bugs: unknown[] = [];
  let deaths = 0;

  async function begin(mayDie: boolean): Promise<void> {
    const sweep: Sweep = { go: undefined, standing: () => {}, frozenUntil: 0, over: false };
    const stands = new Promise<void>((resolve) => {
      sweep.standing = resolve;
    });
    sweeps.push(sweep);
    runSchedules(faulty(sweep, deps, random, mayDie, () => (deaths += 1))).then(
      () => over(sweep),
      (error: unknown) => {
        const causes = error instanceof AggregateError ? error.errors : [error];
        bugs.push(...causes.filter((cause) => !(cause instanceof Died)));
        over(sweep);
      },
    );
    await stands;
  }

  async function step(sweep: Sweep): Promise<void> {
    const stands = new Promise<void>((resolve) => {
      sweep.standing = resolve;
    });
    sweep.go!();
    await stands;
    clock.advance(random.below(400));
    if (random.chance(0.03)) sweep.frozenUntil = clock.now() + random.below(20 * minute);
  }

  let nextSweep = start;
  for (;;) {
    const ready = sweeps.filter((sweep) => !sweep.over && sweep.frozenUntil <= clock.now());
    const calm = clock.now() > end;
    if (calm && sweeps.every((sweep) => sweep.over)) break;
    if (!calm && clock.now() >= nextSweep) {
      // Now and then nobody looks for a while.
      nextSweep = clock.now() + (random.chance(0.04) ? random.below(90 * minute) : minute);
      await begin(true);
      if (random.chance(0.2)) await begin(true);
    } else if (ready.length > 0) await step(random.pick(ready));
    else clock.advance(10_000);
    if (!calm && random.chance(0.01)) await clockwork.change((stored) => ({ ...stored, name: `name ${clock.now()}` }));
  }
  // Whoever looks last finishes what others left.
  await clockwork.sweep();
  return { clockwork, bugs, deaths, end: clock.now() };
}

function over(sweep: Sweep): void {
  sweep.over = true;
  sweep.standing();
}

/** Each call waits for its turn, and may be the last. */
function faulty(sweep: Sweep, deps: ScheduleDeps, random: Random, mayDie: boolean, died: () => void): ScheduleDeps {
  let dead = false;
  const die = (): never => {
    if (!dead) died();
    dead = true;
    throw new Died();
  };
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, method) => {
        const call = Reflect.get(target, method) as (...given: unknown[]) => Promise<unknown>;
        return async (...given: unknown[]) => {
          if (dead) die();
          await new Promise<void>((resolve) => {
            sweep.go = resolve;
            sweep.standing();
          });
          const fate = mayDie ? random.next() : 1;
          if (fate < 0.02) die();
          const answer = await call.apply(target, given);
          if (fate < 0.04) die();
          return answer;
        };
      },
    });
  const { clock, ids, ...ports } = deps;
  const wrapped = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, wrap(port as object)]));
  return { ...(wrapped as unknown as typeof ports), clock, ids };
}

const skipped = /^The runs? that (?:was|were) due (?:at|from) (\S+)(?: to (\S+))? (?:was|were) missed and skipped$/;

describe('auto-trigger: due times under faults', () => {
  const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
  it.each(seeds)(
    'auto-trigger: seed %i: each due time starts one run or is said to be skipped, never both',
    async (seed) => {
      const { clockwork, bugs, deaths, end: now } = await simulate(seed);
      expect(bugs).toEqual([]);
      expect(deaths).toBeGreaterThan(0);

      const runs = await clockwork.runs();
      const missed = clockwork.activity.entries.flatMap(({ eventType, details }) => {
        if (eventType !== 'SCHEDULED_RUN_SKIPPED') return [];
        const [, from = '', to = from] = skipped.exec(details) ?? [];
        return [{ from: Date.parse(from), to: Date.parse(to) }];
      });
      const started: number[] = [];
      for (let due = nextDue(times, start)!; due <= lastDue(times, now)!; due = nextDue(times, due)!) {
        const skips = missed.filter(({ from, to }) => from <= due && due <= to).length;
        expect(skips, `${new Date(due).toISOString()} is skipped once at most`).toBeLessThanOrEqual(1);
        if (skips === 0) started.push(due);
      }
      // In the order of their due times, and each of them once: a run more or less moves all that follow.
      expect(runs).toHaveLength(started.length);
      expect(new Set(runs.map(({ runId }) => runId)).size).toBe(runs.length);
      expect(runs.map(({ number }) => number)).toEqual(runs.map((_, index) => index + 1));

      // Prices never come: those due at 02:30 are late, and said to be once.
      const late = clockwork.activity.entries.filter(({ eventType }) => eventType === 'SOURCE_LATE');
      expect(late.map(({ details }) => details)).toEqual([
        'Source PRICES is late: no batch was received by 2026-10-25T00:30Z, nor in the 30 minutes after',
      ]);
      expect(clockwork.outbox.all()).toHaveLength(1);

      const { wake } = await clockwork.stored();
      expect(wake?.events).toEqual([]);
      expect(wake?.at).toBe(nextDue(times, now));
    },
  );
});
