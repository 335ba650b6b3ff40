// The suite of ScheduleStore: an index that follows the reconciliations.
import { expect, test } from 'vitest';
import type { Wake } from '../../../shared/domain/schedule-wake.ts';
import { otherTenant, reconciliation, ref } from './samples.ts';
import type { Stores } from './stores.ts';

function wake(at?: number): Wake {
  return { plan: { arrivals: {} }, decidedTo: 0, events: [], ...(at !== undefined && { at }) };
}

export function scheduleStoreSuite(open: () => Promise<Stores>): void {
  test('auto-trigger: tells whose clock has come, of all tenants, the longest due first', async () => {
    const { reconciliations, schedules } = await open();
    await reconciliations.create(reconciliation({ wake: wake(2_000) }));
    await reconciliations.create(reconciliation({ ...otherTenant, wake: wake(1_000) }));
    await reconciliations.create(reconciliation({ reconciliationId: 'rec-2', code: 'two' }));
    await reconciliations.create(reconciliation({ reconciliationId: 'rec-3', code: 'three', wake: wake() }));
    expect(await schedules.due(999, 10)).toEqual([]);
    expect(await schedules.due(1_000, 10)).toEqual([otherTenant]);
    expect(await schedules.due(5_000, 10)).toEqual([otherTenant, ref]);
    expect(await schedules.due(5_000, 1)).toEqual([otherTenant]);
  });

  test('auto-trigger: follows every change of a reconciliation', async () => {
    const { reconciliations, schedules } = await open();
    await reconciliations.create(reconciliation());
    expect(await schedules.due(5_000, 10)).toEqual([]);
    expect(await reconciliations.update(reconciliation({ wake: wake(1_000) }))).toBe(true);
    expect(await schedules.due(5_000, 10)).toEqual([ref]);
    const stored = await reconciliations.get(ref);
    expect(stored?.wake).toEqual(wake(1_000));
    expect(await reconciliations.update({ ...stored!, wake: wake(9_000) })).toBe(true);
    expect(await schedules.due(5_000, 10)).toEqual([]);
    expect(await schedules.due(9_000, 10)).toEqual([ref]);
    const { wake: _wake, ...unwoken } = (await reconciliations.get(ref))!;
    expect(await reconciliations.update(unwoken)).toBe(true);
    expect(await schedules.due(99_000, 10)).toEqual([]);
  });
}
