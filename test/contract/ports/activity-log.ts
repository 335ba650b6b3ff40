// The suite of ActivityLog.
import { expect, test } from 'vitest';
import type { ActivityEntry } from '../../../shared/ports/activity-log.ts';
import { otherTenant, ref } from './samples.ts';
import type { Stores } from './stores.ts';

const { tenant, reconciliationId } = ref;

function entry(details: string, changes: Partial<ActivityEntry> = {}): ActivityEntry {
  return {
    tenant,
    reconciliationId,
    eventType: 'RECONCILIATION_RUN',
    details,
    actorDn: 'CN=analyst.jane,OU=Users,DC=corp,DC=example',
    ...changes,
  };
}

export function activityLogSuite(open: () => Promise<Stores>): void {
  test('audit-trail: gives back what was recorded, with a number and the time', async () => {
    const { activity, clock } = await open();
    const changed = entry('Definition 7 changed', {
      eventType: 'DEFINITION_CHANGED',
      difference: { 'sources[0].code': { before: 'A', after: 'B' }, '': { after: null } },
    });
    await activity.record(changed);
    expect(await activity.newest(tenant, reconciliationId, 50)).toEqual([
      { ...changed, id: 1, recordedAt: new Date(clock.now()).toISOString() },
    ]);
  });

  test('activity-50: the newest come first, of one reconciliation or of the tenant, and no more than were asked for', async () => {
    const { activity } = await open();
    for (let count = 1; count <= 12; count += 1) {
      const other = count % 3 === 0 ? { reconciliationId: 'rec-2' } : {};
      await activity.record(entry(`${count}`, other));
    }
    const { reconciliationId: _none, ...global } = entry('global');
    await activity.record(global);
    await activity.record(entry('elsewhere', otherTenant));
    const detailsOf = async (id: string | undefined, limit: number) =>
      (await activity.newest(tenant, id, limit)).map(({ details }) => details);
    expect(await detailsOf(reconciliationId, 3)).toEqual(['11', '10', '8']);
    expect(await detailsOf('rec-2', 50)).toEqual(['12', '9', '6', '3']);
    expect(await detailsOf(undefined, 3)).toEqual(['global', '12', '11']);
    expect(await activity.newest(tenant, undefined, 50)).toHaveLength(13);
    const ids = (await activity.newest(tenant, undefined, 50)).map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(await detailsOf('rec-9', 50)).toEqual([]);
    const before = async (id: string | undefined, limit: number, below: number) =>
      (await activity.newest(tenant, id, limit, below)).map(({ id: number }) => number);
    expect(await before(undefined, 3, ids[2]!)).toEqual(ids.slice(3, 6));
    expect(await before(reconciliationId, 50, 4)).toEqual([2, 1]);
    expect(await before(undefined, 50, 1)).toEqual([]);
  });

  test('audit-trail: an event of one cause is written once, whoever repeats it and however differently', async () => {
    const { activity } = await open();
    const caused = (details: string) => activity.record(entry(details, { cause: 'run-ended/1' }));
    await caused('Run 915 completed successfully');
    await caused('Run 915 completed successfully');
    await Promise.all(
      [1, 2, 3, 4].map((count) => activity.record(entry(`at once ${count}`, { cause: 'run-ended/2' }))),
    );
    await caused('Run 915 failed');
    await activity.record(entry('elsewhere', { ...otherTenant, cause: 'run-ended/1' }));
    const [atOnce, first, ...more] = await activity.newest(tenant, reconciliationId, 50);
    expect(first?.details).toBe('Run 915 completed successfully');
    expect(atOnce?.details).toMatch(/^at once/);
    expect(more).toEqual([]);
    expect(first).not.toHaveProperty('cause');
    expect(await activity.newest(otherTenant.tenant, undefined, 50)).toHaveLength(1);
  });

  test('what has no cause is written each time', async () => {
    const { activity } = await open();
    await activity.record(entry('same'));
    await activity.record(entry('same'));
    expect(await activity.newest(tenant, reconciliationId, 50)).toHaveLength(2);
  });

  test('audit-trail: many at once are recorded in their order, each event once', async () => {
    const { activity } = await open();
    const many = Array.from({ length: 230 }, (_, index) => entry(`${index}`, { cause: `event ${index}` }));
    await activity.record(many[7]!, many[205]!);
    await activity.record(...many, many[3]!, entry('unnamed'), entry('unnamed'));
    await activity.record(...many);
    const details = (await activity.newest(tenant, reconciliationId, 500)).map((one) => one.details).toReversed();
    const rest = many.map((one) => one.details).filter((one) => one !== '7' && one !== '205');
    expect(details).toEqual(['7', '205', ...rest, 'unnamed', 'unnamed']);
    await activity.record();
  });
}
