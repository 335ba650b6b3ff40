// The clock and the mails on the deployed platform, each function with its own role: a run by the cron of a definition, a batch
// that fails, a source that is late, and the mails as objects that a person can read.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type DeployedPipeline, generatedDefinition, openDeployedPipeline } from '../../../bench/deployed-pipeline.ts';
import { armSchedule } from '../../../shared/app/schedules/arm-schedule.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import { graph, source } from '../../fixtures/graph.ts';

let pipeline: DeployedPipeline;
beforeAll(async () => {
  pipeline = await openDeployedPipeline(inject('stack'));
});

const files = {
  left: 'txn_id,booked,amount,fee,currency,counterparty\nA-1,2026-01-05,10.00,0.10,EUR,Bank\n',
  right: 'ref,value_date,ccy,amt,fee,counterparty\nA-1,2026-01-05,EUR,10.00,0.10,Bank\n',
};

/** Published a quarter of an hour ago, so that its clock has come by now. */
async function published(changes: Parameters<typeof graph>[0]): Promise<Reconciliation> {
  const given = await pipeline.createReconciliation(generatedDefinition, {
    status: 'DRAFT',
    graph: graph({ autoTriggerGraceMinutes: 60, ...changes }),
  });
  const ago = { clock: { now: () => Date.now() - 15 * 60_000 } };
  const armed = armSchedule(ago, { ...given, status: 'PUBLISHED' });
  expect(await pipeline.deps.reconciliations.update(armed)).toBe(true);
  return given;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 60_000; ; await sleep(100)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('it never came');
  }
}

const entriesOf = async ({ tenant, reconciliationId }: Reconciliation) =>
  (await pipeline.deps.activity.newest(tenant, reconciliationId, 50)).map(
    ({ eventType, details }) => `${eventType}: ${details}`,
  );

describe('by the clock, deployed', () => {
  test('auto-trigger, activity-event-types: two sweeps at once start one run, which completes and is told', async () => {
    // Due in the minute after it was published, whenever this test runs: a quarter of an hour ago.
    const reconciliation = await published({ autoTriggerCron: '*/10 * * * *' });
    // Left alone: the arrival of both would start a run by itself.
    await pipeline.drop(reconciliation, 'left', 'left.csv', files.left);
    await pipeline.drop(reconciliation, 'right', 'right.csv', files.right);
    await pipeline.ended(reconciliation, 1);
    await Promise.all([pipeline.sweep(), pipeline.sweep()]);
    const runs = await until(async () => {
      const { items } = await pipeline.deps.runs.list(reconciliation);
      return items.some(({ trigger, status }) => trigger === 'schedule' && status === 'COMPLETED') ? items : undefined;
    });
    expect(runs.filter(({ trigger }) => trigger === 'schedule')).toHaveLength(1);
    const scheduled = runs.find(({ trigger }) => trigger === 'schedule')!;
    await until(async () => {
      const told = `RECONCILIATION_RUN: Run ${101_000_000_000 + scheduled.number} completed successfully`;
      return (await entriesOf(reconciliation)).includes(told) || undefined;
    });
    const { wake } = (await pipeline.deps.reconciliations.get(reconciliation))!;
    expect(wake?.events).toEqual([]);
    expect(wake?.at).toBeGreaterThan(Date.now() - 60_000);
  });

  test('notify-publish-failure, arrival-sla: a failed batch and a late source are told and mailed', async () => {
    const minutesAgo = new Date(Date.now() - 10 * 60_000).toISOString().slice(11, 16);
    const reconciliation = await published({
      autoTriggerEnabled: false,
      sources: [
        source('left', { arrivalExpectation: `Daily by ${minutesAgo}`, arrivalSlaMinutes: 1 }),
        source('right'),
      ],
    });
    await pipeline.drop(reconciliation, 'left', 'left.csv', 'another,header\n1,2\n');
    await until(async () => ((await entriesOf(reconciliation)).length > 0 ? true : undefined));
    await pipeline.sweep();
    const keys = await until(async () => {
      const found = await pipeline.keys(`outbox/${reconciliation.tenant}/`);
      return found.length === 2 ? found : undefined;
    });
    const mails = await Promise.all(
      keys.map(async (key) => Buffer.from((await pipeline.deps.objects.get(key))!).toString()),
    );
    expect(mails.map((mail) => mail.split('\n')[1]).toSorted()).toEqual([
      'Subject: CUSTODY_GL: a batch of left failed',
      'Subject: CUSTODY_GL: source left is late',
    ]);
    const base = inject('stack').outputs.BreaksUrl;
    for (const mail of mails) {
      expect(mail).toContain('To: recon-admins@example.com\n');
      expect(mail).toContain(`\n\n${base}/api/admin/reconciliations/101`);
    }
    expect((await entriesOf(reconciliation)).map((entry) => entry.split(':')[0])).toEqual([
      'SOURCE_LATE',
      'INGESTION_FAILED',
    ]);
  });
});
