// Whom an event is mailed to, and what it says.
import { describe, expect, it } from 'vitest';
import {
  notifyAssigned,
  notifyIngestionFailure,
  notifyLate,
  notifyPublished,
} from '../../../shared/app/notifications/notices.ts';
import type { AccessEntry } from '../../../shared/domain/graph/graph.ts';
import { graph } from '../../fixtures/graph.ts';
import { definition, openClockwork } from '../schedules/clockwork.ts';

const entry = (name: string, changes: Partial<AccessEntry> = {}): AccessEntry => ({
  ldapGroupDn: `CN=${name},OU=Groups,DC=corp,DC=example`,
  role: 'MAKER',
  notifyOnPublish: false,
  notifyOnIngestionFailure: false,
  notificationChannel: `${name.toLowerCase()}@example.com`,
  ...changes,
});
const accessControlEntries = [
  entry('PUBLISHED', { notifyOnPublish: true }),
  entry('FAILED', { notifyOnIngestionFailure: true }),
  entry('BOTH', { notifyOnPublish: true, notifyOnIngestionFailure: true }),
  entry('NOWHERE', { notifyOnPublish: true, notifyOnIngestionFailure: true, notificationChannel: null }),
  entry('NONE'),
];
const reconciliation = definition({ graph: graph({ accessControlEntries }) });

async function mailed(event: (deps: Awaited<ReturnType<typeof openClockwork>>['deps']) => Promise<void>) {
  const { deps, outbox } = await openClockwork('2026-01-05T09:00:00Z');
  await event(deps);
  await event(deps);
  return outbox.all().map(({ to, subject, text, path }) => ({ to, subject, text, path }));
}

describe('notify-publish-failure: who is told', () => {
  it('acl-entries: of publishing, the entries with notifyOnPublish', async () => {
    const mails = await mailed((deps) => notifyPublished(deps, reconciliation));
    expect(mails.map(({ to }) => to)).toEqual(['published@example.com', 'both@example.com']);
    expect(mails[0]).toMatchObject({
      subject: 'CUSTODY_GL: published',
      text: 'Reconciliation CUSTODY_GL (101) was published in version 3 by admin.user.',
      path: '/api/admin/reconciliations/101',
    });
  });

  it('acl-entries: of a batch that failed, the entries with notifyOnIngestionFailure', async () => {
    const batch = { id: 101_000_000_007, source: 'CUSTODY_FEED', code: 'COLUMN_MISSING', cause: 'batch-failed/7' };
    const mails = await mailed((deps) => notifyIngestionFailure(deps, reconciliation, batch));
    expect(mails.map(({ to }) => to)).toEqual(['failed@example.com', 'both@example.com']);
    expect(mails[0]?.text).toBe(
      'Batch 101000000007 of source CUSTODY_FEED of reconciliation CUSTODY_GL (101) could not be loaded: COLUMN_MISSING.',
    );
  });

  it('arrival-sla: of a source that is late, the same', async () => {
    const late = { source: 'CUSTODY_FEED', due: Date.UTC(2026, 0, 5, 23), cause: 'source-late/1' };
    const mails = await mailed((deps) => notifyLate(deps, reconciliation, late));
    expect(mails.map(({ to }) => to)).toEqual(['failed@example.com', 'both@example.com']);
    expect(mails[0]?.text).toContain('one was due at 2026-01-05T23:00:00.000Z');
  });

  it('acl-entries: of an assignment, the entries of the assignee’s groups, however their names are spelt', async () => {
    const assignment = {
      breakId: 101_000_005_012,
      runId: 101_000_000_915,
      assignee: {
        dn: 'CN=checker.bob,OU=Users,DC=corp,DC=example',
        groups: ['cn=none, ou=groups, dc=corp, dc=example', 'CN=OTHER,DC=corp,DC=example'],
      },
      by: 'CN=analyst.jane,OU=Users,DC=corp,DC=example',
      cause: 'assigned/101000005012/1',
    };
    const mails = await mailed((deps) => notifyAssigned(deps, reconciliation, assignment));
    expect(mails).toEqual([
      {
        to: 'none@example.com',
        subject: 'CUSTODY_GL: break 101000005012 was assigned',
        text: 'Break 101000005012 of reconciliation CUSTODY_GL (101) was assigned to CN=checker.bob,OU=Users,DC=corp,DC=example by CN=analyst.jane,OU=Users,DC=corp,DC=example.',
        path: '/api/reconciliations/runs/101000000915',
      },
    ]);
  });

  it('a reconciliation without a graph tells nobody', async () => {
    const { graph: _graph, ...plain } = reconciliation;
    expect(await mailed((deps) => notifyPublished(deps, plain))).toEqual([]);
  });
});
