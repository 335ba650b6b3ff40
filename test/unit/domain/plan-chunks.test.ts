// Tables of how a run is split, and which stage and tasks follow.
import { expect, test } from 'vitest';
import { stageAfter, tasksOf } from '../../../shared/domain/advance.ts';
import type { Definition, Pass } from '../../../shared/domain/definition.ts';
import { groupParts, planChunks } from '../../../shared/domain/plan-chunks.ts';
import type { Run, RunInputs } from '../../../shared/domain/run.ts';

const limits = { rowsPerChunk: 1_000, bytesPerChunk: 10_000 };

test.each([
  ['nothing', { rows: 0, bytes: 0 }, limits, 1],
  ['small input', { rows: 1_000, bytes: 10_000 }, limits, 1],
  ['one row too many', { rows: 1_001, bytes: 1 }, limits, 2],
  ['many bytes in few rows', { rows: 1, bytes: 25_000 }, limits, 3],
  ['never more tasks than a stage may have', { rows: 9_999_999, bytes: 1 }, limits, 1_000],
  ['forced', { rows: 1, bytes: 1 }, { ...limits, chunksForced: 8 }, 8],
])('chunks of %s', (_name, size, given, expected) => {
  expect(planChunks(size, given)).toBe(expected);
});

test.each([
  [0, 3, []],
  [
    2,
    3,
    [
      [0, 1],
      [1, 2],
    ],
  ],
  [
    7,
    3,
    [
      [0, 3],
      [3, 6],
      [6, 7],
    ],
  ],
])('%i parts in at most %i groups', (parts, groupsMax, expected) => {
  expect(groupParts(parts, groupsMax).map(({ from, to }) => [from, to])).toEqual(expected);
});

test.each([
  ['prepare', 1, 'plan'],
  ['plan', 1, 'match'],
  ['plan', 2, 'partition'],
  ['partition', 2, 'match'],
  ['match', 2, 'settle'],
  ['residue', 2, 'settle'],
  ['settle', 2, undefined],
] as const)('%s of %i chunks leads to %s', (stage, chunks, expected) => {
  expect(stageAfter(stage, { chunks })).toBe(expected);
});

test('what chunks leave to passes after the exact key is matched together, and one chunk sees all of it', () => {
  const definition = definitionOf([{ kind: 'exact-key' }, { kind: 'tolerance', conditions: [] }]);
  expect(stageAfter('match', { chunks: 2, definition })).toBe('residue');
  expect(stageAfter('match', { chunks: 1, definition })).toBe('settle');
  expect(stageAfter('match', { chunks: 2, definition: definitionOf([{ kind: 'exact-key' }]) })).toBe('settle');
});

function definitionOf(passes: Pass[]): Definition {
  return { name: 'a', sources: [], fields: [], passes };
}

test('partition has a task per source and batch, and no more than a stage may have', () => {
  const parts = (length: number) => Array.from({ length }, (_, index) => ({ key: `k${index}`, rows: 1 }));
  const source = { fields: [], records: 0, rejected: 0, excluded: 0, sums: {} };
  const inputs = (a: number, b: number): RunInputs => ({
    sources: [
      { ...source, source: 'bank', parts: parts(a) },
      { ...source, source: 'ledger', parts: parts(b) },
    ],
    withdrawn: [],
  });
  const run = { chunks: 4 } as Run;
  expect(tasksOf(run, 'partition', inputs(2, 1)).map(({ input }) => input)).toEqual([
    { source: 'bank', from: 0, to: 1 },
    { source: 'bank', from: 1, to: 2 },
    { source: 'ledger', from: 0, to: 1 },
  ]);
  const many = tasksOf(run, 'partition', inputs(3_000, 1));
  expect(many.length).toBeLessThanOrEqual(1_000);
  expect(many.at(-2)!.input).toMatchObject({ source: 'bank', to: 3_000 });
  expect(tasksOf(run, 'match', undefined)).toHaveLength(4);
  expect(tasksOf(run, 'settle', undefined)).toEqual([{ index: 0, input: {} }]);
});
