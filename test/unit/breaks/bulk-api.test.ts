// Many breaks at once over HTTP: all of them or none, each under its own definition.
import { describe, expect, test } from 'vitest';
import { sweepBulks } from '../../../shared/app/breaks/sweep-bulks.ts';
import { payloadBytesMax } from '../../../shared/http/message.ts';
import { type Desk, idOf, openDesk, people, storedBreak, storedMax } from './break-desk.ts';

const ids = [idOf(3), idOf(1), idOf(2)];
const statuses = async (desk: Desk, ...sequences: number[]) =>
  Promise.all(sequences.map(async (sequence) => (await desk.stored(sequence))?.status));

describe('a bulk', () => {
  test('bulk-shared-change: one status and one comment for all, answered as an array in the order of the request', async () => {
    const desk = await openDesk();
    const change = { status: 'PENDING_APPROVAL', comment: 'Escalated for checker review', action: 'BULK_ESCALATE' };
    const { status, body } = await desk.bulk('maker', ids, change);
    expect(status).toBe(200);
    expect(body.map(({ id }: { id: number }) => id)).toEqual(ids);
    for (const item of body) {
      expect(item).toMatchObject({ status: 'PENDING_APPROVAL', submittedBy: people.maker.dn });
      expect(item.comments).toMatchObject([
        { actorDn: people.maker.dn, action: 'BULK_ESCALATE', comment: change.comment },
      ]);
    }
    expect(new Set(body.map(({ comments }: { comments: { id: number }[] }) => comments[0]!.id)).size).toBe(3);
    expect(desk.activity.entries.map(({ details }) => details).sort()).toEqual(
      [1, 2, 3].map((sequence) => `Break ${idOf(sequence)} moved to PENDING_APPROVAL by ${people.maker.dn}`),
    );
    for (const item of desk.state.breaks.values()) expect(item).not.toHaveProperty('bulk');
    desk.clock.advance(120_000);
    expect(await sweepBulks(desk.deps)).toBe(0);
  });

  test('bulk-shared-change: a comment alone leaves the status, and is one line of the feed', async () => {
    const desk = await openDesk();
    const { body } = await desk.bulk('checker', ids, { comment: 'seen' });
    expect(
      body.map(({ status, comments }: { status: string; comments: unknown[] }) => [status, comments.length]),
    ).toEqual(ids.map(() => ['OPEN', 1]));
    expect(desk.activity.entries).toMatchObject([{ eventType: 'BREAK_BULK_ACTION' }]);
  });

  test.each([
    ['neither status nor comment', {}],
    ['nulls alone', { status: null, comment: null, action: 'X' }],
    ['an empty comment', { comment: '' }],
    ['an unknown status', { status: 'DONE' }],
    ['a comment over 10,000 characters', { comment: 'x'.repeat(10_001) }],
    ['no ids', { breakIds: [], comment: 'x' }],
    ['no list of ids', { breakIds: idOf(1), comment: 'x' }],
    ['an id that is a text', { breakIds: [String(idOf(1))], comment: 'x' }],
    ['an id beyond 2^53', { breakIds: [2 ** 53], comment: 'x' }],
    ['1,001 ids', { breakIds: Array.from({ length: 1_001 }, (_, index) => idOf(index + 1)), comment: 'x' }],
  ])('bulk-no-work-422, err-422: %s', async (_name, change) => {
    const desk = await openDesk();
    const reply = await desk.bulk('maker', ids, change);
    expect(reply).toMatchObject({ status: 422, body: { error: 'REQUEST_INVALID' } });
    expect(desk.state.bulks.size).toBe(0);
  });

  test('bulk-shared-change: an id that is named twice is one break', async () => {
    const desk = await openDesk();
    expect((await desk.bulk('maker', [idOf(1), idOf(1)], { comment: 'x' })).body).toHaveLength(1);
    expect((await desk.stored(1))?.entries).toBe(1);
  });

  test('break-maker-checker: nobody approves their own submission in a bulk, nor by an alias; nothing is changed', async () => {
    const desk = await openDesk();
    await desk.status('maker', 1, 'PENDING_APPROVAL');
    await desk.status('both', 2, 'PENDING_APPROVAL');
    for (const who of ['both', 'alias'] as const) {
      const { status, body } = await desk.bulk(who, [idOf(1), idOf(2)], { status: 'CLOSED' });
      expect([status, body.error]).toEqual([403, 'SELF_APPROVAL']);
      expect(body.detail.report).toMatchObject([
        { id: idOf(1), error: null },
        { id: idOf(2), error: 'SELF_APPROVAL' },
      ]);
      expect(await statuses(desk, 1, 2)).toEqual(['PENDING_APPROVAL', 'PENDING_APPROVAL']);
    }
    expect((await desk.bulk('checker', [idOf(1), idOf(2)], { status: 'CLOSED' })).status).toBe(200);
    expect(await statuses(desk, 1, 2)).toEqual(['CLOSED', 'CLOSED']);
  });

  test('bulk-shared-change: breaks of two reconciliations are each judged under their own definition', async () => {
    const desk = await openDesk();
    const mixed = [idOf(1), idOf(1, 77)];
    const refused = await desk.bulk('both', mixed, { status: 'CLOSED' });
    expect(refused).toMatchObject({ status: 422, body: { error: 'BREAK_TRANSITION_INVALID' } });
    expect(refused.body.detail.report).toMatchObject([{ error: 'BREAK_TRANSITION_INVALID' }, { error: null }]);
    await desk.status('maker', 1, 'PENDING_APPROVAL');
    const { status, body } = await desk.bulk('both', mixed, { status: 'CLOSED', comment: 'done' });
    expect(status).toBe(200);
    expect(body.map(({ id, status: now }: { id: number; status: string }) => [id, now])).toEqual(
      mixed.map((id) => [id, 'CLOSED']),
    );
  });

  test('err-404, err-403: the worst refusal is the answer, and the report has each', async () => {
    const desk = await openDesk();
    const reply = await desk.bulk('viewer', [idOf(1, 88), idOf(1)], { status: 'CLOSED' });
    expect(reply).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
    expect(reply.body.detail.report).toEqual([
      { id: idOf(1, 88), error: 'FORBIDDEN', message: expect.any(String) },
      { id: idOf(1), error: 'NOT_FOUND', message: `There is no break ${idOf(1)}` },
    ]);
    await desk.status('maker', 2, 'PENDING_APPROVAL');
    expect(await desk.bulk('maker', [idOf(1), idOf(2)], { status: 'PENDING_APPROVAL' })).toMatchObject({
      status: 409,
      body: { error: 'BREAK_STATUS_UNCHANGED' },
    });
    expect(await statuses(desk, 1)).toEqual(['OPEN']);
  });

  test('bulk-shared-change: breaks of which no item was made are changed with the others', async () => {
    const desk = await openDesk();
    const wanted = [idOf(1), idOf(storedMax + 1), idOf(storedMax + 2)];
    const { status, body } = await desk.bulk('maker', wanted, { status: 'PENDING_APPROVAL' });
    expect(status).toBe(200);
    expect(body.map(({ status: now }: { status: string }) => now)).toEqual(wanted.map(() => 'PENDING_APPROVAL'));
    expect(await statuses(desk, storedMax + 1, storedMax + 2)).toEqual(['PENDING_APPROVAL', 'PENDING_APPROVAL']);
  });

  test('bulk-shared-change: of two at once one wins, the other gets 409, and each break changes once', async () => {
    const desk = await openDesk();
    const replies = await Promise.all([
      desk.bulk('maker', ids, { status: 'PENDING_APPROVAL' }),
      desk.bulk('both', ids.toReversed(), { status: 'PENDING_APPROVAL' }),
    ]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await statuses(desk, 1, 2, 3)).toEqual(ids.map(() => 'PENDING_APPROVAL'));
    for (const sequence of [1, 2, 3]) expect((await desk.stored(sequence))?.entries).toBe(1);
  });

  test('bulk-shared-change: 1,000 breaks in one, those with no item too', async () => {
    const desk = await openDesk({ breaksOf: 1_000 });
    const all = Array.from({ length: 1_000 }, (_, index) => idOf(index + 1));
    const { status, body } = await desk.bulk('maker', all, { status: 'PENDING_APPROVAL', comment: 'all of them' });
    expect([status, body.length]).toEqual([200, 1_000]);
    expect((await desk.deps.breaks.touched({ tenant: 'acme', reconciliationId: 'rec-42' })).length).toBe(1_000);
  });

  test.each([
    ['of 1,000', 1_000],
    ['of 600', 600],
    ['of 100', 100],
    ['of 10', 10],
  ])(
    'bulk-shared-change: the reply %s holds all of them, however long the comment: cut there, whole with the break',
    async (_of, breaksOf) => {
      const desk = await openDesk({ breaksOf });
      const all = Array.from({ length: breaksOf }, (_, index) => idOf(index + 1));
      const comment = '"é'.repeat(5_000);
      for (const earlier of ['first', 'second']) await desk.comment('maker', 1, `${earlier} ${'x'.repeat(9_000)}`);
      const { status, body, text } = await desk.bulk('maker', all, { status: 'PENDING_APPROVAL', comment });
      expect([status, body.length]).toEqual([200, breaksOf]);
      expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(payloadBytesMax);
      for (const { comments } of body) expect(comment.startsWith(comments.at(-1).comment)).toBe(true);
      const one = await desk.call('maker', 'GET', `/api/breaks/${idOf(1)}`);
      expect(one.body.comments.map((each: { comment: string }) => each.comment.length)).toEqual([9_006, 9_007, 10_000]);
      expect(body[0].comments.length).toBe(breaksOf === 10 ? 3 : 1);
    },
  );

  test('PAGE_TOO_LARGE: breaks that no reply can hold are refused before anything is changed, with how many can', async () => {
    const desk = await openDesk();
    const wide = Object.fromEntries(['tradeId', 'product', 'market', 'fund'].map((name) => [name, 'x'.repeat(1_000)]));
    const items = Array.from({ length: 500 }, (_, index) => storedBreak(100 + index, 42, { left: wide, right: wide }));
    for (const item of items) await desk.deps.breaks.save([{ break: item, expected: 0 }]);
    const wideIds = items.map(({ breakId }) => idOf(Number(breakId)));
    const { status, body } = await desk.bulk('maker', wideIds, { status: 'PENDING_APPROVAL' });
    expect([status, body.error, body.detail]).toEqual([413, 'PAGE_TOO_LARGE', { breaksMax: expect.any(Number) }]);
    expect(await statuses(desk, 100, 599)).toEqual(['OPEN', 'OPEN']);
    expect(desk.activity.entries).toEqual([]);
    const some = wideIds.slice(0, body.detail.breaksMax);
    expect(some.length).toBeGreaterThan(250);
    expect((await desk.bulk('maker', some, { status: 'PENDING_APPROVAL' })).status).toBe(200);
  });
});
