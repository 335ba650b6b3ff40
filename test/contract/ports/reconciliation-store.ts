// The suite of ReconciliationStore.
import { expect, test } from 'vitest';
import type { KeptGraph } from '../../../shared/domain/graph/graph.ts';
import { otherTenant, reconciliation, ref } from './samples.ts';
import type { Stores } from './stores.ts';

export function reconciliationStoreSuite(open: () => Promise<Stores>): void {
  test('gives back what was created, by id and by code', async () => {
    const { reconciliations } = await open();
    const value = reconciliation({
      proposal: { rules: [{ field: 'id', type: 'exact' }] },
      inputs: [{ source: 'bank', uploadId: 'u' }],
    });
    expect(await reconciliations.create(value)).toBe(true);
    expect(await reconciliations.get(ref)).toEqual(value);
    expect(await reconciliations.byCode('acme', 'bank-ledger')).toEqual(value);
    expect(await reconciliations.byCode('acme', 'other')).toBeUndefined();
  });

  test('an id and a code are given once in a tenant', async () => {
    const { reconciliations } = await open();
    await reconciliations.create(reconciliation());
    expect(await reconciliations.create(reconciliation({ code: 'second' }))).toBe(false);
    expect(await reconciliations.create(reconciliation({ reconciliationId: 'rec-2' }))).toBe(false);
    expect(await reconciliations.get({ ...ref, reconciliationId: 'rec-2' })).toBeUndefined();
    expect(await reconciliations.byCode('acme', 'second')).toBeUndefined();
  });

  const numbered = (number: number): KeptGraph => ({
    number,
    version: 0,
    code: 'BANK_LEDGER',
    name: 'Bank and ledger',
    description: null,
    owner: null,
    notes: null,
    makerCheckerEnabled: true,
    autoTriggerEnabled: false,
    autoTriggerCron: null,
    autoTriggerTimezone: null,
    autoTriggerGraceMinutes: null,
    sources: [],
    canonicalFields: [],
    reportTemplates: [],
    accessControlEntries: [],
    createdBy: 'admin.ops',
    updatedBy: 'admin.ops',
    updatedAt: '2026-01-05T09:00:00.000Z',
  });

  test('one with a graph is found by its number, which is given once in a tenant and never changes', async () => {
    const { reconciliations } = await open();
    const value = reconciliation({ graph: numbered(7) });
    const second = { reconciliationId: 'rec-2', code: 'second' };
    expect(await reconciliations.create(value)).toBe(true);
    expect(await reconciliations.byNumber('acme', 7)).toEqual(value);
    expect(await reconciliations.byNumber('acme', 8)).toBeUndefined();
    expect(await reconciliations.byNumber('zeta', 7)).toBeUndefined();
    expect(await reconciliations.create(reconciliation({ ...second, graph: numbered(7) }))).toBe(false);
    expect(await reconciliations.get({ ...ref, reconciliationId: 'rec-2' })).toBeUndefined();
    await expect(reconciliations.update(reconciliation({ graph: numbered(8) }))).rejects.toThrow('number');
    await expect(reconciliations.update(reconciliation())).rejects.toThrow('number');
    expect(await reconciliations.update(value)).toBe(true);
    await reconciliations.delete(ref);
    expect(await reconciliations.byNumber('acme', 7)).toBeUndefined();
    expect(await reconciliations.create(reconciliation({ ...second, graph: numbered(7) }))).toBe(true);
  });

  test('of creations of one code at once, one wins', async () => {
    const { reconciliations } = await open();
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const created = await Promise.all(
      ids.map((reconciliationId) => reconciliations.create(reconciliation({ reconciliationId }))),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
  });

  test('an update needs the stored version and raises it', async () => {
    const { reconciliations } = await open();
    await reconciliations.create(reconciliation());
    expect(await reconciliations.update(reconciliation({ name: 'New' }))).toBe(true);
    expect(await reconciliations.update(reconciliation({ name: 'Late' }))).toBe(false);
    expect(await reconciliations.get(ref)).toEqual(reconciliation({ name: 'New', version: 2 }));
    expect(await reconciliations.update(reconciliation({ reconciliationId: 'none' }))).toBe(false);
  });

  test('audit-trail: what is told of a change is in the activity with it, or neither is', async () => {
    const { reconciliations, activity } = await open();
    const told = (details: string) =>
      activity.number({ ...ref, eventType: 'DEFINITION_CHANGED', details, actorDn: 'CN=a', cause: details });
    const recorded = async () => (await activity.newest(ref.tenant, undefined, 9)).map(({ details }) => details);
    expect(await reconciliations.create(reconciliation(), await told('created'))).toBe(true);
    expect(await reconciliations.create(reconciliation(), await told('created twice'))).toBe(false);
    expect(await reconciliations.update(reconciliation({ name: 'New' }), await told('changed'))).toBe(true);
    expect(await reconciliations.update(reconciliation({ name: 'Late' }), await told('changed late'))).toBe(false);
    expect(await recorded()).toEqual(['changed', 'created']);
  });

  test('a code never changes', async () => {
    const { reconciliations } = await open();
    await reconciliations.create(reconciliation());
    await expect(reconciliations.update(reconciliation({ code: 'other' }))).rejects.toThrow('code');
  });

  test('lists a tenant or a project, page by page', async () => {
    const { reconciliations } = await open();
    for (const [index, projectId] of ['p', 'q', 'p', 'p'].entries()) {
      await reconciliations.create(
        reconciliation({ reconciliationId: `rec-${index}`, code: `code-${index}`, projectId }),
      );
    }
    await reconciliations.create(reconciliation({ ...otherTenant, projectId: 'p' }));
    const ids = async (filter: { projectId?: string }, limit: number): Promise<string[][]> => {
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await reconciliations.list('acme', filter, cursor, limit);
        pages.push(page.items.map((item) => item.reconciliationId));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return pages;
    };
    expect(await ids({}, 3)).toEqual([['rec-0', 'rec-1', 'rec-2'], ['rec-3']]);
    expect(await ids({}, 2)).toEqual([
      ['rec-0', 'rec-1'],
      ['rec-2', 'rec-3'],
    ]);
    expect(await ids({ projectId: 'p' }, 2)).toEqual([['rec-0', 'rec-2'], ['rec-3']]);
    expect(await ids({ projectId: 'none' }, 2)).toEqual([[]]);
  });

  test('a deleted one is gone and gives its code back', async () => {
    const { reconciliations } = await open();
    await reconciliations.create(reconciliation());
    await reconciliations.delete(ref);
    await reconciliations.delete(ref);
    expect(await reconciliations.get(ref)).toBeUndefined();
    expect(await reconciliations.create(reconciliation({ reconciliationId: 'rec-2' }))).toBe(true);
  });

  test('tenants are apart, whatever their names hold', async () => {
    const { reconciliations } = await open();
    await reconciliations.create(reconciliation({ tenant: 'a#b' }));
    await reconciliations.create(reconciliation({ tenant: 'a', code: 'b#bank-ledger' }));
    expect(await reconciliations.get({ ...ref, tenant: 'a%23b' })).toBeUndefined();
    expect((await reconciliations.list('a#b', {})).items).toHaveLength(1);
    expect((await reconciliations.list('acme', {})).items).toHaveLength(0);
  });
}
