// Manual match and undo through the recon surface, over the real pipeline with the engine's twin.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { rowReference } from '../../../shared/domain/outcome.ts';
import { ref, tenant } from '../../fault/scenario.ts';
import { createTwinMatchQuery } from '../../fault/twin-match-query.ts';
import { openPipeline } from '../app/pipeline-fixture.ts';
import { openRecon } from './harness.ts';

const password = 'Password123!';

/** A job with a settled run, its maker and two others of the tenant. */
async function openDesk(load: 'snapshot' | 'increment' = 'snapshot') {
  const pipeline = await openPipeline(load);
  const { reconciliations, batches, runs, tasks, breaks, decisions, objects, queue, clock, ids, settings } =
    pipeline.deps;
  const matches = createTwinMatchQuery(pipeline.deps);
  const recon = await openRecon({
    reconciliations,
    batches,
    runs,
    tasks,
    breaks,
    decisions,
    objects,
    queue,
    clock,
    ids,
    settings,
    matches,
  });
  const job = randomUUID();
  const known = (await reconciliations.get(ref))!;
  await reconciliations.create({ ...known, reconciliationId: job, code: 'desk' });
  const settle = async (bank: string, ledger: string): Promise<void> => {
    for (const [source, rows] of Object.entries({ bank, ledger })) {
      const stored = await objects.put(`drop/${tenant}/desk/${source}/${randomUUID()}.csv`, `id,amount\n${rows}`);
      pipeline.enqueue({ kind: 'object-received', ...stored });
    }
    await pipeline.drain();
  };
  const signIn = async (email: string, of = tenant) => {
    await recon.addUser({ email, password, role: 'analyst' }, of);
    const token = await recon.signIn({ email, password });
    return (method: string, path: string, json?: unknown, headers?: Record<string, string>) =>
      recon.call(method, `/api/reconciliation/jobs/${job}${path}`, {
        token,
        ...(json !== undefined && { json }),
        ...(headers && { headers }),
      });
  };
  const [maker, checker, stranger] = [
    await signIn('maker@example.com'),
    await signIn('checker@example.com'),
    await signIn('stranger@example.com', 'zeta'),
  ];
  const runNumber = async (number: number) =>
    (await runs.list({ tenant, reconciliationId: job })).items.find((run) => run.number === number);
  return { ...pipeline, recon, settle, maker, checker, stranger, runNumber };
}

const id = (outcome: string, left: number | '', right: number | '') => `${outcome}:${left}:${right}`;
const [bank, ledger] = [(row: number) => rowReference(1, row), (row: number) => rowReference(2, row)];
const reason = 'the same payer';

test('a manual match is proposed by one, approved by another, and starts a run', async () => {
  const desk = await openDesk();
  await desk.settle('a,1\nb,2\n', 'a,1\nx,2\n');
  const body = { kind: 'together', result_ids: [id('missing', bank(2), ''), id('missing', '', ledger(2))], reason };
  const proposed = await desk.maker('POST', '/decisions', body);
  expect(proposed.status).toBe(201);
  expect(proposed.body.data).toMatchObject({
    kind: 'together',
    status: 'pending',
    number: 1,
    together: { source: 'ledger', source_records: 1, target_records: 1, source_sums: { amount: { '': '2' } } },
  });
  const path = `/decisions/${proposed.body.id}`;
  expect((await desk.maker('POST', `${path}/approve`)).body).toMatchObject({ error: 'FORBIDDEN' });
  expect((await desk.stranger('POST', `${path}/approve`)).status).toBe(404);
  expect((await desk.stranger('GET', path)).status).toBe(404);
  expect((await desk.checker('POST', `${path}/approve`, { version: 9 })).body).toMatchObject({
    error: 'CONCURRENT_CHANGE',
  });
  const approved = await desk.checker(
    'POST',
    `${path}/approve`,
    { version: 1, comment: 'seen' },
    { 'idempotency-key': 'k-1' },
  );
  expect(approved.body.data).toMatchObject({
    status: 'approved',
    comment: 'seen',
    run_id: expect.any(String),
    version: 2,
  });
  const again = await desk.checker(
    'POST',
    `${path}/approve`,
    { version: 1, comment: 'seen' },
    { 'idempotency-key': 'k-1' },
  );
  expect(again.body).toEqual(approved.body);
  expect((await desk.checker('POST', `${path}/reject`)).body).toMatchObject({ error: 'DECISION_NOT_PENDING' });
  await desk.drain();
  expect(await desk.runNumber(2)).toMatchObject({ status: 'COMPLETED', trigger: 'decision' });
  expect((await desk.runNumber(2))?.summary?.breaks.MISSING).toBe(0);
  const matched = { kind: 'together', result_ids: [id('matched', bank(1), ledger(1))], reason };
  expect((await desk.maker('POST', '/decisions', matched)).body).toMatchObject({ error: 'RECORD_NOT_OPEN' });
  const reversal = { kind: 'reversal', decision_id: proposed.body.id, reason };
  const reversed = await desk.checker('POST', '/decisions', reversal);
  expect(reversed.body.data).toMatchObject({ reverses: { id: proposed.body.id, number: 1 } });
  expect((await desk.maker('POST', `/decisions/${reversed.body.id}/approve`)).status).toBe(200);
  expect((await desk.maker('POST', '/decisions', reversal)).body).toMatchObject({ error: 'DECISION_NOT_IN_FORCE' });
  expect((await desk.maker('GET', path)).body.data.reversed_by).toBe(reversed.body.id);
});

test('an undo shows first what it would open, and is refused where later runs built on it', async () => {
  const desk = await openDesk('increment');
  await desk.settle('a,1\nb,2\n', 'b,2\n');
  await desk.settle('c,3\n', 'a,1\n');
  const first = (await desk.runNumber(1))!.runId;
  const scope = { scope: 'match', result_id: id('matched', bank(2), ledger(1)), run_id: first };
  const preview = await desk.maker('POST', '/decisions/preview', scope);
  expect(preview.body.data).toMatchObject({
    run: { number: 1 },
    passes: [{ pass: '1-exact-key', matches: 1, source: { records: 1 }, target: { records: 1 } }],
    later_runs: [{ number: 2 }],
    breaks: { count: 0, touched_by_persons: [] },
    manual_matches: [],
  });
  const propose = { kind: 'apart', reason, ...scope };
  const refused = await desk.maker('POST', '/decisions', propose);
  expect(refused.body).toMatchObject({ error: 'UNDO_HAS_DEPENDENTS', details: { runs: [{ number: 2 }] } });
  const proposed = await desk.maker('POST', '/decisions', { ...propose, accept_dependents: true });
  expect(proposed.body.data).toMatchObject({ kind: 'apart', apart: { scope: 'match', run: { id: first } } });
  await desk.checker('POST', `/decisions/${proposed.body.id}/approve`);
  await desk.drain();
  expect((await desk.runNumber(3))?.summary?.breaks.MISSING).toBe(3);
  const nothing = await desk.maker('POST', '/decisions/preview', scope);
  expect(nothing.body).toMatchObject({ error: 'NOTHING_TO_UNDO' });
  const withdrawn = await desk.maker('POST', '/decisions', {
    kind: 'apart',
    scope: 'pass',
    pass: '1-exact-key',
    run_id: (await desk.runNumber(2))!.runId,
    reason,
    accept_dependents: true,
  });
  expect((await desk.maker('POST', `/decisions/${withdrawn.body.id}/withdraw`)).body.data.status).toBe('withdrawn');
  const list = await desk.maker('GET', '/decisions?status=approved&per_page=5');
  expect(list.body.data).toMatchObject({ decisions: [{ number: 1 }], pagination: { total: 1 } });
  expect((await desk.maker('GET', '/decisions')).body.data.pagination.total).toBe(2);
});

test.each([
  [{ kind: 'together' }, 'result_ids'],
  [{ kind: 'together', result_ids: ['missing'] }, 'result_ids'],
  [{ kind: 'together', result_ids: ['missing::'] }, 'result_ids'],
  [{ kind: 'together', result_ids: ['missing:1:2'], scope: 'run' }, 'scope'],
  [{ kind: 'apart' }, 'scope'],
  [{ kind: 'apart', scope: 'match' }, 'result_id'],
  [{ kind: 'apart', scope: 'match', result_id: "matched:1:2'; --" }, 'result_id'],
  [{ kind: 'apart', scope: 'pass' }, 'pass'],
  [{ kind: 'apart', scope: 'run', pass: 'x' }, 'pass'],
  [{ kind: 'reversal' }, 'decision_id'],
  [{ kind: 'reversal', decision_id: randomUUID(), pass: 'x' }, 'pass'],
])('%j is refused by the name of the field', async (body, field) => {
  const desk = await openDesk();
  await desk.settle('a,1\n', 'a,1\n');
  const answer = await desk.maker('POST', '/decisions', { reason, ...body });
  expect(answer.body).toMatchObject({ error: 'VALIDATION_ERROR', details: { field } });
});

test('a reason is required, and a run that has settled', async () => {
  const desk = await openDesk();
  const body = { kind: 'together', result_ids: ['missing:1:2'] };
  expect((await desk.maker('POST', '/decisions', body)).body).toMatchObject({ error: 'VALIDATION_ERROR' });
  expect((await desk.maker('POST', '/decisions', { ...body, reason: ' ' })).body).toMatchObject({
    error: 'VALIDATION_ERROR',
  });
  expect((await desk.maker('POST', '/decisions', { ...body, reason })).body).toMatchObject({
    error: 'RESULTS_NOT_READY',
  });
});
