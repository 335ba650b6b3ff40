// Where an arriving object goes: to its source, to the upload that announced it, or aside with the reason.
import { describe, expect, test } from 'vitest';
import { receiveObject } from '../../../shared/app/batches/receive-object.ts';
import { unclaimedKey } from '../../../shared/domain/object-keys.ts';
import { tenant } from '../../fault/scenario.ts';
import { openPipeline } from './pipeline-fixture.ts';

describe('an object that nobody expects', () => {
  test.each([
    ['an unknown reconciliation', `drop/${tenant}/other/bank/f.csv`],
    ['an unknown tenant', 'drop/nobody/pair/bank/f.csv'],
    ['an unknown source', `drop/${tenant}/pair/custodian/f.csv`],
    ['a path too short', `drop/${tenant}/pair/f.csv`],
    ['a path too long', `drop/${tenant}/pair/bank/sub/f.csv`],
    ['a way out', `drop/${tenant}/../../etc/passwd`],
    ['quotes and NUL', `drop/${tenant}/pair'"/bank\0/f.csv`],
    ['half a character', `drop/${tenant}/pair/\ud800/f.csv`],
    ['a very long name', `drop/${tenant}/pair/x/${'ü'.repeat(900)}`],
  ])('%s: kept in unclaimed with the reason, and gone from the drop folder', async (_name, key) => {
    const { deps } = await openPipeline();
    const stored = await deps.objects.put(key, 'id,amount\n1,1\n');
    await receiveObject(deps, stored);
    const kept = unclaimedKey(key, stored.versionId);
    expect(Buffer.byteLength(`${kept}.reason.json`)).toBeLessThan(1_024);
    expect(kept).not.toMatch(/\.\.|['"\0]/);
    expect(new TextDecoder().decode(await deps.objects.get(kept))).toBe('id,amount\n1,1\n');
    const reason = JSON.parse(new TextDecoder().decode(await deps.objects.get(`${kept}.reason.json`)));
    expect(reason).toMatchObject({ code: 'OBJECT_UNEXPECTED', versionId: stored.versionId });
    expect(reason.detail).toMatch(/\w/);
    expect(await deps.objects.head(key)).toBeUndefined();
    // The notification comes again.
    await receiveObject(deps, stored);
    expect(await deps.objects.head(kept)).toBeDefined();
  });

  test('does not take a newer version of itself along', async () => {
    const { deps } = await openPipeline();
    const key = `drop/${tenant}/other/bank/f.csv`;
    const first = await deps.objects.put(key, 'old');
    const second = await deps.objects.put(key, 'new');
    await receiveObject(deps, first);
    expect(await deps.objects.head(key)).toMatchObject({ versionId: second.versionId });
    await receiveObject(deps, second);
    expect(new TextDecoder().decode(await deps.objects.get(unclaimedKey(key, second.versionId)))).toBe('new');
  });

  test('in another folder is left alone', async () => {
    const { deps } = await openPipeline();
    const stored = await deps.objects.put('batches/x', 'y');
    await receiveObject(deps, stored);
    expect(await deps.objects.head('batches/x')).toBeDefined();
  });

  test('a retired reconciliation expects nothing', async () => {
    const { deps } = await openPipeline();
    const reconciliation = (await deps.reconciliations.byCode(tenant, 'pair'))!;
    await deps.reconciliations.update({ ...reconciliation, status: 'RETIRED' });
    const stored = await deps.objects.put(`drop/${tenant}/pair/bank/f.csv`, 'id,amount\n1,1\n');
    await receiveObject(deps, stored);
    expect(await deps.objects.head(stored.key)).toBeUndefined();
  });
});

test('an announced upload is marked as there, once; another is ignored', async () => {
  const { deps } = await openPipeline();
  const objectKey = `uploads/${tenant}/u1`;
  const upload = {
    tenant,
    uploadId: 'u1',
    projectId: 'p',
    fileName: 'f.csv',
    contentType: 'text/csv',
    bytes: 0,
    objectKey,
  };
  const more = { status: 'EXPECTED' as const, uploadedBy: 'p', uploadedAt: '2026-01-05T09:00:00.000Z', version: 1 };
  await deps.uploads.create({ ...upload, ...more });
  const stored = await deps.objects.put(objectKey, 'abc');
  await receiveObject(deps, stored);
  await receiveObject(deps, stored);
  expect(await deps.uploads.get(tenant, 'u1')).toMatchObject({ status: 'UPLOADED', bytes: 3, version: 2 });
  const stranger = await deps.objects.put(`uploads/${tenant}/u2`, 'abc');
  await receiveObject(deps, stranger);
  expect(await deps.objects.head(stranger.key)).toBeDefined();
});
