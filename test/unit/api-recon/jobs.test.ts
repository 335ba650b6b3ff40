// Reconciliation jobs of the recon surface: making, changing, listing and running them, each rule by its name.
import { describe, expect, it } from 'vitest';
import type { Definition } from '../../../shared/domain/definition.ts';
import { users } from './harness.ts';
import { definition, openJobs, summary } from './jobs-harness.ts';

const withPasses: Definition = {
  ...definition,
  passes: [
    { kind: 'exact-key' },
    { kind: 'tolerance', name: 'near', conditions: [{ field: 'amount', absolute: '0.05' }] },
    { kind: 'grouped', name: 'sums', cardinality: 'one-to-many', by: ['ref'], amount: 'amount' },
  ],
};

describe('recon: jobs', () => {
  it('file-id-as-data-source-id, same-source-and-target, job-optional-rules, job-defaults-sample', async () => {
    const { create, file, queue } = await openJobs();
    const { status, body } = await create();
    expect(status).toBe(201);
    expect(body.data).toMatchObject({
      id: body.id,
      status: 'pending',
      progress: 0,
      source_data_source_id: file,
      target_data_source_id: file,
      matching_rules: [],
      confidence_threshold: 0.7,
      auto_approve: false,
      definition: null,
    });
    expect(queue.waiting, 'job-example-flow: creating starts nothing').toEqual([]);
  });

  it('matching-rule-shape, matching-strategies: rules of every kind are kept and shown as they were given', async () => {
    const { create, get } = await openJobs();
    const matching_rules = [
      { field: 'email', type: 'exact' },
      { field: 'name', type: 'fuzzy', threshold: 0.8 },
      { field: 'street', type: 'fuzzy' },
      { field: 'day', type: 'ml', threshold: 0.95 },
      { field: 'amount', type: 'machine_learning' },
    ];
    const { body } = await create({ matching_rules, confidence_threshold: 0.9, auto_approve: true });
    expect(await get(body.id)).toMatchObject({ matching_rules, confidence_threshold: 0.9, auto_approve: true });
  });

  it('PASS_KIND_UNKNOWN: a rule of a kind that there is not is refused by name', async () => {
    const { create } = await openJobs();
    const { status, body } = await create({
      matching_rules: [
        { field: 'email', type: 'exact' },
        { field: 'name', type: 'soundex', threshold: 0.8 },
      ],
    });
    expect([status, body.error]).toEqual([400, 'VALIDATION_ERROR']);
    expect(body.message).toContain('there is no kind soundex');
    expect(body.details).toMatchObject({
      field: 'matching_rules.1.type',
      code: 'PASS_KIND_UNKNOWN',
      available: ['exact', 'fuzzy', 'ml', 'machine_learning'],
    });
  });

  it.each([
    [{ matching_rules: [{ field: 'a', type: 'exact', threshold: 0.5 }] }, 'matching_rules.0.threshold'],
    [{ matching_rules: [{ field: 'a', type: 'fuzzy', threshold: 1.01 }] }, 'matching_rules.0.threshold'],
    [{ matching_rules: [{ field: 'a', type: 'ml', threshold: -0.1 }] }, 'matching_rules.0.threshold'],
    [{ matching_rules: [{ field: 'a', type: 'fuzzy', threshold: '0.8' }] }, 'matching_rules.0.threshold'],
    [
      {
        matching_rules: [
          { field: 'a', type: 'exact' },
          { field: 'A', type: 'exact' },
        ],
      },
      'matching_rules.1.field',
    ],
    [{ matching_rules: [{ field: 'a', type: 'exact', weight: 1 }] }, 'matching_rules.0.weight'],
    [{ confidence_threshold: 1.1 }, 'confidence_threshold'],
    [{ auto_approve: 'yes' }, 'auto_approve'],
    [{ surprise: 1 }, 'surprise'],
    [{ name: '  ' }, 'name'],
    [{ code: 'x' }, 'code'],
    [{ source_data_source_id: undefined }, 'source_data_source_id'],
    [{ target_data_source_id: undefined }, 'target_data_source_id'],
    [{ definition, matching_rules: [{ field: 'a', type: 'exact' }] }, 'matching_rules'],
    [{ definition, target_data_source_id: undefined }, 'target_data_source_id'],
    [{ definition, source_data_source_id: undefined }, 'source_data_source_id'],
    [{ definition, code: 'x' }, 'code'],
  ])('refuses %j and names the field', async (more, field) => {
    const { create } = await openJobs();
    const { status, body } = await create(more);
    expect([status, body.error, body.details.field]).toEqual([400, 'VALIDATION_ERROR', field]);
  });

  it('a definition of data sources is stored and shown with all its passes, the anchor fed by the source', async () => {
    const { create, get, file, deps } = await openJobs();
    const { status, body } = await create({ definition: withPasses });
    expect(status).toBe(201);
    expect(await get(body.id)).toMatchObject({
      definition: withPasses,
      source_data_source_id: file,
      target_data_source_id: file,
      drop_folders: [],
      matching_rules: [{ field: 'ref', type: 'exact' }],
    });
    const stored = await deps.reconciliations.get({ tenant: 'default', reconciliationId: body.id });
    expect(stored?.inputs?.map(({ source }) => source)).toEqual(['ledger', 'bank']);
  });

  it('DEFINITION_INVALID: of data sources, all faults at once with their paths', async () => {
    const { create } = await openJobs();
    const third = { name: 'psp', load: 'increment' };
    const { status, body } = await create({
      definition: {
        ...withPasses,
        sources: [...definition.sources, third],
        passes: [...definition.passes, { kind: 'tolerance', conditions: [{ field: 'none', equal: true }] }],
      },
    });
    expect([status, body.error, body.details.code]).toEqual([400, 'VALIDATION_ERROR', 'DEFINITION_INVALID']);
    const faults = body.details.faults.map(({ field }: { field: string }) => field);
    expect(faults).toEqual(
      expect.arrayContaining([
        'definition.fields[0].mapping',
        'definition.passes[1].conditions[0].field',
        'definition.sources',
        'definition.sources[2].load',
      ]),
    );
  });

  it('DEFINITION_INVALID: a pass of a kind that does not exist', async () => {
    const { create } = await openJobs();
    const { body } = await create({
      definition: { ...definition, passes: [{ kind: 'exact-key' }, { kind: 'soundex' }] },
    });
    expect(body.details.faults.map(({ field }: { field: string }) => field)).toEqual(['definition.passes[1].kind']);
  });

  it('a job of data sources takes a new definition, whatever its sources are called', async () => {
    const { call, token, create, file, deps } = await openJobs();
    const { id } = (await create()).body;
    const put = (json: object) => call('PUT', `/api/reconciliation/jobs/${id}`, { token, json });
    const { body } = await put({ definition: withPasses });
    expect(body.data).toMatchObject({
      definition: withPasses,
      source_data_source_id: file,
      target_data_source_id: file,
    });
    const sources = async () =>
      (await deps.reconciliations.get({ tenant: 'default', reconciliationId: id }))?.inputs?.map(
        ({ source }) => source,
      );
    expect(await sources()).toEqual(['ledger', 'bank']);
    const swapped = [{ name: 'ledger' }, { name: 'bank', anchor: true }];
    expect((await put({ definition: { ...withPasses, sources: swapped } })).status).toBe(200);
    expect(await sources(), 'the source feeds the anchor').toEqual(['bank', 'ledger']);
    const refused = await put({ definition: { ...definition, sources: [...definition.sources, { name: 'psp' }] } });
    expect(refused.body.details.code).toBe('DEFINITION_INVALID');
    const twice = await put({ definition, matching_rules: [{ field: 'ref', type: 'exact' }] });
    expect([twice.status, twice.body.details.field]).toEqual([400, 'matching_rules']);
  });

  it('sources and projects that cannot be seen are 404, with the field', async () => {
    const { create, call, base, signIn } = await openJobs();
    const none = '0198c0de-0000-7000-8000-000000000fff';
    for (const field of ['project_id', 'source_data_source_id', 'target_data_source_id']) {
      const { status, body } = await create({ [field]: none });
      expect([status, body.details.field]).toEqual([404, field]);
    }
    const other = await signIn(users.other);
    expect((await call('POST', '/api/reconciliation/jobs', { token: other, json: base })).status).toBe(404);
  });

  it('BATCH_MISSING: a source without a file', async () => {
    const { call, token, project, create } = await openJobs();
    const { id } = (await call('POST', '/api/data-sources', { token, json: { name: 'later', project_id: project } }))
      .body;
    const { status, body } = await create({ target_data_source_id: id });
    expect([status, body.error, body.details.field]).toEqual([409, 'BATCH_MISSING', 'target_data_source_id']);
  });

  it('project-scoped-equivalence: created and listed under the project', async () => {
    const { call, token, project, base } = await openJobs();
    const path = `/api/projects/${project}/reconciliation-jobs`;
    const { project_id: _, ...json } = base;
    const { body } = await call('POST', path, { token, json });
    expect(body.data.project_id).toBe(project);
    expect((await call('GET', path, { token })).body).toEqual(
      (await call('GET', `/api/reconciliation/jobs?project_id=${project}`, { token })).body,
    );
  });

  it('job-list-filters: by project and status, in pages', async () => {
    const { call, token, create, start, get } = await openJobs();
    for (let index = 0; index < 25; index += 1) await create({ name: `J${index}` });
    const all = await get('');
    expect(all.pagination).toEqual({ page: 1, per_page: 20, total: 25, total_pages: 2 });
    await start(all.jobs[3].id);
    expect((await get('?status=queued')).jobs.map((one: { id: string }) => one.id)).toEqual([all.jobs[3].id]);
    expect((await get('?status=pending&page=2')).pagination).toMatchObject({ total: 24, page: 2 });
    expect((await call('GET', '/api/reconciliation/jobs?status=done', { token })).status).toBe(400);
    expect((await call('GET', '/api/reconciliation/jobs/', { token })).status).toBe(200);
  });

  it('changes settings; new rules forget what was found for the old ones', async () => {
    const { call, token, create, deps } = await openJobs();
    const { id } = (await create()).body;
    const stored = (await deps.reconciliations.get({ tenant: 'default', reconciliationId: id }))!;
    await deps.reconciliations.update({ ...stored, definition });
    const put = (json: object) => call('PUT', `/api/reconciliation/jobs/${id}`, { token, json });
    expect((await put({ name: 'N', auto_approve: true })).body.data).toMatchObject({
      name: 'N',
      auto_approve: true,
      confidence_threshold: 0.7,
      matching_rules: [{ field: 'ref', type: 'exact' }],
    });
    const changed = (await put({ matching_rules: [{ field: 'id', type: 'exact' }] })).body.data;
    expect(changed).toMatchObject({ definition: null, matching_rules: [{ field: 'id', type: 'exact' }] });
  });

  it('is deleted', async () => {
    const { call, token, create } = await openJobs();
    const { id } = (await create()).body;
    expect((await call('DELETE', `/api/reconciliation/jobs/${id}`, { token })).status).toBe(200);
    expect((await call('GET', `/api/reconciliation/jobs/${id}`, { token })).status).toBe(404);
  });
});

describe('recon: running', () => {
  it('envelope-message: start and stop; active and queued; progress and times', async () => {
    const { call, token, create, start, get, settle, clock, deps } = await openJobs();
    const { id } = (await create()).body;
    const stop = () => call('POST', `/api/reconciliation/jobs/${id}/stop`, { token });
    expect((await stop()).body.error).toBe('RUN_NOT_ACTIVE');
    expect((await start(id)).body).toEqual({ success: true, message: 'Reconciliation job started' });
    expect((await get(id)).status).toBe('queued');
    expect((await get('queued')).jobs.map((one: { id: string }) => one.id)).toEqual([id]);
    expect((await get('active')).jobs).toEqual([]);
    expect((await start(id)).body.error).toBe('RUN_ACTIVE');

    const startedAt = new Date(clock.now()).toISOString();
    const runId = await settle(id, { status: 'RUNNING', stage: 'match', startedAt, stagedAt: { match: startedAt } });
    const ref = { tenant: 'default', reconciliationId: id, runId };
    await deps.tasks.openStage(
      ref,
      1,
      'match',
      Array.from({ length: 4 }, (_, index) => ({ index, input: {} })),
    );
    const leased = await deps.tasks.lease({ ...ref, stage: 'match', index: 0 }, 1, 'worker', clock.now());
    expect(leased.answer).toBe('leased');
    await deps.tasks.complete({ ...ref, stage: 'match', index: 0 }, 1, 'worker', {});
    clock.advance(10_000);
    const running = await get(id);
    expect(running).toMatchObject({ status: 'running', started_at: startedAt });
    expect(Number.isInteger(running.progress)).toBe(true);
    expect(running.progress).toBeGreaterThan(0);
    expect(running.progress).toBeLessThan(100);
    // One of four tasks took ten seconds: three more take thirty.
    expect(Date.parse(running.estimated_completion)).toBe(clock.now() + 30_000);
    expect((await get('active')).jobs.map((one: { id: string }) => one.id)).toEqual([id]);
    expect(await get(`${id}/progress`)).toMatchObject({
      status: 'running',
      stage: 'match',
      tasks_done: 1,
      tasks_total: 4,
      elapsed_ms: 10_000,
    });

    expect((await stop()).body).toEqual({ success: true, message: 'Reconciliation job stopped' });
    expect(await get(id)).toMatchObject({ status: 'stopped', estimated_completion: null });
    const resume = () => call('POST', `/api/reconciliation/jobs/${id}/resume`, { token });
    expect((await resume()).body).toEqual({ success: true, message: 'Reconciliation job resumed' });
    expect((await get(id)).status).toBe('running');
    expect((await resume()).body.error).toBe('RUN_NOT_STOPPED');
  });

  it('job-status-vocabulary, job-progress, job-timestamps: completed is 100 with its time; failed says why', async () => {
    const { create, start, get, settle, clock } = await openJobs();
    const { id } = (await create()).body;
    await start(id);
    const finishedAt = new Date(clock.now()).toISOString();
    await settle(id, { status: 'COMPLETED', finishedAt, summary });
    expect(await get(id)).toMatchObject({
      status: 'completed',
      progress: 100,
      completed_at: finishedAt,
      failure: null,
    });
    await start(id);
    const reason = { code: 'NO_SHARED_KEY', detail: 'No set of shared columns is unique on both sides' };
    await settle(id, { status: 'FAILED', finishedAt, reason });
    expect(await get(id)).toMatchObject({
      status: 'failed',
      completed_at: null,
      failure: { code: 'NO_SHARED_KEY', message: reason.detail },
    });
  });

  it('of two starts at once, one runs; a repeat with its key is the same start', async () => {
    const { call, token, create, start } = await openJobs();
    const { id } = (await create()).body;
    const replies = await Promise.all([start(id), start(id)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    const other = (await create()).body.id;
    const keyed = () =>
      call('POST', `/api/reconciliation/jobs/${other}/start`, { token, headers: { 'idempotency-key': 's' } });
    expect([(await keyed()).status, (await keyed()).status]).toEqual([200, 200]);
  });

  it('another person can neither see nor start, stop, resume or read a job', async () => {
    const { call, create, signIn } = await openJobs();
    const { id } = (await create()).body;
    const token = await signIn(users.other);
    const paths = ['', '/progress', '/statistics', '/results', '/export', '/batches'];
    for (const path of paths)
      expect((await call('GET', `/api/reconciliation/jobs/${id}${path}`, { token })).status).toBe(404);
    for (const action of ['start', 'stop', 'resume'])
      expect((await call('POST', `/api/reconciliation/jobs/${id}/${action}`, { token })).status).toBe(404);
    expect((await call('GET', '/api/reconciliation/jobs', { token })).body.data.jobs).toEqual([]);
    expect((await call('GET', `/api/reconciliation/jobs/${id}`, { token: await signIn(users.analyst) })).status).toBe(
      200,
    );
  });
});
