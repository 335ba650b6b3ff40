// Two attempts at one settlement: the older wakes up while the newer writes, and after it, and a person acts in between.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applySettlement } from '../../../shared/app/breaks/apply-settlement.ts';
import type { BreakChange } from '../../../shared/app/pipeline-engine.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { BreakStore } from '../../../shared/ports/break-store.ts';
import { breakItem } from '../../contract/ports/samples.ts';
import { ref } from '../../fault/scenario.ts';
import { twinEngine } from '../../fault/twin-engine.ts';
import { openPipeline } from './pipeline-fixture.ts';

const ids = ['a', 'b', 'c', 'd', 'e'].map((digit) => breakItem(digit, 1).breakId);
const { tenant: _tenant, reconciliationId: _reconciliation, breakId: _id, ...observed } = breakItem('a', 1);
const changes = ids.map((breakId): BreakChange => ({ kind: 'opened', breakId, openedAt: 0, observed }));

test.each([0, 1, 2, 3, 4])('an older attempt that wakes up at its write %s writes over nothing', async (at) => {
  const { deps } = await openPipeline('snapshot', {
    ...twinEngine,
    changes: async ({ offset, limit }) => changes.slice(offset, offset + limit),
  });
  deps.settings.breaksPerWrite = 1;
  const directory = deps.settings.scratchDirectory;
  writeFileSync(join(directory, 'changes'), '');
  await deps.objects.upload(join(directory, 'changes'), 'changes');
  const run = {
    ...{ ...ref, runId: 'one', number: 1, version: 0 },
    results: { matchesKeys: [], breaksKey: 'k' },
    definition: {},
  } as unknown as Run;
  const pending = { runId: 'one', number: 1, ledgerKey: 'k', changesKey: 'changes', changes: 5, lanes: 2, applied: 0 };
  const raise = async (fence: number): Promise<void> => {
    expect(await deps.runs.saveFeed({ ...(await deps.batches.feed(ref)), pending, fence })).toBe(true);
  };
  await raise(1);
  let writes = 0;
  const closed = { status: 'CLOSED', closedReason: 'a person' } as const;
  const slow: BreakStore = {
    ...deps.breaks,
    async settle(lane, move, breaks) {
      if (writes++ === at) {
        await raise(2);
        expect(await applySettlement(deps, run, 2, directory)).toBe('applied');
        for (const item of await deps.breaks.getMany(ref, ids)) {
          const next = { ...item, ...closed, version: item.version + 1 };
          expect(await deps.breaks.save([{ break: next, expected: item.version }])).toBe(true);
        }
      }
      return deps.breaks.settle(lane, move, breaks);
    },
  };
  expect(await applySettlement({ ...deps, breaks: slow }, run, 1, directory)).toBe('fenced');
  const stored = await deps.breaks.getMany(ref, ids);
  expect(stored.map(({ status, version }) => ({ status, version }))).toEqual(
    ids.map(() => ({ status: 'CLOSED', version: 2 })),
  );
});
