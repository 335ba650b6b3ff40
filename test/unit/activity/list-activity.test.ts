// Who sees which activity.
import { describe, expect, it } from 'vitest';
import { activityHandlers } from '../../../functions/api-breaks/handlers/activity.ts';
import { createMemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { activityRoutes } from '../../../shared/contracts/breaks/activity.ts';
import { documentedGroups } from '../../../shared/domain/break-access.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import type { AccessEntry, KeptGraph } from '../../../shared/domain/graph/graph.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import { graph } from '../../fixtures/graph.ts';
import { definition } from '../schedules/clockwork.ts';

const groupOf = (name: string) => `CN=${name},OU=Groups,DC=corp,DC=example`;
const access = (...names: string[]): AccessEntry[] =>
  names.map((name) => ({
    ldapGroupDn: groupOf(name),
    role: 'MAKER',
    notifyOnPublish: false,
    notifyOnIngestionFailure: false,
    notificationChannel: null,
  }));

function person(groups: string[], role: BreaksActor['role'] = 'user', tenant = 'acme'): BreaksActor {
  const dn = 'CN=analyst.jane,OU=Users,DC=corp,DC=example';
  return { tenant, userId: 'analyst.jane', role, dn, groups, name: 'Jane Analyst', sessionId: 's' };
}

async function open() {
  const reconciliations = createMemoryReconciliationStore(createMemoryState());
  const activity = createMemoryActivityLog();
  const add = async (number: number, changes: Partial<KeptGraph>, status: Reconciliation['status'] = 'PUBLISHED') => {
    const [reconciliationId, code] = [`rec-${number}`, `code-${number}`];
    const given = graph({ number, accessControlEntries: [], ...changes });
    await reconciliations.create(definition({ reconciliationId, code, status, graph: given }));
  };
  await add(1, { accessControlEntries: access('FUNDS') });
  await add(2, { accessControlEntries: access('CASH', 'FUNDS') });
  await add(3, {});
  await add(4, { accessControlEntries: access('DRAFTERS') }, 'DRAFT');
  await add(5, { accessControlEntries: access('CASH') }, 'RETIRED');
  const say = (number: number | undefined, details: string) =>
    activity.record({
      tenant: 'acme',
      ...(number !== undefined && { reconciliationId: `rec-${number}` }),
      eventType: 'RECONCILIATION_RUN',
      details,
      actorDn: 'SYSTEM',
    });
  for (const number of [1, 2, 3, 4, 5, undefined]) await say(number, `of ${number}`);
  let queries = 0;
  const counted: typeof activity = {
    ...activity,
    newest(...asked) {
      queries += 1;
      return activity.newest(...asked);
    },
  };
  const handlers = activityHandlers({ reconciliations, activity: counted, fallbackGroups: documentedGroups });
  const list = (actor: BreaksActor) => handlers.listActivity({ actor } as Parameters<typeof handlers.listActivity>[0]);
  return {
    activity,
    add,
    say,
    /** Since this was asked last. */
    queries: () => {
      const made = queries;
      queries = 0;
      return made;
    },
    list,
    async seen(actor: BreaksActor): Promise<string[] | string> {
      const found = await list(actor);
      return found.ok ? found.value.map(({ details }) => details) : found.code;
    },
  };
}

describe('activity-50: who sees what', () => {
  it.each([
    ['a group of one definition', person([groupOf('CASH')]), ['of 2']],
    ['a group of two', person([groupOf('FUNDS')]), ['of 2', 'of 1']],
    ['however the name is spelt', person(['cn=funds, ou=GROUPS, dc=corp, dc=example']), ['of 2', 'of 1']],
    ['preparers, where no entries are', person([groupOf('RECON_PREPARERS')]), ['of 3']],
    ['approvers, where no entries are', person([groupOf('RECON_APPROVERS')]), ['of 3']],
    ['an administrator', person([], 'admin'), ['of undefined', 'of 5', 'of 4', 'of 3', 'of 2', 'of 1']],
    ['a group of a draft alone', person([groupOf('DRAFTERS')]), []],
    ['an administrator of another tenant', person([], 'admin', 'zeta'), []],
  ])('activity-50: %s', async (_name, actor, expected) => {
    expect(await (await open()).seen(actor)).toEqual(expected);
  });

  it.each([
    ['no group at all', person([])],
    ['groups that open nothing', person([groupOf('CANTEEN')])],
    ['groups of another tenant', person([groupOf('FUNDS')], 'user', 'zeta')],
  ])('err-403: somebody in %s', async (_name, actor) => {
    expect(await (await open()).seen(actor)).toBe('FORBIDDEN');
  });

  it('activity-50: the 50 newest of all that one sees, newest first', async () => {
    const feed = await open();
    for (let count = 1; count <= 70; count += 1) await feed.say(1 + (count % 3), `number ${count}`);
    const seen = (await feed.seen(person([groupOf('FUNDS')]))) as string[];
    const expected = Array.from({ length: 70 }, (_, index) => 70 - index)
      .filter((count) => count % 3 !== 2)
      .map((count) => `number ${count}`);
    expect(seen).toHaveLength(49);
    expect(seen.slice(0, 47)).toEqual(expected);
    expect(await feed.seen(person([], 'admin'))).toHaveLength(50);
    const ids = await feed.list(person([], 'admin'));
    expect(ids.ok && ids.value.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => 76 - index));
  });

  it('activity-50: of many reconciliations the feed of the tenant is read, a bounded piece of it, and no query made for each', async () => {
    const feed = await open();
    for (let number = 100; number < 400; number += 1) await feed.add(number, { accessControlEntries: access('WIDE') });
    const wide = person([groupOf('WIDE')]);
    const others = async (count: number) => {
      for (let index = 0; index < count; index += 1) await feed.say(1, 'of others');
    };
    await feed.say(399, 'older than what is read');
    await others(400);
    for (let count = 1; count <= 60; count += 1) await feed.say(100 + ((count * 7) % 300), `number ${count}`);
    await others(350);
    const newest = Array.from({ length: 50 }, (_, index) => `number ${60 - index}`);
    expect(await feed.seen(wide)).toEqual(newest);
    expect(feed.queries()).toBeLessThanOrEqual(3);
    await others(4_600);
    expect(await feed.seen(wide)).toEqual(newest);
    expect(feed.queries()).toBe(20);
    await others(120);
    expect(await feed.seen(wide)).toEqual([]);
    expect(feed.queries()).toBe(20);
    // Whoever sees few finds what is older too.
    expect(await feed.seen(person([groupOf('CASH')]))).toEqual(['of 2']);
  });

  it('audit-trail: an entry has its person and time; what a change changed is for administrators', async () => {
    const feed = await open();
    const jane = person([groupOf('FUNDS')]);
    await feed.activity.record({
      tenant: 'acme',
      reconciliationId: 'rec-1',
      eventType: 'DEFINITION_CHANGED',
      details: 'Definition 1 (CODE) changed in version 2',
      actorDn: jane.dn,
      difference: { notes: { before: null, after: 'x' } },
    });
    const shown = await feed.list(jane);
    expect(shown.ok && shown.value[0]).toEqual({
      id: 7,
      eventType: 'DEFINITION_CHANGED',
      details: 'Definition 1 (CODE) changed in version 2',
      recordedAt: '2026-01-05T09:00:00.000Z',
      actorDn: jane.dn,
      difference: null,
    });
    const all = await feed.list(person([], 'admin'));
    expect(all.ok && all.value[0]?.difference).toEqual({ notes: { before: null, after: 'x' } });
    expect(activityRoutes.listActivity.result.parse(all.ok && all.value)).toHaveLength(7);
  });

  it('activity-50: differences that a reply cannot hold are left out, the oldest first', async () => {
    const feed = await open();
    const difference = { notes: { before: 'x'.repeat(1_000_000), after: null } };
    for (const details of ['old', 'new']) {
      await feed.activity.record({
        tenant: 'acme',
        eventType: 'DEFINITION_CHANGED',
        details,
        actorDn: 'SYSTEM',
        difference,
      });
    }
    const all = await feed.list(person([], 'admin'));
    if (!all.ok) throw new Error(all.code);
    expect(all.value.slice(0, 2).map((entry) => [entry.details, entry.difference !== null])).toEqual([
      ['new', true],
      ['old', false],
    ]);
  });
});
