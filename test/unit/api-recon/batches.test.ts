// Jobs that a definition describes and batches feed.
import { describe, expect, it } from 'vitest';
import { definition, openJobs } from './jobs-harness.ts';

describe('recon: jobs with a definition', () => {
  const fed = async () => {
    const recon = await openJobs();
    const { token, project } = recon;
    const send = (more: object) =>
      recon.call('POST', '/api/reconciliation/jobs', { token, json: { name: 'Bank', project_id: project, ...more } });
    return { ...recon, send };
  };

  it('shows the drop folders of its sources; a start without batches is BATCH_MISSING', async () => {
    const { send, start, get } = await fed();
    const { status, body } = await send({ definition, code: 'bank-daily' });
    expect(status).toBe(201);
    expect(body.data.drop_folders).toEqual(['drop/default/bank-daily/ledger/', 'drop/default/bank-daily/bank/']);
    expect(await get(body.id)).toMatchObject({ definition, matching_rules: [{ field: 'ref', type: 'exact' }] });
    expect((await start(body.id)).body.error).toBe('BATCH_MISSING');
    expect((await send({ definition, code: 'bank-daily' })).body.error).toBe('CODE_TAKEN');
    expect((await send({ definition, code: '../up' })).body.details.field).toBe('code');
  });

  it('DEFINITION_INVALID: all faults of form together, with their paths', async () => {
    const { send } = await fed();
    const [ref, amount] = definition.fields;
    const fields = [
      { ...ref, roll: 1 },
      { ...amount, tolerance: { days: -1 } },
    ];
    const { status, body } = await send({ definition: { ...definition, fields } });
    expect([status, body.error, body.details.code]).toEqual([400, 'VALIDATION_ERROR', 'DEFINITION_INVALID']);
    const paths = body.details.faults.map(({ field }: { field: string }) => field);
    expect(paths).toEqual(['definition.fields[0].roll', 'definition.fields[1].tolerance.days']);
  });

  it('DEFINITION_INVALID: all faults of meaning together', async () => {
    const { send } = await fed();
    const twoAnchors = definition.sources.map((source) => ({ ...source, anchor: true }));
    const noKey = definition.fields.slice(1);
    const { body } = await send({ definition: { ...definition, sources: twoAnchors, fields: noKey } });
    expect(body.details.code).toBe('DEFINITION_INVALID');
    expect(body.details.faults.length).toBeGreaterThanOrEqual(2);
  });

  it('lists, withdraws, releases and replaces batches', async () => {
    const { send, call, token, deps, file, queue } = await fed();
    const { id } = (await send({ definition })).body;
    const rejects = [{ line: 2, column: 'value', value: '1e400', reason: 'number-too-large: more than 38 digits' }];
    const receive = async (batchId: string, status: 'COMPLETE' | 'HELD') => {
      const { batch } = await deps.batches.receive({
        tenant: 'default',
        reconciliationId: id,
        batchId,
        source: 'bank',
        object: { key: 'k', versionId: 'v', bytes: 7 },
        fileName: 'f.csv',
        status: 'RECEIVED',
        receivedAt: new Date(0).toISOString(),
      });
      await deps.batches.save({ ...batch, status, rejects }, await deps.batches.feed(batch));
    };
    const [complete, held] = ['0198c0de-0000-8000-8000-00000000000a', '0198c0de-0000-8000-8000-00000000000b'];
    await receive(complete, 'COMPLETE');
    await receive(held, 'HELD');
    const path = `/api/reconciliation/jobs/${id}/batches`;
    const statuses = async () =>
      (await call('GET', path, { token })).body.data.batches.map((one: { id: string; status: string }) => [
        one.id.at(-1),
        one.status,
      ]);
    expect(await statuses()).toEqual([
      ['b', 'held'],
      ['a', 'complete'],
    ]);
    expect((await call('GET', path, { token })).body.data.batches[0].rejects).toEqual(rejects);
    expect((await call('POST', `${path}/${complete}/release`, { token })).body.error).toBe('BATCH_NOT_HELD');
    expect((await call('POST', `${path}/${held}/release`, { token })).status).toBe(200);
    expect((await call('POST', `${path}/${complete}/withdraw`, { token })).status).toBe(400);
    const withdrawn = await call('POST', `${path}/${complete}/withdraw`, { token, json: { reason: 'wrong file' } });
    expect(withdrawn.body).toEqual({ success: true, message: 'Batch withdrawn', data: { rerun: false } });
    const replaced = await call('POST', `${path}/${complete}/replace`, { token, json: { file_id: file, reason: 'r' } });
    expect([replaced.status, replaced.body.data.file_name]).toEqual([201, 'source.csv']);
    expect(queue.waiting.map(({ message }) => message.kind)).toContain('ingest-batch');
    const none = '0198c0de-0000-7000-8000-000000000fff';
    expect((await call('POST', `${path}/${none}/withdraw`, { token, json: { reason: 'r' } })).status).toBe(404);
    expect(
      (await call('POST', `${path}/${complete}/replace`, { token, json: { file_id: none, reason: 'r' } })).status,
    ).toBe(404);
  });
});
