// The process that is measured: makes the workbook of one run from the objects in a directory, as the query function does, with
// that function's limits for the engine. Stores are in memory, objects are files. Prints what it made as JSON.
import { existsSync } from 'node:fs';
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryBatchStore } from '../../shared/adapters/memory/batch-store.ts';
import { createMemoryBreakStore } from '../../shared/adapters/memory/break-store.ts';
import { createMemoryReconciliationStore } from '../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryRunStore } from '../../shared/adapters/memory/run-store.ts';
import { createMemoryState, type MemoryState } from '../../shared/adapters/memory/state.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import { createRunWorkbook } from '../../shared/app/exports/run-workbook.ts';
import { createObjectCache } from '../../shared/app/results/object-cache.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { World } from './workbook-run.ts';

const [directory = '', memoryMb = '400', threads = '2'] = process.argv.slice(2);
const { run, state: stored } = JSON.parse(await readFile(join(directory, 'world.json'), 'utf8')) as World;
const state = createMemoryState();
for (const [name, entries] of Object.entries(stored))
  for (const [key, value] of entries) (state[name as keyof MemoryState] as Map<string, unknown>).set(key, value);

const fileOf = (key: string): string => join(directory, key.replaceAll('/', '_'));
const objects: Pick<ObjectStore, 'download' | 'upload' | 'put' | 'get'> = {
  async download(key, path) {
    await copyFile(fileOf(key), path);
    return true;
  },
  async upload(path, key) {
    await copyFile(path, fileOf(key));
    return { key, versionId: '1', bytes: (await stat(path)).size };
  },
  async put(key, body) {
    await writeFile(fileOf(key), body);
    return { key, versionId: '1', bytes: Buffer.byteLength(body) };
  },
  async get(key) {
    return existsSync(fileOf(key)) ? readFile(fileOf(key)) : undefined;
  },
};
const clock = systemClock;
const ids = createIds(clock);
const deps = { objects: objects as ObjectStore, ids };
const made = await createRunWorkbook({
  ...deps,
  clock,
  reconciliations: createMemoryReconciliationStore(state),
  runs: createMemoryRunStore(state),
  batches: createMemoryBatchStore(state, clock),
  breaks: createMemoryBreakStore(state),
  cache: createObjectCache(deps, join(directory, 'cache'), 4 * 1024 ** 3),
  engineLimits: { memoryMb: Number(memoryMb), threads: Number(threads) },
  settings: { ...pipelineDefaults, bucket: 'bench', scratchDirectory: join(directory, 'scratch') },
}).workbook(run);
console.log(JSON.stringify({ ...made, path: fileOf(made.key) }));
