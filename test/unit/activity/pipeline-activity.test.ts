// What the pipeline writes into the activity, over the whole of it: runs that complete, fail and are stopped, and batches that
// cannot be loaded, once however often their messages come.
import { describe, expect, it } from 'vitest';
import type { MemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import type { MemoryMailOutbox } from '../../../shared/adapters/memory/mail-outbox.ts';
import { reconciliationKey } from '../../../shared/adapters/memory/state.ts';
import { releaseBatch } from '../../../shared/app/batches/release-batch.ts';
import { failWork } from '../../../shared/app/runs/fail-work.ts';
import { resumeRun } from '../../../shared/app/runs/resume-run.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import { stopRun } from '../../../shared/app/runs/stop-run.ts';
import type { ActivityEventType } from '../../../shared/ports/activity-log.ts';
import { person, reconciliationId, ref } from '../../fault/scenario.ts';
import { graph } from '../../fixtures/graph.ts';
import { openPipeline } from '../app/pipeline-fixture.ts';

async function openDefined(withGraph = true, load: 'snapshot' | 'increment' = 'snapshot') {
  const pipeline = await openPipeline(load);
  if (withGraph) pipeline.state.reconciliations.get(reconciliationKey(ref))!.graph = graph();
  const activity = pipeline.deps.activity as MemoryActivityLog;
  return {
    ...pipeline,
    activity,
    mails: () => (pipeline.deps.outbox as MemoryMailOutbox).all(),
    details: (about: ActivityEventType) =>
      activity.entries.flatMap(({ eventType, details }) => (eventType === about ? [details] : [])),
    async settle() {
      await pipeline.drop('bank', 'a,1\n');
      await pipeline.drop('ledger', 'a,1\n');
      await pipeline.drain();
    },
  };
}

describe('activity-event-types: runs', () => {
  it('activity-event-types: a run that completed is said to have, once however often its messages come', async () => {
    const pipeline = await openDefined();
    await pipeline.settle();
    expect(pipeline.details('RECONCILIATION_RUN')).toEqual(['Run 101000000001 completed successfully']);
    expect(pipeline.activity.entries.at(-1)).toMatchObject({ tenant: ref.tenant, reconciliationId, actorDn: 'SYSTEM' });
    const { runId, generation } = await pipeline.run(1);
    for (let count = 0; count < 2; count += 1) {
      pipeline.enqueue({ kind: 'advance', ...ref, runId, generation, stage: 'settle' });
      pipeline.enqueue({ kind: 'task', ...ref, runId, generation, stage: 'settle', index: 0 });
    }
    await pipeline.drain();
    await failWork(pipeline.deps, { kind: 'task', ...ref, runId, generation, stage: 'settle', index: 0 });
    expect(pipeline.details('RECONCILIATION_RUN')).toHaveLength(1);
  });

  it('audit-trail: a run that a person asked for has their full name in the directory', async () => {
    const pipeline = await openDefined();
    await pipeline.settle();
    const actorDn = 'CN=analyst.jane,OU=Users,DC=corp,DC=example';
    await startRun(pipeline.deps, person, { reconciliationId, note: { triggerType: 'MANUAL_API', actorDn } });
    await pipeline.drain();
    const runs = pipeline.activity.entries.filter(({ eventType }) => eventType === 'RECONCILIATION_RUN');
    expect(runs.map((entry) => entry.actorDn)).toEqual(['SYSTEM', actorDn]);
  });

  it('activity-event-types: a run that failed or was stopped says why; resumed, it ends once more', async () => {
    const pipeline = await openDefined();
    await pipeline.drop('bank', 'a,1\n');
    await pipeline.drop('ledger', 'a,1\n');
    while (!(await pipeline.deps.runs.list(ref)).items[0]) await pipeline.happen();
    const { runId, generation, stage } = await pipeline.run(1);
    await failWork(pipeline.deps, { kind: 'advance', ...ref, runId, generation, stage });
    await resumeRun(pipeline.deps, person, { reconciliationId, runId });
    await stopRun(pipeline.deps, person, { reconciliationId, runId });
    await resumeRun(pipeline.deps, person, { reconciliationId, runId });
    await pipeline.drain();
    expect(pipeline.details('RECONCILIATION_RUN')).toEqual([
      'Run 101000000001 failed: ATTEMPTS_EXHAUSTED: The queue gave up a message of this work after its last attempt',
      'Run 101000000001 was stopped: RUN_STOPPED: Stopped by Person',
      'Run 101000000001 completed successfully',
    ]);
  });

  it('a reconciliation without a graph has no activity', async () => {
    const pipeline = await openDefined(false);
    await pipeline.settle();
    await pipeline.drop('bank', '');
    await pipeline.drain();
    expect(await pipeline.run(1)).toMatchObject({ status: 'COMPLETED' });
    expect(pipeline.activity.entries).toEqual([]);
    expect(pipeline.mails()).toEqual([]);
  });
});

describe('activity-event-types: batches', () => {
  it('activity-event-types: a batch that just arrived is told once, with its rows; so is one that is held, and again when it counts', async () => {
    const pipeline = await openDefined(true, 'increment');
    await pipeline.drop('bank', 'a,1\nb,2\n', 'first.csv');
    await pipeline.drop('bank', 'a,1\nb,2\n', 'again.csv');
    await pipeline.drain();
    const { batchId } = await pipeline.batch('first.csv');
    pipeline.enqueue({ kind: 'ingest-batch', ...ref, batchId });
    await pipeline.drain();
    const loaded = [
      'Batch 101000000001 of source bank: 2 records, 0 rejected',
      'Batch 101000000002 of source bank: held, because its bytes came before',
    ];
    expect(pipeline.details('BATCH_INGESTED')).toEqual(loaded);
    expect(pipeline.activity.entries[0]).toMatchObject({ actorDn: 'SYSTEM' });
    await releaseBatch(pipeline.deps, person, await pipeline.batch('again.csv'));
    await pipeline.drain();
    expect(pipeline.details('BATCH_INGESTED')).toEqual([
      ...loaded,
      'Batch 101000000002 of source bank: 2 records, 0 rejected',
    ]);
    expect(pipeline.mails()).toEqual([]);
  });
});

describe('notify-publish-failure: batches', () => {
  it('notify-publish-failure: a batch that cannot be loaded has one entry and one mail, whoever fails it', async () => {
    const pipeline = await openDefined();
    await pipeline.drop('bank', '', 'empty.csv');
    await pipeline.drain();
    const { batchId } = await pipeline.batch('empty.csv');
    pipeline.enqueue({ kind: 'ingest-batch', ...ref, batchId });
    await pipeline.drain();
    await failWork(pipeline.deps, { kind: 'ingest-batch', ...ref, batchId });
    expect(pipeline.details('INGESTION_FAILED')).toEqual([
      expect.stringMatching(/^Batch 101000000001 of source bank failed: FILE_EMPTY: /),
    ]);
    expect(pipeline.letters).toHaveLength(1);
    expect(pipeline.mails()).toMatchObject([
      {
        status: 'SENT',
        to: 'recon-admins@example.com',
        text: 'Batch 101000000001 of source bank of reconciliation CUSTODY_GL (101) could not be loaded: FILE_EMPTY.',
      },
    ]);
  });

  it('notify-publish-failure: so has one whose message was given up by its queue', async () => {
    const pipeline = await openDefined();
    const stored = await pipeline.deps.objects.put('drop/acme/pair/bank/a.csv', 'id,amount\na,1\n');
    await failWork(pipeline.deps, { kind: 'object-received', ...stored });
    expect(pipeline.details('INGESTION_FAILED')).toEqual([
      expect.stringContaining('Batch 101000000001 of source bank failed: ATTEMPTS_EXHAUSTED'),
    ]);
    expect(pipeline.mails()).toHaveLength(1);
  });
});
