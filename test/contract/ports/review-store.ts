// The suite of ReviewStore: verdicts are written in the version that was read, lessons once.
import { expect, test } from 'vitest';
import type { Lesson } from '../../../shared/domain/lesson.ts';
import type { Review } from '../../../shared/domain/review.ts';
import { otherTenant, ref } from './samples.ts';
import type { Stores } from './stores.ts';

function review(reviewId: string, changes: Partial<Review> = {}): Review {
  return {
    ...ref,
    reviewId,
    match: { source: 'ledger', left: 10_000_000_001, right: 9_000_000_000_000_001, groupId: null },
    pass: '2-fuzzy',
    confidence: 0.98,
    run: { runId: 'run-1', number: 1 },
    evidence: {
      prior: -7.1,
      fields: [{ field: 'party', as: 'name', level: 'one typo', similarity: 0.93, weight: 4.21 }],
      spellings: [{ field: 'party', left: 'Ødegård', right: 'Odegard' }],
    },
    verdict: 'APPROVED',
    by: 'checker',
    at: '2026-01-05T09:00:00.000Z',
    earlier: [],
    version: 0,
    ...changes,
  };
}

function lesson(version: number, changes: Partial<Lesson> = {}): Lesson {
  const learned = {
    version,
    shift: -0.5,
    factors: { party: 0.9 },
    equivalences: [['a', 'b']],
    from: { approvals: 2, rejections: 1 },
  };
  const passes = { '2-fuzzy': learned };
  return { ...ref, version, kind: 'lesson', at: '2026-01-05T09:00:00.000Z', basis: 'hash', passes, ...changes };
}

export function reviewStoreSuite(open: () => Promise<Stores>): void {
  test('gives a review back as it was, to its tenant alone', async () => {
    const { reviews } = await open();
    expect(await reviews.save(review('1:2'))).toBe(true);
    expect(await reviews.get({ ...ref, reviewId: '1:2' })).toEqual(review('1:2', { version: 1 }));
    expect(await reviews.get({ ...otherTenant, reviewId: '1:2' })).toBeUndefined();
    expect((await reviews.list(otherTenant)).items).toEqual([]);
  });

  test('of two first verdicts at once one is written, and of two later ones too', async () => {
    const { reviews } = await open();
    const both = (version: number) =>
      Promise.all([
        reviews.save(review('1:2', { version })),
        reviews.save(review('1:2', { version, verdict: 'REJECTED' })),
      ]);
    expect((await both(0)).toSorted()).toEqual([false, true]);
    expect((await both(1)).toSorted()).toEqual([false, true]);
    expect(await reviews.save(review('1:2'))).toBe(false);
    expect(await reviews.save(review('1:3', { version: 1 }))).toBe(false);
    expect((await reviews.get({ ...ref, reviewId: '1:2' }))?.version).toBe(2);
  });

  test('lists all of a reconciliation, page by page', async () => {
    const { reviews } = await open();
    for (const id of ['3:1', '1:1', 'ab:ledger: x', '2:1']) await reviews.save(review(id));
    await reviews.save(review('9:9', otherTenant));
    const first = await reviews.list(ref, undefined, 3);
    const second = await reviews.list(ref, first.cursor, 3);
    expect(first.items.map(({ reviewId }) => reviewId)).toEqual(['1:1', '2:1', '3:1']);
    expect(second).toMatchObject({ items: [{ reviewId: 'ab:ledger: x' }] });
    expect(second.cursor).toBeUndefined();
  });

  test('of lessons that are made at once with one version, one is kept; the newest comes first', async () => {
    const { reviews } = await open();
    const made = await Promise.all(
      [1, 1, 1].map((version, at) => reviews.addLesson(lesson(version, { basis: `${at}` }))),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    for (let version = 2; version <= 11; version += 1) await reviews.addLesson(lesson(version));
    await reviews.addLesson(lesson(40, otherTenant));
    const page = await reviews.lessons(ref, undefined, 3);
    expect(page.items.map(({ version }) => version)).toEqual([11, 10, 9]);
    expect((await reviews.lessons(ref, page.cursor)).items.map(({ version }) => version)).toEqual([
      8, 7, 6, 5, 4, 3, 2, 1,
    ]);
    expect(page.items[0]).toEqual(lesson(11));
  });
}
