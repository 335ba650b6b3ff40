// Files into the drop folder of the deployed platform, settled runs out of it: through S3, SQS, Lambda and DynamoDB.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  countsOf,
  type DeployedPipeline,
  generate,
  generatedDefinition,
  openDeployedPipeline,
  type Truth,
  truthOf,
} from '../../../bench/deployed-pipeline.ts';
import { withdrawBatch } from '../../../shared/app/batches/withdraw-batch.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import type { Actor } from '../../../shared/domain/principal.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { workerProcesses } from './worker-processes.ts';

let pipeline: DeployedPipeline;
let directory: string;
let small: { left: string; right: string; truth: Truth };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tieout-pipeline-'));
  pipeline = await openDeployedPipeline(inject('stack'));
  small = generate(join(directory, 'small'), 5_000, 1);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const header = {
  left: 'txn_id,booked,amount,fee,currency,counterparty',
  right: 'ref,value_date,ccy,amt,fee,counterparty',
};
const left = (...rows: string[]): string => [header.left, ...rows, ''].join('\n');
const right = (...rows: string[]): string => [header.right, ...rows, ''].join('\n');

function actorOf({ tenant }: Reconciliation): Actor {
  return { tenant, userId: 'owner', role: 'admin', permissions: [], name: 'Owner' };
}

async function dropPair(reconciliation: Reconciliation, files = small): Promise<void> {
  await pipeline.dropFile(reconciliation, 'left', files.left);
  await pipeline.dropFile(reconciliation, 'right', files.right);
}

async function completed(reconciliation: Reconciliation, number: number, timeoutMs?: number): Promise<Run> {
  const run = await pipeline.ended(reconciliation, number, timeoutMs);
  expect(run).toMatchObject({ status: 'COMPLETED' });
  return run;
}

async function openBreaks(reconciliation: Reconciliation): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await pipeline.deps.breaks.list(reconciliation, cursor, 1_000);
    const open = page.items.filter(({ status }) => status === 'OPEN');
    found.push(...open.map(({ type, key }) => `${type} ${key}`));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found.toSorted();
}

describe('a pair of files', () => {
  test('ends as a settled run with the counts of the truth, each break as an item', async () => {
    const reconciliation = await pipeline.createReconciliation(generatedDefinition);
    await dropPair(reconciliation);
    const run = await completed(reconciliation, 1);
    expect(countsOf(run)).toEqual(truthOf(small.truth));
    const { breaks } = run.summary!;
    const total = Object.values(breaks).reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(0);
    expect(await openBreaks(reconciliation)).toHaveLength(total);
  });

  test('names with spaces, signs and letters beyond ASCII are files like others', async () => {
    const reconciliation = await pipeline.createReconciliation(generatedDefinition);
    const name = "été 100% + (1) 'x'.csv";
    await pipeline.drop(reconciliation, 'left', name, left('1,2026-01-05,10.00,1.00,EUR,Ann'));
    await pipeline.drop(reconciliation, 'right', name, right('1,2026-01-05,EUR,10.00,1.00,Ann'));
    const run = await completed(reconciliation, 1);
    expect(run.summary?.pairs).toEqual([{ source: 'right', matched: 1, mismatched: 0 }]);
    const batches = await pipeline.deps.batches.list(reconciliation);
    expect(batches.items.map(({ fileName }) => fileName)).toEqual([name, name]);
  });

  test('the outcome is the same in one chunk and in eight', { timeout: 240_000 }, async () => {
    const outcomes: { chunks: number | undefined; canonical: string; summary: Run['summary'] }[] = [];
    for (const chunks of [1, 8]) {
      await pipeline.forceChunks(chunks);
      const reconciliation = await pipeline.createReconciliation(generatedDefinition);
      await dropPair(reconciliation);
      const run = await completed(reconciliation, 1);
      const canonical = await pipeline.canonical(run, join(directory, `canonical-${chunks}`));
      outcomes.push({ chunks: run.chunks, canonical, summary: run.summary });
    }
    await pipeline.forceChunks(undefined);
    const [one, eight] = outcomes;
    expect([one?.chunks, eight?.chunks]).toEqual([1, 8]);
    expect(eight?.canonical).toBe(one?.canonical);
    expect(eight?.summary).toEqual(one?.summary);
  });

  test('files that come one by one agree on a type, and the run loads again what was read otherwise', async () => {
    const fields = generatedDefinition.fields.map(({ type: _type, tolerance: _tolerance, ...field }) => field);
    const reconciliation = await pipeline.createReconciliation({ ...generatedDefinition, fields });
    await pipeline.drop(reconciliation, 'left', 'a.csv', left('1,2026-01-05,10.00,1.00,EUR,Ann'));
    const loaded = async () => (await pipeline.deps.batches.list(reconciliation)).items.map(({ status }) => status);
    await expect.poll(loaded, { timeout: 30_000 }).toEqual(['COMPLETE']);
    await pipeline.drop(reconciliation, 'right', 'b.csv', right('1,2026-01-05,EUR,10.00 or so,1.00,Ann'));
    const run = await completed(reconciliation, 1);
    expect(run.definition?.fields.find(({ name }) => name === 'amount')?.type).toBe('text');
    expect(run.summary?.pairs).toEqual([{ source: 'right', matched: 0, mismatched: 1 }]);
  });

  test('a file that cannot be read fails its batch with the reason, and starts no run', async () => {
    const reconciliation = await pipeline.createReconciliation(generatedDefinition);
    await pipeline.drop(reconciliation, 'left', 'a.csv', 'no,such,columns\n1,2,3\n');
    await pipeline.drop(reconciliation, 'right', 'b.csv', right('1,2026-01-05,EUR,10.00,1.00,Ann'));
    await expect
      .poll(
        async () => (await pipeline.deps.batches.list(reconciliation)).items.map(({ status }) => status).toSorted(),
        {
          timeout: 30_000,
        },
      )
      .toEqual(['COMPLETE', 'FAILED']);
    const failed = (await pipeline.deps.batches.list(reconciliation)).items.find(({ status }) => status === 'FAILED');
    expect(failed).toMatchObject({ source: 'left', reason: { code: 'COLUMN_MISSING' } });
    expect((await pipeline.deps.runs.list(reconciliation)).items).toEqual([]);
  });
});

describe('messages', () => {
  test("S3's notification delivered again changes nothing", async () => {
    const reconciliation = await pipeline.createReconciliation(generatedDefinition);
    await dropPair(reconciliation);
    const run = await completed(reconciliation, 1);
    const { items: batches } = await pipeline.deps.batches.list(reconciliation);
    for (const { object } of [...batches, ...batches]) {
      const s3 = {
        bucket: { name: pipeline.bucket },
        object: { key: encodeURIComponent(object.key), size: object.bytes, versionId: object.versionId },
      };
      const record = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3 };
      await pipeline.deliver(JSON.stringify({ Records: [record] }));
    }
    // Behind them in the queue: when this one has been dealt with, so have they, or they are in work.
    await pipeline.drop(reconciliation, 'nobody', 'last.csv', 'x');
    await expect
      .poll(() => pipeline.keys(`unclaimed/drop/${reconciliation.tenant}/`), { timeout: 30_000 })
      .toHaveLength(2);
    await sleep(1_000);
    expect((await pipeline.deps.batches.list(reconciliation)).items).toEqual(batches);
    expect((await pipeline.deps.runs.list(reconciliation)).items).toEqual([run]);
  });

  test('of no known form end beside the files that nobody expects, with the reason', async () => {
    const before = await pipeline.keys('unclaimed/messages/');
    await pipeline.deliver('{"kind":"nonsense"}');
    await expect.poll(() => pipeline.keys('unclaimed/messages/'), { timeout: 60_000 }).toHaveLength(before.length + 1);
    const [key] = (await pipeline.keys('unclaimed/messages/')).filter((one) => !before.includes(one));
    const kept = JSON.parse(Buffer.from((await pipeline.deps.objects.get(key!))!).toString());
    expect(kept).toMatchObject({ body: '{"kind":"nonsense"}', reason: expect.stringContaining('neither work') });
  });
});

describe('files that nobody expects', () => {
  test.each([
    ['an unknown reconciliation', { code: 'other' }, 'left'],
    ['an unknown source', {}, 'middle'],
  ])('of %s are put aside with the reason', async (_, changes, source) => {
    const reconciliation = await pipeline.createReconciliation(generatedDefinition);
    await pipeline.drop({ ...reconciliation, ...changes }, source, 'a.csv', 'x,y\n1,2\n');
    const prefix = `unclaimed/drop/${reconciliation.tenant}/`;
    await expect.poll(() => pipeline.keys(prefix), { timeout: 30_000 }).toHaveLength(2);
    const keys = await pipeline.keys(prefix);
    const content = await pipeline.deps.objects.get(keys.find((key) => !key.endsWith('.reason.json'))!);
    expect(Buffer.from(content!).toString()).toBe('x,y\n1,2\n');
    const reason = await pipeline.deps.objects.get(keys.find((key) => key.endsWith('.reason.json'))!);
    expect(JSON.parse(Buffer.from(reason!).toString())).toMatchObject({ code: 'OBJECT_UNEXPECTED' });
    await expect.poll(() => pipeline.keys(`drop/${reconciliation.tenant}/`), { timeout: 10_000 }).toEqual([]);
  });
});

describe('over time', () => {
  const pair = async (
    reconciliation: Reconciliation,
    number: number,
    lefts: string[],
    rights: string[],
  ): Promise<Run> => {
    await pipeline.drop(reconciliation, 'left', `left-${number}.csv`, left(...lefts));
    await pipeline.drop(reconciliation, 'right', `right-${number}.csv`, right(...rights));
    return completed(reconciliation, number);
  };

  test('a batch that is withdrawn is not seen by the next run', async () => {
    const reconciliation = await pipeline.createReconciliation(generatedDefinition);
    const row = '1,2026-01-05,10.00,1.00,EUR,Ann';
    await pair(reconciliation, 1, [row], ['1,2026-01-05,EUR,10.00,1.00,Ann']);
    expect(await openBreaks(reconciliation)).toEqual([]);
    await pair(reconciliation, 2, [row], ['1,2026-01-05,EUR,99.00,1.00,Ann']);
    expect(await openBreaks(reconciliation)).toEqual(['MISMATCH 1']);
    const { items } = await pipeline.deps.batches.list(reconciliation);
    const wrong = items.find(({ fileName }) => fileName === 'right-2.csv')!;
    const actor = actorOf(reconciliation);
    const withdrawn = await withdrawBatch(pipeline.deps, actor, { ...wrong, reason: 'a wrong file' });
    expect(withdrawn).toMatchObject({ ok: true, value: { rerun: true } });
    const started = await startRun(pipeline.deps, actor, { reconciliationId: reconciliation.reconciliationId });
    expect(started).toMatchObject({ ok: true });
    await completed(reconciliation, 3);
    expect(await openBreaks(reconciliation)).toEqual([]);
  });
});

describe('the query function', () => {
  test('gives pages of results with both records, and files of them', async () => {
    const reconciliation = await pipeline.createReconciliation(generatedDefinition);
    await dropPair(reconciliation);
    const run = await completed(reconciliation, 1);
    const { left: anchor, pairs } = small.truth;
    const first = await pipeline.results.page(run, {}, 0, 3);
    expect(first.rows.map(({ outcome }) => outcome)).toEqual(['matched', 'matched', 'matched']);
    expect(first.rows[0]?.left?.txn_id).toBe(first.rows[0]?.right?.txn_id);
    const differing = await pipeline.results.page(run, { outcomes: ['mismatched'] }, pairs.mismatched - 2, 10);
    expect(differing.total).toBe(pairs.mismatched);
    expect(differing.rows).toHaveLength(2);
    expect(differing.rows[0]?.differences).not.toEqual([]);
    const made = await pipeline.results.export(run, 'csv', { outcomes: ['matched'] });
    const lines = Buffer.from((await pipeline.deps.objects.get(made.key))!)
      .toString()
      .trim()
      .split('\n');
    expect(lines).toHaveLength(pairs.matched + 1);
    expect(anchor.matched).toBe(pairs.matched);
    await expect(pipeline.results.page({ ...run, runId: 'none' }, {}, 0, 1)).rejects.toThrow('NOT_FOUND');
  });
});

describe('an upload', () => {
  test('is read when that is asked for', async () => {
    const uploadId = pipeline.deps.ids.uuid();
    const objectKey = `uploads/t-${uploadId}/${uploadId}`;
    await pipeline.deps.objects.put(objectKey, 'id,amount\n1,2.50\n2\n');
    await pipeline.deps.uploads.create({
      tenant: `t-${uploadId}`,
      uploadId,
      projectId: 'project',
      fileName: 'bank.csv',
      contentType: 'text/csv',
      bytes: 20,
      status: 'PROCESSING',
      objectKey,
      uploadedBy: 'owner',
      uploadedAt: new Date().toISOString(),
      version: 1,
    });
    await pipeline.deps.queue.send([{ kind: 'profile-upload', tenant: `t-${uploadId}`, uploadId }]);
    const read = () => pipeline.deps.uploads.get(`t-${uploadId}`, uploadId);
    await expect.poll(async () => (await read())?.status, { timeout: 60_000 }).toBe('PROCESSED');
    expect((await read())?.profile).toMatchObject({ records: 1, columns: ['id', 'amount'], errors: [{ line: 3 }] });
  });
});

describe('processes that are killed', () => {
  test('change no count', { timeout: 300_000 }, async () => {
    const files = generate(join(directory, 'larger'), 60_000, 2);
    const names = ['plan', 'match', 'settle'].map((name) => `tieout-local-${name}`);
    await pipeline.forceChunks(4);
    const reconciliations: Reconciliation[] = [];
    for (let count = 0; count < 3; count += 1) {
      const reconciliation = await pipeline.createReconciliation(generatedDefinition);
      reconciliations.push(reconciliation);
      await dropPair(reconciliation, files);
    }
    // From the moment that a first run is under way, a worker dies every 150 ms; what it did is begun again.
    const active = async (): Promise<number> => {
      const runs = await Promise.all(reconciliations.map((one) => pipeline.deps.runs.list(one)));
      return runs.flatMap(({ items }) => items).filter(({ status }) => status === 'RUNNING').length;
    };
    await expect.poll(active, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0);
    let killed = 0;
    for (let kill = 0; kill < 12; kill += 1) {
      for (const pid of workerProcesses(pipeline.endpoint, names).slice(0, 1)) {
        process.kill(pid, 'SIGKILL');
        killed += 1;
      }
      await sleep(150);
    }
    expect(killed).toBeGreaterThan(3);
    // Leases have to run out; then the sweep finds what was left. It comes each minute, here more often.
    const sweeping = setInterval(() => void pipeline.sweep().catch(() => undefined), 5_000);
    try {
      for (const reconciliation of reconciliations) {
        const run = await completed(reconciliation, 1, 200_000);
        expect(countsOf(run)).toEqual(truthOf(files.truth));
        const total = Object.values(run.summary!.breaks).reduce((sum, count) => sum + count, 0);
        expect(await openBreaks(reconciliation)).toHaveLength(total);
      }
      const canonical = new Set<string>();
      for (const [index, reconciliation] of reconciliations.entries()) {
        const run = await pipeline.ended(reconciliation, 1);
        canonical.add(await pipeline.canonical(run, join(directory, `killed-${index}`)));
      }
      expect(canonical.size).toBe(1);
    } finally {
      clearInterval(sweeping);
      await pipeline.forceChunks(undefined);
    }
  });
});
