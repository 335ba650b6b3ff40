// The suite of ObjectStore and ObjectLinks.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Objects } from './stores.ts';

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('utf8');
/** What people name files. */
const odd = "drop/acme/bank/été & co/100% +sum 'x' (1)?#.csv";

export function objectStoreSuite(open: () => Promise<Objects>): void {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tieout-objects-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('puts and gets, whatever the name', async () => {
    const { objects } = await open();
    const put = await objects.put(odd, 'añb', 'text/csv');
    expect(put).toEqual({ key: odd, versionId: expect.stringMatching(/./), bytes: 4 });
    expect(text(await objects.get(odd))).toBe('añb');
    expect(await objects.head(odd)).toEqual(put);
    expect(await objects.get('none')).toBeUndefined();
    expect(await objects.head('none')).toBeUndefined();
  });

  test('keeps versions', async () => {
    const { objects } = await open();
    const path = join(directory, 'version');
    const first = await objects.put('k', 'one');
    const second = await objects.put('k', 'two');
    expect(first.versionId).not.toBe(second.versionId);
    expect(await objects.download('k', path, first.versionId)).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('one');
    expect(await objects.download('k', path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(await objects.download('none', path)).toBe(false);
  });

  test('a deleted object is gone, but for its versions', async () => {
    const { objects } = await open();
    const put = await objects.put('k', 'one');
    await objects.delete('k');
    await objects.delete('never');
    expect(await objects.get('k')).toBeUndefined();
    expect(await objects.head('k')).toBeUndefined();
    expect(await objects.download('k', join(directory, 'gone'))).toBe(false);
    expect(await objects.download('k', join(directory, 'back'), put.versionId)).toBe(true);
  });

  test('uploads and downloads a file of more than one part', async () => {
    const { objects } = await open();
    const bytes = Buffer.alloc(17 * 1024 * 1024, 'tieout ');
    writeFileSync(join(directory, 'large'), bytes);
    const stored = await objects.upload(join(directory, 'large'), 'large.parquet', 'application/octet-stream');
    expect(stored.bytes).toBe(bytes.length);
    expect(await objects.head('large.parquet')).toEqual(stored);
    expect(await objects.download('large.parquet', join(directory, 'back'))).toBe(true);
    expect(readFileSync(join(directory, 'back')).equals(bytes)).toBe(true);
  });

  test('uploads an empty file', async () => {
    const { objects } = await open();
    writeFileSync(join(directory, 'empty'), '');
    expect((await objects.upload(join(directory, 'empty'), 'empty')).bytes).toBe(0);
    expect(await objects.get('empty')).toHaveLength(0);
  });

  test('copies the version that is named', async () => {
    const { objects } = await open();
    const first = await objects.put(odd, 'one');
    await objects.put(odd, 'two');
    await objects.copy({ key: odd, versionId: first.versionId }, `unclaimed/${odd}`);
    expect(text(await objects.get(`unclaimed/${odd}`))).toBe('one');
    await objects.copy({ key: odd }, 'newest');
    expect(text(await objects.get('newest'))).toBe('two');
    await expect(objects.copy({ key: 'none' }, 'x')).rejects.toThrow();
  });

  test('a download link serves the object under its name', async () => {
    const { objects, links, reachable } = await open();
    await objects.put('runs/1', 'content');
    const url = await links.downloadUrl('runs/1', 'résultat "1".csv', 60);
    expect(url).toContain('runs');
    if (!reachable) return;
    const answer = await fetch(url);
    expect(await answer.text()).toBe('content');
    const disposition = decodeURIComponent(new URL(url).searchParams.get('response-content-disposition') ?? '');
    expect(disposition).toBe(`attachment; filename="r_sultat__1_.csv"; filename*=UTF-8''résultat "1".csv`);
  });

  test('an upload form takes one object of at most the given size', async () => {
    const { objects, links, reachable } = await open();
    const form = await links.uploadForm('uploads/1', 1_000, 60);
    expect(form.fields.key).toBe('uploads/1');
    if (!reachable) return;
    const send = (bytes: number): Promise<Response> => {
      const body = new FormData();
      for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
      body.append('file', new Blob(['x'.repeat(bytes)]));
      return fetch(form.url, { method: 'POST', body });
    };
    expect((await send(1_000)).ok).toBe(true);
    expect((await objects.head('uploads/1'))?.bytes).toBe(1_000);
    const policy = JSON.parse(Buffer.from(form.fields.Policy ?? '', 'base64').toString('utf8'));
    expect(policy.conditions).toContainEqual(['content-length-range', 0, 1_000]);
  });
}
