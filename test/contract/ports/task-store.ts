// The suite of TaskStore: leases, fences, and a count that reaches zero exactly once.
import { expect, test } from 'vitest';
import { attemptsMax, leaseMs, type Task, type TaskRef } from '../../../shared/domain/run.ts';
import { otherTenant, ref, startRun } from './samples.ts';
import type { Stores } from './stores.ts';

const runRef = { ...ref, runId: 'run-1' };
const taskRef = (index = 0): TaskRef => ({ ...runRef, stage: 'match', index });
const inputs = (total: number): Pick<Task, 'index' | 'input'>[] =>
  Array.from({ length: total }, (_, index) => ({ index, input: { chunk: index, keys: ['a', 'b'] } }));

export function taskStoreSuite(open: () => Promise<Stores>): void {
  const opened = async (total: number): Promise<Stores & { now: number }> => {
    const stores = await open();
    await startRun(stores);
    await stores.tasks.openStage(runRef, 1, 'match', inputs(total));
    return { ...stores, now: stores.clock.now() };
  };

  test('opens a stage: tasks by index and their count', async () => {
    const { tasks } = await opened(12);
    const all = await tasks.tasks(runRef, 1, 'match');
    expect(all.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(all[3]).toEqual({
      ...taskRef(3),
      generation: 1,
      status: 'WAITING',
      input: { chunk: 3, keys: ['a', 'b'] },
      attempt: 0,
    });
    expect(await tasks.count(runRef, 1, 'match')).toEqual({ total: 12, remaining: 12 });
    expect(await tasks.count(runRef, 1, 'partition')).toBeUndefined();
    expect(await tasks.tasks({ ...otherTenant, runId: 'run-1' }, 1, 'match')).toEqual([]);
    expect(await tasks.tasks(runRef, 2, 'match')).toEqual([]);
  });

  test('opening again changes nothing, and completes what was begun', async () => {
    const { tasks, now } = await opened(3);
    await tasks.lease(taskRef(1), 1, 'a', now);
    await tasks.complete(taskRef(1), 1, 'a', { key: 'won' });
    await tasks.openStage(runRef, 1, 'match', [...inputs(3), { index: 3, input: {} }]);
    expect((await tasks.tasks(runRef, 1, 'match')).map(({ status }) => status)).toEqual([
      'WAITING',
      'DONE',
      'WAITING',
      'WAITING',
    ]);
    expect(await tasks.count(runRef, 1, 'match')).toEqual({ total: 3, remaining: 2 });
  });

  test('opens 250 tasks at once from two planners', async () => {
    const stores = await open();
    await startRun(stores);
    await Promise.all([1, 2].map(() => stores.tasks.openStage(runRef, 1, 'match', inputs(250))));
    expect(await stores.tasks.tasks(runRef, 1, 'match')).toHaveLength(250);
    expect(await stores.tasks.count(runRef, 1, 'match')).toEqual({ total: 250, remaining: 250 });
  });

  test('a lease is had by one owner until it ends', async () => {
    const { tasks, now } = await opened(1);
    const first = await tasks.lease(taskRef(), 1, 'a', now);
    expect(first).toEqual({
      answer: 'leased',
      task: {
        ...taskRef(),
        generation: 1,
        status: 'LEASED',
        input: inputs(1)[0]?.input,
        attempt: 1,
        owner: 'a',
        leaseUntil: now + leaseMs,
      },
    });
    expect(await tasks.lease(taskRef(), 1, 'b', now + leaseMs - 1)).toEqual({ answer: 'held' });
    expect(await tasks.lease(taskRef(), 1, 'b', now + leaseMs)).toMatchObject({
      answer: 'leased',
      task: { attempt: 2 },
    });
    expect(await tasks.lease(taskRef(9), 1, 'a', now)).toEqual({ answer: 'fenced' });
  });

  test('of many that take a lease at once, one has it', async () => {
    const { tasks, now } = await opened(1);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => tasks.lease(taskRef(), 1, `owner-${index}`, now)),
    );
    expect(answers.map(({ answer }) => answer).toSorted()).toEqual([...Array(7).fill('held'), 'leased']);
    expect((await tasks.tasks(runRef, 1, 'match'))[0]?.attempt).toBe(1);
  });

  test('a heartbeat lengthens the lease of its owner alone', async () => {
    const { tasks, now } = await opened(1);
    await tasks.lease(taskRef(), 1, 'a', now);
    expect(await tasks.heartbeat(taskRef(), 1, 'a', now + 3 * leaseMs)).toBe(true);
    expect(await tasks.heartbeat(taskRef(), 1, 'b', now + 9 * leaseMs)).toBe(false);
    expect(await tasks.heartbeat(taskRef(5), 1, 'a', now)).toBe(false);
    expect(await tasks.lease(taskRef(), 1, 'b', now + 2 * leaseMs)).toEqual({ answer: 'held' });
    expect(await tasks.lease(taskRef(), 1, 'b', now + 3 * leaseMs)).toMatchObject({ answer: 'leased' });
    expect(await tasks.heartbeat(taskRef(), 1, 'a', now + 9 * leaseMs)).toBe(false);
  });

  test('counts down to zero, each task once', async () => {
    const { tasks, now } = await opened(2);
    await tasks.lease(taskRef(0), 1, 'a', now);
    await tasks.lease(taskRef(1), 1, 'b', now);
    expect(await tasks.complete(taskRef(0), 1, 'a', { key: 'k0' })).toEqual({ answer: 'completed', remaining: 1 });
    expect(await tasks.complete(taskRef(0), 1, 'a', { key: 'again' })).toEqual({ answer: 'already' });
    expect(await tasks.lease(taskRef(0), 1, 'c', now + 9 * leaseMs)).toEqual({ answer: 'done' });
    expect(await tasks.complete(taskRef(1), 1, 'b', { key: 'k1' })).toEqual({ answer: 'completed', remaining: 0 });
    expect((await tasks.tasks(runRef, 1, 'match')).map(({ result }) => result)).toEqual([{ key: 'k0' }, { key: 'k1' }]);
  });

  test('completions at once all count, and somebody sees zero', async () => {
    const total = 12;
    const { tasks, now } = await opened(total);
    const remaining = await Promise.all(
      Array.from({ length: total }, async (_, index) => {
        await tasks.lease(taskRef(index), 1, `owner-${index}`, now);
        const answer = await tasks.complete(taskRef(index), 1, `owner-${index}`, {});
        return answer.answer === 'completed' ? answer.remaining : -1;
      }),
    );
    expect(Math.min(...remaining)).toBe(0);
    expect(await tasks.count(runRef, 1, 'match')).toEqual({ total, remaining: 0 });
  });

  test('a zombie cannot complete what another has taken over', async () => {
    const { tasks, now } = await opened(1);
    await tasks.lease(taskRef(), 1, 'zombie', now);
    await tasks.lease(taskRef(), 1, 'heir', now + leaseMs);
    expect(await tasks.complete(taskRef(), 1, 'zombie', { key: 'zombie' })).toEqual({ answer: 'fenced' });
    expect(await tasks.complete(taskRef(), 1, 'heir', { key: 'heir' })).toEqual({ answer: 'completed', remaining: 0 });
    expect(await tasks.complete(taskRef(), 1, 'zombie', { key: 'zombie' })).toEqual({ answer: 'already' });
    expect((await tasks.tasks(runRef, 1, 'match'))[0]?.result).toEqual({ key: 'heir' });
  });

  test.each([
    ['stopped', { status: 'STOPPED' as const }],
    ['in a later generation', { generation: 2 }],
  ])('a run that is %s fences its workers', async (_, change) => {
    const stores = await opened(2);
    const { tasks, runs, now } = stores;
    await tasks.lease(taskRef(0), 1, 'a', now);
    const run = await runs.get(runRef);
    await runs.save({ ...run!, ...change });
    expect(await tasks.complete(taskRef(0), 1, 'a', {})).toEqual({ answer: 'fenced' });
    expect(await tasks.lease(taskRef(1), 1, 'a', now)).toEqual({ answer: 'fenced' });
    expect(await tasks.count(runRef, 1, 'match')).toEqual({ total: 2, remaining: 2 });
    // The sweep meets the lease once; who then tries to take it learns that it is of no use, and it leaves the index.
    expect(await tasks.expired(now + leaseMs + 1, 10)).toHaveLength(1);
    expect(await tasks.lease(taskRef(0), 1, 'b', now + leaseMs + 1)).toEqual({ answer: 'fenced' });
    expect(await tasks.expired(now + leaseMs + 1, 10)).toEqual([]);
  });

  test('generations have their own tasks and counts', async () => {
    const { tasks, runs, now } = await opened(1);
    await tasks.lease(taskRef(), 1, 'a', now);
    await runs.save({ ...(await runs.get(runRef))!, generation: 2 });
    await tasks.openStage(runRef, 2, 'match', inputs(2));
    expect(await tasks.lease(taskRef(), 2, 'b', now)).toMatchObject({ answer: 'leased', task: { attempt: 1 } });
    expect(await tasks.complete(taskRef(), 2, 'b', {})).toEqual({ answer: 'completed', remaining: 1 });
    expect(await tasks.count(runRef, 1, 'match')).toEqual({ total: 1, remaining: 1 });
  });

  test('attempts end', async () => {
    const { tasks, now } = await opened(1);
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      expect(await tasks.lease(taskRef(), 1, 'a', now + attempt * leaseMs)).toMatchObject({ answer: 'leased' });
    }
    const after = now + attemptsMax * leaseMs;
    expect(await tasks.expired(after + 1, 10)).toHaveLength(1);
    expect(await tasks.lease(taskRef(), 1, 'b', after)).toEqual({ answer: 'exhausted' });
    expect(await tasks.lease(taskRef(), 1, 'b', after)).toEqual({ answer: 'exhausted' });
    expect(await tasks.expired(after + 1, 10)).toEqual([]);
  });

  test('tells the leases that ran out, the longest first', async () => {
    const { tasks, now } = await opened(4);
    for (const index of [0, 1, 2]) await tasks.lease(taskRef(index), 1, 'a', now - index * 1_000);
    await tasks.complete(taskRef(2), 1, 'a', {});
    await tasks.heartbeat(taskRef(0), 1, 'a', now + 5 * leaseMs);
    expect(await tasks.expired(now, 10)).toEqual([]);
    const expired = await tasks.expired(now + 2 * leaseMs, 10);
    expect(expired.map(({ index, status }) => [index, status])).toEqual([[1, 'LEASED']]);
    expect(await tasks.expired(now + 9 * leaseMs, 1)).toMatchObject([{ index: 1 }]);
  });

  test('keeps large results', async () => {
    const { tasks, now } = await opened(1);
    const result = { keys: Array.from({ length: 5_000 }, (_, index) => `runs/acme/rec-1/run-1/partition/${index}`) };
    await tasks.lease(taskRef(), 1, 'a', now);
    await tasks.complete(taskRef(), 1, 'a', result);
    expect((await tasks.tasks(runRef, 1, 'match'))[0]?.result).toEqual(result);
  });
}
