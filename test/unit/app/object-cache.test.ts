// The cache on the local disk: what is there is not fetched again, and what was used longest ago makes room.
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createObjectCache } from '../../../shared/app/results/object-cache.ts';

async function openCache(bytesMax: number) {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-cache-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const objects = createMemoryObjectStore();
  for (const key of 'abcdef') await objects.put(key, key.repeat(10));
  const fetched: string[] = [];
  const counting = {
    ...objects,
    download: (...given: Parameters<typeof objects.download>) => {
      fetched.push(given[0]);
      return objects.download(...given);
    },
  };
  const ids = createMemoryIds(createMemoryClock());
  return {
    directory,
    objects,
    fetched,
    counting,
    cache: createObjectCache({ objects: counting, ids }, directory, bytesMax),
  };
}

/** Times of use are told apart by whole milliseconds. */
const age = (path: string, minutes: number) => {
  const at = new Date(Date.now() - minutes * 60_000);
  utimesSync(path, at, at);
};

test('an object is fetched once and is there whole', async () => {
  const { cache, fetched } = await openCache(1_000);
  const paths = [await cache.fetch('a'), await cache.fetch('a')];
  expect(paths[0]).toBe(paths[1]);
  expect(readFileSync(paths[0]!, 'utf8')).toBe('aaaaaaaaaa');
  expect(fetched).toEqual(['a']);
});

test('past the bound those that were used longest ago go, until half of the room is free', async () => {
  const { cache, fetched, directory } = await openCache(40);
  for (const [index, key] of ['a', 'b', 'c', 'd', 'e'].entries()) age(await cache.fetch(key), 10 - index);
  // A use makes it young again.
  await cache.fetch('a');
  await cache.fetch('f');
  expect(readdirSync(directory)).toHaveLength(3);
  fetched.length = 0;
  for (const key of ['a', 'e', 'f']) await cache.fetch(key);
  expect(fetched).toEqual([]);
  await cache.fetch('b');
  expect(fetched).toEqual(['b']);
});

test('room is made as often as it is needed, for several at once too', async () => {
  const { cache, directory, objects } = await openCache(20);
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => cache.fetch(key)));
    const next = `next-${round}`;
    await objects.put(next, 'x'.repeat(10));
    await cache.fetch(next);
    // One that is half of the room, and the new one.
    expect(readdirSync(directory)).toHaveLength(2);
  }
});

test('what an earlier process left counts', async () => {
  const { cache, directory } = await openCache(40);
  const left = join(directory, 'left');
  writeFileSync(left, 'x'.repeat(100));
  age(left, 10);
  await cache.fetch('a');
  expect(readdirSync(directory)).not.toContain('left');
});

test('a download that breaks off leaves no part of a file', async () => {
  const { cache, directory, counting } = await openCache(40);
  counting.download = async (_key, path) => {
    writeFileSync(path, 'half');
    throw new Error('the line is cut');
  };
  await expect(cache.fetch('a')).rejects.toThrow('the line is cut');
  expect(readdirSync(directory)).toEqual([]);
});

test('an object that is missing is an error, leaves nothing, and the next is fetched', async () => {
  const { cache, directory, objects } = await openCache(40);
  await expect(cache.fetch('z')).rejects.toThrow('object z is missing');
  await objects.put('z', 'here');
  expect(readFileSync(await cache.fetch('z'), 'utf8')).toBe('here');
  expect(readdirSync(directory)).toHaveLength(1);
});
