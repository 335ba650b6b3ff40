// The suite of BatchStore, and of the feed beside it.
import { expect, test } from 'vitest';
import type { Batch } from '../../../shared/domain/batch.ts';
import { batch, feedOf, otherTenant, ref } from './samples.ts';
import type { Stores } from './stores.ts';

export function batchStoreSuite(open: () => Promise<Stores>): void {
  test('receives a batch once and numbers it', async () => {
    const { batches } = await open();
    const first = await batches.receive(batch());
    expect(first).toEqual({ batch: { ...batch(), number: 1, version: 1 }, created: true });
    expect(await batches.receive(batch({ fileName: 'repeat.csv' }))).toEqual({ batch: first.batch, created: false });
    expect((await batches.receive(batch({ batchId: 'batch-2' }))).batch.number).toBe(2);
    expect((await batches.receive(batch({ ...otherTenant }))).batch.number).toBe(1);
    expect(await batches.get({ ...ref, batchId: 'batch-1' })).toEqual(first.batch);
    expect(await batches.get({ ...ref, batchId: 'none' })).toBeUndefined();
  });

  test('of many receptions at once, one creates, and no number is given twice', async () => {
    const { batches } = await open();
    const same = await Promise.all(Array.from({ length: 8 }, () => batches.receive(batch())));
    expect(same.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(same.map((answer) => answer.batch.number)).size).toBe(1);
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, index) => batches.receive(batch({ batchId: `other-${index}` }))),
    );
    const numbers = [...many, same[0]!].map((answer) => answer.batch.number);
    expect(new Set(numbers).size).toBe(21);
  });

  test('saves only the version that it was read in', async () => {
    const { batches } = await open();
    const { batch: received } = await batches.receive(batch());
    const processing: Batch = { ...received, status: 'PROCESSING' };
    expect(await batches.save(processing)).toBe(true);
    expect(await batches.save(processing)).toBe(false);
    expect(await batches.save({ ...processing, batchId: 'none', version: 2 })).toBe(false);
    expect(await batches.get(received)).toEqual({ ...processing, version: 2 });
  });

  test('saves the batch and the feed together or neither', async () => {
    const { batches } = await open();
    const { batch: received } = await batches.receive(batch());
    const feed = await batches.feed(ref);
    expect(feed).toEqual(feedOf(ref));
    const complete: Batch = { ...received, status: 'COMPLETE', sums: { amount: { '': '1.50', EUR: '2' } } };
    expect(await batches.save(complete, { ...feed, version: 7 })).toBe(false);
    expect((await batches.get(received))?.status).toBe('RECEIVED');
    expect(await batches.save({ ...complete, version: 9 }, { ...feed, fresh: ['bank'] })).toBe(false);
    expect(await batches.feed(ref)).toEqual(feed);
    expect(await batches.save(complete, { ...feed, fresh: ['bank'] })).toBe(true);
    expect(await batches.feed(ref)).toEqual({ ...feed, fresh: ['bank'], version: 1 });
    expect(await batches.get(received)).toEqual({ ...complete, version: 2 });
    expect(await batches.feed(otherTenant)).toEqual(feedOf(otherTenant));
  });

  test('of two that complete at once with one feed, one wins', async () => {
    const { batches } = await open();
    const [a, b] = [await batches.receive(batch()), await batches.receive(batch({ batchId: 'batch-2' }))];
    const feed = await batches.feed(ref);
    const saved = await Promise.all([a, b].map((one) => batches.save({ ...one.batch, status: 'COMPLETE' }, feed)));
    expect(saved.toSorted()).toEqual([false, true]);
    expect((await batches.feed(ref)).version).toBe(1);
  });

  test('finds equal bytes of a source at once, oldest first', async () => {
    const { batches } = await open();
    const save = async (batchId: string, source: string, checksum: string): Promise<void> => {
      const { batch: received } = await batches.receive(batch({ batchId, source }));
      await batches.save({ ...received, checksum, status: 'PROCESSING' });
    };
    await save('first', 'bank', 'aa');
    await save('other-source', 'ledger', 'aa');
    await save('other-bytes', 'bank', 'bb');
    await save('second', 'bank', 'aa');
    const found = await batches.byChecksum(ref, 'bank', 'aa');
    expect(found.map(({ batchId }) => batchId)).toEqual(['first', 'second']);
    expect(found.every(({ status }) => status === 'PROCESSING')).toBe(true);
    expect(await batches.byChecksum(otherTenant, 'bank', 'aa')).toEqual([]);
  });

  test('lists newest first, page by page', async () => {
    const { batches } = await open();
    for (const batchId of ['a', 'b', 'c']) await batches.receive(batch({ batchId }));
    await batches.receive(batch({ ...otherTenant }));
    const first = await batches.list(ref, undefined, 2);
    expect(first.items.map(({ batchId }) => batchId)).toEqual(['c', 'b']);
    const second = await batches.list(ref, first.cursor, 2);
    expect(second.items.map(({ batchId }) => batchId)).toEqual(['a']);
    expect(second.cursor).toBeUndefined();
    const upTo = async (number: number) =>
      (await batches.list(ref, undefined, 1, number)).items.map(({ number: found }) => found);
    expect([await upTo(2), await upTo(99), await upTo(0)]).toEqual([[2], [3], []]);
  });

  test('tells which batches nobody has touched for long, while they are under way', async () => {
    const { batches, clock } = await open();
    const { batch: done } = await batches.receive(batch({ batchId: 'done' }));
    const { batch: touched } = await batches.receive(batch({ batchId: 'touched' }));
    await batches.receive(batch({ batchId: 'lost' }));
    clock.advance(60_000);
    await batches.save({ ...done, status: 'COMPLETE' });
    await batches.save({ ...touched, status: 'PROCESSING' });
    const ids = async (before: number): Promise<string[]> =>
      (await batches.stalled(before, 10)).map(({ batchId }) => batchId);
    expect(await ids(clock.now() - 30_000)).toEqual(['lost']);
    expect(await ids(clock.now() - 90_000)).toEqual([]);
    expect(await ids(clock.now() + 1)).toEqual(['lost', 'touched']);
  });

  test('keeps a batch of many sums', async () => {
    const { batches } = await open();
    const { batch: received } = await batches.receive(batch());
    const byCurrency = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`C${index}`, `${index}12345678901234567890.12`]),
    );
    const large: Batch = { ...received, status: 'COMPLETE', sums: { amount: byCurrency } };
    expect(await batches.save(large)).toBe(true);
    expect(await batches.get(received)).toEqual({ ...large, version: 2 });
  });
}
