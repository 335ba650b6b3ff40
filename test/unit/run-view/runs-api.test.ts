// Reconciliations and their runs over HTTP, from dropped files to the reply.
import { describe, expect, test } from 'vitest';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import { entry, openRunDesk, type Person, type RunDesk } from './run-desk.ts';

const custody = 'T1,100000.00,EQUITIES,US LISTED,F1\nT2,20.50,EQUITIES,,F2\nT3,7,BONDS,,F2\nT5,1,BONDS,,F1\n';
const gl = 'T1,95000.00,EQUITIES,US LISTED,F1\nT2,20.50,EQUITIES,,F2\nT4,8,,,F2\nT5,1,BONDS,,F1\n';
const runId = (sequence: number, number = 42) => number * 1_000_000_000 + sequence;

/** Two files have come and are loaded, and their first run, started by their arrival, has settled. */
async function loaded(
  desk: RunDesk,
  number = 42,
  ...rest: [Parameters<RunDesk['create']>[1]?]
): Promise<Reconciliation> {
  const made = await desk.create(number, ...rest);
  await desk.drop(made, 'CUSTODY', custody);
  await desk.drop(made, 'GL', gl);
  await desk.drain();
  return made;
}

const latest = (desk: RunDesk, query = '', who: Person = 'maker') =>
  desk.call(who, 'GET', `/api/reconciliations/42/runs/latest${query}`);
const trigger = (desk: RunDesk, body?: unknown, who: Person = 'maker') =>
  desk.call(who, 'POST', '/api/reconciliations/42/run', body);

describe('GET /api/reconciliations', () => {
  test('recon-list-bare-array: id, code, name and description, and nothing beside', async () => {
    const desk = await openRunDesk();
    await desk.create(77);
    await desk.create(42);
    const { status, body } = await desk.call('maker', 'GET', '/api/reconciliations');
    expect(status).toBe(200);
    expect(body).toEqual(
      [42, 77].map((id) => ({
        id,
        code: `CUSTODY_GL_${id}`,
        name: 'Custody vs GL',
        description: 'Custody holdings against the ledger',
      })),
    );
  });

  test('recon-visibility: those whose groups are named; the published; none of another tenant', async () => {
    const desk = await openRunDesk();
    await desk.create(1);
    await desk.create(2, { accessControlEntries: [entry('READERS', 'VIEWER'), entry('recon_approvers', 'CHECKER')] });
    await desk.create(3, {}, 'DRAFT');
    await desk.create(4, {}, 'RETIRED');
    await desk.deps.reconciliations.create({
      ...(await desk.deps.reconciliations.byNumber('acme', 1))!,
      reconciliationId: 'plain',
      code: 'plain',
      graph: undefined as never,
    });
    const seen = async (who: Person) =>
      (await desk.call(who, 'GET', '/api/reconciliations')).body.map(({ id }: { id: number }) => id);
    expect(await seen('maker')).toEqual([1]);
    expect(await seen('checker')).toEqual([1, 2]);
    expect(await seen('viewer')).toEqual([2]);
    expect(await seen('admin')).toEqual([1, 2]);
    expect(await seen('nobody')).toEqual([]);
    expect(await seen('stranger')).toEqual([]);
  });

  test('err-401: without a token', async () => {
    const desk = await openRunDesk();
    expect((await desk.call(undefined, 'GET', '/api/reconciliations')).status).toBe(401);
  });
});

describe('POST /api/reconciliations/{id}/run', () => {
  test('run-synchronous: 200 with the whole result', async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    const { status, body, text } = await trigger(desk, { triggerType: 'MANUAL_API' });
    expect(status).toBe(200);
    expect(body.summary).toEqual({
      definitionId: 42,
      runId: runId(2),
      runDateTime: expect.any(String),
      triggerType: 'MANUAL_API',
      triggeredBy: 'analyst.jane',
      triggerCorrelationId: null,
      triggerComments: null,
      matched: 2,
      mismatched: 1,
      missing: 2,
    });
    expect(body.breaks).toHaveLength(3);
    expect(body.nextCursor).toBeNull();
    // As many decimals as the column has, written digit by digit.
    expect(text).toContain('"amount":100000.00');
  });

  test('run-analytics, run-filters-block, break-types: all counts, and what can be asked for', async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    const { body } = await trigger(desk);
    expect(body.analytics).toEqual({
      breaksByStatus: { OPEN: 3 },
      breaksByType: { MISMATCH: 1, MISSING_IN_SOURCE_A: 1, MISSING_IN_SOURCE_B: 1 },
      breaksByProduct: { EQUITIES: 1, BONDS: 1, '(none)': 1 },
      breaksByEntity: { F1: 1, F2: 2 },
      openBreaksByAgeBucket: { '<1d': 3 },
      filteredBreakCount: 3,
      totalBreakCount: 3,
      totalMatchedCount: 2,
    });
    expect(body.filters).toEqual({
      products: ['(none)', 'BONDS', 'EQUITIES'],
      subProducts: ['(none)', 'US LISTED'],
      entities: ['F1', 'F2'],
      statuses: ['OPEN', 'PENDING_APPROVAL', 'CLOSED'],
    });
  });

  test('run-summary: MISMATCH alone is mismatched; together with the missing they are all breaks of the sample', async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    const { summary, analytics } = (await trigger(desk)).body;
    expect(summary.mismatched + summary.missing).toBe(analytics.totalBreakCount);
    expect(summary.matched).toBe(analytics.totalMatchedCount);
  });

  test("run-echo-fields: what the request said is echoed, who made it is the token's subject", async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    const said = { triggerType: 'MONTH_END', correlationId: 'OPS-1', comments: 'Month-end „validation“' };
    const { body } = await trigger(desk, { ...said, initiatedBy: 'somebody.else' }, 'checker');
    const echoed = {
      triggerType: 'MONTH_END',
      triggeredBy: 'checker.bob',
      triggerCorrelationId: 'OPS-1',
      triggerComments: 'Month-end „validation“',
    };
    expect(body.summary).toMatchObject(echoed);
    const again = await desk.call('maker', 'GET', `/api/reconciliations/runs/${body.summary.runId}`);
    expect(again.body.summary).toEqual(body.summary);
  });

  test('run-trigger-type: MANUAL_API when nothing is said, ARRIVAL for a run that came with its files', async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    expect((await latest(desk)).body.summary).toMatchObject({ triggerType: 'ARRIVAL', triggeredBy: 'system' });
    expect((await trigger(desk)).body.summary.triggerType).toBe('MANUAL_API');
  });

  test('run-synchronous: 202 with the Location of the run when it takes longer, where its result is found later', async () => {
    const desk = await openRunDesk({ stalled: true });
    await loaded(desk);
    const { status, body, headers } = await trigger(desk, { triggerType: 'MANUAL_API', comments: 'x' });
    expect([status, headers.location]).toEqual([202, `/api/reconciliations/runs/${runId(2)}`]);
    expect(headers['retry-after']).toMatch(/^\d+$/);
    expect(body.summary).toMatchObject({ runId: runId(2), status: 'QUEUED', triggerComments: 'x' });
    expect(desk.waited.ms).toBeGreaterThan(20_000);
    expect(desk.waited.ms).toBeLessThanOrEqual(25_000);
    expect((await desk.call('maker', 'GET', headers.location!)).status).toBe(202);
    await desk.drain();
    const settled = await desk.call('maker', 'GET', headers.location!);
    expect([settled.status, settled.body.summary.runId]).toEqual([200, runId(2)]);
  });

  test.each<[Person, number]>([
    ['maker', 200],
    ['checker', 200],
    ['viewer', 403],
    ['admin', 403],
    ['nobody', 404],
    ['stranger', 404],
  ])('err-403, err-404: %s gets %i', async (who, expected) => {
    const desk = await openRunDesk();
    await loaded(desk, 42, {
      accessControlEntries: [
        entry('RECON_PREPARERS', 'MAKER'),
        entry('RECON_APPROVERS', 'CHECKER'),
        entry('READERS', 'VIEWER'),
      ],
    });
    expect((await trigger(desk, {}, who)).status).toBe(expected);
  });

  test('err-409: a run without files, a definition that is not published', async () => {
    const desk = await openRunDesk();
    await desk.create(42);
    expect((await trigger(desk)).body).toMatchObject({ status: 409, error: 'BATCH_MISSING' });
    await desk.create(43, { accessControlEntries: [entry('RECON_ADMIN', 'MAKER')] }, 'DRAFT');
    const draft = await desk.call('admin', 'POST', '/api/reconciliations/43/run');
    expect(draft.body).toMatchObject({ status: 409, error: 'NOT_PUBLISHED' });
    expect((await desk.call('maker', 'POST', '/api/reconciliations/43/run')).status).toBe(404);
  });

  test('a run that fails is a 409 with its reason, then and later: RUN_FAILED', async () => {
    const desk = await openRunDesk();
    const made = await loaded(desk);
    // What was loaded is of another definition now, and its file has nothing for this one.
    const [field, ...others] = made.definition!.fields.toReversed();
    const absent = { ...field!, mapping: { ...field!.mapping, [Object.keys(field!.mapping)[0]!]: 'absent' } };
    const changed = { ...made, definition: { ...made.definition!, fields: [...others.toReversed(), absent] } };
    await desk.deps.reconciliations.update({
      ...changed,
      version: (await desk.deps.reconciliations.get(made))!.version,
    });
    const failed = await trigger(desk);
    expect(failed.body).toMatchObject({ status: 409, error: 'RUN_FAILED', detail: { runId: runId(2) } });
    expect(failed.body.message).toContain('absent');
    expect((await desk.call('maker', 'GET', `/api/reconciliations/runs/${runId(2)}`)).body).toMatchObject({
      error: 'RUN_FAILED',
    });
    expect((await latest(desk)).body.summary.runId).toBe(runId(1));
  });

  test.each<[string, unknown]>([
    ['an unknown field', { triggerType: 'X', who: 'me' }],
    ['an empty trigger type', { triggerType: '' }],
    ['comments of 100 kB', { comments: 'x'.repeat(100_000) }],
    ['a number', { correlationId: 5 }],
  ])('err-422: %s', async (_, body) => {
    const desk = await openRunDesk();
    await desk.create(42);
    expect((await trigger(desk, body)).status).toBe(422);
  });
});

describe('GET /api/reconciliations/{id}/runs/latest', () => {
  test('run-latest-completed: the newest that has settled, whatever came after it', async () => {
    const desk = await openRunDesk({ stalled: true });
    await loaded(desk);
    expect((await trigger(desk)).status).toBe(202);
    expect((await latest(desk)).body.summary.runId).toBe(runId(1));
    await desk.drain();
    expect((await latest(desk)).body.summary.runId).toBe(runId(2));
  });

  test('err-404: no reconciliation, none visible, none that has run', async () => {
    const desk = await openRunDesk();
    await desk.create(42);
    expect((await latest(desk)).status).toBe(404);
    for (const id of ['43', '0', 'x', '9007199254740993', '1e3'])
      expect((await desk.call('maker', 'GET', `/api/reconciliations/${id}/runs/latest`)).status, id).toBe(404);
  });

  test('break-dto: every field, and what each caller may do', async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    const { breaks } = (await latest(desk)).body;
    const mismatch = breaks.find(({ breakType }: { breakType: string }) => breakType === 'MISMATCH');
    expect(mismatch).toEqual({
      id: expect.any(Number),
      breakType: 'MISMATCH',
      status: 'OPEN',
      product: 'EQUITIES',
      subProduct: 'US LISTED',
      entity: 'F1',
      allowedStatusTransitions: ['PENDING_APPROVAL'],
      detectedAt: expect.stringMatching(/Z$/),
      sourceA: { tradeId: 'T1', amount: 100000, product: 'EQUITIES', market: 'US LISTED', fund: 'F1' },
      sourceB: { tradeId: 'T1', amount: 95000, product: 'EQUITIES', market: 'US LISTED', fund: 'F1' },
      comments: [],
      submittedBy: null,
      assignee: null,
      reasonCode: null,
      anomalies: [],
    });
    expect(Math.floor(mismatch.id / 1_000_000_000)).toBe(42);
    const missing = breaks.find(({ breakType }: { breakType: string }) => breakType === 'MISSING_IN_SOURCE_A');
    expect(missing).toMatchObject({ sourceA: {}, sourceB: { tradeId: 'T4', amount: 8 }, product: null });
    expect((await latest(desk, '', 'checker')).body.breaks[0].allowedStatusTransitions).toEqual([]);
  });

  test('anomalies of the run, and its breaks with and without some', async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    const { body } = await latest(desk);
    expect(body.anomalies).toEqual({ runs: 0, learning: true, found: [], more: 0, breaks: 0 });
    expect((await latest(desk, '?anomalous=true')).body).toMatchObject({
      breaks: [],
      analytics: { filteredBreakCount: 0, totalBreakCount: body.analytics.totalBreakCount },
    });
    expect((await latest(desk, '?anomalous=false')).body.breaks).toEqual(body.breaks);
    expect((await latest(desk, '?anomalous=perhaps')).status).toBe(422);
  });

  test('run-filter-params: repeated names; comments and submitters of those that have some', async () => {
    const desk = await openRunDesk();
    const made = await loaded(desk);
    const { breaks } = (await latest(desk)).body;
    const [first] = breaks;
    const dn = 'CN=analyst.jane,OU=Users,DC=corp,DC=example';
    await desk.act(made, String(first.id % 1_000_000_000), {
      actorDn: dn,
      status: 'PENDING_APPROVAL',
      comment: { id: 7, text: 'looked' },
    });
    const pending = (await latest(desk, '?status=PENDING_APPROVAL&status=CLOSED', 'checker')).body;
    expect(pending.breaks).toHaveLength(1);
    expect(pending.breaks[0]).toMatchObject({
      id: first.id,
      status: 'PENDING_APPROVAL',
      submittedBy: dn,
      allowedStatusTransitions: ['CLOSED', 'OPEN'],
      comments: [{ id: 7, actorDn: dn, action: 'COMMENT', comment: 'looked', createdAt: expect.any(String) }],
    });
    expect(pending.analytics).toMatchObject({
      breaksByStatus: { PENDING_APPROVAL: 1 },
      openBreaksByAgeBucket: {},
      filteredBreakCount: 1,
      totalBreakCount: 3,
    });
    const both = (await latest(desk, '?status=OPEN&status=PENDING_APPROVAL&product=BONDS&product=EQUITIES')).body;
    expect(both.analytics.filteredBreakCount).toBe(2);
    expect((await latest(desk, '?product=%27%20OR%201%3D1')).body.breaks).toEqual([]);
  });

  test.each([
    '?status=open',
    '?status=NEW',
    '?limit=0',
    '?limit=1001',
    '?cursor=x',
    '?product=',
    `?entity=${'x'.repeat(300)}`,
    '?cursor=1&cursor=2',
  ])('err-422: %s', async (query) => {
    const desk = await openRunDesk();
    await loaded(desk);
    expect((await latest(desk, query)).status).toBe(422);
  });

  test('run-filtered-vs-total: pages by cursor, each with the exact counts', async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    const seen: number[] = [];
    let query = '?limit=2';
    for (;;) {
      const { body } = await latest(desk, query);
      expect(body.analytics).toMatchObject({ filteredBreakCount: 3, totalBreakCount: 3 });
      seen.push(...body.breaks.map(({ id }: { id: number }) => id));
      if (body.nextCursor === null) break;
      query = `?limit=2&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual((await latest(desk)).body.breaks.map(({ id }: { id: number }) => id));
    expect(new Set(seen).size).toBe(3);
  });

  test('a page whose breaks have long comments ends early and goes on', async () => {
    const desk = await openRunDesk();
    const made = await loaded(desk);
    for (const breakId of ['1', '2'])
      for (let id = 1; id <= 50; id += 1)
        await desk.act(made, breakId, { actorDn: 'CN=x', comment: { id, text: '"'.repeat(10_000) } });
    const first = (await latest(desk)).body;
    expect([first.breaks.length, first.nextCursor]).toEqual([1, '1']);
    expect(first.breaks[0].comments).toHaveLength(50);
    const second = (await latest(desk, '?cursor=1')).body;
    expect([second.breaks.length, second.nextCursor]).toEqual([2, null]);
  });
});

describe('GET /api/reconciliations/runs/{runId}', () => {
  test('run-historical: the values of then, the status of now', async () => {
    const desk = await openRunDesk();
    const made = await loaded(desk);
    await desk.drop(made, 'CUSTODY', custody.replace('100000.00', '96000.00'));
    await desk.drop(made, 'GL', gl.replace('T4,8,,,F2\n', ''));
    await desk.drain();
    const first = (await desk.call('maker', 'GET', `/api/reconciliations/runs/${runId(1)}`)).body;
    const second = (await latest(desk)).body;
    expect(second.summary.runId).toBe(runId(2));
    const amounts = ({ breaks }: { breaks: { breakType: string; sourceA: { amount: number } }[] }) =>
      breaks.find(({ breakType }) => breakType === 'MISMATCH')?.sourceA.amount;
    expect([amounts(first), amounts(second)]).toEqual([100000, 96000]);
    expect(first.analytics).toMatchObject({ breaksByStatus: { OPEN: 2, CLOSED: 1 }, totalBreakCount: 3 });
    expect(second.analytics).toMatchObject({ breaksByStatus: { OPEN: 2 }, totalBreakCount: 2 });
    const gone = (await desk.call('maker', 'GET', `/api/reconciliations/runs/${runId(1)}?status=CLOSED`)).body.breaks;
    expect(gone).toMatchObject([{ breakType: 'MISSING_IN_SOURCE_A', status: 'CLOSED', allowedStatusTransitions: [] }]);
    const all = await desk.call('maker', 'GET', `/api/reconciliations/runs/${runId(1)}?product=EQUITIES`);
    expect(all.body.analytics.filteredBreakCount).toBe(1);
  });

  test('err-404: a run that is not there, or not for the caller', async () => {
    const desk = await openRunDesk();
    await loaded(desk);
    for (const id of [runId(2), runId(1, 43), 42, 5_000_000_000, '9007199254740993', 'x'])
      expect((await desk.call('maker', 'GET', `/api/reconciliations/runs/${id}`)).status, String(id)).toBe(404);
    expect((await desk.call('nobody', 'GET', `/api/reconciliations/runs/${runId(1)}`)).status).toBe(404);
    expect((await desk.call('stranger', 'GET', `/api/reconciliations/runs/${runId(1)}`)).status).toBe(404);
    expect((await desk.call('admin', 'GET', `/api/reconciliations/runs/${runId(1)}`)).status).toBe(200);
  });
});
