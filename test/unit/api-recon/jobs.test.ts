import { describe, expect, it } from 'vitest';
import type { Definition } from '../../../shared/domain/definition.ts';
import type { MatchSummary, SideCounts } from '../../../shared/domain/outcome.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { ResultRow } from '../../../shared/ports/result-query.ts';
import { multipart, openRecon, users } from './harness.ts';

async function open() {
  const recon = await openRecon();
  const token = await recon.signIn(users.user);
  const project = (await recon.call('POST', '/api/projects', { token, json: { name: 'P' } })).body.id as string;
  const path = `/api/files/upload?project_id=${project}`;
  const file = (await recon.call('POST', path, { token, ...multipart('id,name\n1,a\n', 'source.csv') })).body
    .id as string;
  const base = { name: 'Q4 vs ERP', project_id: project, source_data_source_id: file, target_data_source_id: file };
  const create = (more: object = {}) =>
    recon.call('POST', '/api/reconciliation/jobs', { token, json: { ...base, ...more } });
  const start = (id: string) => recon.call('POST', `/api/reconciliation/jobs/${id}/start`, { token });
  const get = async (rest: string) =>
    (await recon.call('GET', `/api/reconciliation/jobs/${rest}`, { token })).body.data;
  /** What the pipeline would write: the run at the state that a test wants. */
  const settle = async (id: string, change: Partial<Run>) => {
    const [run] = (await recon.deps.runs.list({ tenant: 'default', reconciliationId: id }, undefined, 1)).items;
    const feed = await recon.deps.batches.feed(run!);
    const active = change.status === 'RUNNING' || change.status === 'QUEUED';
    await recon.deps.runs.save({ ...run!, ...change }, { ...feed, activeRuns: active ? feed.activeRuns : [] });
    return run!.runId;
  };
  return { ...recon, token, project, file, base, create, start, get, settle };
}

const definition: Definition = {
  name: 'bank',
  sources: [{ name: 'ledger', anchor: true }, { name: 'bank' }],
  fields: [
    { name: 'ref', role: 'KEY', mapping: { ledger: 'ref', bank: 'reference' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { ledger: 'amount', bank: 'value' } },
  ],
  passes: [{ kind: 'exact-key' }],
};

describe('recon: jobs', () => {
  it('file-id-as-data-source-id, same-source-and-target, job-optional-rules, job-defaults-sample', async () => {
    const { create, file, queue } = await open();
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

  it('matching-rule-shape: exact rules are kept and shown', async () => {
    const { create, get } = await open();
    const matching_rules = [
      { field: 'email', type: 'exact' },
      { field: 'id', type: 'exact' },
    ];
    const { body } = await create({ matching_rules, confidence_threshold: 0.9, auto_approve: true });
    expect(await get(body.id)).toMatchObject({ matching_rules, confidence_threshold: 0.9, auto_approve: true });
  });

  it.each([
    ['fuzzy', 'fuzzy matching is not available yet'],
    ['ml', 'ml matching is not available yet'],
    ['soundex', 'there is no kind soundex'],
  ])('PASS_KIND_UNKNOWN: a %s rule is refused by name', async (type, text) => {
    const { create } = await open();
    const { status, body } = await create({
      matching_rules: [
        { field: 'email', type: 'exact' },
        { field: 'name', type, threshold: 0.8 },
      ],
    });
    expect([status, body.error]).toEqual([400, 'VALIDATION_ERROR']);
    expect(body.message).toContain(text);
    expect(body.details).toMatchObject({
      field: 'matching_rules.1.type',
      code: 'PASS_KIND_UNKNOWN',
      available: ['exact'],
    });
  });

  it.each([
    [{ matching_rules: [{ field: 'a', type: 'exact', threshold: 0.5 }] }, 'matching_rules.0.threshold'],
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
    [{ definition }, 'source_data_source_id'],
  ])('refuses %j and names the field', async (more, field) => {
    const { create } = await open();
    const { status, body } = await create(more);
    expect([status, body.error, body.details.field]).toEqual([400, 'VALIDATION_ERROR', field]);
  });

  it('sources and projects that cannot be seen are 404, with the field', async () => {
    const { create, call, base, signIn } = await open();
    const none = '0198c0de-0000-7000-8000-000000000fff';
    for (const field of ['project_id', 'source_data_source_id', 'target_data_source_id']) {
      const { status, body } = await create({ [field]: none });
      expect([status, body.details.field]).toEqual([404, field]);
    }
    const other = await signIn(users.other);
    expect((await call('POST', '/api/reconciliation/jobs', { token: other, json: base })).status).toBe(404);
  });

  it('BATCH_MISSING: a source without a file', async () => {
    const { call, token, project, create } = await open();
    const { id } = (await call('POST', '/api/data-sources', { token, json: { name: 'later', project_id: project } }))
      .body;
    const { status, body } = await create({ target_data_source_id: id });
    expect([status, body.error, body.details.field]).toEqual([409, 'BATCH_MISSING', 'target_data_source_id']);
  });

  it('project-scoped-equivalence: created and listed under the project', async () => {
    const { call, token, project, base } = await open();
    const path = `/api/projects/${project}/reconciliation-jobs`;
    const { project_id: _, ...json } = base;
    const { body } = await call('POST', path, { token, json });
    expect(body.data.project_id).toBe(project);
    expect((await call('GET', path, { token })).body).toEqual(
      (await call('GET', `/api/reconciliation/jobs?project_id=${project}`, { token })).body,
    );
  });

  it('job-list-filters: by project and status, in pages', async () => {
    const { call, token, create, start, get } = await open();
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
    const { call, token, create, deps } = await open();
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
    const { call, token, create } = await open();
    const { id } = (await create()).body;
    expect((await call('DELETE', `/api/reconciliation/jobs/${id}`, { token })).status).toBe(200);
    expect((await call('GET', `/api/reconciliation/jobs/${id}`, { token })).status).toBe(404);
  });
});

describe('recon: jobs with a definition', () => {
  const fed = async () => {
    const recon = await open();
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
      await deps.batches.save({ ...batch, status }, await deps.batches.feed(batch));
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

const counts = (matched: number, mismatched: number, missing: number): SideCounts => ({
  rows: matched + mismatched + missing,
  matched,
  mismatched,
  missing,
  duplicate: 0,
  ambiguous: 0,
  rejected: 0,
  excluded: 0,
});
const none = { matched: {}, mismatched: {}, missing: {}, duplicate: {}, ambiguous: {} };
const summary: MatchSummary = {
  sides: [
    {
      source: 'source',
      counts: counts(2, 1, 1),
      sums: { ...none, matched: { amount: { EUR: '12345678901234567890.10' } } },
    },
    { source: 'target', counts: counts(2, 1, 0), sums: none },
  ],
  pairs: [{ source: 'target', matched: 2, mismatched: 1 }],
  breaks: { MISMATCH: 1, MISSING: 1, DUPLICATE: 0, AMBIGUOUS: 0 },
  passes: [{ name: '1-exact-key', pairs: 3 }],
};
const row = (id: string, outcome: ResultRow['outcome'], more: Partial<ResultRow> = {}): ResultRow => ({
  id,
  outcome,
  breakType: null,
  left: { id, amount: '1.10' },
  right: { id, amount: '1.10' },
  differences: [],
  pass: '1-exact-key',
  confidence: outcome === 'matched' ? 1 : 0,
  ...more,
});
const rows = [
  row('m1', 'matched'),
  row('m2', 'matched'),
  row('d', 'mismatched', {
    breakType: 'MISMATCH',
    differences: [{ source: 'target', field: 'amount', left: '1.10', right: '1.20', difference: '0.10' }],
  }),
  row('x', 'missing', { breakType: 'MISSING', right: null, pass: null }),
];

describe('recon: running', () => {
  it('envelope-message: start and stop; active and queued; progress and times', async () => {
    const { call, token, create, start, get, settle, clock, deps } = await open();
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
    const { create, start, get, settle, clock } = await open();
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
    const { call, token, create, start } = await open();
    const { id } = (await create()).body;
    const replies = await Promise.all([start(id), start(id)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    const other = (await create()).body.id;
    const keyed = () =>
      call('POST', `/api/reconciliation/jobs/${other}/start`, { token, headers: { 'idempotency-key': 's' } });
    expect([(await keyed()).status, (await keyed()).status]).toEqual([200, 200]);
  });

  it('another person can neither see nor start, stop, resume or read a job', async () => {
    const { call, create, signIn } = await open();
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

describe('recon: results', () => {
  const completed = async (more: object = {}) => {
    const recon = await open();
    const { id } = (await recon.create(more)).body;
    await recon.start(id);
    const finishedAt = new Date(recon.clock.now()).toISOString();
    const results = { matchesKeys: ['m'], breaksKey: 'b' };
    const runId = await recon.settle(id, { status: 'COMPLETED', startedAt: finishedAt, finishedAt, summary, results });
    recon.rows.set(runId, rows);
    const raw = (rest: string) => recon.call('GET', `/api/reconciliation/jobs/${id}/${rest}`, { token: recon.token });
    return { ...recon, id, raw };
  };

  it('right after the start they are empty and say the status, and an export is RESULTS_NOT_READY', async () => {
    const { call, token, create, start, get } = await open();
    const { id } = (await create()).body;
    for (const status of ['pending', 'queued']) {
      const data = await get(`${id}/results`);
      expect(data).toMatchObject({
        results: [],
        job_status: status,
        summary: { total_records: 0 },
        pagination: { total: 0 },
      });
      expect((await call('GET', `/api/reconciliation/jobs/${id}/export`, { token })).body.error).toBe(
        'RESULTS_NOT_READY',
      );
      if (status === 'pending') await start(id);
    }
  });

  it('results-include-unmatched, matching-confidence: every row with both records where they exist', async () => {
    const { get, id } = await completed();
    const { results, pagination } = await get(`${id}/results`);
    expect(pagination.total).toBe(4);
    expect(results.map((one: Record<string, unknown>) => [one.match_type, one.confidence_score, one.status])).toEqual([
      ['exact', 1, 'pending'],
      ['exact', 1, 'pending'],
      ['unmatched', 0, 'pending'],
      ['unmatched', 0, 'pending'],
    ]);
    expect(results[2]).toMatchObject({
      break_type: 'MISMATCH',
      source_record: { amount: '1.10' },
      target_record: { id: 'd' },
      differences: [{ field: 'amount', source_value: '1.10', target_value: '1.20', difference: '0.10' }],
    });
    expect(results[3]).toMatchObject({ break_type: 'MISSING', target_record: null });
  });

  it('results-summary: matched and unmatched add up to the total, exact and fuzzy to the matched', async () => {
    const { get, id } = await completed();
    expect((await get(`${id}/results`)).summary).toEqual({
      total_records: 4,
      matched_records: 2,
      unmatched_records: 2,
      exact_matches: 2,
      fuzzy_matches: 0,
      average_confidence: 1,
    });
  });

  it('results-filters: by match type and confidence, in pages', async () => {
    const { get, id, raw } = await completed();
    const ids = async (query: string) =>
      (await get(`${id}/results?${query}`)).results.map((one: { id: string }) => one.id);
    expect(await ids('match_type=exact')).toEqual(['m1', 'm2']);
    expect(await ids('match_type=unmatched')).toEqual(['d', 'x']);
    expect(await ids('match_type=fuzzy')).toEqual([]);
    expect(await ids('confidence_min=0.5')).toEqual(['m1', 'm2']);
    expect(await ids('page=2&per_page=3')).toEqual(['x']);
    for (const query of ['match_type=magic', 'confidence_min=2', 'per_page=5000'])
      expect((await raw(`results?${query}`)).status).toBe(400);
  });

  it('matching-auto-approve: true approves matches, never breaks', async () => {
    const { get, id } = await completed({ auto_approve: true });
    const { results } = await get(`${id}/results`);
    expect(results.map(({ status }: { status: string }) => status)).toEqual([
      'approved',
      'approved',
      'pending',
      'pending',
    ]);
  });

  it('statistics: counts and exact sums per side', async () => {
    const { get, id } = await completed();
    const data = await get(`${id}/statistics`);
    expect(data).toMatchObject({ match_rate: 0.5, processing_time_ms: 0 });
    expect(data.sides[0]).toMatchObject({ source: 'source', rows: 4, matched: 2, missing: 1 });
    expect(data.sides[0].sums.matched.amount.EUR).toBe('12345678901234567890.10');
    expect(data.breaks_by_type).toContainEqual({ type: 'MISMATCH', count: 1 });
  });

  it('export-formats: a file by format and status', async () => {
    const { raw } = await completed();
    const csv = await raw('export');
    expect(csv.headers['content-type']).toBe('text/csv');
    expect(csv.headers['content-disposition']).toMatch(/^attachment; filename="q4-vs-erp-[0-9a-f]+-run-1\.csv"/);
    expect(csv.bytes.toString()).toBe('m1\nm2\nd\nx\n');
    expect((await raw('export?status=unmatched')).bytes.toString()).toBe('d\nx\n');
    expect((await raw('export?status=matched')).bytes.toString()).toBe('m1\nm2\n');
    expect((await raw('export?status=approved')).bytes.toString()).toBe('');
    expect((await raw('export?status=pending')).bytes.toString()).toBe('m1\nm2\nd\nx\n');
    expect((await raw('export?format=json')).body).toHaveLength(4);
    expect((await raw('export?format=pdf')).body.details).toEqual({ field: 'format' });
  });

  it('a large export is a redirect, or its link when asked', async () => {
    const { raw, rows: all, deps, id } = await completed();
    const [run] = (await deps.runs.list({ tenant: 'default', reconciliationId: id }, undefined, 1)).items;
    all.set(run!.runId, [row('x'.repeat(4 * 1024 * 1024), 'matched')]);
    const large = await raw('export');
    expect([large.status, large.headers.location]).toEqual([307, expect.stringContaining('exports')]);
    const link = await raw('export?redirect=false');
    expect(link.body).toMatchObject({ success: true, data: { file_size: 4 * 1024 * 1024 + 1 } });
    expect(link.body.data.url).toContain('seconds=900');
  });

  it('the summary of a project adds its jobs up', async () => {
    const { call, token, project, create } = await completed();
    await create();
    const { data } = (await call('GET', `/api/reconciliation/summary/${project}`, { token })).body;
    expect(data).toMatchObject({
      total_jobs: 2,
      completed_jobs: 1,
      failed_jobs: 0,
      jobs_by_status: [
        { status: 'completed', count: 1 },
        { status: 'pending', count: 1 },
      ],
      total_records: 4,
      matched_records: 2,
      unmatched_records: 2,
      match_rate: 0.5,
    });
  });
});
