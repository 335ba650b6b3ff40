// A pipeline over the memory twins and the engine's twin, for tests of single cases: files are dropped, the queue is
// drained, time passes only when nothing else can happen.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { pipelineDefaults } from '../../../shared/app/deps.ts';
import type { Batch } from '../../../shared/domain/batch.ts';
import type { Definition, Pass } from '../../../shared/domain/definition.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { createRandom } from '../../fault/random.ts';
import { ref, tenant } from '../../fault/scenario.ts';
import { twinEngine } from '../../fault/twin-engine.ts';
import { createWorld, noFaults, type World } from '../../fault/world.ts';

export type Pipeline = World & {
  drop(source: string, rows: string, fileName?: string): Promise<void>;
  /** Until nothing happens any more. */
  drain(): Promise<void>;
  run(number: number): Promise<Run>;
  batch(fileName: string): Promise<Batch>;
};

export async function openPipeline(
  load: 'snapshot' | 'increment' = 'snapshot',
  engine = twinEngine,
  { passes = [{ kind: 'exact-key' }], chunksForced }: { passes?: Pass[]; chunksForced?: number } = {},
): Promise<Pipeline> {
  const scratchDirectory = mkdtempSync(join(tmpdir(), 'tieout-pipeline-'));
  onTestFinished(() => rmSync(scratchDirectory, { recursive: true, force: true }));
  const settings = {
    ...pipelineDefaults,
    bucket: 'b',
    scratchDirectory,
    breakWritesAtOnce: 1,
    ...(chunksForced && { chunksForced }),
  };
  const world = createWorld(createRandom(1), noFaults, engine, settings);
  const mapped = (column: string) => ({ bank: column, ledger: column });
  const definition: Definition = {
    name: 'pair',
    sources: [
      { name: 'bank', anchor: true, load },
      { name: 'ledger', load },
    ],
    fields: [
      { name: 'id', role: 'KEY', type: 'text', mapping: mapped('id') },
      { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: mapped('amount') },
    ],
    passes,
  };
  await world.deps.reconciliations.create({
    ...ref,
    code: 'pair',
    name: 'pair',
    description: '',
    ownerId: 'person',
    status: 'PUBLISHED',
    definition,
    version: 1,
    createdAt: '2026-01-05T09:00:00.000Z',
    updatedAt: '2026-01-05T09:00:00.000Z',
  });
  let dropped = 0;
  return {
    ...world,
    async drop(source, rows, fileName = `file-${(dropped += 1)}.csv`) {
      const stored = await world.deps.objects.put(`drop/${tenant}/pair/${source}/${fileName}`, `id,amount\n${rows}`);
      world.enqueue({ kind: 'object-received', ...stored });
    },
    async drain() {
      for (let step = 0; step < 20_000; step += 1) if (!(await world.happen())) return;
      throw new Error('it never ends');
    },
    async run(number) {
      const { items } = await world.deps.runs.list(ref);
      return items.find((run) => run.number === number)!;
    },
    async batch(fileName) {
      const { items } = await world.deps.batches.list(ref);
      return items.find((batch) => batch.fileName === fileName)!;
    },
  };
}
