// The suite of MailOutbox.
import { expect, test } from 'vitest';
import type { Mail } from '../../../shared/domain/mail.ts';
import type { Stores } from './stores.ts';

function mail(mailId: string, changes: Partial<Mail> = {}): Mail {
  return {
    tenant: 'acme',
    mailId,
    to: 'recon-admins@example.com',
    subject: 'CUSTODY_GL: published',
    text: 'Reconciliation CUSTODY_GL (101) was published.',
    path: '/api/admin/reconciliations/101',
    status: 'WAITING',
    attempts: 0,
    busyUntil: 1_000,
    createdAt: '2026-01-05T09:00:00.000Z',
    version: 1,
    ...changes,
  };
}

export function mailOutboxSuite(open: () => Promise<Stores>): void {
  test('keeps a mail once, in whatever state it is', async () => {
    const { outbox } = await open();
    expect(await outbox.keep(mail('m'))).toBe(true);
    expect(await outbox.keep(mail('m', { subject: 'again' }))).toBe(false);
    expect(await outbox.save(mail('m', { status: 'SENT' }))).toBe(true);
    expect(await outbox.keep(mail('m'))).toBe(false);
    expect(await outbox.get({ tenant: 'acme', mailId: 'm' })).toEqual(mail('m', { status: 'SENT', version: 2 }));
    expect(await outbox.get({ tenant: 'zeta', mailId: 'm' })).toBeUndefined();
    expect(await outbox.keep(mail('m', { tenant: 'zeta' }))).toBe(true);
  });

  test('of several that keep or take it at once, one does', async () => {
    const { outbox } = await open();
    const kept = await Promise.all([1, 2, 3].map(() => outbox.keep(mail('m'))));
    expect(kept.filter(Boolean)).toHaveLength(1);
    const taken = await Promise.all([1, 2, 3].map(() => outbox.save(mail('m', { status: 'SENDING' }))));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect((await outbox.get(mail('m')))?.version).toBe(2);
  });

  test('tells which were not sent in time, of all tenants', async () => {
    const { outbox } = await open();
    await outbox.keep(mail('late', { busyUntil: 1_000 }));
    await outbox.keep(mail('later', { tenant: 'zeta', busyUntil: 1_500, status: 'SENDING' }));
    await outbox.keep(mail('in time', { busyUntil: 2_000 }));
    await outbox.keep(mail('sent'));
    await outbox.save(mail('sent', { status: 'SENT' }));
    await outbox.keep(mail('failed'));
    await outbox.save(mail('failed', { status: 'FAILED' }));
    const names = (await outbox.overdue(2_000, 10)).map(({ tenant, mailId }) => `${tenant} ${mailId}`);
    expect(names).toEqual(['acme late', 'zeta later']);
    expect(await outbox.overdue(2_001, 10)).toHaveLength(3);
    expect(await outbox.overdue(2_001, 1)).toEqual([{ tenant: 'acme', mailId: 'late' }]);
  });
}
