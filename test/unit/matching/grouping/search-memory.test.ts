// What is remembered of a search is found again by what was searched, and by nothing that differs from it in anything.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  type Entry,
  type GroupRequest,
  type GroupRule,
  type GroupSearch,
  searchGroups,
} from '../../../../shared/matching/grouping/search-groups.ts';
import { openSearchMemory, searchVersion } from '../../../../shared/matching/grouping/search-memory.ts';
import { createRandom } from '../../../fault/random.ts';

const directory = mkdtempSync(join(tmpdir(), 'search-memory-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
const fresh = () => join(directory, `${(files += 1)}.ndjson`);

const entry = (id: number, units: number, more: Partial<Entry> = {}): Entry => ({
  ...{ id, units: BigInt(units), date: 20_000, content: id },
  ...more,
});
const rule: GroupRule = { cardinality: 'one-to-many', scale: 2, recordsMax: 4, window: { before: 1, after: 3 } };
/** Even amounts never add up to an odd one: a long search that finds nothing. */
const evens = (count: number) => Array.from({ length: count }, (_, at) => entry(at, 2 * (at * at + 3 * at + 7)));
const long: GroupRequest = { ones: [entry(0, 100_001), entry(1, 90_001)], many: evens(300), rule };

/** Remembers a lie of every search in the file: whoever goes by it says so. */
function falsified(request: GroupRequest): string {
  const path = fresh();
  const memory = openSearchMemory();
  memory.search(request);
  expect(memory.write(path)).toBe(true);
  const lie = JSON.stringify({
    ...{ groups: [], tied: { ones: [], many: [], candidates: [] }, exhausted: { ones: [0], many: [7] }, steps: 1 },
  });
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/^([0-9a-f]{64}).*$/gm, (_, key) => `${key}${lie}`),
  );
  return path;
}
const believes = (found: GroupSearch) => found.exhausted.many.has(7);

test('the same block is not searched again, in the next run and in the one after', () => {
  const path = falsified(long);
  const next = openSearchMemory(path);
  expect(believes(next.search(long))).toBe(true);
  const later = fresh();
  expect(next.write(later)).toBe(true);
  expect(believes(openSearchMemory(later).search(structuredClone(long)))).toBe(true);
});

test('what no run met is forgotten, and a short search is never kept', () => {
  const next = openSearchMemory(falsified(long));
  next.search({ ...long, many: evens(20) });
  expect(next.write(fresh())).toBe(false);
});

const others: [name: string, request: GroupRequest][] = [
  ['a record more', { ...long, many: evens(301) }],
  ['a record less', { ...long, many: evens(299) }],
  ['one less', { ...long, ones: long.ones.slice(1) }],
  ['another amount', { ...long, many: [...evens(299), entry(299, 2)] }],
  ['another date', { ...long, many: [...evens(299), { ...evens(300)[299]!, date: 20_001 }] }],
  ['a copy in place of another', { ...long, many: [...evens(299), { ...evens(300)[298]!, id: 299 }] }],
  ['records that were copies and are not', { ...long, ones: [entry(0, 100_001), entry(1, 100_001)] }],
  ['the sides exchanged', { ...long, ones: long.many, many: long.ones }],
  ['another bound', { ...long, rule: { ...rule, recordsMax: 3 } }],
  ['another window', { ...long, rule: { ...rule, window: { before: 1, after: 4 } } }],
  ['another tolerance', { ...long, rule: { ...rule, tolerance: { absolute: '0.00' } } }],
  ['another margin', { ...long, rule: { ...rule, tieMargin: 5 } }],
  ['other decimals', { ...long, rule: { ...rule, scale: 3 } }],
];

test.each(others)('%s is searched', (_, request) => {
  expect(believes(openSearchMemory(falsified(long)).search(request))).toBe(false);
});

test('copies and records that only look like them are told apart', () => {
  const twins = { ...long, ones: [entry(0, 100_001), entry(1, 100_001, { content: 0 })] };
  expect(believes(openSearchMemory(falsified(twins)).search(others[6]![1]))).toBe(false);
  // Where a content stands among those of other blocks is nothing to this one.
  const moved = { ...twins, ones: twins.ones.map((one) => ({ ...one, content: 50 })) };
  expect(believes(openSearchMemory(falsified(twins)).search(moved))).toBe(true);
});

/** Blocks of every rule, small enough to be searched and hard enough to be remembered now and then. */
function requests(count: number): GroupRequest[] {
  const random = createRandom(11);
  const cardinalities = ['one-to-many', 'many-to-many', 'netting'] as const;
  return Array.from({ length: count }, (_, number): GroupRequest => {
    const cardinality = cardinalities[number % 3]!;
    const side = (size: number): Entry[] => {
      const all: Entry[] = [];
      for (let id = 0; id < size; id += 1) {
        const copy = id > 0 && random.chance(0.2) ? all[id - 1]! : undefined;
        const units = (1 + random.below(60)) * (random.chance(0.3) ? -1 : 1);
        all.push(copy ? { ...copy, id } : entry(id, units, { date: 20_000 + random.below(4) }));
      }
      return all;
    };
    return {
      ones: cardinality === 'netting' ? [] : side(1 + random.below(5)),
      many: side(4 + random.below(20)),
      rule: {
        ...{ cardinality, scale: 2, recordsMax: 4, stepsMax: random.chance(0.2) ? 3_000 : 10_000_000 },
        ...(random.chance(0.5) && { window: { before: 1, after: 2 } }),
        ...(random.chance(0.5) && { tolerance: { absolute: '0.01' } }),
        ...(cardinality === 'one-to-many' && random.chance(0.4) && { fee: { fixed: '0.02', per: 'record' as const } }),
      },
    };
  });
}

test('what is remembered is what was found', () => {
  const memory = openSearchMemory();
  const all = requests(300).filter((request) => searchGroups(request).steps >= 200_000);
  expect(all.length).toBeGreaterThan(5);
  const found = all.map((request) => memory.search(request));
  expect(found.some(({ tied }) => tied.candidates.size > 0)).toBe(true);
  const path = fresh();
  memory.write(path);
  const next = openSearchMemory(path);
  expect(all.map((request) => next.search(request))).toEqual(found);
});

test('searches end as this version of them does', () => {
  const plain = (_: string, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Set || value instanceof Map ? [...value] : value;
  const text = JSON.stringify(requests(120).map(searchGroups), plain);
  // Where this differs on purpose, raise `searchVersion` and put the new digest here.
  expect([searchVersion, createHash('sha256').update(text).digest('hex').slice(0, 16)]).toEqual([
    1,
    'df4e5f04a58d4cda',
  ]);
});
