// An upload is read by the real engine and what was found is recorded once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { createMemoryUploadStore } from '../../../shared/adapters/memory/upload-store.ts';
import { pipelineDefaults } from '../../../shared/app/deps.ts';
import { createUploadProfiler } from '../../../shared/app/uploads/duckdb-upload-profiler.ts';
import { failUpload, profileUpload } from '../../../shared/app/uploads/profile-upload.ts';
import type { Upload } from '../../../shared/domain/upload.ts';
import { upload } from '../ports/samples.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tieout-profile-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function open(content: string | Uint8Array | undefined, changes: Partial<Upload> = {}) {
  const objects = createMemoryObjectStore();
  const uploads = createMemoryUploadStore(createMemoryState());
  const value = upload({ status: 'PROCESSING', fileName: 'bank.csv', ...changes });
  await uploads.create(value);
  if (content !== undefined) await objects.put(value.objectKey, content);
  const profiler = createUploadProfiler({ memoryMb: 256, threads: 1 });
  const settings = { ...pipelineDefaults, bucket: 'b', scratchDirectory: directory };
  const deps = { uploads, objects, ids: createMemoryIds(createMemoryClock()), settings, profiler };
  return { deps, value, read: async () => (await uploads.get(value.tenant, value.uploadId))! };
}

describe('profileUpload', () => {
  test('records columns, rows, and the rows that cannot be read', async () => {
    const { deps, value, read } = await open('id,amount,amount\n001,1.50,a\n002,2.50\n003,3,c,d\n');
    await profileUpload(deps, value);
    const found = await read();
    expect(found).toMatchObject({ status: 'PROCESSED', version: 2 });
    expect(found.profile).toMatchObject({ records: 1, columns: ['id', 'amount', 'amount'] });
    expect(found.profile?.errors.map(({ line }) => line)).toEqual([3, 4]);
  });

  test.each([
    ['an empty file', '', 'FILE_EMPTY'],
    ['a workbook that is none', 'PK\u0003\u0004 not a workbook', 'FILE_UNREADABLE'],
  ])('%s fails with its reason', async (_, content, code) => {
    const { deps, value, read } = await open(content, code === 'FILE_EMPTY' ? {} : { fileName: 'a.xlsx' });
    await profileUpload(deps, value);
    expect(await read()).toMatchObject({ status: 'FAILED', reason: { code } });
  });

  test.each<Partial<Upload>>([{ status: 'PROCESSED' }, { status: 'FAILED' }, { status: 'UPLOADED' }])(
    'leaves an upload alone that is %o',
    async (changes) => {
      const { deps, value, read } = await open('id\n1\n', changes);
      await profileUpload(deps, value);
      expect(await read()).toEqual(value);
    },
  );

  test('leaves an upload alone whose object is being deleted', async () => {
    const { deps, value, read } = await open(undefined);
    await profileUpload(deps, value);
    expect(await read()).toEqual(value);
    await profileUpload(deps, { ...value, uploadId: 'none' });
  });

  test('an upload that was given up fails with the reason', async () => {
    const { deps, value, read } = await open('id\n1\n');
    await failUpload(deps, value, { code: 'ATTEMPTS_EXHAUSTED', detail: 'too often' });
    expect(await read()).toMatchObject({ status: 'FAILED', reason: { detail: 'too often' } });
  });
});
