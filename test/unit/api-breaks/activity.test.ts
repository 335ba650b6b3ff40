// The activity feed over HTTP, with everything behind it: definitions that are published, batches, runs by the clock, sources
// that are late, and the mails of all that.
import { describe, expect, it } from 'vitest';
import type { Deps } from '../../../shared/app/deps.ts';
import { runSchedules } from '../../../shared/app/schedules/run-schedules.ts';
import { batchBody, groupDn, openBreaks, type PersonName, sampleBody } from './harness.ts';

const csv = (amount: string) => `trade_id,net_amount\nT-1001,${amount}\n`;

async function openPublished() {
  const breaks = await openBreaks();
  const admin = await breaks.signIn();
  const sample = sampleBody();
  const created = await breaks.call('POST', '/api/admin/reconciliations', {
    token: admin,
    json: {
      ...sample,
      status: 'PUBLISHED',
      accessControlEntries: [
        {
          ldapGroupDn: groupDn('RECON_PREPARERS'),
          role: 'MAKER',
          notifyOnPublish: true,
          notifyOnIngestionFailure: true,
          notificationChannel: 'makers@example.com',
        },
      ],
    },
  });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const upload = (source: string, content: string) =>
    breaks.call('POST', `/api/admin/reconciliations/1/sources/${source}/batches`, {
      token: admin,
      ...batchBody(content, { adapterType: source === 'GL_LEDGER' ? 'DATABASE' : 'CSV_FILE', label: source }),
    });
  return {
    ...breaks,
    admin,
    created: created.body,
    upload,
    /** Signs in anew: a token lasts an hour, and days pass here. */
    async ask(name: PersonName, path: string) {
      return breaks.call('GET', path, { token: await breaks.signIn(name) });
    },
    async feed(name: PersonName) {
      const { status, body } = await this.ask(name, '/api/activity');
      return status === 200 ? body.map((entry: { details: string }) => entry.details) : status;
    },
    subjects: () => breaks.outbox.all().map(({ to, subject }) => `${to}: ${subject}`),
    /** Looks at the clock each minute up to this time, and does what comes of it. */
    async until(time: string) {
      while (breaks.clock.now() < Date.parse(time)) {
        breaks.clock.advance(Math.min(60_000, Date.parse(time) - breaks.clock.now()));
        await runSchedules(breaks.deps as unknown as Deps);
        await breaks.drain();
      }
    },
  };
}

describe('the activity feed', () => {
  it('activity-50, activity-event-types, auto-trigger, arrival-sla: from publishing to a run by the clock', async () => {
    const breaks = await openPublished();
    expect((await breaks.upload('CUSTODY_FEED', csv('100.00'))).status).toBe(200);
    expect((await breaks.upload('GL_LEDGER', csv('100.00'))).status).toBe(200);
    await breaks.drain();
    // Monday 18:00 in New York and an hour are Tuesday 00:00 UTC; the cron of the sample is 02:00 UTC.
    await breaks.until('2026-01-06T02:10:00Z');
    const latest = await breaks.ask('analyst.jane', '/api/reconciliations/1/runs/latest');
    expect(latest.body.summary).toMatchObject({ runId: 1_000_000_002, triggerType: 'SCHEDULED_CRON', matched: 1 });
    await breaks.until('2026-01-07T00:05:00Z');
    const told = (await breaks.feed('analyst.jane')).filter((details: string) => !details.startsWith('Batch '));
    expect(told.slice(0, 3)).toEqual([
      'Source CUSTODY_FEED is late: no batch was received by 2026-01-06T23:00Z, nor in the 60 minutes after',
      'Run 1000000002 completed successfully',
      'Run 1000000001 completed successfully',
    ]);
    expect(await breaks.feed('admin.ops')).toEqual(await breaks.feed('analyst.jane'));
    const { body } = await breaks.ask('analyst.jane', '/api/activity');
    const ids = body.map(({ id }: { id: number }) => id);
    expect(ids).toEqual(ids.toSorted((a: number, b: number) => b - a));
    expect(body[1]).toEqual({
      id: ids[1],
      eventType: 'RECONCILIATION_RUN',
      details: 'Run 1000000002 completed successfully',
      recordedAt: expect.stringMatching(/^2026-01-06T02:0\d:/),
      actorDn: 'SYSTEM',
      difference: null,
    });
    expect(breaks.subjects()).toEqual([
      'makers@example.com: CUSTODY_GL: published',
      'makers@example.com: CUSTODY_GL: source CUSTODY_FEED is late',
    ]);
    expect(breaks.faults).toEqual([]);
  });

  it('notify-publish-failure: a batch that cannot be loaded is in the feed and in the mail', async () => {
    const breaks = await openPublished();
    const refused = await breaks.upload('CUSTODY_FEED', 'other,columns\n1,2\n');
    expect(refused.status).toBe(422);
    await breaks.drain();
    expect((await breaks.feed('analyst.jane'))[0]).toMatch(
      /^Batch 1000000001 of source CUSTODY_FEED failed: COLUMN_MISSING: /,
    );
    expect(breaks.subjects()).toEqual([
      'makers@example.com: CUSTODY_GL: published',
      'makers@example.com: CUSTODY_GL: a batch of CUSTODY_FEED failed',
    ]);
  });

  it('audit-trail: a run that a person starts is theirs', async () => {
    const breaks = await openPublished();
    await breaks.upload('CUSTODY_FEED', csv('100.00'));
    await breaks.upload('GL_LEDGER', csv('100.00'));
    const json = { triggerType: 'MANUAL_API', initiatedBy: 'somebody.else' };
    expect(
      (await breaks.call('POST', '/api/reconciliations/1/run', { token: await breaks.signIn('analyst.jane'), json }))
        .status,
    ).toBe(200);
    const { body } = await breaks.ask('analyst.jane', '/api/activity');
    expect(body[0]).toMatchObject({
      eventType: 'RECONCILIATION_RUN',
      actorDn: 'CN=analyst.jane,OU=Users,DC=corp,DC=example',
    });
  });

  it('err-401, err-403: not without a token, and not for somebody in no group', async () => {
    const breaks = await openPublished();
    expect((await breaks.call('GET', '/api/activity')).status).toBe(401);
    expect(await breaks.feed('guest.none')).toBe(403);
    // An approver of definitions without entries: there are none, so that the feed is theirs and empty.
    expect(await breaks.feed('checker.bob')).toEqual([]);
  });

  it('arrival-sla: the definition says which sources are watched', async () => {
    const { created, call, admin } = await openPublished();
    expect(created.sources.map((source: { arrivalWatched: boolean }) => source.arrivalWatched)).toEqual([true, false]);
    const path = `/api/admin/reconciliations/${created.id}`;
    const sources = [{ ...created.sources[0], arrivalExpectation: 'after the close' }, created.sources[1]];
    const changed = await call('PUT', path, { token: admin, json: { ...created, sources } });
    expect(changed.status, JSON.stringify(changed.body)).toBe(200);
    expect(changed.body.sources[0]).toMatchObject({ arrivalExpectation: 'after the close', arrivalWatched: false });
  });
});
