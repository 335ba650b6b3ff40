// The suite of Ids.
import { expect, test } from 'vitest';
import { createMemoryClock, type MemoryClock } from '../../../shared/adapters/memory/clock.ts';
import type { Ids } from '../../../shared/ports/clock.ts';

export function idsSuite(open: (clock: MemoryClock) => Ids): void {
  test('gives UUIDv7 that sort by time and never repeat', () => {
    const clock = createMemoryClock();
    const ids = open(clock);
    const made = Array.from({ length: 1_000 }, () => {
      clock.advance(1);
      return ids.uuid();
    });
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.toSorted()).toEqual(made);
    const atOnce = Array.from({ length: 1_000 }, () => ids.uuid());
    expect(new Set(atOnce).size).toBe(1_000);
    expect(Number.parseInt(atOnce[0]!.replace('-', '').slice(0, 12), 16)).toBe(clock.now());
  });

  test('gives secrets of 256 bits that a URL takes as they are, and none twice', () => {
    const ids = open(createMemoryClock());
    const made = Array.from({ length: 1_000 }, () => ids.secret());
    for (const secret of made) expect(secret).toMatch(/^[\w-]{43}$/);
    expect(new Set(made).size).toBe(1_000);
  });
}
