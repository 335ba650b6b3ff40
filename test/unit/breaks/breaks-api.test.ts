// Breaks over HTTP: what everybody sees, comments, assignment, reasons and history.
import { describe, expect, test } from 'vitest';
import { entry } from '../run-view/run-desk.ts';
import { type Desk, idOf, openDesk, type Person, people, refOf, storedMax } from './break-desk.ts';

const get = (desk: Desk, who: Person, sequence = 1, number = 42) =>
  desk.call(who, 'GET', `/api/breaks/${idOf(sequence, number)}`);
const history = (desk: Desk, sequence = 1, query = '', who: Person = 'maker') =>
  desk.call(who, 'GET', `/api/breaks/${idOf(sequence)}/history${query}`);

describe('a break', () => {
  test('break-dto, ids-integers: every field, with the numbers of the record to the digit', async () => {
    const desk = await openDesk();
    const { status, body, text } = await get(desk, 'both');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 42_000_000_001,
      breakType: 'MISMATCH',
      status: 'OPEN',
      product: 'EQUITIES',
      subProduct: 'US LISTED',
      entity: 'F1',
      allowedStatusTransitions: ['PENDING_APPROVAL'],
      detectedAt: '2026-01-05T09:00:00.000Z',
      comments: [],
    });
    expect(text).toContain('"sourceA":{"tradeId":"T1","amount":100000.00,');
    expect(text).toContain('"amount":9007199254740993.10');
  });

  test('break-transitions-per-caller: what each may do, by status, role and maker-checker', async () => {
    const desk = await openDesk();
    const allowed = async (who: Person, number = 42) => (await get(desk, who, 1, number)).body.allowedStatusTransitions;
    expect(await allowed('maker')).toEqual(['PENDING_APPROVAL']);
    expect(await allowed('checker')).toEqual([]);
    expect(await allowed('admin')).toEqual([]);
    expect(await allowed('maker', 77)).toEqual(['CLOSED']);
    expect(await allowed('viewer', 88)).toEqual([]);
    await desk.status('both', 1, 'PENDING_APPROVAL');
    expect(await allowed('both')).toEqual(['OPEN']);
    expect(await allowed('alias')).toEqual(['OPEN']);
    expect(await allowed('checker')).toEqual(['CLOSED', 'OPEN']);
    expect(await allowed('maker')).toEqual([]);
  });

  test.each([
    ['another tenant', 'stranger', idOf(1)],
    ['no group', 'nobody', idOf(1)],
    ['another definition’s group', 'maker', idOf(1, 88)],
    ['no such break', 'maker', idOf(999)],
    ['no such definition', 'maker', idOf(1, 43)],
    ['no id that was given out', 'maker', 7],
  ] as const)('err-404: not there for %s, whatever is asked', async (_name, who, id) => {
    const desk = await openDesk();
    const asked = [
      desk.call(who, 'GET', `/api/breaks/${id}`),
      desk.call(who, 'GET', `/api/breaks/${id}/history`),
      desk.call(who, 'POST', `/api/breaks/${id}/comments`, { comment: 'x' }),
      desk.call(who, 'PATCH', `/api/breaks/${id}/status`, { status: 'PENDING_APPROVAL' }),
      desk.call(who, 'PUT', `/api/breaks/${id}/assignment`, { assigneeDn: null }),
      desk.call(who, 'PUT', `/api/breaks/${id}/reason`, { reasonCode: null }),
      desk.bulk(who, [id], { comment: 'x' }),
    ];
    for (const reply of await Promise.all(asked))
      expect(reply).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
  });

  test.each(['viewer', 'admin'] as const)(
    'err-403: who sees it without working on it, the %s, changes nothing',
    async (who) => {
      const desk = await openDesk();
      const path = `/api/breaks/${idOf(1, 88)}`;
      const asked = [
        desk.call(who, 'POST', `${path}/comments`, { comment: 'x' }),
        desk.call(who, 'PATCH', `${path}/status`, { status: 'CLOSED' }),
        desk.call(who, 'PUT', `${path}/assignment`, { assigneeDn: null }),
        desk.call(who, 'PUT', `${path}/reason`, { reasonCode: null }),
        desk.bulk(who, [idOf(1, 88)], { comment: 'x' }),
      ];
      for (const reply of await Promise.all(asked))
        expect(reply).toMatchObject({ status: 403, body: { error: 'FORBIDDEN' } });
      expect((await get(desk, who, 1, 88)).status).toBe(200);
      expect(desk.activity.entries).toEqual([]);
    },
  );

  test('err-401: nobody without a token', async () => {
    const desk = await openDesk();
    expect(await desk.call(undefined, 'GET', `/api/breaks/${idOf(1)}`)).toMatchObject({ status: 401 });
  });

  test.each(['0', '-1', 'x', '1.5', '9007199254740993', '99999999999999999999'])(
    'err-404: "%s" is nobody’s id',
    async (id) => {
      const desk = await openDesk();
      expect(await desk.call('maker', 'GET', `/api/breaks/${id}`)).toMatchObject({ status: 404 });
    },
  );
});

describe('a comment', () => {
  test('comment-append, comment-entry: the whole break with its timeline, its status as it was', async () => {
    const desk = await openDesk();
    await desk.comment('maker', 1, 'Asked the custodian', { action: 'INVESTIGATE' });
    const { status, body } = await desk.comment('checker', 1, 'Answered');
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: idOf(1), status: 'OPEN', allowedStatusTransitions: [] });
    const at = new Date(desk.clock.now()).toISOString();
    expect(body.comments).toEqual([
      { id: 1, actorDn: people.maker.dn, action: 'INVESTIGATE', comment: 'Asked the custodian', createdAt: at },
      { id: 2, actorDn: people.checker.dn, action: 'COMMENT', comment: 'Answered', createdAt: at },
    ]);
    expect((await get(desk, 'maker')).body.comments).toHaveLength(2);
  });

  test('comment-action-optional: null and absent are COMMENT', async () => {
    const desk = await openDesk();
    await desk.comment('maker', 1, 'one');
    const { body } = await desk.comment('maker', 1, 'two', { action: null });
    expect(body.comments.map(({ action }: { action: string }) => action)).toEqual(['COMMENT', 'COMMENT']);
  });

  test.each([
    ['empty', { comment: '' }],
    ['blank', { comment: ' \n\t ' }],
    ['absent', {}],
    ['null', { comment: null }],
    ['a number', { comment: 7 }],
    ['longer than 10,000 characters', { comment: 'x'.repeat(10_001) }],
    ['100 kB', { comment: 'é'.repeat(50_000) }],
    ['with an action that is no code', { comment: 'x', action: 'drop table' }],
    ['with a field too many', { comment: 'x', status: 'CLOSED' }],
    ['no JSON', '{'],
  ])('comment-empty-422, err-422: %s', async (_name, body) => {
    const desk = await openDesk();
    const reply = await desk.call('maker', 'POST', `/api/breaks/${idOf(1)}/comments`, body);
    expect(reply).toMatchObject({ status: 422, body: { error: 'REQUEST_INVALID' } });
    expect((await desk.stored(1))?.version).toBe(1);
  });

  test('comment-append: 10,000 characters of any kind come back as they were', async () => {
    const desk = await openDesk();
    const comment = `=${'€"\\<\u0001😀'.repeat(1_428)}x`;
    expect(comment.length).toBeLessThanOrEqual(10_000);
    expect((await desk.comment('maker', 1, comment)).body.comments[0].comment).toBe(comment);
  });

  test('comment-append: with one Idempotency-Key once', async () => {
    const desk = await openDesk();
    const send = () => desk.call('maker', 'POST', `/api/breaks/${idOf(1)}/comments`, { comment: 'x' }, 'key-1');
    expect((await send()).body).toEqual((await send()).body);
    expect((await get(desk, 'maker')).body.comments).toHaveLength(1);
  });

  test('comment-append: many at once all stay, each once', async () => {
    const desk = await openDesk();
    const texts = Array.from({ length: 20 }, (_, index) => `comment ${index}`);
    const replies = await Promise.all(texts.map((text) => desk.comment('maker', 1, text)));
    expect(replies.map(({ status }) => status)).toEqual(texts.map(() => 200));
    const { comments } = (await get(desk, 'maker')).body;
    expect(comments.map(({ comment }: { comment: string }) => comment).sort()).toEqual(texts.toSorted());
    expect(new Set(comments.map(({ id }: { id: number }) => id)).size).toBe(20);
  });
});

describe('a break of which no item was made', () => {
  test('becomes one when somebody acts on it', async () => {
    const desk = await openDesk();
    const sequence = storedMax + 1;
    expect(await desk.stored(sequence)).toBeUndefined();
    expect((await get(desk, 'maker', sequence)).body).toMatchObject({
      id: idOf(sequence),
      status: 'OPEN',
      comments: [],
    });
    expect(await desk.stored(sequence)).toBeUndefined();
    const { body } = await desk.status('maker', sequence, 'PENDING_APPROVAL', 42, { comment: 'x' });
    expect(body).toMatchObject({
      status: 'PENDING_APPROVAL',
      product: 'EQUITIES',
      detectedAt: '2026-01-05T09:00:00.000Z',
    });
    expect(await desk.stored(sequence)).toMatchObject({
      status: 'PENDING_APPROVAL',
      entries: 1,
      version: 1,
      key: `T${sequence}`,
    });
    expect(await desk.deps.breaks.touched({ tenant: 'acme', reconciliationId: 'rec-42' })).toEqual([
      { breakId: String(sequence), status: 'PENDING_APPROVAL' },
    ]);
  });

  test('by two at once becomes one item, with both deeds', async () => {
    const desk = await openDesk();
    const sequence = storedMax + 2;
    await Promise.all([desk.comment('maker', sequence, 'one'), desk.comment('checker', sequence, 'two')]);
    expect((await get(desk, 'maker', sequence)).body.comments).toHaveLength(2);
  });

  test('is left alone while a run is writing its breaks (RUN_SETTLING)', async () => {
    const desk = await openDesk();
    const ref = { tenant: 'acme', reconciliationId: 'rec-42' };
    const pending = { runId: 'run-2', number: 2, ledgerKey: 'l', changesKey: 'c', changes: 1, lanes: 1, applied: 0 };
    await desk.deps.runs.saveFeed({ ...(await desk.deps.batches.feed(ref)), pending });
    const reply = await desk.comment('maker', storedMax + 1, 'x');
    expect(reply).toMatchObject({ status: 409, body: { error: 'RUN_SETTLING' } });
    expect((await desk.comment('maker', 1, 'x')).status).toBe(200);
  });

  test('is read again when a run settles between its reading and its writing', async () => {
    const desk = await openDesk();
    const ref = { tenant: 'acme', reconciliationId: 'rec-42' };
    const { save } = desk.deps.breaks;
    let settles = 1;
    desk.deps.breaks.save = async (writes, feed) => {
      if (settles-- > 0) await desk.deps.runs.saveFeed(await desk.deps.batches.feed(ref));
      return save(writes, feed);
    };
    expect((await desk.comment('maker', storedMax + 1, 'x')).status).toBe(200);
    expect(settles).toBeLessThan(0);
  });
});

describe('an assignment', () => {
  test('goes to a maker or checker whom the directory knows, and is taken away', async () => {
    const desk = await openDesk();
    const put = (assigneeDn: string | null) =>
      desk.call('maker', 'PUT', `/api/breaks/${idOf(1)}/assignment`, { assigneeDn, comment: 'yours' });
    const { dn, name } = people.checker;
    expect((await put(dn)).body).toMatchObject({ assignee: { dn, name }, status: 'OPEN' });
    expect((await put(null)).body).toMatchObject({ assignee: null });
    expect((await history(desk)).body.entries).toMatchObject([
      { action: 'ASSIGNMENT', assignee: { from: dn, to: null } },
      { action: 'ASSIGNMENT', assignee: { from: null, to: dn }, comment: 'yours' },
    ]);
    expect(desk.activity.entries[0]).toMatchObject({
      eventType: 'BREAK_ASSIGNMENT',
      details: `Break ${idOf(1)} assigned to ${dn} by ${people.maker.dn}`,
    });
  });

  test('acl-entries: is mailed to the channels of the entries by which they work on it, once', async () => {
    const desk = await openDesk();
    const stored = (await desk.deps.reconciliations.get(refOf()))!;
    const channel = (name: string, role: 'MAKER' | 'CHECKER', notificationChannel: string) => ({
      ...entry(name, role),
      notificationChannel,
    });
    const accessControlEntries = [
      channel('RECON_PREPARERS', 'MAKER', 'makers@example.com'),
      channel('RECON_APPROVERS', 'CHECKER', 'checkers@example.com'),
    ];
    await desk.deps.reconciliations.update({ ...stored, graph: { ...stored.graph!, accessControlEntries } });
    const put = () =>
      desk.call('maker', 'PUT', `/api/breaks/${idOf(1)}/assignment`, { assigneeDn: people.checker.dn }, 'k');
    expect([(await put()).status, (await put()).status]).toEqual([200, 200]);
    expect(desk.outbox.all()).toMatchObject([
      {
        to: 'checkers@example.com',
        text: `Break ${idOf(1)} of reconciliation CUSTODY_GL_42 (42) was assigned to ${people.checker.dn} by ${people.maker.dn}.`,
        path: '/api/reconciliations/runs/42000000001',
      },
    ]);
  });

  test.each([
    ['unknown to the directory', 'CN=ghost,DC=corp'],
    ['of no group that works on it', people.viewer.dn],
    ['an administrator alone', people.admin.dn],
  ])('ASSIGNEE_INVALID: nobody who is %s', async (_name, assigneeDn) => {
    const desk = await openDesk();
    const reply = await desk.call('maker', 'PUT', `/api/breaks/${idOf(1)}/assignment`, { assigneeDn });
    expect(reply).toMatchObject({ status: 422, body: { error: 'ASSIGNEE_INVALID' } });
  });
});

test('a reason is a code, set and taken away', async () => {
  const desk = await openDesk();
  const put = (reasonCode: unknown) => desk.call('maker', 'PUT', `/api/breaks/${idOf(1)}/reason`, { reasonCode });
  expect((await put('TIMING')).body).toMatchObject({ reasonCode: 'TIMING' });
  expect((await put('two words')).status).toBe(422);
  expect((await put(null)).body).toMatchObject({ reasonCode: null });
});

describe('the history', () => {
  test('audit-trail: everything, the newest first, page by page', async () => {
    const desk = await openDesk();
    for (let index = 0; index < 5; index += 1) await desk.comment('maker', 1, `comment ${index}`);
    const seen: number[] = [];
    let query = '?limit=2';
    for (;;) {
      const { body } = await history(desk, 1, query);
      seen.push(...body.entries.map(({ number }: { number: number }) => number));
      if (body.nextCursor === null) break;
      query = `?limit=2&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
    expect((await history(desk, 1, '?cursor=0')).status).toBe(422);
    expect((await history(desk, 2)).body).toMatchObject({ entries: [], nextCursor: null, closed: null });
  });

  test('has every comment where the break shows the newest 50', async () => {
    const desk = await openDesk();
    for (let index = 1; index <= 60; index += 1) await desk.comment('maker', 1, `comment ${index}`);
    const { comments } = (await get(desk, 'maker')).body;
    expect(comments).toHaveLength(50);
    expect(comments[0].comment).toBe('comment 11');
    expect((await history(desk, 1, '?limit=200')).body.entries).toHaveLength(60);
  });
});
