// Fields without a type, whose sources are loaded one by one: what they agree on is what they would when loaded together.
import { expect, test } from 'vitest';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import { startRun } from '../../../shared/app/runs/start-run.ts';
import type { Actor } from '../../../shared/domain/principal.ts';
import { ref, tenant } from '../../fault/scenario.ts';
import { openPipeline, type Pipeline } from './pipeline-fixture.ts';

const engine = createDuckdbEngine({ memoryMb: 256, threads: 1 });
const person: Actor = { tenant, userId: 'person', role: 'admin', permissions: [], name: 'Person' };

async function openUntyped(load: 'snapshot' | 'increment'): Promise<Pipeline> {
  const pipeline = await openPipeline(load, engine);
  const reconciliation = (await pipeline.deps.reconciliations.get(ref))!;
  const fields = reconciliation.definition!.fields.map(({ type: _type, ...field }) => field);
  const definition = { ...reconciliation.definition!, fields };
  await pipeline.deps.reconciliations.update({ ...reconciliation, definition });
  return pipeline;
}

async function settled(pipeline: Pipeline, number: number) {
  const run = await pipeline.run(number);
  expect(run.reason).toBeUndefined();
  expect(run.status).toBe('COMPLETED');
  return {
    type: run.definition!.fields.find(({ name }) => name === 'amount')?.type,
    pairs: run.summary!.pairs.map(({ matched, mismatched }) => [matched, mismatched]),
  };
}

const texts = { bank: 'a,10\nb,1.50\n', ledger: 'a,10\nb,1.5 EUR\n', type: 'text', pairs: [1, 1] };
const moments = {
  bank: 'a,31.01.2024\nb,30.01.2024\n',
  ledger: 'a,2024-01-31 00:00\nb,2024-01-30 10:00\n',
  type: 'datetime',
  pairs: [1, 1],
};
const numbers = { bank: 'a,10.00\n', ledger: 'a,10\n', type: undefined, pairs: [1, 0] };
const cases = [
  ['numbers and texts', 'bank', 'ledger', 'snapshot', texts],
  ['numbers and texts', 'ledger', 'bank', 'snapshot', texts],
  ['numbers and texts', 'bank', 'ledger', 'increment', texts],
  ['numbers and texts', 'ledger', 'bank', 'increment', texts],
  ['dates and date-times', 'bank', 'ledger', 'snapshot', moments],
  ['dates and date-times', 'ledger', 'bank', 'snapshot', moments],
  ['numbers of both', 'bank', 'ledger', 'snapshot', numbers],
] as const;

test.each(cases)('%s: %s, then %s, as %s', async (_title, first, second, load, { type, pairs, ...content }) => {
  const pipeline = await openUntyped(load);
  await pipeline.drop(first, content[first]);
  await pipeline.drain();
  await pipeline.drop(second, content[second]);
  await pipeline.drain();
  expect(await settled(pipeline, 1)).toEqual({ type, pairs: [pairs] });
  // What was agreed on is law for the next files.
  await pipeline.drop(first, content[first].replaceAll('a,', 'c,'));
  await pipeline.drop(second, content[second].replaceAll('a,', 'c,'));
  await pipeline.drain();
  expect((await settled(pipeline, 2)).type).toBe(type);
});

test('several increments that wait are loaded again', async () => {
  const pipeline = await openUntyped('increment');
  for (const row of ['a,1.50\n', 'b,2.50\n', 'c,3.50\n']) await pipeline.drop('bank', row);
  await pipeline.drain();
  await pipeline.drop('ledger', 'a,1.50\nb,2.5\nc,none\n');
  await pipeline.drain();
  expect(await settled(pipeline, 1)).toEqual({ type: 'text', pairs: [[1, 2]] });
});

test('a file that arrives while the other is being loaded', async () => {
  const pipeline = await openUntyped('snapshot');
  await pipeline.drop('bank', 'a,10\n');
  await pipeline.drop('ledger', 'a,ten\n');
  await pipeline.drain();
  expect(await settled(pipeline, 1)).toEqual({ type: 'text', pairs: [[0, 1]] });
});

test('uploads of a run', async () => {
  const pipeline = await openUntyped('snapshot');
  const inputs = [];
  for (const [source, content] of [
    ['bank', 'id,amount\na,10\nb,1.50\n'],
    ['ledger', 'id,amount\na,10\nb,none\n'],
  ] as const) {
    const objectKey = `uploads/${tenant}/${source}`;
    await pipeline.deps.objects.put(objectKey, content);
    const uploadedAt = '2026-01-05T09:00:00.000Z';
    const upload = { tenant, uploadId: source, projectId: 'p', fileName: `${source}.csv`, contentType: 'text/csv' };
    await pipeline.deps.uploads.create({
      ...{
        ...upload,
        bytes: content.length,
        status: 'UPLOADED',
        objectKey,
        uploadedBy: 'person',
        uploadedAt,
        version: 1,
      },
    });
    inputs.push({ source, uploadId: source });
  }
  const reconciliation = (await pipeline.deps.reconciliations.get(ref))!;
  await pipeline.deps.reconciliations.update({ ...reconciliation, inputs });
  const started = await startRun(pipeline.deps, person, { reconciliationId: ref.reconciliationId });
  expect(started).toMatchObject({ ok: true });
  await pipeline.drain();
  expect(await settled(pipeline, 1)).toEqual({ type: 'text', pairs: [[1, 1]] });
});
