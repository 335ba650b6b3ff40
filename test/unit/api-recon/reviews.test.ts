// Verdicts on single matches over the recon surface, each rule by its name; what auto_approve would have done; what was learned.
import { describe, expect, it } from 'vitest';
import type { MatchEvidence } from '../../../shared/domain/match-evidence.ts';
import { emptyYield } from '../../../shared/domain/outcome.ts';
import type { ResultRow } from '../../../shared/ports/result-query.ts';
import { users } from './harness.ts';
import { definition, openJobs, summary } from './jobs-harness.ts';

const evidence: MatchEvidence = {
  prior: -4,
  fields: [{ field: 'ref', as: 'name', level: 'one typo', similarity: 0.93, weight: 9.5 }],
  weight: 5.5,
  alone: 0.978,
  probability: 0.98,
};
const row = (id: string, more: Partial<ResultRow> = {}): ResultRow => ({
  id,
  outcome: 'matched',
  breakType: null,
  left: { ref: id },
  right: { ref: id },
  leftPlace: null,
  rightPlace: null,
  differences: [],
  pass: 'likely',
  confidence: 0.98,
  groupId: null,
  group: null,
  evidence,
  status: 'pending',
  review: null,
  candidates: [],
  anomalies: [],
  ...more,
});
const inGroup = { pass: 'payouts', groupId: 'ab12', confidence: 0.6, evidence: null };
const rows = [
  row('matched:1:2', { pass: '1-exact-key', confidence: 1, evidence: null }),
  row('matched:3:4'),
  row('matched:5:6', { confidence: 0.65 }),
  row('matched:7:8', inGroup),
  row('matched:7:9', inGroup),
  row('matched:10:11', { pass: 'manual', groupId: 'decision-1', confidence: 1, evidence: null }),
  row('missing:12:', {
    outcome: 'missing',
    breakType: 'MISSING',
    right: null,
    pass: null,
    confidence: 0,
    evidence: null,
  }),
];
const fuzzy = {
  ...definition,
  passes: [...definition.passes, { kind: 'fuzzy' as const, name: 'likely', fields: [{ field: 'ref' }] }],
};

async function completed(more: object = {}) {
  const recon = await openJobs();
  const { id } = (await recon.create(more)).body;
  await recon.start(id);
  const finishedAt = new Date(recon.clock.now()).toISOString();
  const ended = { status: 'COMPLETED' as const, finishedAt, results: { matchesKeys: ['m'], breaksKey: 'b' } };
  const passes = [...summary.passes, emptyYield('likely')];
  const runId = await recon.settle(id, { ...ended, summary: { ...summary, passes }, definition: fuzzy });
  recon.rows.set(runId, rows);
  const path = `/api/reconciliation/jobs/${id}`;
  const analyst = await recon.signIn(users.analyst);
  const other = await recon.signIn(users.other);
  const me = (await recon.call('GET', '/api/auth/me', { token: recon.token })).body.data.id as string;
  const approve = (result: string, token = recon.token) =>
    recon.call('POST', `${path}/results/${encodeURIComponent(result)}/approve`, { token });
  const reject = (result: string, reason: unknown = 'Data quality issues', token = recon.token) =>
    recon.call('POST', `${path}/results/${encodeURIComponent(result)}/reject`, { token, json: { reason } });
  const result = async (wanted: string) => {
    const { results } = await recon.get(`${id}/results?per_page=100`);
    return results.find((one: { id: string }) => one.id === wanted);
  };
  return { ...recon, id, path, analyst, other, me, approve, reject, result, runId };
}

describe('recon: review of single results', () => {
  it('results-approve-reject: approved with no body and the documented message, rejected with a reason', async () => {
    const { approve, reject, result } = await completed();
    const approved = await approve('matched:3:4');
    expect([approved.status, approved.body]).toEqual([200, { success: true, message: 'Result approved' }]);
    const rejected = await reject('matched:5:6');
    expect([rejected.status, rejected.body]).toEqual([200, { success: true, message: 'Result rejected' }]);
    expect((await result('matched:5:6')).status).toBe('rejected');
  });

  it('results-review-fields: status, who and when, the reason too; null where nobody has reviewed', async () => {
    const { approve, reject, result, me, clock } = await completed();
    const at = new Date(clock.now()).toISOString();
    await approve('matched:3:4');
    await reject('matched:5:6');
    const said = { reviewed_by: me, reviewed_at: at };
    expect(await result('matched:3:4')).toMatchObject({ status: 'approved', ...said, review_reason: null });
    expect(await result('matched:5:6')).toMatchObject({
      status: 'rejected',
      ...said,
      review_reason: 'Data quality issues',
    });
    expect(await result('matched:1:2')).toMatchObject({ status: 'pending', reviewed_by: null, reviewed_at: null });
  });

  it('matching-auto-approve: what is approved by itself has no reviewer, and a person may still reject it', async () => {
    const { reject, result } = await completed({ auto_approve: true });
    expect(await result('matched:3:4')).toMatchObject({ status: 'approved', reviewed_by: null });
    await reject('matched:3:4');
    expect(await result('matched:3:4')).toMatchObject({ status: 'rejected' });
  });

  it('pages, their counts and exports go by the verdicts', async () => {
    const { approve, reject, get, id, call, token, path } = await completed({ auto_approve: true });
    await reject('matched:1:2');
    await approve('matched:7:9');
    const ids = async (query: string) => {
      const { results, pagination } = await get(`${id}/results?${query}`);
      return [results.map((one: { id: string }) => one.id), pagination.total];
    };
    expect(await ids('status=rejected')).toEqual([['matched:1:2'], 1]);
    expect(await ids('status=approved&per_page=2')).toEqual([['matched:3:4', 'matched:7:8'], 4]);
    expect(await ids('status=approved&per_page=2&page=2')).toEqual([['matched:7:9', 'matched:10:11'], 4]);
    expect(await ids('status=pending')).toEqual([['matched:5:6', 'missing:12:'], 2]);
    expect(await ids('status=approved&confidence_min=0.9&match_type=fuzzy')).toEqual([
      ['matched:3:4', 'matched:10:11'],
      2,
    ]);
    const exported = async (status: string) =>
      (await call('GET', `${path}/export?status=${status}`, { token })).bytes.toString().trim().split('\n');
    expect(await exported('rejected')).toEqual(['matched:1:2']);
    expect(await exported('approved')).toEqual(['matched:3:4', 'matched:7:8', 'matched:7:9', 'matched:10:11']);
    expect(await exported('pending')).toEqual(['matched:5:6', 'missing:12:']);
  });

  it('a verdict on one member of a group is one on the group', async () => {
    const { approve, result, get, id } = await completed();
    await approve('matched:7:9');
    expect([(await result('matched:7:8')).status, (await result('matched:7:9')).status]).toEqual([
      'approved',
      'approved',
    ]);
    const { reviews } = await get(`${id}/reviews`);
    expect(reviews).toMatchObject([
      { result_id: 'matched:7:9', group_id: 'ab12', pass: 'payouts', verdict: 'approved' },
    ]);
  });

  it('the same verdict again changes nothing, whoever gives it; the other one takes its place and is told', async () => {
    const { approve, reject, result, get, id, me, analyst, clock } = await completed();
    await approve('matched:3:4');
    clock.advance(1_000);
    expect((await approve('matched:3:4', analyst)).status).toBe(200);
    expect(await result('matched:3:4')).toMatchObject({ reviewed_by: me });
    expect((await reject('matched:3:4', 'another payer', analyst)).status).toBe(200);
    const { reviews, pagination } = await get(`${id}/reviews`);
    expect(pagination.total).toBe(1);
    expect(reviews[0]).toMatchObject({
      verdict: 'rejected',
      reason: 'another payer',
      confidence_score: 0.98,
      earlier: [{ verdict: 'approved', reviewed_by: me, reason: null }],
    });
    expect(reviews[0].reviewed_by).not.toBe(me);
    expect((await get(`${id}/reviews?verdict=approved`)).reviews).toEqual([]);
  });

  it('CONCURRENT_CHANGE: of two who say the opposite at once one is refused, of two who agree none', async () => {
    const { approve, reject, analyst, deps } = await completed();
    let both: (() => void) | undefined;
    const there = new Promise<void>((resolve) => {
      both = resolve;
    });
    let waiting = 0;
    // Both have read before either writes.
    const read = deps.reviews.get;
    deps.reviews.get = async (ref) => {
      const found = await read(ref);
      if (waiting < 2) {
        waiting += 1;
        if (waiting === 2) both?.();
        await there;
      }
      return found;
    };
    const answers = await Promise.all([approve('matched:3:4'), reject('matched:3:4', 'no', analyst)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.error).toBe('CONCURRENT_CHANGE');
    waiting = 0;
    const agreed = await Promise.all([approve('matched:5:6'), approve('matched:5:6', analyst)]);
    expect(agreed.map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each([
    ['missing:12:', 400, 'VALIDATION_ERROR'],
    ['matched:99:98', 404, 'NOT_FOUND'],
    ['matched::', 404, 'NOT_FOUND'],
    ["matched:1:2'; DROP TABLE x", 404, 'NOT_FOUND'],
    ['ff', 404, 'NOT_FOUND'],
  ])('refuses %s', async (result, status, error) => {
    const { approve, reject } = await completed();
    for (const reply of [await approve(result), await reject(result)])
      expect([reply.status, reply.body.error]).toEqual([status, error]);
  });

  it('NOTHING_TO_UNDO: what persons put together is approved, and not rejected', async () => {
    const { approve, reject } = await completed();
    expect((await approve('matched:10:11')).status).toBe(200);
    const refused = await reject('matched:10:11');
    expect([refused.status, refused.body.error, refused.body.details]).toMatchObject([
      409,
      'NOTHING_TO_UNDO',
      { decisions: ['decision-1'] },
    ]);
  });

  it.each([[undefined], [''], ['  '], ['x'.repeat(1_001)], [7]])('a rejection has a reason: not %j', async (reason) => {
    const { call, path, token } = await completed();
    const json = reason === undefined ? {} : { reason };
    const refused = await call('POST', `${path}/results/matched:3:4/reject`, { token, json });
    expect([refused.status, refused.body.details.field]).toEqual([400, 'reason']);
  });

  it('who may not see the job may not review its results, nor see or reset what was learned', async () => {
    const { approve, reject, call, path, other, analyst } = await completed();
    const asked = [
      await approve('matched:3:4', other),
      await reject('matched:3:4', 'no', other),
      await call('GET', `${path}/reviews`, { token: other }),
      await call('GET', `${path}/learning`, { token: other }),
      await call('POST', `${path}/learning/reset`, { token: other }),
    ];
    expect(asked.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect((await approve('matched:3:4', analyst)).status).toBe(200);
  });

  it('RESULTS_NOT_READY: a run that is under way has nothing to review', async () => {
    const { create, start, call, token } = await openJobs();
    const { id } = (await create()).body;
    await start(id);
    const reply = await call('POST', `/api/reconciliation/jobs/${id}/results/matched:1:2/approve`, { token });
    expect([reply.status, reply.body.error]).toEqual([409, 'RESULTS_NOT_READY']);
  });

  it('matching-strategies: a fuzzy match says why, field by field', async () => {
    const { result } = await completed();
    expect((await result('matched:3:4')).explanation.evidence).toEqual(evidence);
    expect((await result('matched:1:2')).explanation.evidence).toBeNull();
  });
});

describe('recon: shadow mode', () => {
  it('statistics say what auto_approve would have done, held against what persons said', async () => {
    const { approve, reject, get, id } = await completed();
    const shadow = async () => (await get(`${id}/statistics`)).shadow;
    // Of the five matches the group counts once.
    const none = { approved: 0, rejected: 0 };
    expect(await shadow()).toEqual({
      auto_approve: false,
      confidence_threshold: 0.7,
      matches: 5,
      would_approve: 3,
      reviewed: { ...none, precision: null },
      beyond: none,
    });
    await approve('matched:1:2');
    await approve('matched:10:11');
    await reject('matched:3:4');
    await approve('matched:5:6');
    await approve('matched:7:8');
    expect(await shadow()).toMatchObject({
      would_approve: 3,
      reviewed: { approved: 2, rejected: 1, precision: 0.666667 },
      beyond: { approved: 2, rejected: 0 },
    });
  });

  it('with auto_approve the same figures are of what it did; before a run there is nothing', async () => {
    const { get, id, create, reject } = await completed({ auto_approve: true, confidence_threshold: 0.99 });
    await reject('matched:1:2');
    expect((await get(`${id}/statistics`)).shadow).toMatchObject({
      auto_approve: true,
      confidence_threshold: 0.99,
      would_approve: 2,
      reviewed: { approved: 0, rejected: 1, precision: 0 },
    });
    const fresh = (await create()).body.id;
    expect((await get(`${fresh}/statistics`)).shadow).toMatchObject({ matches: 0, would_approve: 0 });
  });
});

describe('recon: learning', () => {
  it('shows each version, and a reset is one that knows nothing', async () => {
    const { get, id, call, token, path, deps, me, runId } = await completed();
    expect(await get(`${id}/learning`)).toEqual({ current: null, history: [] });
    const learned = {
      version: 1,
      shift: -0.25,
      factors: { ref: 0.9 },
      equivalences: [['köln', 'cologne']],
      from: { approvals: 3, rejections: 1 },
    };
    const ref = { tenant: 'default', reconciliationId: id };
    const at = '2026-01-05T09:00:00.000Z';
    await deps.reviews.addLesson({ ...ref, version: 1, kind: 'lesson', at, basis: 'b', passes: { likely: learned } });
    const run = await deps.runs.get({ ...ref, runId });
    await deps.runs.save({ ...run!, learned: 1 });
    expect((await get(`${id}/statistics`)).learning_version).toBe(1);
    const first = {
      version: 1,
      kind: 'lesson',
      made_at: at,
      made_by: null,
      passes: [
        {
          pass: 'likely',
          shift: -0.25,
          factors: [{ field: 'ref', factor: 0.9 }],
          equivalences: [['köln', 'cologne']],
          approvals: 3,
          rejections: 1,
        },
      ],
    };
    expect(await get(`${id}/learning`)).toEqual({ current: first, history: [first] });
    const reset = await call('POST', `${path}/learning/reset`, { token });
    expect(reset.body.data).toMatchObject({ version: 2, kind: 'reset', made_by: me, passes: [] });
    expect(await get(`${id}/learning`)).toEqual({ current: reset.body.data, history: [reset.body.data, first] });
  });
});
