// How the activity tells the end of a run: what is unusual about it follows as a sentence.
import { expect, test } from 'vitest';
import { createMemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import { createMemoryClock } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { noteRunEnd } from '../../../shared/app/activity/note-run-end.ts';
import type { Anomaly, RunAnomalies } from '../../../shared/domain/anomaly/anomaly.ts';
import { emptyFeed } from '../../../shared/domain/feed.ts';
import { ref, run } from '../../contract/ports/samples.ts';
import { graph } from '../../fixtures/graph.ts';

const usual = { median: '995.5', spread: '39.5', low: '700', high: '1343', runs: 12 };
const anomaly: Anomaly = {
  ...{ kind: 'volume', subject: { source: 'BANK' }, value: '10423', usual, score: 76 },
  explanation: '10,423 rows of BANK: usually 700 to 1,343',
};
const none: RunAnomalies = { runs: 12, learning: false, found: [], more: 0, breaks: 0 };

test.each<[string, RunAnomalies | undefined, string]>([
  ['nothing was looked for', undefined, ''],
  ['nothing is unusual', none, ''],
  ['one figure is', { ...none, found: [anomaly] }, '. 10,423 rows of BANK: usually 700 to 1,343'],
  [
    'more are, and breaks',
    { ...none, found: [anomaly, anomaly], more: 3, breaks: 1 },
    '. 10,423 rows of BANK: usually 700 to 1,343; 4 more unusual figures; 1 unusual break',
  ],
  ['breaks alone are', { ...none, breaks: 2 }, '. 2 unusual breaks'],
])('%s', async (_name, anomalies, told) => {
  const state = createMemoryState();
  const deps = {
    reconciliations: createMemoryReconciliationStore(state),
    runs: createMemoryRunStore(state),
    activity: createMemoryActivityLog(state, createMemoryClock()),
  };
  await deps.reconciliations.create({
    ...ref,
    ...{ code: 'c', name: 'c', description: '', ownerId: 'o', status: 'PUBLISHED', version: 1, graph: graph() },
    ...{ createdAt: '2026-01-05T09:00:00.000Z', updatedAt: '2026-01-05T09:00:00.000Z' },
  });
  const ended = run({ status: 'COMPLETED', ...(anomalies && { anomalies }) });
  await deps.runs.create(ended, emptyFeed(ref));
  await noteRunEnd(deps, ended);
  const [entry] = await deps.activity.newest(ref.tenant, ref.reconciliationId, 10);
  expect(entry!.details).toMatch(/^Run \d+ completed successfully/);
  expect(entry!.details.replace(/^Run \d+ completed successfully/, '')).toBe(told);
});
