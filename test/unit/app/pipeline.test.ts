// Single cases of the pipeline's use cases; test/fault has them all at once, with faults.

import { describe, expect, test, vi } from 'vitest';
import type { MemoryClock } from '../../../shared/adapters/memory/clock.ts';
import type { MemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { releaseBatch } from '../../../shared/app/batches/release-batch.ts';
import { replaceBatch } from '../../../shared/app/batches/replace-batch.ts';
import { withdrawBatch } from '../../../shared/app/batches/withdraw-batch.ts';
import { failWork } from '../../../shared/app/runs/fail-work.ts';
import { getRunProgress } from '../../../shared/app/runs/get-run-progress.ts';
import { resumeRun } from '../../../shared/app/runs/resume-run.ts';
import { runTask } from '../../../shared/app/runs/run-task.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import { stopRun } from '../../../shared/app/runs/stop-run.ts';
import { leaseMs } from '../../../shared/domain/run.ts';
import { person, reconciliationId, ref, tenant } from '../../fault/scenario.ts';
import { twinEngine } from '../../fault/twin-engine.ts';
import { openPipeline, type Pipeline } from './pipeline-fixture.ts';

async function dropBoth(pipeline: Pipeline, bank: string, ledger: string): Promise<void> {
  await pipeline.drop('bank', bank);
  await pipeline.drop('ledger', ledger);
}

const codeOf = (result: { ok: boolean; code?: string }): string => (result.ok ? 'ok' : result.code!);

describe('batches', () => {
  test('the same object version again is the same batch; its run is started once', async () => {
    const pipeline = await openPipeline();
    await dropBoth(pipeline, 'a,1\n', 'a,1\n');
    const again = await pipeline.deps.objects.head(`drop/${tenant}/pair/bank/file-1.csv`);
    pipeline.enqueue({ kind: 'object-received', ...again! });
    await pipeline.drain();
    pipeline.enqueue({ kind: 'object-received', ...again! });
    await pipeline.drain();
    expect((await pipeline.deps.batches.list(ref)).items).toHaveLength(2);
    expect((await pipeline.deps.runs.list(ref)).items).toHaveLength(1);
    expect(await pipeline.run(1)).toMatchObject({ status: 'COMPLETED', trigger: 'arrival' });
  });

  test('a file that cannot be loaded fails with its reason and starts nothing', async () => {
    const pipeline = await openPipeline();
    await dropBoth(pipeline, '', 'a,1\n');
    await pipeline.drain();
    expect(await pipeline.batch('file-1.csv')).toMatchObject({ status: 'FAILED', reason: { code: 'FILE_EMPTY' } });
    expect((await pipeline.deps.runs.list(ref)).items).toEqual([]);
  });

  test('equal bytes newly arrived: released at once for a snapshot, held for an increment until a person releases', async () => {
    const snapshots = await openPipeline();
    await snapshots.drop('bank', 'a,1\n', 'one.csv');
    await snapshots.drain();
    await snapshots.drop('bank', 'a,1\n', 'two.csv');
    await snapshots.drain();
    const first = await snapshots.batch('one.csv');
    expect(await snapshots.batch('two.csv')).toMatchObject({ status: 'COMPLETE', sameAs: first.batchId });

    const increments = await openPipeline('increment');
    await increments.drop('bank', 'a,1\n', 'one.csv');
    await increments.drain();
    await increments.drop('bank', 'a,1\n', 'two.csv');
    await increments.drain();
    const held = await increments.batch('two.csv');
    expect(held.status).toBe('HELD');
    const { batchId } = held;
    expect(
      codeOf(
        await releaseBatch(increments.deps, person, {
          reconciliationId,
          batchId: (await increments.batch('one.csv')).batchId,
        }),
      ),
    ).toBe('BATCH_NOT_HELD');
    expect(codeOf(await releaseBatch(increments.deps, person, { reconciliationId, batchId }))).toBe('ok');
    await increments.drain();
    expect(await increments.batch('two.csv')).toMatchObject({ status: 'COMPLETE', releasedBy: 'person' });
  });

  test('a withdrawn newest snapshot gives its place to the one before; the rerun closes what only it had shown', async () => {
    const pipeline = await openPipeline();
    await dropBoth(pipeline, 'a,1\n', 'a,1\n');
    await pipeline.drain();
    await dropBoth(pipeline, 'a,1\nb,2\n', 'a,1\n');
    await pipeline.drain();
    const batch = await pipeline.batch('file-3.csv');
    const withdrawn = await withdrawBatch(pipeline.deps, person, {
      reconciliationId,
      batchId: batch.batchId,
      reason: 'wrong',
    });
    expect(withdrawn).toMatchObject({ ok: true, value: { rerun: true } });
    expect(codeOf(await startRun(pipeline.deps, person, { reconciliationId }))).toBe('ok');
    await pipeline.drain();
    const { items } = await pipeline.deps.breaks.list(ref);
    expect(items.find((item) => item.key === 'b')).toMatchObject({ status: 'CLOSED', closedReason: 'withdrawn' });
    expect((await pipeline.run(3)).claims.bank).toEqual([(await pipeline.batch('file-1.csv')).batchId]);
  });

  test('a replaced batch is withdrawn and its replacement loaded', async () => {
    const pipeline = await openPipeline('increment');
    await dropBoth(pipeline, 'a,1\n', 'a,2\n');
    await pipeline.drain();
    const objectKey = `uploads/${tenant}/u1`;
    const upload = {
      tenant,
      uploadId: 'u1',
      projectId: 'p',
      fileName: 'right.csv',
      contentType: 'text/csv',
      bytes: 1,
      objectKey,
    };
    const more = { status: 'UPLOADED' as const, uploadedBy: 'p', uploadedAt: '2026-01-05T09:00:00.000Z', version: 1 };
    await pipeline.deps.uploads.create({ ...upload, ...more });
    await pipeline.deps.objects.put(objectKey, 'id,amount\na,1\n');
    const { batchId } = await pipeline.batch('file-2.csv');
    const command = { reconciliationId, batchId, uploadId: 'u1', reason: 'corrected' };
    expect(codeOf(await replaceBatch(pipeline.deps, person, command))).toBe('ok');
    expect(codeOf(await replaceBatch(pipeline.deps, person, command))).toBe('ok');
    await pipeline.drain();
    expect(codeOf(await startRun(pipeline.deps, person, { reconciliationId }))).toBe('ok');
    await pipeline.drain();
    expect(
      (await pipeline.deps.batches.list(ref)).items.map(({ fileName, status }) => `${fileName} ${status}`),
    ).toEqual(['right.csv COMPLETE', 'file-2.csv WITHDRAWN', 'file-1.csv COMPLETE']);
    expect((await pipeline.run(2)).summary!.pairs).toEqual([{ source: 'ledger', matched: 1, mismatched: 0 }]);
    const { items } = await pipeline.deps.breaks.list(ref);
    expect(items.map((item) => item.status)).toEqual(['CLOSED']);
  });
});

describe('runs', () => {
  test('without a batch there is none', async () => {
    const pipeline = await openPipeline();
    expect(codeOf(await startRun(pipeline.deps, person, { reconciliationId }))).toBe('BATCH_MISSING');
    expect(codeOf(await startRun(pipeline.deps, person, { reconciliationId: 'none' }))).toBe('NOT_FOUND');
    const stranger = { ...person, tenant: 'other' };
    expect(codeOf(await startRun(pipeline.deps, stranger, { reconciliationId }))).toBe('NOT_FOUND');
  });

  test('a back-dated run has results and changes no break', async () => {
    const pipeline = await openPipeline();
    await dropBoth(pipeline, 'a,1\nold,1\n', 'a,1\n');
    await pipeline.drain();
    await dropBoth(pipeline, 'a,1\nnew,1\n', 'a,1\n');
    await pipeline.drain();
    const before = (await pipeline.deps.breaks.list(ref)).items;
    const { claims } = await pipeline.run(1);
    expect(codeOf(await startRun(pipeline.deps, person, { reconciliationId, batches: claims }))).toBe('ok');
    await pipeline.drain();
    expect(await pipeline.run(3)).toMatchObject({
      status: 'COMPLETED',
      backDated: true,
      summary: { breaks: { MISSING: 1 } },
    });
    expect((await pipeline.deps.breaks.list(ref)).items).toEqual(before);
    expect((await pipeline.deps.batches.feed(ref)).settled!.number).toBe(2);
  });

  test('a failed run says why, closes nothing, and gives its increments back', async () => {
    const failing = {
      ...twinEngine,
      match: async () => ({ ok: false as const, code: 'KEY_TOO_FREQUENT' as const, detail: 'x' }),
    };
    const pipeline = await openPipeline('increment', failing);
    await dropBoth(pipeline, 'a,1\n', 'a,1\n');
    await pipeline.drain();
    expect(await pipeline.run(1)).toMatchObject({
      status: 'FAILED',
      reason: { code: 'KEY_TOO_FREQUENT', detail: 'x' },
    });
    const feed = await pipeline.deps.batches.feed(ref);
    expect(feed).toMatchObject({ activeRuns: [], fresh: [] });
    expect(Object.values(feed.waiting).map((batches) => batches.length)).toEqual([1, 1]);
    expect(
      codeOf(await stopRun(pipeline.deps, person, { reconciliationId, runId: (await pipeline.run(1)).runId })),
    ).toBe('RUN_NOT_ACTIVE');
  });

  test('a fault that does not pass fails the run after its attempts; somebody resumes it when it has passed', async () => {
    let broken = true;
    const pipeline = await openPipeline('snapshot', {
      ...twinEngine,
      async match(request) {
        if (broken) throw new Error('out of memory');
        return twinEngine.match(request);
      },
    });
    await dropBoth(pipeline, 'a,1\n', 'a,2\n');
    await pipeline.drain();
    const failed = await pipeline.run(1);
    expect(failed).toMatchObject({ status: 'FAILED', stage: 'match', reason: { code: 'ATTEMPTS_EXHAUSTED' } });
    broken = false;
    const { runId } = failed;
    expect(codeOf(await resumeRun(pipeline.deps, person, { reconciliationId, runId }))).toBe('ok');
    expect(codeOf(await resumeRun(pipeline.deps, person, { reconciliationId, runId }))).toBe('RUN_NOT_STOPPED');
    await pipeline.drain();
    expect(await pipeline.run(1)).toMatchObject({ status: 'COMPLETED', doneIn: { plan: 1, match: 3 } });
    expect(await getRunProgress(pipeline.deps, person, { reconciliationId, runId })).toMatchObject({
      ok: true,
      value: { percent: 100 },
    });
  });

  test.each([
    { days: 5, partitionedIn: 1 },
    { days: 8, partitionedIn: 3 },
  ])('a run resumed after $days days matches what generation $partitionedIn partitioned', async (expected) => {
    let broken = true;
    const pipeline = await openPipeline('snapshot', {
      ...twinEngine,
      async match(request) {
        if (broken) throw new Error('out of memory');
        return twinEngine.match(request);
      },
    });
    pipeline.deps.settings.chunksForced = 2;
    await dropBoth(pipeline, 'a,1\nb,1\nc,1\n', 'a,2\nb,1\nd,1\n');
    await pipeline.drain();
    const { runId } = await pipeline.run(1);
    broken = false;
    (pipeline.deps.clock as MemoryClock).advance(expected.days * 86_400_000);
    // As the bucket's lifecycle does.
    const scratch = (pipeline.deps.objects as MemoryObjectStore).keys('scratch/');
    expect(scratch).not.toEqual([]);
    if (expected.days > 7) for (const key of scratch) await pipeline.deps.objects.delete(key);
    expect(codeOf(await resumeRun(pipeline.deps, person, { reconciliationId, runId }))).toBe('ok');
    await pipeline.drain();
    const { status, doneIn, summary } = await pipeline.run(1);
    expect({ status, partitionedIn: doneIn.partition }).toEqual({
      status: 'COMPLETED',
      partitionedIn: expected.partitionedIn,
    });
    expect(summary!.breaks).toMatchObject({ MISMATCH: 1, MISSING: 2 });
  });

  test('a stopped run cannot be resumed once a later one has settled', async () => {
    const pipeline = await openPipeline('increment');
    await dropBoth(pipeline, 'a,1\n', 'b,1\n');
    while (!(await pipeline.run(1))) await pipeline.happen();
    const { runId } = await pipeline.run(1);
    expect(codeOf(await stopRun(pipeline.deps, person, { reconciliationId, runId }))).toBe('ok');
    await pipeline.drain();
    expect(codeOf(await startRun(pipeline.deps, person, { reconciliationId }))).toBe('ok');
    expect(codeOf(await resumeRun(pipeline.deps, person, { reconciliationId, runId }))).toBe('RUN_SUPERSEDED');
    await pipeline.drain();
    expect((await pipeline.run(2)).summary!.breaks.MISSING).toBe(2);
    expect(codeOf(await resumeRun(pipeline.deps, person, { reconciliationId, runId }))).toBe('RUN_SUPERSEDED');
  });

  test('a run whose batch is withdrawn on the way fails instead of settling', async () => {
    const pipeline = await openPipeline();
    await dropBoth(pipeline, 'a,1\n', 'a,2\n');
    while ((await pipeline.run(1))?.stage !== 'match') await pipeline.happen();
    const { batchId } = await pipeline.batch('file-1.csv');
    expect(codeOf(await withdrawBatch(pipeline.deps, person, { reconciliationId, batchId, reason: 'wrong' }))).toBe(
      'ok',
    );
    await pipeline.drain();
    expect(await pipeline.run(1)).toMatchObject({ status: 'FAILED', reason: { code: 'BATCH_WITHDRAWN' } });
    expect((await pipeline.deps.breaks.list(ref)).items).toEqual([]);
  });

  test('a batch that was loaded under another definition is loaded again by the run that takes it', async () => {
    const pipeline = await openPipeline();
    await pipeline.drop('bank', 'a,1\n');
    await pipeline.drain();
    const reconciliation = (await pipeline.deps.reconciliations.get(ref))!;
    const fields = reconciliation.definition!.fields.map((field) => ({ ...field, normalise: ['upper' as const] }));
    await pipeline.deps.reconciliations.update({
      ...reconciliation,
      definition: { ...reconciliation.definition!, fields },
    });
    const before = await pipeline.batch('file-1.csv');
    await pipeline.drop('ledger', 'a,1\n');
    await pipeline.drain();
    expect(await pipeline.run(1)).toMatchObject({ status: 'COMPLETED' });
    const after = await pipeline.batch('file-1.csv');
    expect(after).toMatchObject({ batchId: before.batchId, number: before.number, loadedAgain: true });
    expect([after.loadHash, after.recordsKey]).not.toEqual([before.loadHash, before.recordsKey]);
  });

  test('once its outcome is decided a run cannot be stopped, and when it fails the next one completes it', async () => {
    const pipeline = await openPipeline();
    await dropBoth(pipeline, 'a,1\n', 'a,2\n');
    while (!(await pipeline.deps.batches.feed(ref)).pending) await pipeline.happen();
    const { runId, generation } = await pipeline.run(1);
    expect(codeOf(await stopRun(pipeline.deps, person, { reconciliationId, runId }))).toBe('RUN_SETTLING');
    await failWork(pipeline.deps, { kind: 'task', ...ref, runId, generation, stage: 'settle', index: 0 });
    expect((await pipeline.run(1)).status).toBe('FAILED');
    await dropBoth(pipeline, 'a,1\nb,1\n', 'a,2\n');
    await pipeline.drain();
    expect(await pipeline.run(1)).toMatchObject({ status: 'COMPLETED' });
    expect(await pipeline.run(2)).toMatchObject({ status: 'COMPLETED' });
    const { items } = await pipeline.deps.breaks.list(ref);
    expect(items.map((item) => [item.key, item.firstRunNumber]).sort()).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  test('a dead letter fails what it was for, and nothing that is done', async () => {
    const pipeline = await openPipeline();
    await pipeline.drop('bank', 'a,1\n');
    const object = (await pipeline.deps.objects.head(`drop/${tenant}/pair/bank/file-1.csv`))!;
    await failWork(pipeline.deps, { kind: 'object-received', ...object });
    expect(await pipeline.batch('file-1.csv')).toMatchObject({
      status: 'FAILED',
      reason: { code: 'ATTEMPTS_EXHAUSTED' },
    });
    await dropBoth(pipeline, 'a,1\n', 'a,2\n');
    await pipeline.drain();
    const run = await pipeline.run(1);
    await failWork(pipeline.deps, { kind: 'advance', ...ref, runId: run.runId, generation: 1, stage: 'match' });
    await failWork(pipeline.deps, {
      kind: 'object-received',
      ...(await pipeline.deps.objects.head(`drop/${tenant}/pair/bank/file-2.csv`))!,
    });
    expect(await pipeline.run(1)).toEqual(run);
    expect((await pipeline.batch('file-2.csv')).status).toBe('COMPLETE');
  });

  test('a worker renews its lease while it works, and only its own', async () => {
    const pipeline = await openPipeline();
    await dropBoth(pipeline, 'a,1\n', 'a,2\n');
    const opened = async () => {
      const run = await pipeline.run(1);
      return run && (await pipeline.deps.tasks.count(run, 1, 'match'));
    };
    while (!(await opened())) await pipeline.happen();
    const { runId } = await pipeline.run(1);
    const beats = vi.fn(pipeline.deps.tasks.heartbeat);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const engine = {
        ...twinEngine,
        async match(request: Parameters<typeof twinEngine.match>[0]) {
          vi.advanceTimersByTime(leaseMs);
          return twinEngine.match(request);
        },
      };
      const deps = { ...pipeline.deps, engine, tasks: { ...pipeline.deps.tasks, heartbeat: beats } };
      await runTask(deps, { ...ref, runId, stage: 'match', index: 0 }, 1);
      expect(beats).toHaveBeenCalledTimes(3);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
    await pipeline.drain();
    expect((await pipeline.run(1)).status).toBe('COMPLETED');
  });
});
