// The suite of NumberStore.
import { expect, test } from 'vitest';
import type { Stores } from './stores.ts';

export function numberStoreSuite(open: () => Promise<Stores>): void {
  test('counts up from 1, each kind and tenant by itself', async () => {
    const { numbers } = await open();
    expect(await numbers.take('acme', 'definition', 1)).toBe(1);
    expect(await numbers.take('acme', 'definition', 1)).toBe(2);
    expect(await numbers.take('acme', 'source', 1)).toBe(1);
    expect(await numbers.take('zeta', 'definition', 1)).toBe(1);
    expect(await numbers.take('acme', 'definition', 1)).toBe(3);
  });

  test('gives a range to each who takes at once, and no number twice', async () => {
    const { numbers } = await open();
    const firsts = await Promise.all([3, 1, 5, 2].map((count) => numbers.take('acme', 'comment', count)));
    const taken = [3, 1, 5, 2].flatMap((count, index) => Array.from({ length: count }, (_, at) => firsts[index]! + at));
    expect(taken.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
}
