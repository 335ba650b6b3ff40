// What the clock does: runs at their time, what was missed, sources that are late.
import { describe, expect, it } from 'vitest';
import { runSchedules } from '../../../shared/app/schedules/run-schedules.ts';
import { graph, source } from '../../fixtures/graph.ts';
import { openClockwork, ref } from './clockwork.ts';

async function published(start: string, changes: Parameters<typeof graph>[0] = {}) {
  const clockwork = await openClockwork(start, { graph: graph(changes) });
  await clockwork.receive('CUSTODY_FEED');
  await clockwork.receive('GL_LEDGER');
  return clockwork;
}
const queuedAt = (runs: { queuedAt: string }[]) => runs.map((run) => run.queuedAt.slice(0, 16));

describe('auto-trigger: runs by the clock', () => {
  it('auto-trigger: starts one run at each due time, by the trigger of schedules', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z');
    await clockwork.until('2026-01-07T02:10:00Z');
    const runs = await clockwork.runs();
    expect(queuedAt(runs)).toEqual(['2026-01-05T02:00', '2026-01-06T02:00', '2026-01-07T02:00']);
    expect(runs[0]).toMatchObject({ trigger: 'schedule', actor: 'system', status: 'QUEUED', number: 1 });
    expect(clockwork.details()).toEqual([]);
  });

  it('auto-trigger: on the day without 02:30 it runs once, and on the day with two of them once', async () => {
    const berlin = { autoTriggerCron: '30 2 * * *', autoTriggerTimezone: 'Europe/Berlin' };
    const spring = await published('2026-03-28T12:00:00Z', berlin);
    await spring.until('2026-03-30T12:00:00Z');
    expect(queuedAt(await spring.runs())).toEqual(['2026-03-29T01:00', '2026-03-30T00:30']);
    const autumn = await published('2026-10-24T12:00:00Z', berlin);
    await autumn.until('2026-10-26T12:00:00Z');
    expect(queuedAt(await autumn.runs())).toEqual(['2026-10-25T00:30', '2026-10-26T01:30']);
  });

  it('auto-trigger: a run that was missed happens once when it is found within grace', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z');
    clockwork.outage('2026-01-05T02:29:00Z');
    await clockwork.until('2026-01-05T12:00:00Z');
    expect(queuedAt(await clockwork.runs())).toEqual(['2026-01-05T02:30']);
    expect(clockwork.details()).toEqual([]);
  });

  it('auto-trigger: found later it is skipped, with an entry that says so', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z');
    clockwork.outage('2026-01-05T02:31:00Z');
    await clockwork.until('2026-01-05T12:00:00Z');
    expect(await clockwork.runs()).toEqual([]);
    expect(clockwork.details()).toEqual([
      'SCHEDULED_RUN_SKIPPED: The run that was due at 2026-01-05T02:00:00Z was missed and skipped',
    ]);
  });

  it('auto-trigger: of many that were missed the newest stands for all, and the others have one entry', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z', { autoTriggerCron: '*/10 * * * *' });
    clockwork.outage('2026-01-05T02:29:00Z');
    await clockwork.sweep();
    expect(queuedAt(await clockwork.runs())).toEqual(['2026-01-05T02:29']);
    expect(clockwork.details()).toEqual([
      'SCHEDULED_RUN_SKIPPED: The runs that were due from 2026-01-05T01:40:00Z to 2026-01-05T02:10:00Z were missed and skipped',
    ]);
    await clockwork.until('2026-01-05T02:45:00Z');
    expect(queuedAt(await clockwork.runs())).toEqual(['2026-01-05T02:29', '2026-01-05T02:30', '2026-01-05T02:40']);
  });

  it('auto-trigger: a year without anybody is looked through at once', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z', {
      autoTriggerCron: '* * * * *',
      autoTriggerGraceMinutes: 0,
    });
    clockwork.outage('2027-01-05T01:30:30Z');
    await clockwork.sweep();
    expect(await clockwork.runs()).toHaveLength(1);
    expect(clockwork.details()).toHaveLength(1);
  });

  it('auto-trigger: without minutes of grace the sweep’s own minute is none', async () => {
    const clockwork = await published('2026-01-05T01:59:30Z', { autoTriggerGraceMinutes: null });
    await clockwork.until('2026-01-05T02:10:00Z');
    expect(await clockwork.runs()).toHaveLength(1);
  });

  it('auto-trigger: where a source has nothing, an entry says why no run began', async () => {
    const clockwork = await openClockwork('2026-01-05T01:30:00Z');
    await clockwork.receive('GL_LEDGER');
    await clockwork.until('2026-01-05T03:00:00Z');
    expect(await clockwork.runs()).toEqual([]);
    expect(clockwork.details()).toEqual([
      'SCHEDULED_RUN_SKIPPED: The run that was due at 2026-01-05T02:00:00Z did not start: Source CUSTODY_FEED has no batch to reconcile',
    ]);
  });
});

describe('auto-trigger: the clock follows the graph', () => {
  it.each([
    ['a draft', { status: 'DRAFT' as const }],
    ['what is switched off', { graph: graph({ autoTriggerEnabled: false }) }],
  ])('auto-trigger: is not set for %s', async (_name, changes) => {
    const clockwork = await openClockwork('2026-01-05T01:30:00Z', changes);
    expect((await clockwork.stored()).wake).toBeUndefined();
    expect(await clockwork.deps.schedules.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  });

  it('auto-trigger: moves with a change, and loses nothing that had come due', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z');
    // Due at 02:00:00, changed at 02:00:20, before anybody has looked.
    clockwork.outage('2026-01-05T02:00:20Z');
    await clockwork.change((stored) => ({ ...stored, graph: graph({ autoTriggerCron: '0 5 * * *' }) }));
    await clockwork.until('2026-01-06T04:00:00Z');
    expect(queuedAt(await clockwork.runs())).toEqual(['2026-01-05T02:01', '2026-01-05T05:00']);
  });

  it('auto-trigger: a change of something else neither repeats nor loses a run', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z');
    clockwork.outage('2026-01-05T02:00:20Z');
    await clockwork.change((stored) => ({ ...stored, name: 'Another name' }));
    await clockwork.until('2026-01-05T03:00:00Z');
    await clockwork.change((stored) => ({ ...stored, name: 'Yet another' }));
    await clockwork.until('2026-01-05T04:00:00Z');
    expect(await clockwork.runs()).toHaveLength(1);
  });

  it('auto-trigger: an earlier time of today that is past when it is set is not made up for', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z', { autoTriggerCron: '0 23 * * *' });
    await clockwork.until('2026-01-05T02:10:00Z');
    await clockwork.change((stored) => ({ ...stored, graph: graph() }));
    await clockwork.until('2026-01-05T12:00:00Z');
    expect(await clockwork.runs()).toEqual([]);
  });

  it('auto-trigger: what is retired runs no more, not even what had come due', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z');
    clockwork.outage('2026-01-05T02:00:20Z');
    await clockwork.change((stored) => ({ ...stored, status: 'RETIRED' }));
    await clockwork.until('2026-01-07T12:00:00Z');
    expect(await clockwork.runs()).toEqual([]);
    expect(await clockwork.deps.schedules.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  });

  it('auto-trigger: a definition that cannot be served keeps no other waiting, and is said to have failed', async () => {
    const clockwork = await published('2026-01-05T01:30:00Z');
    const other = { ...ref, reconciliationId: 'rec-0' };
    const stored = await clockwork.stored();
    await clockwork.deps.reconciliations.create({
      ...stored,
      ...other,
      code: 'other',
      graph: graph({ number: 7 }),
      version: 1,
    });
    const { reconciliations } = clockwork.deps;
    const broken = {
      ...reconciliations,
      async get(given: typeof ref) {
        if (given.reconciliationId === 'rec-0') throw new Error('the table does not answer');
        return reconciliations.get(given);
      },
    };
    clockwork.outage('2026-01-05T02:00:20Z');
    await expect(runSchedules({ ...clockwork.deps, reconciliations: broken })).rejects.toThrow(
      '1 of 2 schedules failed',
    );
    expect(await clockwork.runs()).toHaveLength(1);
  });
});

describe('arrival-sla: sources that are late', () => {
  const watched = source('CUSTODY_FEED', {
    arrivalExpectation: 'Weekdays by 18:00',
    arrivalTimezone: 'America/New_York',
    arrivalSlaMinutes: 60,
  });
  const only = { autoTriggerEnabled: false, sources: [watched, source('GL_LEDGER')] };
  const late = (due: string) =>
    `SOURCE_LATE: Source CUSTODY_FEED is late: no batch was received by ${due}Z, nor in the 60 minutes after`;

  it('arrival-sla: one entry and one mail per due time without a batch; 18:00 in New York is 23:00 UTC', async () => {
    // Friday to Tuesday morning.
    const clockwork = await published('2026-01-09T12:00:00Z', only);
    await clockwork.until('2026-01-09T23:59:00Z');
    expect(clockwork.details()).toEqual([]);
    await clockwork.until('2026-01-13T12:00:00Z');
    expect(clockwork.details()).toEqual([late('2026-01-12T23:00')]);
    expect(clockwork.activity.entries[0]?.recordedAt).toBe('2026-01-13T00:00:00.000Z');
    expect(clockwork.outbox.all()).toMatchObject([
      { to: 'recon-admins@example.com', subject: 'CUSTODY_GL: source CUSTODY_FEED is late', status: 'WAITING' },
    ]);
    await clockwork.until('2026-01-14T12:00:00Z');
    expect(clockwork.details()).toEqual([late('2026-01-12T23:00'), late('2026-01-13T23:00')]);
    expect(clockwork.outbox.all()).toHaveLength(2);
  });

  it.each([
    ['in time', '2026-01-12T22:00:00Z', 'COMPLETE', 0],
    ['within the minutes that it may be late', '2026-01-12T23:59:00Z', 'COMPLETE', 0],
    ['a minute after them', '2026-01-13T00:01:00Z', 'COMPLETE', 1],
    ['that is held for a person', '2026-01-12T22:00:00Z', 'HELD', 0],
    ['that could not be loaded', '2026-01-12T22:00:00Z', 'FAILED', 1],
    ['on the weekend before', '2026-01-10T12:00:00Z', 'COMPLETE', 0],
  ] as const)('arrival-sla: a batch %s', async (_name, when, status, entries) => {
    const clockwork = await published('2026-01-09T12:00:00Z', only);
    await clockwork.until(when);
    await clockwork.receive('CUSTODY_FEED', status);
    await clockwork.until('2026-01-13T12:00:00Z');
    expect(clockwork.details()).toHaveLength(entries);
  });

  it('arrival-sla: a batch counts for one due time: what was late for Friday is not Monday’s', async () => {
    const clockwork = await openClockwork('2026-01-09T12:00:00Z', { graph: graph(only) });
    await clockwork.until('2026-01-09T23:30:00Z');
    await clockwork.receive('CUSTODY_FEED');
    await clockwork.until('2026-01-13T12:00:00Z');
    expect(clockwork.details()).toEqual([late('2026-01-12T23:00')]);
  });

  it('arrival-sla: batches of another source do not count', async () => {
    const clockwork = await openClockwork('2026-01-12T12:00:00Z', { graph: graph(only) });
    for (let count = 0; count < 250; count += 1) await clockwork.receive('GL_LEDGER');
    await clockwork.until('2026-01-13T12:00:00Z');
    expect(clockwork.details()).toEqual([late('2026-01-12T23:00')]);
  });

  it('arrival-sla: what is not understood is watched by nobody', async () => {
    const vague = source('CUSTODY_FEED', { arrivalExpectation: 'after close', arrivalSlaMinutes: 60 });
    const clockwork = await openClockwork('2026-01-09T12:00:00Z', {
      graph: graph({ autoTriggerEnabled: false, sources: [vague] }),
    });
    expect((await clockwork.stored()).wake).toBeUndefined();
  });

  it('arrival-sla: after an outage the newest due time of the source is looked at', async () => {
    const clockwork = await published('2026-01-05T12:00:00Z', only);
    clockwork.outage('2026-01-09T12:00:00Z');
    await clockwork.until('2026-01-09T13:00:00Z');
    expect(clockwork.details()).toEqual([late('2026-01-08T23:00')]);
  });
});
