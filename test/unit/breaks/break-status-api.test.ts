// Status changes over HTTP: makers and checkers, in order and at once.
import { describe, expect, test } from 'vitest';
import { type Desk, idOf, openDesk, people } from './break-desk.ts';

const history = (desk: Desk) => desk.call('maker', 'GET', `/api/breaks/${idOf(1)}/history`);

describe('a status change', () => {
  test('break-maker-checker, activity-event-types, audit-trail: a maker submits, another checker approves', async () => {
    const desk = await openDesk();
    const submitted = await desk.status('maker', 1, 'PENDING_APPROVAL', 42, { comment: 'Please look' });
    expect(submitted.body).toMatchObject({ status: 'PENDING_APPROVAL', submittedBy: people.maker.dn });
    expect(submitted.body.comments).toMatchObject([{ comment: 'Please look', action: 'STATUS_CHANGE' }]);
    const closed = await desk.status('checker', 1, 'CLOSED');
    expect(closed.body).toMatchObject({ status: 'CLOSED', allowedStatusTransitions: ['OPEN'] });
    expect(desk.activity.entries).toMatchObject(
      [
        ['PENDING_APPROVAL', people.maker.dn],
        ['CLOSED', people.checker.dn],
      ].map(([to, actorDn]) => ({
        tenant: 'acme',
        reconciliationId: 'rec-42',
        eventType: 'BREAK_STATUS_CHANGE',
        details: `Break 42000000001 moved to ${to} by ${actorDn}`,
        actorDn,
      })),
    );
  });

  test.each(['both', 'alias'] as const)('break-maker-checker: %s does not approve what they submitted', async (who) => {
    const desk = await openDesk();
    await desk.status('both', 1, 'PENDING_APPROVAL');
    expect(await desk.status(who, 1, 'CLOSED')).toMatchObject({ status: 403, body: { error: 'SELF_APPROVAL' } });
    expect((await desk.stored(1))?.status).toBe('PENDING_APPROVAL');
    expect((await desk.status('checker', 1, 'CLOSED')).status).toBe(200);
  });

  test('break-open-transitions: OPEN is not closed under maker-checker, by nobody', async () => {
    const desk = await openDesk();
    for (const who of ['maker', 'checker', 'both'] as const) {
      expect(await desk.status(who, 1, 'CLOSED')).toMatchObject({
        status: 422,
        body: { error: 'BREAK_TRANSITION_INVALID' },
      });
    }
    expect(await desk.status('checker', 1, 'PENDING_APPROVAL')).toMatchObject({ status: 403 });
  });

  test('break-maker-checker: without it makers and checkers close directly, and open again', async () => {
    const desk = await openDesk();
    expect((await desk.status('maker', 1, 'CLOSED', 77)).body).toMatchObject({ status: 'CLOSED', submittedBy: null });
    expect((await desk.status('maker', 1, 'OPEN', 77)).body).toMatchObject({ status: 'OPEN' });
    expect((await desk.status('checker', 1, 'CLOSED', 77)).body).toMatchObject({ status: 'CLOSED' });
  });

  test('break-transition-targets: a checker rejects, and opens again (extensions)', async () => {
    const desk = await openDesk();
    await desk.status('maker', 1, 'PENDING_APPROVAL');
    expect((await desk.status('checker', 1, 'OPEN')).body).toMatchObject({ status: 'OPEN', submittedBy: null });
    await desk.status('maker', 1, 'PENDING_APPROVAL');
    await desk.status('checker', 1, 'CLOSED');
    expect(await desk.status('maker', 1, 'OPEN')).toMatchObject({ status: 403 });
    expect((await desk.status('checker', 1, 'OPEN')).body).toMatchObject({ status: 'OPEN' });
  });

  test.each([
    ['unknown', { status: 'DONE' }],
    ['in lower case', { status: 'closed' }],
    ['absent', {}],
    ['null', { status: null }],
    ['with an empty comment', { status: 'PENDING_APPROVAL', comment: '' }],
  ])('err-422: a status that is %s', async (_name, body) => {
    const desk = await openDesk();
    const reply = await desk.call('maker', 'PATCH', `/api/breaks/${idOf(1)}/status`, body);
    expect(reply).toMatchObject({ status: 422, body: { error: 'REQUEST_INVALID' } });
  });

  test('break-maker-checker: of two checkers at once one wins and one gets 409', async () => {
    for (let round = 0; round < 5; round += 1) {
      const desk = await openDesk();
      await desk.status('maker', 1, 'PENDING_APPROVAL');
      const replies = await Promise.all([desk.status('checker', 1, 'CLOSED'), desk.status('second', 1, 'CLOSED')]);
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect(replies.find(({ status }) => status === 409)!.body.error).toMatch(
        /CONCURRENT_CHANGE|BREAK_STATUS_UNCHANGED/,
      );
      expect((await history(desk)).body.entries).toHaveLength(2);
    }
  });

  test('break-maker-checker: one who approves and one who rejects at once do not both get their way', async () => {
    const desk = await openDesk();
    await desk.status('maker', 1, 'PENDING_APPROVAL');
    const replies = await Promise.all([desk.status('checker', 1, 'CLOSED'), desk.status('second', 1, 'OPEN')]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('break-maker-checker: a comment in between stands in nobody’s way', async () => {
    const desk = await openDesk();
    const [moved, commented] = await Promise.all([
      desk.status('maker', 1, 'PENDING_APPROVAL'),
      desk.comment('checker', 1, 'x'),
    ]);
    expect([moved.status, commented.status]).toEqual([200, 200]);
    expect((await history(desk)).body.entries).toHaveLength(2);
  });

  test('break-statuses: one that is no longer in the data is moved by nobody, and can be commented on (BREAK_GONE)', async () => {
    const desk = await openDesk();
    const item = (await desk.stored(1))!;
    const gone = {
      ...item,
      status: 'CLOSED',
      closedBy: 'system',
      closedAt: item.openedAt,
      goneRunNumber: 2,
      version: 2,
    } as const;
    await desk.deps.breaks.save([{ break: gone, expected: 1 }]);
    expect(await desk.status('checker', 1, 'OPEN')).toMatchObject({ status: 409, body: { error: 'BREAK_GONE' } });
    expect((await desk.comment('maker', 1, 'for the record')).body).toMatchObject({
      status: 'CLOSED',
      allowedStatusTransitions: [],
    });
  });
});
