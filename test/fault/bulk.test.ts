// A bulk whose process dies at any call, before or after it took effect; two bulks, persons and a settlement at once in any order
// of their calls. Whoever reads sees all of a bulk or nothing of it, and the sweep leaves nothing half done.
import { describe, expect, test } from 'vitest';
import { bulkChange } from '../../shared/app/breaks/bulk-change.ts';
import { changeBreakStatus } from '../../shared/app/breaks/change-break-status.ts';
import { commentOnBreak } from '../../shared/app/breaks/comment-on-break.ts';
import { sweepBulks } from '../../shared/app/breaks/sweep-bulks.ts';
import type { BreakStatus } from '../../shared/domain/break.ts';
import { changeBreak } from '../../shared/domain/break-changes.ts';
import { type Desk, idOf, observed, openDesk, people, refOf, storedMax } from '../unit/breaks/break-desk.ts';
import { Died, dyingAt, through } from './dying.ts';
import { createRandom } from './random.ts';

const ref = refOf();
/** So many that they take several transactions; most have no item. */
const breaksOf = 100;
const ids = Array.from({ length: breaksOf }, (_, index) => idOf(index + 1));
const breakIds = ids.map((_, index) => String(index + 1));
const change = { ids, status: 'PENDING_APPROVAL', comment: 'all of them' } as const;

type Deps = Desk['deps'];
const ports = ['breaks', 'bulks', 'numbers', 'activity', 'batches', 'runs', 'reconciliations'] as const;

/** What everybody sees of the breaks: how many have which status and how many comments. */
async function seen({ deps }: Desk): Promise<Record<string, number>> {
  const items = new Map((await deps.breaks.getMany(ref, breakIds)).map((item) => [item.breakId, item]));
  const touched = new Map((await deps.breaks.touched(ref)).map(({ breakId, status }) => [breakId, status]));
  const counts: Record<string, number> = {};
  for (const breakId of breakIds) {
    const item = items.get(breakId);
    const what = `${item?.status ?? 'OPEN'} ${touched.get(breakId) ?? 'OPEN'} ${item?.entries ?? 0}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
const nothing = { 'OPEN OPEN 0': breaksOf };
const everything = { 'PENDING_APPROVAL PENDING_APPROVAL 1': breaksOf };

/** After the sweep: every entry that a break counts is there, no mark is left, and the feed of activity tells of each change once. */
async function checkWhole(desk: Desk, events: number): Promise<void> {
  for (const item of desk.state.breaks.values()) expect(item).not.toHaveProperty('bulk');
  for (const item of await desk.deps.breaks.getMany(ref, breakIds)) {
    const entries = await desk.deps.breaks.entries(ref, [{ breakId: item.breakId, from: 1, to: 99 }]);
    expect(entries.map(({ number }) => number)).toEqual(
      Array.from({ length: item.entries ?? 0 }, (_, index) => index + 1),
    );
  }
  expect(desk.activity.entries.filter(({ eventType }) => eventType === 'BREAK_STATUS_CHANGE')).toHaveLength(events);
  const commentIds = [...desk.state.breakEntries.values()].flatMap(({ id }) => id ?? []);
  expect(new Set(commentIds).size).toBe(commentIds.length);
}

async function callsOf(): Promise<string[]> {
  const desk = await openDesk({ breaksOf });
  const calls: string[] = [];
  const counted = through(desk.deps, ports, (name, run) => {
    calls.push(name);
    return run();
  });
  expect(await bulkChange(counted, people.maker, change)).toMatchObject({ ok: true });
  return calls;
}

describe('a process that dies', () => {
  test('bulk-shared-change: at any call of a bulk, before or after it, leaves all or nothing', async () => {
    const calls = await callsOf();
    const outcomes = { nothing: 0, everything: 0 };
    for (const at of calls.keys()) {
      for (const when of ['before', 'after'] as const) {
        const desk = await openDesk({ breaksOf });
        const dying = through(desk.deps, ports, dyingAt(at, when));
        await expect(bulkChange(dying, people.maker, change)).rejects.toThrow(Died);
        const visible = await seen(desk);
        const where = `${when} call ${at}, ${calls[at]}`;
        expect([nothing, everything], where).toContainEqual(visible);
        desk.clock.advance(61_000);
        await sweepBulks(desk.deps);
        expect(await seen(desk), where).toEqual(visible);
        const isDone = visible['OPEN OPEN 0'] === undefined;
        await checkWhole(desk, isDone ? breaksOf : 0);
        outcomes[isDone ? 'everything' : 'nothing'] += 1;
        expect(await sweepBulks(desk.deps), where).toBe(0);
        // Nobody is kept from doing it again.
        const again = await bulkChange(desk.deps, people.maker, change);
        expect(again, where).toMatchObject(isDone ? { code: 'BREAK_STATUS_UNCHANGED' } : { ok: true });
      }
    }
    expect(outcomes.nothing).toBeGreaterThan(5);
    expect(outcomes.everything).toBeGreaterThan(5);
  });

  test('bulk-shared-change: one that is only slow is overtaken by the sweep, and changes nothing when it wakes up', async () => {
    const calls = await callsOf();
    const commit = calls.lastIndexOf('bulks.decide');
    for (let at = calls.indexOf('bulks.create') + 1; at <= commit; at += 1) {
      const desk = await openDesk({ breaksOf });
      let count = -1;
      const slow = through(desk.deps, ports, async (_name, run) => {
        count += 1;
        if (count === at) {
          desk.clock.advance(61_000);
          await sweepBulks(desk.deps);
        }
        return run();
      });
      expect(await bulkChange(slow, people.maker, change)).toMatchObject({ code: 'CONCURRENT_CHANGE' });
      expect(await seen(desk)).toEqual(nothing);
      await checkWhole(desk, 0);
    }
  });
});

describe('at once', () => {
  /** Every call waits for its turn, and chance says whose it is; `look` sees what everybody would in between. */
  async function interleaved(
    seed: number,
    desk: Desk,
    works: ((deps: Deps) => Promise<unknown>)[],
    look: (counts: Record<string, number>) => void = () => {},
  ): Promise<unknown[]> {
    const random = createRandom(seed);
    const waiting: (() => void)[] = [];
    const turn = through(desk.deps, ports, async (_name, run) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return run();
    });
    let open = works.length;
    const answers = works.map((work) =>
      work(turn).finally(() => {
        open -= 1;
      }),
    );
    while (open > 0) {
      // Whoever can go on has by now asked for the next turn.
      await new Promise((resolve) => setImmediate(resolve));
      look(await seen(desk));
      waiting.splice(random.below(Math.max(1, waiting.length)), 1)[0]?.();
    }
    return Promise.all(answers);
  }
  const seeds = Array.from({ length: 25 }, (_, index) => index + 1);

  test.each(seeds)(
    'bulk-shared-change, seed %i: of two bulks of the same breaks at most one is done, whole',
    async (seed) => {
      const desk = await openDesk({ breaksOf });
      const answers = (await interleaved(
        seed,
        desk,
        [
          (deps) => bulkChange(deps, people.maker, change),
          (deps) => bulkChange(deps, people.both, { ...change, comment: 'the other' }),
        ],
        (counts) => expect([nothing, everything]).toContainEqual(counts),
      )) as { ok: boolean; code?: string }[];
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect(answers.find(({ ok }) => !ok)!.code).toMatch(/CONCURRENT_CHANGE|BREAK_STATUS_UNCHANGED/);
      expect(await seen(desk)).toEqual(everything);
      await checkWhole(desk, breaksOf);
    },
  );

  test.each(seeds)(
    'bulk-shared-change, seed %i: bulks that overlap, a person and comments: every break tells one story',
    async (seed) => {
      const desk = await openDesk({ breaksOf });
      const move = { id: ids[2]!, status: 'PENDING_APPROVAL' as BreakStatus };
      await interleaved(seed, desk, [
        (deps) => bulkChange(deps, people.maker, { ...change, ids: ids.slice(0, 60) }),
        (deps) => bulkChange(deps, people.both, { ...change, ids: ids.slice(40) }),
        (deps) => changeBreakStatus(deps, people.both, move),
        (deps) => commentOnBreak(deps, people.checker, { id: ids[50]!, comment: 'beside' }),
      ]);
      const events = desk.activity.entries.filter(({ eventType }) => eventType === 'BREAK_STATUS_CHANGE').length;
      await checkWhole(desk, events);
      const items = await desk.deps.breaks.getMany(ref, breakIds);
      expect(items.filter(({ status }) => status === 'PENDING_APPROVAL')).toHaveLength(events);
      const comments = await desk.deps.breaks.entries(ref, [{ breakId: '51', from: 1, to: 9 }]);
      expect(comments.filter(({ comment }) => comment === 'beside')).toHaveLength(1);
    },
  );

  test.each(seeds)(
    'bulk-shared-change, seed %i: new values under one break abort the bulk, or come after all of it',
    async (seed) => {
      const desk = await openDesk({ breaksOf: storedMax });
      const few = { ...change, ids: ids.slice(0, storedMax) };
      const by = { runId: 'run-2', number: 2, at: '2026-01-06T09:00:00.000Z', breaksKey: 'b' };
      const lane = { ...ref, runId: 'run-2', index: 0, fence: 1 };
      const settle = async ({ breaks, bulks }: Deps): Promise<void> => {
        await breaks.enterLane(lane);
        for (;;) {
          const [item] = await breaks.getMany(ref, ['3']);
          if (item!.bulk && !item!.bulk.unwritten) {
            await bulks.decide({ tenant: 'acme', bulkId: item!.bulk.bulkId }, 'ABORTED', by.at);
            continue;
          }
          const changed = changeBreak(item!, { ...observed(3), contentHash: 'new' }, by)!;
          if ((await breaks.settle(lane, { from: 0, to: 1 }, [{ ...changed, expected: item!.version }])) === 'written')
            return;
        }
      };
      const [bulk] = (await interleaved(seed, desk, [(deps) => bulkChange(deps, people.maker, few), settle])) as [
        { ok: boolean },
      ];
      const items = await desk.deps.breaks.getMany(ref, ['1', '2', '3', '4', '5']);
      const others = items.filter(({ breakId }) => breakId !== '3').map(({ status }) => status);
      const changed = items.find(({ breakId }) => breakId === '3')!;
      expect(changed.contentHash).toBe('new');
      expect(new Set(others).size).toBe(1);
      if (!bulk.ok) expect([...others, changed.status]).toEqual(items.map(() => 'OPEN'));
      else expect(others[0]).toBe('PENDING_APPROVAL');
      for (const item of desk.state.breaks.values()) expect(item).not.toHaveProperty('bulk');
    },
  );
});
