// The suite of DecisionStore, and of the decisions that a run is created with.
import { expect, test } from 'vitest';
import type { Decision } from '../../../shared/domain/decision.ts';
import { otherTenant, ref, run } from './samples.ts';
import type { Stores } from './stores.ts';

type Proposed = Omit<Decision, 'number' | 'version'>;

/** Ids begin with the time, as those of the product do. */
function proposed(count: number, changes: Partial<Proposed> = {}): Proposed {
  return {
    ...ref,
    decisionId: `0190000${count}-0000-7000-8000-000000000000`,
    subject: {
      kind: 'together',
      source: 'ledger',
      left: [20_000_000_001],
      right: [9_000_000_000_000_001],
      sums: { left: { amount: { '': '1.50' } }, right: {} },
    },
    reason: 'the same payer',
    status: 'PENDING',
    proposedBy: 'maker',
    proposedAt: '2026-01-05T09:00:00.000Z',
    ...changes,
  };
}

export function decisionStoreSuite(open: () => Promise<Stores>): void {
  test('numbers proposals and gives them back', async () => {
    const { decisions } = await open();
    const first = await decisions.create(proposed(1));
    expect(first).toEqual({ ...proposed(1), number: 1, version: 1 });
    expect((await decisions.create(proposed(2))).number).toBe(2);
    expect((await decisions.create(proposed(1, otherTenant))).number).toBe(1);
    expect(await decisions.get({ ...ref, decisionId: first.decisionId })).toEqual(first);
    expect(await decisions.get({ ...otherTenant, decisionId: proposed(2).decisionId })).toBeUndefined();
  });

  test('no number is given twice', async () => {
    const { decisions } = await open();
    const all = await Promise.all(Array.from({ length: 9 }, (_, index) => decisions.create(proposed(index))));
    expect(all.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('saves only the version that it was read in', async () => {
    const { decisions } = await open();
    const pending = await decisions.create(proposed(1));
    const answers = await Promise.all([
      decisions.save({ ...pending, status: 'REJECTED' }),
      decisions.save({ ...pending, status: 'WITHDRAWN' }),
    ]);
    expect(answers.toSorted()).toEqual([false, true]);
    expect(await decisions.save({ ...pending, decisionId: proposed(7).decisionId })).toBe(false);
    expect((await decisions.get(pending))?.version).toBe(2);
  });

  test('lists oldest first, by status, page by page', async () => {
    const { decisions } = await open();
    for (const count of [1, 2, 3]) await decisions.create(proposed(count));
    await decisions.create(proposed(4, { status: 'APPROVED', order: 1 }));
    await decisions.create(proposed(5, otherTenant));
    const first = await decisions.list(ref, {}, undefined, 3);
    expect(first.items.map(({ number }) => number)).toEqual([1, 2, 3]);
    const second = await decisions.list(ref, {}, first.cursor, 3);
    expect(second.items.map(({ number }) => number)).toEqual([4]);
    expect(second.cursor).toBeUndefined();
    expect((await decisions.list(ref, { status: 'APPROVED' })).items.map(({ number }) => number)).toEqual([4]);
  });

  test('a run is created with its decisions or not at all', async () => {
    const { decisions, runs, batches } = await open();
    const pending = await decisions.create(proposed(1));
    const approved: Decision = { ...pending, status: 'APPROVED', order: 1, runId: 'run-1' };
    const feed = await batches.feed(ref);
    expect(await runs.create(run(), feed, [{ ...approved, version: 9 }])).toBe(false);
    expect(await runs.create(run(), { ...feed, version: 9 }, [approved])).toBe(false);
    expect(await runs.get(run())).toBeUndefined();
    expect(await decisions.get(pending)).toEqual(pending);
    expect(await runs.create(run(), { ...feed, decided: 1 }, [approved])).toBe(true);
    expect(await decisions.get(pending)).toEqual({ ...approved, version: 2 });
    expect((await batches.feed(ref)).decided).toBe(1);
  });

  test('of runs that are created at once with one decision, one is', async () => {
    const { decisions, runs, batches } = await open();
    const pending = await decisions.create(proposed(1));
    const feed = await batches.feed(ref);
    const created = await Promise.all(
      ['run-1', 'run-2', 'run-3'].map((runId) =>
        runs.create(run({ runId }), feed, [{ ...pending, status: 'APPROVED', order: 1, runId }]),
      ),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
    expect((await decisions.get(pending))?.version).toBe(2);
  });
}
