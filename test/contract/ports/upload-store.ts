// The suite of UploadStore.
import { expect, test } from 'vitest';
import { upload } from './samples.ts';
import type { Stores } from './stores.ts';

export function uploadStoreSuite(open: () => Promise<Stores>): void {
  test('creates once, reads, updates under the version, deletes', async () => {
    const { uploads } = await open();
    expect(await uploads.create(upload())).toBe(true);
    expect(await uploads.create(upload({ fileName: 'other' }))).toBe(false);
    expect(await uploads.get('acme', 'upload-1')).toEqual(upload());
    expect(await uploads.get('zeta', 'upload-1')).toBeUndefined();
    const profile = { records: 2, columns: ['', 'a'], errors: [] };
    expect(await uploads.update(upload({ status: 'PROCESSED', profile }))).toBe(true);
    expect(await uploads.update(upload({ status: 'FAILED' }))).toBe(false);
    expect(await uploads.get('acme', 'upload-1')).toEqual(upload({ status: 'PROCESSED', profile, version: 2 }));
    await uploads.delete('acme', 'upload-1');
    expect(await uploads.get('acme', 'upload-1')).toBeUndefined();
    expect(await uploads.update(upload())).toBe(false);
  });

  test('lists a project, page by page', async () => {
    const { uploads } = await open();
    for (const uploadId of ['a', 'b', 'c']) await uploads.create(upload({ uploadId }));
    await uploads.create(upload({ uploadId: 'd', projectId: 'project-2' }));
    await uploads.create(upload({ tenant: 'zeta', uploadId: 'e' }));
    const first = await uploads.list('acme', 'project-1', undefined, 2);
    expect(first.items.map(({ uploadId }) => uploadId)).toEqual(['a', 'b']);
    const second = await uploads.list('acme', 'project-1', first.cursor, 2);
    expect(second.items.map(({ uploadId }) => uploadId)).toEqual(['c']);
    expect(second.cursor).toBeUndefined();
  });
}
